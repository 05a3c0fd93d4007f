"""What a fetch brought of a partition, left as the broker packed it until it is decided.

A record that waits unpacked takes several times the memory of a packed one, and has left the processor's caches by
the time that its turn comes.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from klean_stream.runtime.records import KafkaRecord

# So many are unpacked at once: few enough to be at hand when they are decided, and enough for what is done once for
# all of them not to count.
_PART_RECORDS: Final = 1_000


class PackedBatch(NamedTuple):
    """One of Kafka's record batches.

    Of its records those from the offset ``start`` on are wanted; the next batch is read from ``end``. ``fetch_bytes``
    is the size of the whole fetch that it came with, compressed where that is. ``packed`` gives its records, once.
    """

    start: int
    end: int
    fetch_bytes: int
    packed: Iterable[KafkaRecord]

    def unpack(self) -> list[KafkaRecord]:
        """Give its records. Raises KafkaErrors where they cannot be decompressed or are not whole."""
        records = list(self.packed)
        if records and records[0].offset < self.start:
            return [record for record in records if record.offset >= self.start]
        return records


class FetchedBatch:
    """The records that one fetch brought of one partition, or a part of them.

    ``start`` and ``end`` are the offsets between which nothing else is to be read: ``records`` is all there is
    in ``[start, end)``, and may be none. ``highwater`` is the partition's end as the broker last told it. ``size`` is
    how many offsets its records span, no fewer than there are records; ``bytes`` how much was fetched.
    """

    __slots__ = ("_packed", "_records", "bytes", "end", "highwater", "partition", "size", "start", "topic")

    def __init__(
        self, topic: str, partition: int, start: int, end: int, highwater: int, packed: Sequence[PackedBatch]
    ) -> None:
        self.topic = topic
        self.partition = partition
        self.start = start
        self.end = end
        self.highwater = highwater
        self.size = sum([batch.end - batch.start for batch in packed])
        self.bytes = packed[0].fetch_bytes if packed else 0
        self._packed = packed
        self._records: list[KafkaRecord] | None = None

    @property
    def records(self) -> list[KafkaRecord]:
        """The records, unpacked when they are first asked for. Raises KafkaErrors where that cannot be done."""
        records = self._records
        if records is None:
            unpacked = [batch.unpack() for batch in self._packed]
            records = self._records = unpacked[0] if len(unpacked) == 1 else [one for many in unpacked for one in many]
            self._packed = ()
        return records

    def parts(self) -> "Iterator[FetchedBatch]":
        """Yield it in parts of some 1,000 records. What lies between two, such as markers, belongs to the first."""
        packed = self._packed
        if self.size <= _PART_RECORDS or packed[0].start < self.start:
            # Where a reader was sent back, its topic made anew or truncated, the whole says so and a part would not.
            yield self
            return
        first, start = 0, self.start
        for number, batch in enumerate(packed):
            if batch.start - packed[first].start >= _PART_RECORDS:
                yield self._part(start, batch.start, packed[first:number])
                first, start = number, batch.start
        yield self._part(start, self.end, packed[first:])

    def rest(self, taken: int) -> "FetchedBatch":
        """Give what is left when so many records are taken."""
        left = self.records[taken:]
        start = self.records[taken - 1].offset + 1 if taken else self.start
        return self._part(start, self.end, (PackedBatch(start, start + len(left), self.bytes, left),))

    def from_offset(self, start: int) -> "FetchedBatch":
        """Give what is left from an offset within it on."""
        left = [record for record in self.records if record.offset >= start]
        return self._part(start, self.end, (PackedBatch(start, start + len(left), self.bytes, left),))

    def _part(self, start: int, end: int, packed: Sequence[PackedBatch]) -> "FetchedBatch":
        part = FetchedBatch(self.topic, self.partition, start, end, self.highwater, packed)
        part.bytes = self.bytes * part.size // self.size if self.size else 0
        return part
