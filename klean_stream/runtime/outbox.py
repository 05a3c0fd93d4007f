"""What a unit of work is to write, encoded as it comes."""

import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from aiokafka.producer.message_accumulator import BatchBuilder

from klean_stream.processing import OutputRecord
from klean_stream.processing.record import Headers

CreateBatch = Callable[[], BatchBuilder]

_NO_HEADERS: Final[list[tuple[str, bytes | None]]] = []


class _Batch:
    """A batch that is being filled, and its encoder, which is asked directly.

    BatchBuilder's own ``append`` serializes, looks at the clock and takes what it is given by name: for small records
    that is two thirds of what adding them costs.
    """

    def __init__(self, batch: BatchBuilder) -> None:
        self.batch = batch
        self.encode: Any = batch._builder.append  # noqa: SLF001
        self.records = 0

    def filled(self) -> BatchBuilder:
        """Give the batch with all that was encoded into it. It takes no more."""
        # Or what is not compressed would stay as long as the unit does, beside what is.
        self.encode = None
        self.batch._relative_offset = self.records  # noqa: SLF001
        return self.batch


class Outbox:
    """Records by topic, in batches as large as the producer allows; one larger than that has its own.

    Each is encoded when it is added. Kept until the end of the unit, thousands of small records lie scattered over the
    memory, and to come back to each of them then takes longer than all else that is done with it. ``bytes`` is how much
    they have become, keys and headers included, before compression. They all carry the time at which the outbox was
    made.
    """

    def __init__(self, create_batch: CreateBatch) -> None:
        self._create_batch = create_batch
        self._all: list[tuple[str, _Batch]] = []
        self._open: dict[str, _Batch] = {}
        # Typed, it would be made anew for each record.
        self._now: Any = int(time.time() * 1000)
        self.bytes = 0

    def add(self, records: Iterable[OutputRecord]) -> None:
        """Add records, each behind the others of its topic."""
        for record in records:
            self.put(record.topic, record.key, record.value, record.headers)

    def put(self, topic: str, key: bytes | None, value: bytes | None, headers: Headers = ()) -> None:
        """Add a record behind the others of its topic."""
        batch = self._open.get(topic)
        if batch is None:
            batch = self._begin(topic)
        listed = list(headers) if headers else _NO_HEADERS
        encoded = batch.encode(batch.records, self._now, key, value, listed)
        if encoded is None:
            batch = self._begin(topic)
            encoded = batch.encode(0, self._now, key, value, listed)
            assert encoded is not None, "an empty batch takes any record"
        batch.records += 1
        self.bytes += encoded.size

    def batches(self) -> Iterator[tuple[str, BatchBuilder]]:
        """Yield each batch and its topic, those of a topic in their order."""
        for topic, batch in self._all:
            yield topic, batch.filled()

    def _begin(self, topic: str) -> _Batch:
        batch = _Batch(self._create_batch())
        self._open[topic] = batch
        self._all.append((topic, batch))
        return batch
