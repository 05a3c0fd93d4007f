"""What was fetched for a partition and waits to be decided, bounded, and in the right order.

Between a fetch and its delivery lie rebalances, seeks and queues that Faust clears, so a batch may be behind or ahead
of what was absorbed. A batch is taken only where it continues the last one of its topic.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from klean_stream.processing import Route
from klean_stream.runtime.fetched import FetchedBatch, Part
from klean_stream.runtime.records import KafkaRecord


def bytes_of(records: list[KafkaRecord]) -> int:
    """Give the bytes of the records' keys and values."""
    return sum([len(record.key or b"") + len(record.value or b"") for record in records])


@dataclass(frozen=True, slots=True)
class Limits:
    """Where fetching pauses; it goes on when half of it is left."""

    records: int
    bytes: int


Continuation = Literal["next", "seen", "gap"]


class Backlog:
    """Fetched batches in the order in which they came, and per topic the offset that is expected next.

    ``pause`` and ``resume`` stop and start the fetching of this partition.
    """

    def __init__(self, limits: Limits, pause: Callable[[], None], resume: Callable[[], None]) -> None:
        self._limits = limits
        self._pause = pause
        self._resume = resume
        self._waiting: deque[tuple[FetchedBatch, Route]] = deque()
        self._put_back: tuple[Part, Route, int] | None = None
        self._records = 0
        self._bytes = 0
        self._paused = False
        self.expected: dict[str, int] = {}

    def __bool__(self) -> bool:
        return self._put_back is not None or bool(self._waiting)

    @property
    def records(self) -> int:
        """About how many records wait: no fewer than there are."""
        return self._records

    def put(self, batch: FetchedBatch, route: Route) -> None:
        """Add a fetched batch; pauses the fetching where too much is waiting."""
        self._waiting.append((batch, route))
        self._grow(batch.size, batch.bytes)
        if not self._paused and (self._records >= self._limits.records or self._bytes >= self._limits.bytes):
            self._paused = True
            self._pause()

    def take(self) -> tuple[Part, Route]:
        """Give the first records that wait, up to 1,000. Raises Unreadable."""
        if self._put_back is not None:
            part, route, size = self._put_back
            self._put_back = None
            self._grow(-len(part.records), -size)
        else:
            batch, route = self._waiting[0]
            size, size_bytes = batch.size, batch.bytes
            part = batch.take()
            self._grow(batch.size - size, batch.bytes - size_bytes)
            if batch.is_taken:
                self._waiting.popleft()
        if self._paused and 2 * self._records <= self._limits.records and 2 * self._bytes <= self._limits.bytes:
            self._paused = False
            self._resume()
        return part, route

    def put_back(self, part: Part, route: Route) -> None:
        """Let the rest of what was taken last wait for the next unit."""
        size = bytes_of(part.records)
        self._put_back = part, route, size
        self._grow(len(part.records), size)

    def clear(self) -> None:
        """Forget all that waits; whoever does this seeks, or has nothing more to absorb."""
        self._waiting.clear()
        self._put_back = None
        self._records = self._bytes = 0
        if self._paused:
            self._paused = False
            self._resume()

    def continues(self, part: Part) -> tuple[Continuation, Part]:
        """Say how records stand to what was absorbed, and give those of them that are new.

        ``seen``: nothing new, or nothing is expected yet; ``gap``: something before them is missing.
        """
        expected = self.expected.get(part.topic)
        # A reader that was sent back behind where it stood continues too: its topic was made anew, or truncated.
        sent_back = part.start == expected and part.first < part.start
        if expected is None or (part.end <= expected and not sent_back):
            return "seen", part
        if part.start > expected:
            return "gap", part
        if part.start < expected:
            # Read twice, and further the second time.
            new = [record for record in part.records if record.offset >= expected]
            part = replace(part, start=expected, records=new)
        return "next", part

    def _grow(self, records: int, size: int) -> None:
        self._records += records
        self._bytes += size
