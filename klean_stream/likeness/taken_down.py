"""Titles of listings that were taken down, and which of them another title is in other words.

Of a fingerprint's hashes a MinHash of 96 values is made (Broder 1997). Titles that have the four values of one of 24
bands in common are compared: 96 of 100 where six tenths of the shingles are the same, 998 of 1,000 where seven tenths
are. Of the titles that share a band, the newest few are compared. What thousands of titles share says nothing of any
of them, and a title that was taken down has rarer pieces too.
"""

from collections.abc import Iterable, Sequence
from itertools import accumulate

import numpy as np
from rensa import RMinHash

from klean_stream.likeness.runs import Keys
from klean_stream.likeness.titles import MOST_SHINGLES, Hashes, similarity
from klean_stream.likeness.versioned import Change, VersionedRows

_BANDS = 24
_IN_BAND = 4
_SEED = 20_260_302
# Odd multipliers (of splitmix64's family, cut to 32 bits): they spread what four values say over a key's 27 bits.
_SPREAD = np.array([0x9E3779B1, 0x85EBCA6B, 0xC2B2AE35, 0x27D4EB2F], np.uint32)
_TABLES = np.arange(_BANDS, dtype=np.uint32) << np.uint32(27)
_NOT_OF_KEY = np.uint32(5)
# So many titles of one band are compared.
_OF_A_BAND = 16
_FULL = MOST_SHINGLES * 2
# So many sketches are made at a time: rensa gives them as lists.
_AT_ONCE = 4_096


class TakenDown:
    """The fingerprints of titles that were taken down, by case. ``keep_history``: as in VersionedRows."""

    def __init__(self, *, keep_history: bool = False) -> None:
        self._titles: VersionedRows[str] = VersionedRows(_keys_of, keep_history=keep_history)
        # Which hashes the title asked for has; all zero between questions.
        self._asked = np.zeros(65_536, np.uint8)

    def __len__(self) -> int:
        """The number of fingerprints, expired ones included."""
        return len(self._titles)

    def apply(self, changes: Iterable[Change[str]], now: int) -> None:
        """Take changes in the order of their versions; key and payload are the case's id."""
        self._titles.apply(changes, now)

    def find(self, print_: bytes, *, version: int, now: int, thousandths: int, but: str = "") -> tuple[int, str] | None:
        """Give the similarity (in thousandths) and the case of the most similar title, at least ``thousandths``.

        Cases whose id begins with ``but`` are passed over: a listing does not repeat itself.
        """
        keys = _keys_of([print_])[0]
        slots = self._titles.newest(keys, _OF_A_BAND, version, now)
        best: tuple[int, str] | None = None
        for slot, similar in zip(slots, self._similarities(print_, slots), strict=True):
            if similar >= thousandths and (best is None or similar >= best[0]):
                case = self._titles.payloads[slot] or ""
                if not (but and case.startswith(but)) and (best is None or (-similar, case) < (-best[0], best[1])):
                    best = similar, case
        return best

    def _similarities(self, print_: bytes, slots: list[int]) -> list[int]:
        rows = [self._titles.rows[slot] for slot in slots]
        lengths = [len(row) for row in rows]
        if not rows:
            return []
        if len(print_) == _FULL or _FULL in lengths:
            return [similarity(print_, row) for row in rows]
        asked = np.frombuffer(print_, Hashes)
        hashes = np.frombuffer(b"".join(rows), Hashes)
        sizes = np.array(lengths) >> 1
        self._asked[asked] = 1
        common = np.add.reduceat(self._asked[hashes], np.cumsum(sizes) - sizes, dtype=np.int64)
        self._asked[asked] = 0
        similar: list[int] = (common * 1_000 // (sizes + len(asked) - common)).tolist()
        return similar


def _keys_of(prints: Sequence[bytes]) -> Keys:
    """Give the key of each band of each fingerprint: five bits for the band and 27 for its values."""
    made = np.empty((len(prints), _BANDS), np.uint32)
    for first in range(0, len(prints), _AT_ONCE):
        some = prints[first : first + _AT_ONCE]
        ends = list(accumulate((len(row) >> 1 for row in some), initial=0))
        hashes = np.frombuffer(b"".join(some), Hashes).astype(np.uint64)
        sketches = RMinHash.digest_matrix_from_flat_token_hashes(hashes, ends, _BANDS * _IN_BAND, _SEED).to_rows()
        values = np.array(sketches, np.uint32).reshape(-1, _BANDS, _IN_BAND)
        made[first : first + len(some)] = values @ _SPREAD
    return made >> _NOT_OF_KEY | _TABLES
