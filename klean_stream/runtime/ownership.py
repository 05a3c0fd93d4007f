"""Which partitions this worker owns, and what a rebalance does to them.

A rebalance settles each owned partition (its unit at hand is finished, nothing new begun) before the group goes on,
closes what is lost, opens what is new, and lets what stays go on where it was, without recovery.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable

from aiokafka.partitioner import murmur2
from faust.types import TP

from klean_stream.decision import Rejected
from klean_stream.processing import Absorbs, InputRecord, Processor, Route
from klean_stream.processing.routes import REFERENCE_TOPICS, SELLER_TOPICS
from klean_stream.runtime import metrics
from klean_stream.runtime.fetched import FetchedBatch
from klean_stream.runtime.inputs import Inputs
from klean_stream.runtime.partition import STUCK_SECONDS, OwnedPartition, PartitionName
from klean_stream.runtime.reference import ReferenceLog
from klean_stream.runtime.settings import Settings

log = logging.getLogger(__name__)


def partition_of(key: bytes, partitions: int) -> int:
    """Give the partition of a key: murmur2, as Kafka's Java producer and kafka-python place keys."""
    return int((murmur2(key) & 0x7FFFFFFF) % partitions)


class Ownership:
    """The owned partitions of this worker, by kind and number."""

    def __init__(
        self,
        settings: Settings,
        reference: ReferenceLog,
        inputs: Callable[[], Inputs],
        give_up: Callable[[Exception], None],
        processor: Absorbs | None = None,
    ) -> None:
        self._settings = settings
        self._reference = reference
        self._inputs = inputs
        self._give_up = give_up
        self._processor = processor or Processor(settings.max_event_bytes, self._check_placement)
        self._kind_of = {settings.topic(topic): "seller" for topic in SELLER_TOPICS}
        self._kind_of |= {settings.topic(topic): "reference" for topic in REFERENCE_TOPICS}
        self.partitions: dict[tuple[str, int], OwnedPartition] = {}
        self.assigned_once = False
        self.rebalancing_since: float | None = None

    def offer(self, batch: FetchedBatch, route: Route) -> None:
        """Hand a fetched batch to the partition that it belongs to; one that is not owned any more is dropped."""
        owned = self.partitions.get((self._kind_of[batch.topic], batch.partition))
        if owned is not None:
            owned.offer(batch, route)

    def of_seller(self, seller_id: str) -> tuple[int, OwnedPartition | None]:
        """Give the number of a seller's partition, and the partition if it is owned here."""
        number = partition_of(seller_id.encode(), self._settings.partitions)
        return number, self.partitions.get(("seller", number))

    @property
    def ready(self) -> bool:
        """Whether the group has given its word, every owned partition is served, and nothing hangs."""
        return (
            self.assigned_once
            and self.rebalancing_seconds < STUCK_SECONDS
            and all(owned.serving and not owned.is_stuck for owned in self.partitions.values())
        )

    @property
    def rebalancing_seconds(self) -> float:
        """For how long the group has been handing partitions out anew; 0 while it has not."""
        return 0.0 if self.rebalancing_since is None else time.monotonic() - self.rebalancing_since

    async def settle(self) -> None:
        """Finish the units at hand, begin no others."""
        self.rebalancing_since = self.rebalancing_since or time.monotonic()
        await asyncio.gather(*(owned.settle() for owned in self.partitions.values()))

    async def reassign(self, assigned: Iterable[TP]) -> None:
        """Make the owned partitions those of the assignment."""
        wanted = {(self._kind_of[tp.topic], tp.partition) for tp in assigned if tp.topic in self._kind_of}
        lost = [self.partitions.pop(name) for name in self.partitions.keys() - wanted]
        await asyncio.gather(*(owned.close() for owned in lost))
        for owned in self.partitions.values():
            owned.resume()
        for name in sorted(wanted - self.partitions.keys()):
            self.partitions[name] = opened = OwnedPartition(
                self._name(*name), self._settings, self._inputs(), self._processor, self._reference, self._give_up
            )
            opened.start()
        self.assigned_once = True
        self.rebalancing_since = None

    def next_offsets(self) -> dict[TP, int]:
        """Give where every input of the open partitions is to be read from."""
        return {tp: offset for owned in self.partitions.values() for tp, offset in owned.next_offsets().items()}

    def absorbed(self) -> dict[TP, int]:
        """Give the durable positions of the open partitions."""
        return {tp: offset for owned in self.partitions.values() for tp, offset in owned.absorbed().items()}

    async def close(self) -> None:
        """Let go of every partition."""
        await asyncio.gather(*(owned.close() for owned in self.partitions.values()))
        self.partitions.clear()

    def measure(self) -> None:
        """Bring the gauges that nobody moves up to date."""
        doing: dict[str, int] = {}
        for owned in self.partitions.values():
            doing[owned.doing] = doing.get(owned.doing, 0) + 1
            metrics.BUSY_SECONDS.labels(owned.name.kind, owned.name.number).set(owned.busy_seconds)
        metrics.PARTITIONS.clear()
        for what, count in doing.items():
            metrics.PARTITIONS.labels(what).set(count)

    def _name(self, kind: str, number: int) -> PartitionName:
        if kind == "seller":
            return PartitionName("seller", number, SELLER_TOPICS, self._settings.topic("state"))
        return PartitionName("reference", number, REFERENCE_TOPICS, self._settings.topic("reference-state"))

    def _check_placement(self, record: InputRecord) -> None:
        """Raise Rejected for a record that its key does not place into the partition where it lies."""
        single = record.topic in REFERENCE_TOPICS
        expected = 0 if single else partition_of(record.key or b"", self._settings.partitions)
        if record.partition != expected:
            raise Rejected(
                "wrong_partition",
                f"murmur2 of the key places it into partition {expected}, not {record.partition}",
            )
