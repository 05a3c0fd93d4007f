"""Which pictures of a bank a picture is a copy of.

By PDQ hashes of 256 bits (Facebook, "The TMK+PDQF Video-Hashing Algorithm and the PDQ Image-Hashing Algorithm", 2019,
where a Hamming distance of at most 31 says "the same picture").

Two hashes that differ in at most 31 of 256 bits differ in at most one bit in at least one of their 16 parts of 16
bits (16 parts with two each would be 32). So 17 buckets in each of 16 tables hold every match: nothing is missed.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from klean_stream.likeness.buckets import BUCKETS, BucketIndex, Change, Words

MOST_DISTANCE = 31
_PARTS = 16
_WORDS = 4
# A part as it is, and with each of its bits turned over.
_ONE_BIT_OFF = np.array([0, *(1 << bit for bit in range(16))], np.int64)
_TABLES = np.arange(_PARTS, dtype=np.int64)[:, None] * BUCKETS


@dataclass(frozen=True, slots=True)
class BankImage:
    """A picture of the bank: of a known counterfeit, or a rights holder's own."""

    image_id: str
    kind: Literal["counterfeit", "brand"]
    brand_id: str | None


class ImageBank:
    """The bank's pictures by their hashes. ``keep_history``: as in BucketIndex."""

    def __init__(self, *, keep_history: bool = False) -> None:
        self._index: BucketIndex[BankImage] = BucketIndex(_WORDS, _parts, keep_history=keep_history)

    def __len__(self) -> int:
        """The number of pictures."""
        return len(self._index)

    def apply(self, changes: Iterable[Change[BankImage]]) -> None:
        """Take changes in the order of their versions; a row is the hash's 32 bytes."""
        self._index.apply(changes)

    def find(self, image_hash: str, version: int, distance: int = MOST_DISTANCE) -> list[tuple[int, BankImage]]:
        """Give the pictures within a distance (at most 31) of a hash of 64 hex digits, the nearest first."""
        row = np.frombuffer(bytes.fromhex(image_hash), np.uint64)
        buckets = _TABLES + (_parts(row[None, :]).astype(np.int64).T ^ _ONE_BIT_OFF)
        slots = self._index.candidates(buckets.reshape(-1))
        distances = np.bitwise_count(self._index.rows[slots] ^ row).sum(axis=1)
        slots = self._index.in_force(slots[distances <= min(distance, MOST_DISTANCE)], version, now=0)
        distances = np.bitwise_count(self._index.rows[slots] ^ row).sum(axis=1)
        found = [(int(near), self._index.payloads[slot]) for near, slot in zip(distances, slots, strict=True)]
        return sorted(found, key=lambda one: (one[0], one[1].image_id))


def _parts(rows: Words) -> NDArray[np.uint16]:
    return np.ascontiguousarray(rows).view(np.uint16)
