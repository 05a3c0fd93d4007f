"""The ``position`` row: what of each input a partition has absorbed, and what became of it."""

from dataclasses import dataclass, field

from klean_stream.processing.absorb import Fate
from klean_stream.processing.rows import POSITION, ReadableRows, dump_row, load_row

FLOOD_WINDOW = 1_000
"""Records of an input over which the share of dead letters is taken; the window then begins anew."""


@dataclass(slots=True, kw_only=True)
class InputPosition:
    """One input topic's part: the next offset to absorb, and counts of what became of those before it.

    ``topic_id`` is the topic that the offset belongs to; one that is made anew under the same name begins a new
    ``epoch`` at offset 0. Empty where it is not known yet.
    """

    next_offset: int = 0
    topic_id: str = ""
    epoch: int = 0
    decided: int = 0
    superseded: int = 0
    duplicate: int = 0
    dead_lettered: int = 0
    lost_to_retention: int = 0
    dead_letter_run: int = 0
    window_seen: int = 0
    window_dead: int = 0

    def count(self, fate: Fate, records: int = 1) -> None:
        """Count records that follow each other and have the same fate."""
        if not records:
            return
        setattr(self, fate, getattr(self, fate) + records)
        self.window_seen += records
        if self.window_seen > FLOOD_WINDOW:
            self.window_seen = (self.window_seen - 1) % FLOOD_WINDOW + 1
            self.window_dead = 0
        if fate == "dead_lettered":
            self.dead_letter_run += records
            self.window_dead += records
        else:
            self.dead_letter_run = 0

    def is_of(self, topic_id: str) -> bool:
        """Take the id of the topic as it is now; gives False where the topic was made anew since: a new epoch."""
        same = self.topic_id in ("", topic_id)
        if not same:
            self.next_offset = 0
            self.epoch += 1
        self.topic_id = topic_id
        return same


@dataclass(slots=True, kw_only=True)
class PositionRow:
    """All inputs of a partition by logical topic, and the newest reference versions that it decided under.

    ``reference_ids`` are the ids of the topics that those versions count the records of.
    """

    inputs: dict[str, InputPosition] = field(default_factory=dict)
    registry_version: int = 0
    control_version: int = 0
    reference_ids: dict[str, str] = field(default_factory=dict)

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
