"""Rows by key and version, found by what parts of them are equal to.

A row is some bytes; ``keys_of`` gives its keys, one in each of several tables, and rows are looked up by any of them.
"""

from array import array
from collections.abc import Callable, Iterable, Sequence
from typing import Generic, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from klean_stream.likeness.runs import Flags, Keys, Slots, SortedRuns

P = TypeVar("P")

Places = NDArray[np.int64]

NEVER = np.iinfo(np.int64).max
# Late records are decided under what was in force at their time: what expired is kept for so much longer.
_GRACE = 30 * 86_400_000
_REMOVED = np.iinfo(np.int64).min


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
        # By slot. Without history what is removed has expired, and since when it stood is never asked.
        self._expires, self._since, self._until = array("q"), array("q"), array("q")
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
                self._remove(slot, change.version)
            if change.row is not None and change.payload is not None:
                self._slot_of[change.key] = len(self.rows)
                self.rows.append(change.row)
                added.append(change.row)
                self.payloads.append(change.payload)
                self._keys.append(change.key)
                self._expires.append(change.expires)
                if self._keep_history:
                    self._since.append(change.version)
                    self._until.append(NEVER)
        self._now = max(self._now, now)
        if added:
            self._runs.add(first, self._keys_of(added))

    def newest(self, keys: Keys, most: int, version: int, now: int) -> tuple[Places, Slots]:
        """Give for each key the slots in force that have it: the newest, at most so many.

        Returned are pairs, as two arrays: the place of the key, and a slot.
        """
        # Of each key the newest first: what came last, then the runs, each with older slots than the one before.
        parts = list(self._runs.newest(keys, most))
        made = np.concatenate(parts, axis=1)
        places, columns = (made >= 0).nonzero()
        slots = made[places, columns]
        stands = self.in_force(slots, version, now)
        if not stands.all():
            places, slots = places[stands], slots[stands]
            # Where a part may have more of a key than were looked at, the oldest of these.
            looked_down_to = np.max([part[:, -1] for part in parts], axis=0)
            sure = np.bincount(places[slots >= looked_down_to[places]], minlength=len(keys))
            short = (looked_down_to >= 0) & (sure < most)
            if short.any():
                places, slots = self._with_older(places, slots, keys, np.flatnonzero(short), version, now)
        # A pair is one too many if the one so far before it is of the same place.
        first = np.ones(len(places), np.bool_)
        np.not_equal(places[most:], places[:-most], out=first[most:])
        return places[first], slots[first]

    def all(self, keys: Keys) -> Slots:
        """Give the slots that have any of the keys, repeated where they have several, whether in force or not."""
        return np.concatenate(list(self._runs.all(keys)))

    def _with_older(
        self, places: Places, slots: Slots, keys: Keys, short: Places, version: int, now: int
    ) -> tuple[Places, Slots]:
        """Give the pairs in force with all that there are of some keys, of which the newest alone are not enough."""
        kept = ~np.isin(places, short)
        found = [(places[kept], slots[kept])]
        for place in short.tolist():
            of_key = np.sort(self.all(keys[place : place + 1]))[::-1]
            standing = of_key[self.in_force(of_key, version, now)]
            found.append((np.full(len(standing), place), standing))
        places = np.concatenate([places for places, _ in found])
        order = np.argsort(places, kind="stable")
        return places[order], np.concatenate([slots for _, slots in found])[order]

    def in_force(self, slots: Slots, version: int, now: int) -> Flags:
        """Tell which of the slots stand at a version and have not expired."""
        stands: Flags = np.frombuffer(self._expires, np.int64)[slots] > now
        if self._keep_history:
            stands &= np.frombuffer(self._since, np.int64)[slots] <= version
            stands &= np.frombuffer(self._until, np.int64)[slots] > version
        return stands

    def _remove(self, slot: int, version: int) -> None:
        if self._keep_history:
            self._until[slot] = version
        else:
            self._expires[slot] = _REMOVED
            self.rows[slot], self._keys[slot], self.payloads[slot] = b"", "", None

    def _gone(self) -> Flags:
        """Forget what expired long ago; tell which slots no decision will ask for any more."""
        if self._keep_history:
            return np.zeros(len(self.rows), np.bool_)
        expires = np.frombuffer(self._expires, np.int64)
        for slot in np.flatnonzero((expires <= self._now - _GRACE) & (expires != _REMOVED)).tolist():
            self._slot_of.pop(self._keys[slot], None)
            self._remove(slot, 0)
        gone: Flags = expires == _REMOVED
        return gone
