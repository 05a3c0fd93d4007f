"""Chance that can be repeated: odds, decks of cards, and a choice in which a few are busy and many are not.

All of it draws from the ``Random`` that it is given, and none of it counts in fractions, which could round
differently on another machine.
"""

from collections.abc import Iterable, Mapping
from itertools import accumulate
from random import Random
from typing import Generic, TypeVar

T = TypeVar("T")

_SCALE = 1_000_000
_FLATTENING = 3


def happens(rng: Random, percent: int) -> bool:
    """Say whether something happens that happens in so many of a hundred cases."""
    return rng.randrange(100) < percent


class Deck(Generic[T]):
    """Draws from a shuffled deck and shuffles it again when it is empty.

    A deck keeps its proportions exactly: a short day holds every kind of card too, where dice would now and
    then leave one out.
    """

    def __init__(self, rng: Random, cards: Mapping[T, int]) -> None:
        self._rng = rng
        self._cards = [card for card, count in cards.items() for _ in range(count)]
        self._left: list[T] = []

    def draw(self) -> T:
        """Give the next card."""
        if not self._left:
            self._left = list(self._cards)
            self._rng.shuffle(self._left)
        return self._left.pop()


class Zipf(Generic[T]):
    """A growing list of which the first are chosen most: the n-th with a weight of about 1/n."""

    def __init__(self, items: Iterable[T] = ()) -> None:
        self._items = list(items)
        self._sums = list(accumulate(_weight(rank) for rank in range(len(self._items))))

    def add(self, item: T) -> None:
        """Put an item behind all others."""
        below = self._sums[-1] if self._sums else 0
        self._sums.append(below + _weight(len(self._items)))
        self._items.append(item)

    def choose(self, rng: Random) -> T:
        """Give one of the items. Raises IndexError if there are none."""
        return rng.choices(self._items, cum_weights=self._sums)[0]


def _weight(rank: int) -> int:
    return _SCALE // (rank + _FLATTENING)
