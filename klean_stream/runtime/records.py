"""From a Kafka client's record to the core's."""

from collections.abc import Sequence
from typing import Any, Protocol

from klean_stream.processing import InputRecord


class KafkaRecord(Protocol):
    """What every record of aiokafka has, those that its consumer gives and those that it has unpacked."""

    @property
    def offset(self) -> int:
        """Where it stands in its partition."""

    @property
    def timestamp(self) -> int:
        """Milliseconds since the epoch, the broker's or the publisher's, as the topic says."""

    @property
    def key(self) -> bytes | None:
        """The key's bytes."""

    @property
    def value(self) -> bytes | None:
        """The value's bytes."""

    @property
    def headers(self) -> Sequence[tuple[str, bytes | None]]:
        """Names and values."""


def input_record(record: KafkaRecord, topic: str, partition: int, *, epoch: int = 0) -> InputRecord:
    """Give the record as the core sees it; ``topic`` is the logical name."""
    # Typed, its numbers would be made anew.
    untyped: Any = record
    headers = untyped.headers
    return InputRecord(
        topic,
        partition,
        untyped.offset,
        untyped.timestamp,
        untyped.key,
        untyped.value,
        tuple(headers) if headers else (),
        epoch,
    )
