"""Titles of listings that were taken down, and which of them another title is in other words.

A title is the set of its shingles: three letters of a folded word with its edges; each character and each two of one
that is written in Han. So neither disguises nor the order of words change much. Of the set a MinHash of 128 values is
kept, 8 bits of each (Broder 1997; Li and König 2010 for the bits): the share of equal values estimates the share of
equal shingles. Titles are compared where the three values of one of 21 bands are equal.
"""

import unicodedata
from collections.abc import Iterable
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from rensa import RMinHash

from klean_stream.likeness.buckets import BUCKETS, BucketIndex, Change, Words
from klean_stream.text import FOLD, has_han, skeleton

METHOD = "r-minhash-1/128x8"
"""What fingerprints are made by; those made otherwise cannot be compared."""

FINGERPRINT_BYTES = 128
_VALUES = 128
_WORDS = FINGERPRINT_BYTES // 8
_SEED = 20_260_302
_BANDS = 21
_IN_BAND = 3
# Fewer say too little of a title: "Nike shoes" is everybody's.
_FEWEST_SHINGLES = 12
# Odd multipliers (of splitmix64's family, cut to 32 bits): they spread what three values say over a bucket's 16 bits.
_SPREAD = np.array([0x9E3779B1, 0x85EBCA6B, 0xC2B2AE35], np.uint32)
_TABLES = np.arange(_BANDS, dtype=np.int64) * BUCKETS


def fingerprint(title: str) -> bytes | None:
    """Give the fingerprint of a title (128 bytes), or None of one that is too short to be recognised."""
    found = shingles(title)
    if len(found) < _FEWEST_SHINGLES:
        return None
    sketch = RMinHash(num_perm=_VALUES, seed=_SEED)
    sketch.update(sorted(found))
    return (np.array(sketch.digest(), np.uint32) & 0xFF).astype(np.uint8).tobytes()


def shingles(title: str) -> set[str]:
    """Give the shingles of a title."""
    found: set[str] = set()
    for word in title.split():
        folded = skeleton("".join(FOLD[character] for character in word))
        if not folded:
            continue
        if has_han(folded):
            found.update(folded)
            found.update(map("".join, pairwise(folded)))
        else:
            # Hangul is taken apart: a particle or another vowel leaves most of a word as it was.
            letters = f" {unicodedata.normalize('NFD', folded)} "
            found.update(letters[place : place + 3] for place in range(len(letters) - 2))
    return found


class TakenDown:
    """The fingerprints of titles that were taken down, by case. ``keep_history``: as in BucketIndex."""

    def __init__(self, *, keep_history: bool = False) -> None:
        self._index: BucketIndex[str] = BucketIndex(_WORDS, _buckets_of, keep_history=keep_history)

    def __len__(self) -> int:
        """The number of fingerprints, expired ones included."""
        return len(self._index)

    def apply(self, changes: Iterable[Change[str]], now: int) -> None:
        """Take changes in the order of their versions; key and payload are the case's id."""
        self._index.apply(changes, now)

    def find(self, print_: bytes, *, version: int, now: int, thousandths: int, but: str = "") -> tuple[int, str] | None:
        """Give the similarity (in thousandths) and the case of the most similar title, at least ``thousandths``.

        Cases whose id begins with ``but`` are passed over: a listing does not repeat itself.
        """
        row = np.frombuffer(print_, np.uint64)
        buckets = _TABLES + _buckets_of(row[None, :])[0].astype(np.int64)
        # A title that was taken down a thousand times is in the same buckets of every band: each is compared once.
        once = np.zeros(len(self._index.rows), np.bool_)
        once[self._index.candidates(buckets)] = True
        slots = np.flatnonzero(once)
        slots = self._index.in_force(slots[self._similarity(slots, row) >= thousandths], version, now)
        similar = self._similarity(slots, row)
        for similarity in np.unique(similar)[::-1]:
            cases = [self._index.payloads[slot] for slot in slots[similar == similarity]]
            others = [case for case in cases if not (but and case.startswith(but))]
            if others:
                return int(similarity), min(others)
        return None

    def _similarity(self, slots: NDArray[np.int64], row: Words) -> NDArray[np.int64]:
        equal = self._index.rows[slots].view(np.uint8) == row.view(np.uint8)
        similar: NDArray[np.int64] = equal.sum(axis=1, dtype=np.int64) * 1_000 // _VALUES
        return similar


def _buckets_of(rows: Words) -> NDArray[np.uint16]:
    values = np.ascontiguousarray(rows).view(np.uint8)[:, : _BANDS * _IN_BAND]
    # One band after another: of all at once the products would take four times the memory of the rows.
    buckets = np.empty((len(rows), _BANDS), np.uint16)
    for band in range(_BANDS):
        columns = values[:, band * _IN_BAND : (band + 1) * _IN_BAND].astype(np.uint32)
        buckets[:, band] = (columns * _SPREAD).sum(axis=1, dtype=np.uint32) >> np.uint32(16)
    return buckets
