"""What a contender asks of a workload that decides: an event and rows in, records to be written out."""

from typing import NamedTuple, Protocol

from bench.contenders.protocol import Task


class Event(NamedTuple):
    """An input record; ``timestamp`` is Kafka's, in milliseconds."""

    partition: int
    offset: int
    timestamp: int
    key: bytes
    value: bytes


class Written(NamedTuple):
    """A record to be written; ``topic`` is the logical name."""

    topic: str
    key: bytes
    value: bytes
    headers: tuple[tuple[str, bytes], ...] = ()


class Rows(Protocol):
    """Where a contender keeps its rows. All rows of one event are about the event's seller."""

    def get(self, key: bytes) -> bytes | None:
        """Give the row's bytes, or None."""

    def put(self, key: bytes, value: bytes | None) -> None:
        """Write the row, or delete it."""


class DictRows:
    """Rows in a dictionary, for contenders that have nothing better."""

    def __init__(self, rows: dict[bytes, bytes] | None = None) -> None:
        self.rows = {} if rows is None else rows

    def get(self, key: bytes) -> bytes | None:
        """Give the row's bytes, or None."""
        return self.rows.get(key)

    def put(self, key: bytes, value: bytes | None) -> None:
        """Write the row, or delete it."""
        if value is None:
            self.rows.pop(key, None)
        else:
            self.rows[key] = value


class Core(Protocol):
    """A workload's decision."""

    def decide(self, event: Event, rows: Rows) -> list[Written]:
        """Decide one event: write its rows, give the records to be written."""


def core_of(task: Task) -> Core:
    """Give the core of a task's workload."""
    if task.workload == "state":
        from bench.workloads.state import StateCore

        return StateCore()
    from bench.workloads.full import FullCore

    assert task.brands is not None
    return FullCore(task.brands)
