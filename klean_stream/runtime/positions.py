"""The ``position`` row: what of each input a partition has absorbed, and what became of it."""

from dataclasses import dataclass, field

from klean_stream.processing.absorb import Fate
from klean_stream.processing.rows import POSITION, ReadableRows, dump_row, load_row


@dataclass(slots=True, kw_only=True)
class InputPosition:
    """One input topic's part: the next offset to absorb, and counts of what became of those before it."""

    next_offset: int = 0
    decided: int = 0
    superseded: int = 0
    duplicate: int = 0
    dead_lettered: int = 0
    lost_to_retention: int = 0

    def count(self, fate: Fate) -> None:
        """Count one record."""
        setattr(self, fate, getattr(self, fate) + 1)


@dataclass(slots=True, kw_only=True)
class PositionRow:
    """All inputs of a partition by logical topic, and the newest reference versions that it decided under."""

    inputs: dict[str, InputPosition] = field(default_factory=dict)
    registry_version: int = 0
    control_version: int = 0

    def of(self, topic: str) -> InputPosition:
        """Give the part of a topic; one that was never read starts at offset 0."""
        return self.inputs.setdefault(topic, InputPosition())


def load_position(rows: ReadableRows) -> PositionRow:
    """Read the row; a partition without one has absorbed nothing."""
    return load_row(rows.get(POSITION), PositionRow) or PositionRow()


def dump_position(position: PositionRow) -> bytes:
    """Write the row."""
    data = dump_row(position)
    assert data is not None
    return data
