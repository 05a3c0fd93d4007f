"""What a unit of work is to write, encoded as it comes."""

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from aiokafka.producer.message_accumulator import BatchBuilder

from klean_stream.processing import OutputRecord
from klean_stream.processing.record import Headers

CreateBatch = Callable[[], BatchBuilder]

_NO_HEADERS: Final[list[tuple[str, bytes | None]]] = []


class Outbox:
    """Records by topic, in batches as large as the producer allows; one larger than that has its own.

    Each is encoded when it is added. Kept until the end of the unit, thousands of small records lie scattered over the
    memory, and to come back to each of them then takes longer than all else that is done with it. ``bytes`` is how much
    they have become, keys and headers included, before compression.
    """

    def __init__(self, create_batch: CreateBatch) -> None:
        self._create_batch = create_batch
        self._batches: dict[str, list[BatchBuilder]] = {}
        self.bytes = 0

    def add(self, records: Iterable[OutputRecord]) -> None:
        """Add records, each behind the others of its topic."""
        for record in records:
            self.put(record.topic, record.key, record.value, record.headers)

    def put(self, topic: str, key: bytes | None, value: bytes | None, headers: Headers = ()) -> None:
        """Add a record behind the others of its topic."""
        batches = self._batches.get(topic)
        if batches is None:
            batches = self._batches[topic] = [self._create_batch()]
        listed = list(headers) if headers else _NO_HEADERS
        encoded = batches[-1].append(timestamp=None, key=key, value=value, headers=listed)
        if encoded is None:
            batches.append(self._create_batch())
            encoded = batches[-1].append(timestamp=None, key=key, value=value, headers=listed)
            assert encoded is not None, "an empty batch takes any record"
        self.bytes += encoded.size

    def batches(self) -> Iterator[tuple[str, BatchBuilder]]:
        """Yield each batch and its topic."""
        for topic, batches in self._batches.items():
            for batch in batches:
                yield topic, batch
