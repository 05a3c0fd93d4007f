"""What a title looks like: the set of its shingles, so that neither disguises nor the order of words change much.

A shingle is three letters of a folded word with its edges, and each character and each two of a run of Han. Of each
a hash of 16 bits is kept, so that a title of up to 128 shingles (nine in ten thousand have more) is kept whole: how
alike two titles are is counted and not estimated. Of a longer one the 128 smallest hashes are kept (a bottom-k
sketch: Broder 1997), and two are compared as far as both are known.
"""

import unicodedata
from bisect import bisect_right
from struct import unpack

import numpy as np
from numpy.typing import NDArray

from klean_stream.text import FOLD, skeleton

METHOD = "shingles-2/128x16"
"""What fingerprints are made by; those made otherwise cannot be compared."""

MOST_SHINGLES = 128
# Fewer say too little of a title: "Nike shoes" is everybody's.
FEWEST_SHINGLES = 12
Hashes = np.dtype("<u2")

_SPACE = 32
_SECOND, _THIRD = np.uint64(21), np.uint64(42)  # a code point has 21 bits
# From here on it is Han, but for little used scripts (and Hangul, which is taken apart).
_FIRST_HAN = 0x3400
# Odd numbers without pattern (splitmix64's): every bit of three letters reaches the 16 that are kept.
_MIX, _MIX_MORE = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_HALF, _KEPT = np.uint64(32), np.uint64(48)


class _Letters(dict[int, str]):
    """From a code point to the letters that a reader takes it for; Hangul taken apart, spaces as they are."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        # Of Hangul taken apart, a particle or another vowel leaves most of a word as it was.
        letters = " " if character.isspace() else unicodedata.normalize("NFD", skeleton(FOLD[character]))
        self[code] = letters
        return letters


_LETTERS = _Letters()


def fingerprint(title: str) -> bytes | None:
    """Give the fingerprint of a title (24 to 256 bytes), or None of one that is too short to be recognised."""
    hashes = shingles(title)
    return hashes[:MOST_SHINGLES].tobytes() if len(hashes) >= FEWEST_SHINGLES else None


def is_fingerprint(row: bytes) -> bool:
    """Tell if bytes can be a fingerprint: hashes, each once, the smallest first."""
    if len(row) % 2 or not FEWEST_SHINGLES * 2 <= len(row) <= MOST_SHINGLES * 2:
        return False
    hashes = np.frombuffer(row, Hashes)
    return bool((hashes[1:] > hashes[:-1]).all())


def is_cut(row: bytes) -> bool:
    """Tell if a fingerprint may be of a title with more shingles than are kept."""
    return len(row) == MOST_SHINGLES * Hashes.itemsize


class Compared:
    """A fingerprint that others are compared with."""

    def __init__(self, print_: bytes) -> None:
        self._hashes = unpack(f"<{len(print_) // 2}H", print_)
        self._each = frozenset(self._hashes)

    def similarity(self, other: bytes) -> int:
        """Give the share, in thousandths, of the shingles of both fingerprints that both have."""
        first, second = self._hashes, unpack(f"<{len(other) // 2}H", other)
        each = self._each
        if MOST_SHINGLES in (len(first), len(second)):
            # That title may have more than are kept: nothing is known of those with larger hashes.
            last = min(hashes[-1] for hashes in (first, second) if len(hashes) == MOST_SHINGLES)
            first, second = first[: bisect_right(first, last)], second[: bisect_right(second, last)]
            each = frozenset(first)
        common = len(each.intersection(second))
        return common * 1_000 // (len(first) + len(second) - common)


def shingles(title: str) -> NDArray[np.uint16]:
    """Give the hashes of a title's shingles, each once, the smallest first."""
    text = f" {title.translate(_LETTERS)} "
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.uint64)
    made = _threes(codes) if text.isascii() else _threes_and_twos(codes)
    made *= _MIX
    made ^= made >> _HALF
    made *= _MIX_MORE
    hashes = (made >> _KEPT).astype(Hashes)
    hashes.sort()
    first = np.ones(len(hashes), np.bool_)
    np.not_equal(hashes[1:], hashes[:-1], out=first[1:])
    return hashes[first]


def _threes(codes: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Give each three codes in a row whose middle one is a letter."""
    middle = codes[1:-1]
    threes: NDArray[np.uint64] = codes[:-2] | middle << _SECOND | codes[2:] << _THIRD
    of_letters: NDArray[np.bool_] = middle != _SPACE
    return threes[of_letters]


def _threes_and_twos(codes: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Give the threes of letters, and each Han character and each two in a row."""
    han = codes >= _FIRST_HAN
    if not han.any():
        return _threes(codes)
    middle = codes[han] << _SECOND
    twos = (codes[:-1] << _SECOND | codes[1:] << _THIRD)[han[:-1] & han[1:]]
    codes[han] = _SPACE
    return np.concatenate((_threes(codes), middle, twos))
