"""A partition's backlog: what continues the absorbed offsets is decided, what does not is read again."""

import asyncio
import time
from collections.abc import Callable, Mapping

import pytest
from aiokafka import ConsumerRecord
from faust.types import TP

from klean_stream.brands import Registry
from klean_stream.policy import default_policy
from klean_stream.processing import ROUTES, Absorbed, Absorbs, InputRecord, Processor, ReferenceView, Route, Rows
from klean_stream.runtime.backlog import Backlog, Limits
from klean_stream.runtime.fetched import FetchedBatch, PackedBatch, Unreadable
from klean_stream.runtime.gathering import Gathering
from klean_stream.runtime.inputs import Inputs
from klean_stream.runtime.positions import PositionRow
from klean_stream.runtime.settings import Settings
from klean_stream.runtime.store import MemoryStore
from klean_stream.runtime.topic_identity import TopicIdentity
from tests.unit.batches import unsent_batch


class Waiting:
    """Two inputs of a partition absorbed up to given offsets.

    ``seeks`` and ``paused`` note what is asked of the consumer, ``asked`` how often where a topic begins was.
    """

    def __init__(
        self,
        *,
        unit_max_records: int = 32_000,
        processor: Absorbs | None = None,
        must_end: Callable[[], bool] = lambda: False,
        **expected: int,
    ) -> None:
        self.seeks: list[dict[TP, int]] = []
        self.position = PositionRow()
        self.paused: list[bool] = []
        self.log_begins, self.asking_seconds, self.asked = 0, 0.0, 0
        settings = Settings(dead_letter_flood_run=0, dead_letter_flood_ratio=1.0, unit_max_records=unit_max_records)
        self.backlog = Backlog(
            Limits(10_000, 1_000_000), lambda: self.paused.append(True), lambda: self.paused.append(False)
        )
        self.backlog.expected = {settings.topic(topic.replace("_", "-")): at for topic, at in expected.items()}

        async def seek(positions: Mapping[TP, int]) -> None:
            self.seeks.append(dict(positions))

        async def log_start(tp: TP) -> int:
            del tp
            self.asked += 1
            await asyncio.sleep(self.asking_seconds)
            return self.log_begins

        async def taken(positions: Mapping[TP, int]) -> bool:
            return bool(positions)

        async def identities(topics: list[str]) -> Mapping[str, TopicIdentity]:
            return {topic: TopicIdentity("id", 1) for topic in topics}

        inputs = Inputs(seek, lambda _: None, lambda _: None, log_start, taken, identities)
        topics = {settings.topic(topic): topic for topic in ("listings", "ip-reports")}
        self._gathering = Gathering(0, topics, settings, inputs, processor or Processor(), self.backlog, must_end)

    def fetched(self, topic: str, start: int, end: int, *, gap: int = 0) -> None:
        """Add a batch of a topic's offsets from start to end, without the first ``gap`` records."""
        name = f"klean.{topic}"
        records = [
            ConsumerRecord(name, 0, offset, 1, 0, b"k", b"x", None, 1, 1, ()) for offset in range(start + gap, end)
        ]
        packed = PackedBatch(start, end, 100 * (end - start), records)
        self.backlog.put(FetchedBatch(name, 0, start, end, end, [packed]), ROUTES[topic])

    def fetched_anew(self, topic: str, start: int, end: int) -> None:
        """Add a batch of a reader that had come to ``start`` and was sent back to the beginning."""
        name = f"klean.{topic}"
        records = [ConsumerRecord(name, 0, offset, 1, 0, b"k", b"x", None, 1, 1, ()) for offset in range(end)]
        self.backlog.put(
            FetchedBatch(name, 0, start, end, end, [PackedBatch(0, end, 100 * end, records)]), ROUTES[topic]
        )

    async def decided(self) -> dict[str, int]:
        """Decide a unit of the backlog; give how many records of each topic were decided until now."""
        unit = await self._gathering.gather(
            MemoryStore(), self.position, ReferenceView(Registry(), 0, default_policy(), 0), unsent_batch
        )
        self.position = unit.position
        return {topic: position.dead_lettered for topic, position in unit.position.inputs.items()}


async def test_batches_that_continue_each_other_are_decided_gaps_of_compaction_included() -> None:
    waiting = Waiting(listings=100)
    waiting.fetched("listings", 100, 150)
    waiting.fetched("listings", 150, 200, gap=20)
    assert await waiting.decided() == {"listings": 80}
    assert not waiting.seeks


async def test_a_batch_that_left_a_gap_is_refused_and_every_input_is_read_again() -> None:
    waiting = Waiting(listings=100, ip_reports=50)
    waiting.fetched("listings", 300, 400)
    waiting.fetched("ip-reports", 50, 60)
    assert await waiting.decided() == {}
    assert waiting.seeks == [{TP("klean.listings", 0): 100, TP("klean.ip-reports", 0): 50}]


async def test_what_was_read_twice_counts_once_and_what_came_with_it_is_not_forgotten() -> None:
    waiting = Waiting(listings=100)
    waiting.fetched("listings", 100, 150)
    waiting.fetched("listings", 90, 120)
    waiting.fetched("listings", 100, 250)
    assert await waiting.decided() == {"listings": 150}
    assert not waiting.seeks


async def test_nothing_is_decided_before_the_rows_say_where_to_begin() -> None:
    waiting = Waiting()
    waiting.fetched("listings", 0, 10)
    assert await waiting.decided() == {}


async def test_a_topic_that_was_made_anew_is_read_whole_where_the_unit_ends_before_its_first_record() -> None:
    waiting = Waiting(unit_max_records=10, ip_reports=0, listings=500)
    waiting.fetched("ip-reports", 0, 10)
    waiting.fetched_anew("listings", 500, 15)
    assert await waiting.decided() == {"ip-reports": 10, "listings": 0}
    assert await waiting.decided() == {"ip-reports": 10, "listings": 10}
    assert await waiting.decided() == {"ip-reports": 10, "listings": 15}


async def test_a_unit_that_is_late_before_its_first_record_decides_one_and_a_loss_counts_once() -> None:
    waiting = Waiting(listings=100)
    waiting.log_begins, waiting.asking_seconds = 150, 0.6
    waiting.fetched("listings", 100, 160, gap=50)
    for unit in range(1, 4):
        decided = await waiting.decided()
        assert decided["listings"] >= unit
    assert waiting.position.of("listings").lost_to_retention == 50


async def test_what_is_lost_before_a_record_that_has_to_wait_is_lost_once() -> None:
    waiting = Waiting(unit_max_records=10, ip_reports=0, listings=100)
    waiting.log_begins = 150
    waiting.fetched("ip-reports", 0, 10)
    waiting.fetched("listings", 100, 160, gap=50)
    assert await waiting.decided() == {"ip-reports": 10, "listings": 0}
    assert await waiting.decided() == {"ip-reports": 10, "listings": 10}
    assert waiting.position.of("listings").lost_to_retention == 50


async def test_where_a_topic_begins_is_asked_once_for_a_fetch() -> None:
    waiting = Waiting(listings=0)
    name = "klean.listings"
    # Every other record was compacted away.
    records = [ConsumerRecord(name, 0, at, 1, 0, b"k", b"x", None, 1, 1, ()) for at in range(1, 6_000, 2)]
    waiting.backlog.put(FetchedBatch(name, 0, 0, 6_000, 6_000, [PackedBatch(0, 6_000, 0, records)]), ROUTES["listings"])
    assert await waiting.decided() == {"listings": 3_000}
    assert waiting.asked == 1


async def test_fetching_pauses_while_much_waits_and_nothing_is_left_on_the_books() -> None:
    waiting = Waiting(unit_max_records=2_500, listings=0)
    for start in range(0, 12_000, 4_000):
        waiting.fetched("listings", start, start + 4_000)
    assert waiting.paused == [True]
    assert waiting.backlog.records == 12_000
    for done in range(2_500, 12_000, 2_500):
        assert await waiting.decided() == {"listings": done}
        assert waiting.backlog.records == 12_000 - done
        # Half of 10,000 records, or of 1,000,000 bytes, 100 for each.
        assert waiting.paused == ([True] if done < 7_000 else [True, False])
    await waiting.decided()
    assert (bool(waiting.backlog), waiting.backlog.records, waiting.backlog._bytes) == (False, 0, 0)


async def test_many_bytes_pause_it_too_and_what_is_forgotten_resumes_it() -> None:
    waiting = Waiting(unit_max_records=10, listings=0)
    name = "klean.listings"
    records = [ConsumerRecord(name, 0, at, 1, 0, b"k", b"x", None, 1, 1, ()) for at in range(20)]
    for size in (999_999, 1):
        assert not waiting.paused
        fetched = FetchedBatch(name, 0, 0, 20, 20, [PackedBatch(0, 20, size, records)])
        waiting.backlog.put(fetched, ROUTES["listings"])
    assert waiting.paused == [True]
    await waiting.decided()
    assert waiting.backlog
    waiting.backlog.clear()
    assert waiting.paused == [True, False]
    assert (bool(waiting.backlog), waiting.backlog.records, waiting.backlog._bytes) == (False, 0, 0)


class Slow:
    """Takes its time for each record; ``absorbed`` counts them."""

    def __init__(self, seconds: float) -> None:
        self.absorbed = 0
        self._seconds = seconds

    def absorb(self, record: InputRecord, route: Route, rows: Rows, reference: ReferenceView) -> Absorbed:
        """Wait."""
        del record, route, rows, reference
        self.absorbed += 1
        time.sleep(self._seconds)
        return Absorbed("decided")


async def test_a_unit_ends_when_it_has_taken_its_time() -> None:
    slow = Slow(0.06)
    waiting = Waiting(processor=slow, listings=0)
    waiting.fetched("listings", 0, 20)
    await waiting.decided()
    assert 1 <= slow.absorbed <= 10
    assert waiting.backlog.records == 20 - slow.absorbed


async def test_a_unit_ends_when_it_must() -> None:
    slow = Slow(0.005)
    waiting = Waiting(processor=slow, must_end=lambda: slow.absorbed >= 3, listings=0)
    waiting.fetched("listings", 0, 20)
    await waiting.decided()
    assert slow.absorbed == 3
    assert waiting.backlog.expected == {"klean.listings": 3}


async def test_what_comes_before_a_batch_that_cannot_be_unpacked_is_decided() -> None:
    def broken(offset: int) -> ConsumerRecord:
        raise ValueError(f"{offset} is not compressed like this")

    waiting = Waiting(listings=0)
    waiting.fetched("listings", 0, 1_500)
    packed = PackedBatch(1_500, 2_000, 0, map(broken, range(1_500, 2_000)))
    waiting.backlog.put(FetchedBatch("klean.listings", 0, 1_500, 2_000, 2_000, [packed]), ROUTES["listings"])
    assert await waiting.decided() == {"listings": 1_500}
    for _ in range(2):
        with pytest.raises(Unreadable, match=r"offset 1500 of klean\.listings 0"):
            await waiting.decided()


async def test_everything_else_has_its_turn_while_many_small_batches_are_decided() -> None:
    waiting = Waiting(listings=0)
    for start in range(0, 5_000, 10):
        waiting.fetched("listings", start, start + 10)
    deciding = asyncio.create_task(waiting.decided())
    turns = 0
    while not deciding.done():
        await asyncio.sleep(0)
        turns += 1
    assert await deciding == {"listings": 5_000}
    # One to begin, one to see the end, and eight for each 4 ms, of which 5,000 dead letters take many.
    assert turns > 10


async def test_a_topic_that_was_made_anew_is_read_from_its_beginning() -> None:
    waiting = Waiting(listings=500)
    waiting.fetched_anew("listings", 500, 100)
    assert await waiting.decided() == {"listings": 100}


@pytest.mark.parametrize("end", [499, 500, 501, 1_500])
async def test_it_may_have_become_as_long_as_it_was(end: int) -> None:
    waiting = Waiting(listings=500)
    waiting.fetched_anew("listings", 500, end)
    decided = {}
    while waiting.backlog:
        decided = await waiting.decided()
    assert decided == {"listings": end}
