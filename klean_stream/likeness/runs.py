"""Slots by key, in sorted runs that are merged a little at a time: a log-structured merge tree in memory.

What came last lies in a dictionary. When that is full it becomes a run: all its keys, sorted, and their slots. Runs
that have grown too many are merged, a slice at each addition, so that no addition takes long however much there is
(O'Neil et al., "The Log-Structured Merge-Tree", 1996). What is found never depends on how far merging has come.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Keys = NDArray[np.uint32]
Slots = NDArray[np.int32]
Flags = NDArray[np.bool_]

# Slots in the dictionary: few enough to be sorted within milliseconds.
_RECENT = 2_048
# Each run is at least so many times as long as all that come after it: about three runs of a million slots.
_FACTOR = 16
# Entries merged at a time (1 to 2 ms), and the least for each entry added: merging must keep up with additions.
_SLICE = 65_536
_PER_ADDED = 64
_NO_SLOT = np.int32(-1)
_BLOCK = 64
# With no more of them, all keys are in the cache.
_FEW_BLOCKS = 4_096
# Keys below this bound (the parts of pictures, a table for each) are looked up by their number in a long run: 4 MB.
_FEW_KEYS = 1 << 20
_LONG = 65_536


class Run(NamedTuple):
    """Keys, sorted, and the slot of each; of equal keys the newest slot (the largest) first.

    ``begins`` has the place of each possible key, up to the last one there is and the next, where these are few.
    ``blocks`` are the keys, 64 in a row, without the last few; ``every`` has each row's first: the first steps of a
    search stay in the processor's cache.
    """

    keys: Keys
    slots: Slots
    begins: Slots | None
    blocks: Keys
    every: Keys

    @classmethod
    def of(cls, keys: Keys, slots: Slots) -> "Run":
        """Give the run of keys that are sorted."""
        begins = None
        if len(keys) >= _LONG and keys[-1] < _FEW_KEYS:
            begins = keys.searchsorted(np.arange(keys[-1] + 2, dtype=np.uint32)).astype(np.int32)
        blocks = keys[: len(keys) // _BLOCK * _BLOCK].reshape(-1, _BLOCK)
        return cls(keys, slots, begins, blocks, blocks[:, 0].copy())

    def newest(self, keys: Keys, most: int) -> Slots:
        """Give for each key (n, most) the newest slots, -1 where there is no further one."""
        places = self._begins(keys)[:, None] + np.arange(most)
        has = (self.keys.take(places, mode="clip") == keys[:, None]) & (places < len(self.keys))
        return np.where(has, self.slots.take(places, mode="clip"), _NO_SLOT)

    def all(self, keys: Keys) -> Slots:
        """Give the slots of all the keys, repeated where they have several."""
        begins = self._begins(keys)
        counts = self._begins(keys + np.uint32(1)) - begins
        ends = np.cumsum(counts)
        return self.slots.take(np.repeat(begins - (ends - counts), counts) + np.arange(ends[-1]))

    def _begins(self, keys: Keys) -> NDArray[np.int64] | Slots:
        """Give the place of the first key that is not smaller; no more than the number of keys."""
        if self.begins is not None:
            return self.begins.take(keys, mode="clip")
        if len(self.every) < _FEW_BLOCKS:
            return self.keys.searchsorted(keys)
        numbers = np.maximum(self.every.searchsorted(keys) - 1, 0)
        smaller = (self.blocks.take(numbers, axis=0) < keys[:, None]).sum(axis=1)
        begins: NDArray[np.int64] = numbers * _BLOCK + smaller + self.keys[self.blocks.size :].searchsorted(keys)
        return begins


@dataclass(slots=True)
class _Merge:
    """Neighbouring runs on their way to be one; ``gone`` says which slots are left out."""

    first: int
    sources: list[Run]
    gone: Flags
    places: list[int]
    keys: Keys
    slots: Slots
    size: int = 0

    def step(self) -> int:
        """Merge the next slice; give its length, 0 at the end."""
        longest = max(range(len(self.sources)), key=lambda number: len(self.sources[number].keys) - self.places[number])
        left = self.sources[longest].keys[self.places[longest] :]
        if not len(left):
            return 0
        last = left[min(_SLICE, len(left)) - 1]
        keys, slots = [], []
        # The newest first: of equal keys it stays so.
        for number, source in reversed(list(enumerate(self.sources))):
            begin, end = self.places[number], int(source.keys.searchsorted(last, "right"))
            keys.append(source.keys[begin:end])
            slots.append(source.slots[begin:end])
            self.places[number] = end
        made, of = np.concatenate(keys), np.concatenate(slots)
        taken = len(made)
        kept = np.flatnonzero(~self.gone[of])
        kept = kept[np.argsort(made[kept], kind="stable")]
        end = self.size + len(kept)
        self.keys[self.size : end] = made[kept]
        self.slots[self.size : end] = of[kept]
        self.size = end
        return taken


@dataclass(slots=True)
class SortedRuns:
    """The slots that have a key, by key. ``gone`` tells (a flag for each) which slots nobody will look for any more."""

    gone: Callable[[], Flags]
    _runs: list[Run] = field(default_factory=list)
    _recent: dict[int, list[int]] = field(default_factory=dict)
    _added: list[tuple[int, Keys]] = field(default_factory=list)
    _merge: _Merge | None = None
    _mostly_gone: bool = False

    def add(self, first: int, keys: Keys) -> None:
        """Add the keys (n, tables) of the slots from ``first`` on.

        A key in a later table is larger than any in an earlier one.
        """
        self._added.append((first, keys))
        if sum(len(some) for _, some in self._added) > _RECENT:
            self._runs.append(_run(self._added))
            self._added = []
            self._recent = {}
            alive = np.count_nonzero(~self.gone()) * keys.shape[1]
            self._mostly_gone = alive * 2 < sum(len(run.keys) for run in self._runs)
        else:
            recent = self._recent
            for slot, row in enumerate(keys.tolist(), first):
                for key in row:
                    if key in recent:
                        recent[key].append(slot)
                    else:
                        recent[key] = [slot]
        self._carry_on(max(_SLICE, _PER_ADDED * keys.size))

    def newest(self, keys: Keys, most: int) -> Iterator[Slots]:
        """Give of each part what ``Run.newest`` gives; each part has older slots than the one before."""
        recent = np.full((len(keys), most), _NO_SLOT)
        for place, key in enumerate(keys.tolist()):
            if slots := self._recent.get(key):
                newest = slots[: -most - 1 : -1]
                recent[place, : len(newest)] = newest
        yield recent
        for run in reversed(self._runs):
            yield run.newest(keys, most)

    def all(self, keys: Keys) -> Iterator[Slots]:
        """Give of each part what ``Run.all`` gives."""
        recent = [slot for key in keys.tolist() for slot in self._recent.get(key, ())] if self._recent else []
        yield np.array(recent, np.int32)
        for run in self._runs:
            yield run.all(keys)

    def _carry_on(self, entries: int) -> None:
        """Merge about so many entries, where there is something to merge."""
        while entries > 0:
            if self._merge is None:
                self._merge = self._begin()
                if self._merge is None:
                    return
            merge = self._merge
            merged = merge.step()
            entries -= merged
            if not merged:
                made = Run.of(merge.keys[: merge.size], merge.slots[: merge.size])
                self._runs[merge.first : merge.first + len(merge.sources)] = [made]
                self._merge = None

    def _begin(self) -> _Merge | None:
        sizes = [len(run.keys) for run in self._runs]
        first = 0 if self._mostly_gone else len(sizes) - 1
        while first > 0 and sizes[first - 1] < _FACTOR * sum(sizes[first:]):
            first -= 1
        if first >= len(sizes) - 1 and not self._mostly_gone:
            return None
        self._mostly_gone = False
        gone = self.gone()
        sources = self._runs[first:]
        keys, slots = np.empty(sum(sizes[first:]), np.uint32), np.empty(sum(sizes[first:]), np.int32)
        return _Merge(first, sources, gone, [0] * len(sources), keys, slots)


def _run(added: list[tuple[int, Keys]]) -> Run:
    """Sort what was added."""
    size, tables = sum(len(keys) for _, keys in added), added[0][1].shape[1]
    slots = np.concatenate([np.arange(first, first + len(keys), dtype=np.int32) for first, keys in added])[::-1]
    sorted_keys, slots_of = np.empty(size * tables, np.uint32), np.empty(size * tables, np.int32)
    for table in range(tables):
        column = np.concatenate([keys[:, table] for _, keys in added])[::-1]
        order = np.argsort(column, kind="stable")
        sorted_keys[table * size : (table + 1) * size] = column[order]
        slots_of[table * size : (table + 1) * size] = slots[order]
    return Run.of(sorted_keys, slots_of)
