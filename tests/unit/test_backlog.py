"""A partition's backlog: what continues the absorbed offsets is decided, what does not is read again."""

from collections.abc import Mapping

from aiokafka import ConsumerRecord
from faust.types import TP

from klean_stream.processing import ROUTES, Processor
from klean_stream.runtime.inputs import Inputs
from klean_stream.runtime.partition import OwnedPartition, PartitionName
from klean_stream.runtime.reference import ReferenceLog
from klean_stream.runtime.settings import Settings
from klean_stream.runtime.store import MemoryStore
from klean_stream.runtime.topic_identity import TopicIdentity
from klean_stream.runtime.transport import FetchedBatch


class Partition(OwnedPartition):
    """A partition of two inputs that is open at given offsets, without brokers; ``seeks`` notes what it asks for."""

    def __init__(self, **expected: int) -> None:
        self.seeks: list[dict[TP, int]] = []
        settings = Settings()

        async def seek(positions: Mapping[TP, int]) -> None:
            self.seeks.append(dict(positions))

        async def log_start(tps: set[TP]) -> Mapping[TP, int]:
            return dict.fromkeys(tps, 0)

        async def taken(positions: Mapping[TP, int]) -> bool:
            return bool(positions)

        async def identities(topics: list[str]) -> Mapping[str, TopicIdentity]:
            return {topic: TopicIdentity("id", 1) for topic in topics}

        inputs = Inputs(seek, lambda _: None, lambda _: None, log_start, taken, identities)
        name = PartitionName("seller", 0, ("listings", "ip-reports"), "state")
        super().__init__(name, settings, inputs, Processor(), ReferenceLog(settings), lambda _: None)
        self._store = MemoryStore()
        self._backlog.expected = {settings.topic(topic.replace("_", "-")): offset for topic, offset in expected.items()}

    def fetched(self, topic: str, start: int, end: int, *, gap: int = 0) -> None:
        """Offer a batch of a topic's offsets from start to end, without the first ``gap`` records."""
        name = f"klean.{topic}"
        records = [
            ConsumerRecord(name, 0, offset, 1, 0, b"k", b"x", None, 1, 1, ()) for offset in range(start + gap, end)
        ]
        self.offer(FetchedBatch(name, 0, start, end, end, records), ROUTES[topic])

    async def decided(self) -> dict[str, int]:
        """Decide the backlog; give how many records of each topic were."""
        unit = await self._gather()
        return {
            topic: unit.position.of(topic).dead_lettered
            for topic in ("listings", "ip-reports")
            if unit.position.of(topic).dead_lettered
        }


async def test_batches_that_continue_each_other_are_decided_gaps_of_compaction_included() -> None:
    partition = Partition(listings=100)
    partition.fetched("listings", 100, 150)
    partition.fetched("listings", 150, 200, gap=20)
    assert await partition.decided() == {"listings": 80}
    assert not partition.seeks


async def test_a_batch_that_left_a_gap_is_refused_and_every_input_is_read_again() -> None:
    partition = Partition(listings=100, ip_reports=50)
    partition.fetched("listings", 300, 400)
    partition.fetched("ip-reports", 50, 60)
    assert await partition.decided() == {}
    assert partition.seeks == [{TP("klean.listings", 0): 100, TP("klean.ip-reports", 0): 50}]


async def test_what_was_read_twice_counts_once_and_what_came_with_it_is_not_forgotten() -> None:
    partition = Partition(listings=100)
    partition.fetched("listings", 100, 150)
    partition.fetched("listings", 90, 120)
    partition.fetched("listings", 100, 250)
    assert await partition.decided() == {"listings": 150}
    assert not partition.seeks


async def test_nothing_is_decided_before_the_rows_say_where_to_begin() -> None:
    partition = Partition()
    partition.fetched("listings", 0, 10)
    assert await partition.decided() == {}


async def test_a_topic_that_was_made_anew_is_read_from_its_beginning() -> None:
    partition = Partition(listings=500)
    name = "klean.listings"
    records = [ConsumerRecord(name, 0, offset, 1, 0, b"k", b"x", None, 1, 1, ()) for offset in range(100)]
    partition.offer(FetchedBatch(name, 0, 500, 100, 100, records), ROUTES["listings"])
    assert await partition.decided() == {"listings": 100}
