"""A partition's backlog: what continues the absorbed offsets is decided, what does not is read again."""

import asyncio
from collections.abc import Mapping

import pytest
from aiokafka import ConsumerRecord
from faust.types import TP

from klean_stream.brands import Registry
from klean_stream.policy import default_policy
from klean_stream.processing import ROUTES, Processor, ReferenceView
from klean_stream.runtime.backlog import Backlog, Limits
from klean_stream.runtime.fetched import FetchedBatch, PackedBatch
from klean_stream.runtime.gathering import Gathering
from klean_stream.runtime.inputs import Inputs
from klean_stream.runtime.positions import PositionRow
from klean_stream.runtime.settings import Settings
from klean_stream.runtime.store import MemoryStore
from klean_stream.runtime.topic_identity import TopicIdentity
from tests.unit.batches import unsent_batch


class Waiting:
    """Two inputs of a partition absorbed up to given offsets; ``seeks`` notes what is asked of the consumer."""

    def __init__(self, *, unit_max_records: int = 32_000, **expected: int) -> None:
        self.seeks: list[dict[TP, int]] = []
        self.position = PositionRow()
        self.log_begins, self.asking_seconds = 0, 0.0
        settings = Settings(dead_letter_flood_run=0, dead_letter_flood_ratio=1.0, unit_max_records=unit_max_records)
        self.backlog = Backlog(Limits(10_000, 1_000_000), lambda: None, lambda: None)
        self.backlog.expected = {settings.topic(topic.replace("_", "-")): at for topic, at in expected.items()}

        async def seek(positions: Mapping[TP, int]) -> None:
            self.seeks.append(dict(positions))

        async def log_start(tps: set[TP]) -> Mapping[TP, int]:
            await asyncio.sleep(self.asking_seconds)
            return dict.fromkeys(tps, self.log_begins)

        async def taken(positions: Mapping[TP, int]) -> bool:
            return bool(positions)

        async def identities(topics: list[str]) -> Mapping[str, TopicIdentity]:
            return {topic: TopicIdentity("id", 1) for topic in topics}

        inputs = Inputs(seek, lambda _: None, lambda _: None, log_start, taken, identities)
        topics = {settings.topic(topic): topic for topic in ("listings", "ip-reports")}
        self._gathering = Gathering(0, topics, settings, inputs, Processor(), self.backlog, lambda: False)

    def fetched(self, topic: str, start: int, end: int, *, gap: int = 0) -> None:
        """Add a batch of a topic's offsets from start to end, without the first ``gap`` records."""
        name = f"klean.{topic}"
        records = [
            ConsumerRecord(name, 0, offset, 1, 0, b"k", b"x", None, 1, 1, ()) for offset in range(start + gap, end)
        ]
        packed = PackedBatch(start, end, 0, records)
        self.backlog.put(FetchedBatch(name, 0, start, end, end, [packed]), ROUTES[topic])

    def fetched_anew(self, topic: str, start: int, end: int) -> None:
        """Add a batch of a reader that had come to ``start`` and was sent back to the beginning."""
        name = f"klean.{topic}"
        records = [ConsumerRecord(name, 0, offset, 1, 0, b"k", b"x", None, 1, 1, ()) for offset in range(end)]
        self.backlog.put(FetchedBatch(name, 0, start, end, end, [PackedBatch(0, end, 0, records)]), ROUTES[topic])

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
