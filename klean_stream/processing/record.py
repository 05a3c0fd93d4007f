"""Records as the core sees them: a Kafka record without Kafka.

Named tuples: one of each is made for every record, and a frozen dataclass takes four times as long to make.
"""

from typing import NamedTuple

from klean_stream.events import Position

Headers = tuple[tuple[str, bytes | None], ...]


class InputRecord(NamedTuple):
    """A record of an input topic.

    ``topic`` is the logical name, without the configured prefix. ``timestamp`` is the record's Kafka timestamp
    in milliseconds since the epoch: it is the ``now`` of the decision. ``epoch`` counts how often the topic was
    deleted and made again: the same offset is another record then.
    """

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Headers = ()
    epoch: int = 0

    @property
    def position(self) -> Position:
        """Where the record stood."""
        return Position(topic=self.topic, partition=self.partition, offset=self.offset, epoch=self.epoch)


class OutputRecord(NamedTuple):
    """A record to be written to an output topic (logical name)."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers = ()
