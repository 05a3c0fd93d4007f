"""Names that a text misses by one letter: evidence for a person, never for a machine.

A name with one edit has its first half or its second half intact (unless the edit swaps the letters where
they meet). So the words of a text are compared only with names of nearly their length that share a half with
them, by rapidfuzz's optimal string alignment distance, in which a swap of neighbours is one edit.
"""

from collections.abc import Iterable, Iterator
from itertools import islice

from rapidfuzz.distance import OSA

from klean_stream.brands.context import Setting
from klean_stream.brands.dictionary import ENGLISH_WORDS
from klean_stream.brands.match import BrandMatch
from klean_stream.brands.names import Name
from klean_stream.text import View, Writing

_SHORTEST, _LONGEST = 6, 24
_MOST_WORDS = 40
"""Words at the beginning of a field that are examined, and candidates for each: what bounds the cost."""
_MOST_CANDIDATES = 400
_CONFIDENCE = 600

Half = tuple[bool, int, str]


class NearMisses:
    """The names in letters by their halves."""

    def __init__(self) -> None:
        self._by_half: dict[Half, dict[tuple[str, str], Name]] = {}

    def add(self, names: Iterable[Name]) -> None:
        """Take names into account, those that can be told from a slip."""
        for name in names:
            for half in _halves_of(name):
                self._by_half.setdefault(half, {})[name.brand_id, name.folded] = name

    def remove(self, names: Iterable[Name]) -> None:
        """Forget names."""
        for name in names:
            for half in _halves_of(name):
                rest = self._by_half.get(half, {})
                rest.pop((name.brand_id, name.folded), None)
                if not rest:
                    self._by_half.pop(half, None)

    def find(self, field: str, view: View, setting: Setting, taken: bytearray) -> list[BrandMatch]:
        """Give the near misses among the first words and pairs of words whose characters are not taken (1)."""
        found = []
        for start, end in _surfaces(view):
            first, last = view.span(start, end)
            if taken.find(1, first, last) >= 0:
                continue
            for name in self._nearest(view.folded[start:end]):
                use = setting.use_of(name, first, last)
                if use != "ordinary":
                    found.append(
                        BrandMatch(
                            brand_id=name.brand_id,
                            surface=view.original[first:last],
                            start=first,
                            end=last,
                            field=field,
                            technique="near_miss",
                            confidence=_CONFIDENCE,
                            tier="review",
                            use=use,
                        )
                    )
        return found

    def _nearest(self, word: str) -> Iterator[Name]:
        if not _SHORTEST <= len(word) <= _LONGEST or word in ENGLISH_WORDS:
            return
        seen = set()
        for size in (len(word) - 1, len(word), len(word) + 1):
            cut = size // 2
            for half in ((True, size, word[:cut]), (False, size, word[len(word) - (size - cut) :])):
                # In what order the brands came in must not matter: of too many, the first by id.
                names = self._by_half.get(half, {})
                candidates = sorted(names) if len(names) > _MOST_CANDIDATES else list(names)
                for key in islice(candidates, _MOST_CANDIDATES):
                    if key not in seen and OSA.distance(word, key[1], score_cutoff=1) == 1:
                        seen.add(key)
                        yield names[key]


def _halves_of(name: Name) -> tuple[Half, ...]:
    size = len(name.folded)
    if name.writing is not Writing.LETTER or not _SHORTEST <= size <= _LONGEST or name.common:
        return ()
    if not name.folded.isascii() or not name.folded.isalpha():
        return ()
    cut = size // 2
    return (True, size, name.folded[:cut]), (False, size, name.folded[cut:])


def _surfaces(view: View) -> Iterator[tuple[int, int]]:
    """Give the first words of a text, and each pair of neighbours, as ranges of the view."""
    starts = [0]
    for index in range(1, len(view.at)):
        if view.at[index] - view.at[index - 1] > 1 and view.parted(index):
            starts.append(index)
            if len(starts) > _MOST_WORDS:
                break
    else:
        starts.append(len(view.at))
    for i in range(len(starts) - 1):
        for j in (i + 1, i + 2):
            if j < len(starts) and starts[j] > starts[i]:
                yield starts[i], starts[j]
