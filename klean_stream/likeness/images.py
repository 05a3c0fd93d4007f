"""Which pictures of a bank a picture is a copy of.

By PDQ hashes of 256 bits (Facebook, "The TMK+PDQF Video-Hashing Algorithm and the PDQ Image-Hashing Algorithm", 2019,
where a Hamming distance of at most 31 says "the same picture").

Two hashes that differ in at most 31 of 256 bits differ in at most one bit in at least one of their 16 parts of 16
bits (16 parts with two each would be 32). So 17 keys in each of 16 tables hold every match: nothing is missed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from klean_stream.likeness.runs import Keys
from klean_stream.likeness.versioned import Change, VersionedRows

MOST_DISTANCE = 31
_PARTS = 16
_WORDS = 4
_NOTHING = bytes(_WORDS * 8)
# A part as it is, and with each of its bits turned over.
_ONE_BIT_OFF = np.array([0, *(1 << bit for bit in range(16))], np.uint32)
_TABLES = np.arange(_PARTS, dtype=np.uint32) << np.uint32(16)
# Multiplied by it, four bytes have their sum in the uppermost.
_SUM, _UPPERMOST = np.uint32(0x01010101), np.uint32(24)


@dataclass(frozen=True, slots=True)
class BankImage:
    """A picture of the bank: of a known counterfeit, or a rights holder's own."""

    image_id: str
    kind: Literal["counterfeit", "brand"]
    brand_id: str | None


class ImageBank:
    """The bank's pictures by their hashes. ``keep_history``: as in VersionedRows."""

    def __init__(self, *, keep_history: bool = False) -> None:
        self._images: VersionedRows[BankImage] = VersionedRows(_keys_of, keep_history=keep_history)
        # The hashes by slot once more, side by side: thousands are compared for each question. Some are to spare.
        self._hashes = np.empty((0, _WORDS), np.uint64)
        self._size = 0

    def __len__(self) -> int:
        """The number of pictures."""
        return len(self._images)

    def apply(self, changes: Iterable[Change[BankImage]]) -> None:
        """Take changes in the order of their versions; a row is the hash's 32 bytes."""
        self._images.apply(changes)
        rows = [row or _NOTHING for row in self._images.rows[self._size :]]
        size = self._size + len(rows)
        if size > len(self._hashes):
            longer = np.empty((size + (size >> 3), _WORDS), np.uint64)
            longer[: self._size] = self._hashes[: self._size]
            self._hashes = longer
        self._hashes[self._size : size] = np.frombuffer(b"".join(rows), np.uint64).reshape(-1, _WORDS)
        self._size = size

    def find(self, image_hash: str, version: int, distance: int = MOST_DISTANCE) -> list[tuple[int, BankImage]]:
        """Give the pictures within a distance (at most 31) of a hash of 64 hex digits, the nearest first."""
        row = bytes.fromhex(image_hash)
        keys = (_keys_of([row]).T ^ _ONE_BIT_OFF).reshape(-1)
        slots = self._images.all(keys)
        counts = np.bitwise_count(self._hashes.take(slots, axis=0) ^ np.frombuffer(row, np.uint64))
        # A byte holds the sum: no candidate differs in all 256 bits, as a part of it is nearly equal.
        distances = counts.view(np.uint32).reshape(-1) * _SUM >> _UPPERMOST
        near = np.flatnonzero(distances <= min(distance, MOST_DISTANCE))
        near = near[self._images.in_force(slots[near], version, now=0)]
        away = dict(zip(slots[near].tolist(), distances[near].tolist(), strict=True))
        images = ((distance, self._images.payloads[slot]) for slot, distance in away.items())
        return sorted(((away, image) for away, image in images if image), key=lambda one: (one[0], one[1].image_id))


def _keys_of(rows: Sequence[bytes]) -> Keys:
    return np.frombuffer(b"".join(rows), np.uint16).reshape(len(rows), _PARTS) | _TABLES
