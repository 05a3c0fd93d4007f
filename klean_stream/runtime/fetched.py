"""What a fetch brought of a partition, left as the broker packed it until it is decided.

A record that waits unpacked takes several times the memory of a packed one, and has left the processor's caches by
the time that its turn comes.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice
from typing import Final, NamedTuple

from klean_stream.runtime.records import KafkaRecord

# So many are unpacked at once: few enough to be at hand when they are decided, and enough for what is done once for
# all of them not to count.
_PART_RECORDS: Final = 1_000


class Unreadable(Exception):  # noqa: N818 - it says what was found
    """Records were stored whole, as their checksum says, and cannot be unpacked."""


class PackedBatch(NamedTuple):
    """One of Kafka's record batches.

    Of its records those from the offset ``start`` on are wanted; ``end`` is the offset behind the last. ``fetch_bytes``
    is the size of the whole fetch that it came with, compressed where that is. ``packed`` gives its records, once.
    """

    start: int
    end: int
    fetch_bytes: int
    packed: Iterable[KafkaRecord]


@dataclass(slots=True)
class Part:
    """Records of a partition that follow each other, unpacked.

    ``start`` and ``end`` are the offsets between which nothing else is to be read: ``records`` is all there is
    in ``[start, end)``, and may be none. ``highwater`` is the partition's end as the broker last told it.
    ``begins_fetch``: nothing was taken of its fetch before, so that what is missing at its beginning was not fetched.
    """

    topic: str
    partition: int
    start: int
    end: int
    highwater: int
    records: list[KafkaRecord]
    begins_fetch: bool = True

    @property
    def first(self) -> int:
        """The offset of its first record, or its end where it has none."""
        return self.records[0].offset if self.records else self.end

    def rest(self, taken: int) -> "Part":
        """Give what is left when so many records are taken."""
        if not taken:
            return self
        return replace(self, start=self.records[taken - 1].offset + 1, records=self.records[taken:], begins_fetch=False)


class FetchedBatch:
    """The records that one fetch brought of one partition, taken from it part by part.

    Nothing else is to be read between the offsets ``start`` and ``end``. ``highwater`` is the partition's end as the
    broker last told it. ``size`` is how many offsets the records span that are left, no fewer than there are;
    ``bytes`` is their share of what was fetched.
    """

    def __init__(
        self, topic: str, partition: int, start: int, end: int, highwater: int, packed: Sequence[PackedBatch]
    ) -> None:
        self.topic = topic
        self.partition = partition
        self.end = end
        self.highwater = highwater
        self.size = self._span = packed[-1].end - packed[0].start if packed else 0
        self._fetch_bytes = packed[0].fetch_bytes if packed else 0
        self._next = start
        self._packed = deque(packed)
        self._records_end = packed[-1].end if packed else end
        self._unpacking: Iterator[KafkaRecord] | None = None
        self._begun = False
        self._unreadable: Exception | None = None

    @property
    def bytes(self) -> int:
        """How many of the fetched bytes are left to be taken."""
        return self._fetch_bytes * self.size // self._span if self._span else 0

    def parts(self) -> Iterator[Part]:
        """Take all that is left. There is at least one part: one without records tells that the reader has moved.

        Raises Unreadable.
        """
        while not self._begun or self._packed:
            yield self.take()

    def take(self) -> Part:
        """Take the next records, up to 1,000.

        Raises Unreadable where the next one is so, and again each time after that.
        """
        records: list[KafkaRecord] = []
        if self._unreadable is None:
            try:
                self._unpack(records)
            except Exception as error:
                # An iterator that has failed may look like one that has ended.
                self._unreadable = error
        if self._unreadable is not None and not records:
            raise Unreadable(
                f"what follows offset {self._next} of {self.topic} {self.partition} cannot be unpacked: "
                f"{self._unreadable!r}"
            ) from self._unreadable
        end = records[-1].offset + 1 if self._packed else self.end
        part = Part(self.topic, self.partition, self._next, end, self.highwater, records, not self._begun)
        self._begun, self._next = True, end
        self.size = self._records_end - end if self._packed else 0
        return part

    @property
    def is_taken(self) -> bool:
        """Whether nothing is left."""
        return self._begun and not self._packed

    def _unpack(self, records: list[KafkaRecord]) -> None:
        while self._packed and len(records) < _PART_RECORDS:
            batch, before = self._packed[0], len(records)
            if self._unpacking is None:
                # aiokafka's batches let themselves be asked for an iterator once, and islice asks each time.
                self._unpacking = chain(batch.packed)
            wanted = _PART_RECORDS - before
            try:
                records.extend(islice(self._unpacking, wanted))
                is_left = len(records) - before == wanted
            finally:
                if len(records) > before and records[before].offset < batch.start:
                    records[before:] = [record for record in records[before:] if record.offset >= batch.start]
            if not is_left:
                self._packed.popleft()
                self._unpacking = None
