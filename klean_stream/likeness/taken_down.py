"""Titles of listings that were taken down, and which of them another title is in other words.

Of a fingerprint's hashes a MinHash of 72 values is made (Broder 1997), three for each of 24 bands. Two titles that have
all values of a band in common share the band; titles of which six tenths are the same share two bands or more in 98 of
100 cases, titles of which a quarter is the same in 5.

What many titles share says little of any of them: "running shoes for men" is everybody's. Of each band the newest
titles in force are looked at, at most 20, and a band that has as many is *common*. A title is another one in other
words where they share two bands that are not common, or where they are much alike. So frequent words count for less
although nobody says which they are, and a question costs the same however often a title was taken down.
"""

from collections.abc import Iterable, Sequence
from itertools import accumulate
from zlib import crc32

import numpy as np
from rensa import RMinHash

from klean_stream.likeness.runs import Flags, Keys, Slots
from klean_stream.likeness.titles import Compared, Hashes, is_cut
from klean_stream.likeness.versioned import Change, VersionedRows

_BANDS = 24
_IN_BAND = 3
_SEED = 20_260_302
# Odd multipliers (of splitmix64's family, cut to 32 bits): they spread what three values say over a key's 27 bits.
_SPREAD = np.array([0x9E3779B1, 0x85EBCA6B, 0xC2B2AE35], np.uint32)
_TABLES = np.arange(_BANDS + 1, dtype=np.uint32) << np.uint32(27)
_NOT_OF_KEY = np.uint32(5)
_OF_A_BAND = 20
# From here on (in thousandths) titles are so much alike that their bands may be common.
_MUCH_ALIKE = 750
# So many sketches are made at a time: rensa gives them as lists.
_AT_ONCE = 4_096


class TakenDown:
    """The fingerprints of titles that were taken down, by case. ``keep_history``: as in VersionedRows."""

    def __init__(self, *, keep_history: bool = False) -> None:
        self._titles: VersionedRows[str] = VersionedRows(_keys_of, keep_history=keep_history)
        # Which hashes any title has had; of one that was cut, others than those that are compared are known.
        self._ever = np.zeros(1 << 8 * Hashes.itemsize, np.bool_)
        self._some_cut = False

    def __len__(self) -> int:
        """The number of fingerprints, expired ones included."""
        return len(self._titles)

    def apply(self, changes: Iterable[Change[str]], now: int) -> None:
        """Take changes in the order of their versions; key and payload are the case's id."""
        self._titles.apply(map(self._noted, changes), now)

    def _noted(self, change: Change[str]) -> Change[str]:
        if change.row is not None:
            self._ever[np.frombuffer(change.row, Hashes)] = True
            self._some_cut = self._some_cut or is_cut(change.row)
        return change

    def _may_be_alike(self, print_: bytes, thousandths: int) -> bool:
        """Tell if so large a share of a title's hashes are some title's: no single one can have more of them.

        Of most honest titles they are not, as long as not too many were taken down, and this is a tenth of the work.
        """
        if self._some_cut or is_cut(print_):
            return True
        hashes = np.frombuffer(print_, Hashes)
        return int(np.count_nonzero(self._ever[hashes])) * 1_000 >= thousandths * len(hashes)

    def find(self, print_: bytes, *, version: int, now: int, thousandths: int, but: str = "") -> tuple[int, str] | None:
        """Give the similarity (in thousandths) and the case of the most similar title, at least ``thousandths``.

        Cases whose id begins with ``but`` are passed over: a listing does not repeat itself.
        """
        if not self._may_be_alike(print_, thousandths):
            return None
        bands, found = self._titles.newest(_keys_of([print_])[0], _OF_A_BAND, version, now)
        if not len(found):
            return None
        in_all = int(bands.searchsorted(_BANDS))
        common = np.bincount(bands, minlength=_BANDS) >= _OF_A_BAND
        repeated, rarely = _repeated(found[:in_all], common[bands[:in_all]])
        compared = Compared(print_)
        best: tuple[int, str] | None = None
        for slot in repeated.union(found[in_all:].tolist()):
            similar = compared.similarity(self._titles.rows[slot])
            least = thousandths if slot in rarely else max(thousandths, _MUCH_ALIKE)
            if similar >= least and (best is None or similar >= best[0]):
                case = self._titles.payloads[slot] or ""
                if not (but and case.startswith(but)) and (best is None or (-similar, case) < (-best[0], best[1])):
                    best = similar, case
        return best


def _repeated(slots: Slots, common: Flags) -> tuple[set[int], set[int]]:
    """Give the slots that are there twice or more, and those that are so by bands that are not common."""
    # Sorted, those of a slot by bands that are not common come first.
    marked = slots << 1 | common
    marked.sort()
    twice = np.flatnonzero(marked[1:] >> 1 == marked[:-1] >> 1)
    pairs = list(zip(marked[twice].tolist(), marked[twice + 1].tolist(), strict=True))
    return {one >> 1 for one, _ in pairs}, {one >> 1 for one, other in pairs if one == other and not one & 1}


def _keys_of(prints: Sequence[bytes]) -> Keys:
    """Give the key of each band of each fingerprint, and one of all of it: five bits for which, 27 for the values."""
    made = np.empty((len(prints), _BANDS + 1), np.uint32)
    for first in range(0, len(prints), _AT_ONCE):
        some = prints[first : first + _AT_ONCE]
        ends = list(accumulate((len(row) >> 1 for row in some), initial=0))
        hashes = np.frombuffer(b"".join(some), Hashes).astype(np.uint64)
        sketches = RMinHash.digest_matrix_from_flat_token_hashes(hashes, ends, _BANDS * _IN_BAND, _SEED).to_rows()
        values = np.array(sketches, np.uint32).reshape(-1, _BANDS, _IN_BAND)
        made[first : first + len(some), :_BANDS] = values @ _SPREAD
        made[first : first + len(some), _BANDS] = [crc32(row) for row in some]
    return made >> _NOT_OF_KEY | _TABLES
