"""Rows of bits by key and version, found by the buckets of 65,536 that parts of them fall into.

Each row has one bucket in each of several tables. The tables are sorted slots (an order and 65,537 offsets), built
for most rows; rows that came since are few and are all candidates until the next build.
"""

from collections.abc import Callable, Iterable
from typing import Generic, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

P = TypeVar("P")
Words = NDArray[np.uint64]
Slots = NDArray[np.int64]

BUCKETS = 65_536
NEVER = np.iinfo(np.int64).max
_UNSORTED = 1_024
# Late records are decided under what was in force at their time: what expired is kept for so much longer.
_GRACE = 30 * 86_400_000


class Change(NamedTuple, Generic[P]):
    """What one record of a log says of a key: its row, or None where it is removed.

    ``version`` is the record's offset plus one; ``expires`` is in milliseconds since the epoch.
    """

    key: str
    version: int
    row: bytes | None = None
    payload: P | None = None
    expires: int = NEVER


class BucketIndex(Generic[P]):
    """Rows of ``words`` times 64 bits; ``buckets_of`` gives the buckets (n, tables) of rows (n, words).

    With ``keep_history`` nothing is forgotten, and every version that there was can be asked for; without it the
    newest only.
    """

    def __init__(
        self, words: int, buckets_of: Callable[[Words], NDArray[np.uint16]], *, keep_history: bool = False
    ) -> None:
        # Longer than what they hold, so that most additions copy nothing.
        self._rows: Words = np.empty((0, words), np.uint64)
        self._size = 0
        self.payloads: list[P] = []
        self._buckets_of = buckets_of
        self._keep_history = keep_history
        self._since: Slots = np.empty(0, np.int64)
        self._until: Slots = np.empty(0, np.int64)
        self._expires: Slots = np.empty(0, np.int64)
        self._slot_of: dict[str, int] = {}
        self._order: NDArray[np.int32] = np.empty(0, np.int32)
        self._offsets: NDArray[np.int64] = np.zeros(1, np.int64)
        self._sorted = 0

    @property
    def rows(self) -> Words:
        """The rows by slot."""
        return self._rows[: self._size]

    def __len__(self) -> int:
        """The number of keys that have a row now, expired ones included."""
        return len(self._slot_of)

    def apply(self, changes: Iterable[Change[P]], now: int = 0) -> None:
        """Take changes in the order of their versions. ``now`` (ms) is the newest record's time."""
        size = self._size
        rows: list[bytes] = []
        since: list[int] = []
        until: list[int] = []
        expires: list[int] = []
        for change in changes:
            slot = self._slot_of.pop(change.key, None)
            if slot is not None and slot < size:
                self._until[slot] = change.version
            elif slot is not None:
                until[slot - size] = change.version
            if change.row is not None and change.payload is not None:
                self._slot_of[change.key] = size + len(rows)
                rows.append(change.row)
                self.payloads.append(change.payload)
                since.append(change.version)
                until.append(NEVER)
                expires.append(change.expires)
        if rows:
            added = np.frombuffer(b"".join(rows), np.uint64).reshape(len(rows), self._rows.shape[1])
            self._rows = _extended(self._rows, size, added)
            self._since = _extended(self._since, size, np.array(since, np.int64))
            self._until = _extended(self._until, size, np.array(until, np.int64))
            self._expires = _extended(self._expires, size, np.array(expires, np.int64))
            self._size += len(rows)
        if self._size - self._sorted > max(_UNSORTED, self._size >> 7):
            self._forget(now)
            self._sort()

    def candidates(self, buckets: Slots) -> Slots:
        """Give the slots in any of these buckets (table * 65,536 + bucket), repeated where they are in several."""
        unsorted = np.arange(self._sorted, self._size)
        if not self._sorted:
            return unsorted
        begins, ends = self._offsets[buckets], self._offsets[buckets + 1]
        counts = ends - begins
        total = int(counts.sum())
        places = np.repeat(begins - np.concatenate(([0], np.cumsum(counts)[:-1])), counts) + np.arange(total)
        return np.concatenate((self._order[places].astype(np.int64), unsorted))

    def in_force(self, slots: Slots, version: int, now: int) -> Slots:
        """Give those of the slots that stand at a version and have not expired, each once, in their order."""
        slots = np.unique(slots)
        stands = (self._since[slots] <= version) & (version < self._until[slots]) & (now < self._expires[slots])
        return slots[stands]

    def _forget(self, now: int) -> None:
        """Drop what no decision will ask for any more."""
        size = self._size
        kept = np.flatnonzero((self._until[:size] == NEVER) & (self._expires[:size] > now - _GRACE))
        if self._keep_history or len(kept) == size:
            return
        place = np.full(size, -1, np.int64)
        place[kept] = np.arange(len(kept))
        self._size = len(kept)
        self._rows, self.payloads = self._rows[kept], [self.payloads[slot] for slot in kept]
        self._since, self._until, self._expires = self._since[kept], self._until[kept], self._expires[kept]
        self._slot_of = {key: int(place[slot]) for key, slot in self._slot_of.items() if place[slot] >= 0}

    def _sort(self) -> None:
        """Put every row into its buckets."""
        buckets = self._buckets_of(self.rows)
        size, tables = buckets.shape
        # Freed first: the old order and the new one need not lie in memory together.
        self._order = np.empty(0, np.int32)
        order = np.empty((tables, size), np.int32)
        counts = np.empty((tables, BUCKETS), np.int64)
        for table in range(tables):
            order[table] = np.argsort(buckets[:, table], kind="stable")
            counts[table] = np.bincount(buckets[:, table], minlength=BUCKETS)
        self._order = order.reshape(-1)
        self._offsets = np.concatenate(([0], np.cumsum(counts.reshape(-1))))
        self._sorted = size


Numbers = TypeVar("Numbers", NDArray[np.uint64], NDArray[np.int64])


def _extended(array: Numbers, size: int, added: Numbers) -> Numbers:
    """Give the array with what is added behind its first ``size`` rows, copied only where there is no room."""
    needed = size + len(added)
    if needed > len(array):
        longer = np.empty((needed + (needed >> 3), *array.shape[1:]), array.dtype)
        longer[:size] = array[:size]
        array = longer
    array[size:needed] = added
    return array
