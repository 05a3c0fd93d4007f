"""Records as the core sees them: a Kafka record without Kafka.

One of each is made for every record: structs of msgspec, which take a quarter of the time of a named tuple to make
and a tenth of a frozen dataclass's. They are in no cycles, so the garbage collector need not know them.
"""

from msgspec import Struct

from klean_stream.events import Position

Headers = tuple[tuple[str, bytes | None], ...]


class InputRecord(Struct, frozen=True, gc=False):
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


class OutputRecord(Struct, frozen=True, gc=False):
    """A record to be written to an output topic (logical name)."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers = ()
