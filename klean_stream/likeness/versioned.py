"""Rows by key and version, found by what parts of them are equal to.

A row is some bytes; ``keys_of`` gives its keys, one in each of several tables, and rows are looked up by any of them.
"""

from array import array
from collections.abc import Callable, Iterable, Sequence
from typing import Generic, NamedTuple, TypeVar

import numpy as np

from klean_stream.likeness.runs import Flags, Keys, Slots, SortedRuns

P = TypeVar("P")

NEVER = np.iinfo(np.int64).max
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


class VersionedRows(Generic[P]):
    """Rows and payloads by slot; a slot is a key at a version and is never used again.

    With ``keep_history`` nothing is forgotten, and every version that there was can be asked for; without it the
    newest only.
    """

    def __init__(self, keys_of: Callable[[Sequence[bytes]], Keys], *, keep_history: bool = False) -> None:
        self.rows: list[bytes] = []
        self.payloads: list[P | None] = []
        self._keys_of = keys_of
        self._keep_history = keep_history
        self._keys: list[str] = []
        self._slot_of: dict[str, int] = {}
        self._since, self._until, self._expires = array("q"), array("q"), array("q")
        self._runs = SortedRuns(self._gone)
        self._now = 0

    def __len__(self) -> int:
        """The number of keys that have a row now, expired ones included."""
        return len(self._slot_of)

    def apply(self, changes: Iterable[Change[P]], now: int = 0) -> None:
        """Take changes in the order of their versions. ``now`` (ms) is the newest record's time."""
        first, added = len(self.rows), []
        for change in changes:
            slot = self._slot_of.pop(change.key, None)
            if slot is not None:
                self._until[slot] = change.version
                self._forget(slot)
            if change.row is not None and change.payload is not None:
                self._slot_of[change.key] = len(self.rows)
                self.rows.append(change.row)
                added.append(change.row)
                self.payloads.append(change.payload)
                self._keys.append(change.key)
                self._since.append(change.version)
                self._until.append(NEVER)
                self._expires.append(change.expires)
        self._now = max(self._now, now)
        if added:
            self._runs.add(first, self._keys_of(added))

    def newest(self, keys: Keys, most: int, version: int, now: int) -> list[int]:
        """Give the slots in force that have any of the keys: of each key the newest, at most so many."""
        found: set[int] = set()
        since, until, expires = self._since, self._until, self._expires
        for lists in self._runs.find(keys):
            wanted = most
            for slots in lists:
                # Most are in force: the newest few, one by one, are enough.
                last = slots[-wanted:] if isinstance(slots, list) else slots[-wanted:].tolist()
                standing = [s for s in last if since[s] <= version < until[s] and now < expires[s]]
                found.update(standing)
                wanted -= len(standing)
                if wanted and len(slots) > len(last):
                    rest = self.in_force(np.array(slots[: -len(last)], np.int32), version, now)[-wanted:]
                    found.update(rest.tolist())
                    wanted -= len(rest)
                if not wanted:
                    break
        return list(found)

    def all(self, keys: Keys) -> Slots:
        """Give the slots that have any of the keys, each once, whether in force or not."""
        found = [slots for lists in self._runs.find(keys) for slots in lists]
        return np.unique(np.concatenate(found)).astype(np.int32) if found else np.empty(0, np.int32)

    def in_force(self, slots: Slots, version: int, now: int) -> Slots:
        """Give those of the slots that stand at a version and have not expired, in their order."""
        since, until, expires = (np.frombuffer(times, np.int64) for times in (self._since, self._until, self._expires))
        stands: Flags = (since[slots] <= version) & (version < until[slots]) & (now < expires[slots])
        return slots[stands]

    def _gone(self) -> Flags:
        """Forget what expired long ago; tell which slots no decision will ask for any more."""
        if self._keep_history:
            return np.zeros(len(self.rows), np.bool_)
        until, expires = np.frombuffer(self._until, np.int64), np.frombuffer(self._expires, np.int64)
        expired = np.flatnonzero((until == NEVER) & (expires <= self._now - _GRACE)).tolist()
        for slot in expired:
            self._until[slot] = 0
            self._slot_of.pop(self._keys[slot], None)
            self._forget(slot)
        gone: Flags = until != NEVER
        return gone

    def _forget(self, slot: int) -> None:
        if not self._keep_history:
            self.rows[slot], self._keys[slot], self.payloads[slot] = b"", "", None
