"""What was fetched for a partition and waits to be decided, bounded, and in the right order.

Between a fetch and its delivery lie rebalances, seeks and queues that Faust clears, so a batch may be behind or ahead
of what was absorbed. A batch is taken only where it continues the last one of its topic.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from klean_stream.processing import Route
from klean_stream.runtime.fetched import FetchedBatch


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
        self._records = 0
        self._bytes = 0
        self._paused = False
        self.expected: dict[str, int] = {}

    def __bool__(self) -> bool:
        return bool(self._waiting)

    @property
    def records(self) -> int:
        """About how many records wait: no fewer than there are."""
        return self._records

    def put(self, batch: FetchedBatch, route: Route) -> None:
        """Add a fetched batch; pauses the fetching where too much is waiting."""
        for part in batch.parts():
            self._waiting.append((part, route))
            self._grow(part.size, part.bytes)
        if not self._paused and (self._records >= self._limits.records or self._bytes >= self._limits.bytes):
            self._paused = True
            self._pause()

    def take(self) -> tuple[FetchedBatch, Route]:
        """Give the first batch that waits."""
        batch, route = self._waiting.popleft()
        self._grow(-batch.size, -batch.bytes)
        if self._paused and 2 * self._records <= self._limits.records and 2 * self._bytes <= self._limits.bytes:
            self._paused = False
            self._resume()
        return batch, route

    def put_back(self, batch: FetchedBatch, route: Route) -> None:
        """Let the rest of a batch wait for the next unit."""
        self._waiting.appendleft((batch, route))
        self._grow(batch.size, batch.bytes)

    def clear(self) -> None:
        """Forget all that waits; whoever does this seeks, or has nothing more to absorb."""
        self._waiting.clear()
        self._records = self._bytes = 0
        if self._paused:
            self._paused = False
            self._resume()

    def continues(self, batch: FetchedBatch) -> tuple[Continuation, FetchedBatch]:
        """Say how a batch stands to what was absorbed, and give the part of it that is new.

        ``seen``: nothing new, or nothing is expected yet; ``gap``: something before it is missing.
        """
        expected = self.expected.get(batch.topic)
        # A reader that was sent back behind where it stood continues too: its topic was made anew, or truncated.
        sent_back = batch.start == expected and batch.end < batch.start
        if expected is None or (batch.end <= expected and not sent_back):
            return "seen", batch
        if batch.start > expected:
            return "gap", batch
        if batch.start < expected:
            # Read twice, and further the second time.
            batch = batch.from_offset(expected)
        return "next", batch

    def _grow(self, records: int, size: int) -> None:
        self._records += records
        self._bytes += size
