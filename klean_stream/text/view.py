"""A text as its letters and digits alone, folded, with the way back to the original characters."""

import re
from collections.abc import Sequence
from itertools import accumulate, compress
from typing import Final

from klean_stream.text.folding import FOLD, SYMBOL, skeleton
from klean_stream.text.leet import symbols_in
from klean_stream.text.remembered import Remembered
from klean_stream.text.scripts import NO_ALPHABET, PLAIN_HANGUL, WRITING, Writing
from klean_stream.text.spacing import ASCII_LETTERS, ASCII_SPACED, ODD, SPACED, UNEVEN, UNUSUAL
from klean_stream.text.stylised import CALLS_STYLISED, CALLS_TURNED, STYLISED, TURNED

_WORD: Final = re.compile(f"[^ {NO_ALPHABET}]+|[{NO_ALPHABET}]+")
_MOST_PARTS: Final = 8_192
"""Parts of texts between blanks that are remembered at least."""

_TURNED_WORD: Final = re.compile(f"[{re.escape(''.join(sorted(TURNED)))}]+")


class View:
    """Folded letters and digits of ``original``: ``folded[k]`` comes from ``original[at[k]]``.

    Separators and invisible characters are left out, so that a name is found however it is spaced out.
    ``skeleton[k]`` is the class of ``folded[k]``: characters that are written for each other are one class.
    ``upto[k]`` is the end of what ``folded[k]`` is written with, where that may be several characters.
    """

    __slots__ = ("at", "folded", "original", "skeleton", "upto")

    def __init__(
        self, original: str, folded: str, skeleton: str, at: Sequence[int], upto: Sequence[int] | None = None
    ) -> None:
        self.original = original
        self.folded = folded
        self.skeleton = skeleton
        self.at = at
        self.upto = upto

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Give the original span of ``folded[start:end]`` (not empty), with the marks on its last letter."""
        last = self.at[end - 1] + 1 if self.upto is None else self.upto[end - 1]
        original = self.original
        while last < len(original) and not original[last].isascii() and WRITING[original[last]] is Writing.MARK:
            last += 1
        return self.at[start], last

    def parted(self, index: int) -> bool:
        """Tell if a separator stands between ``folded[index - 1]`` and ``folded[index]``."""
        before, after = self.at[index - 1] + 1, self.at[index]
        if self.upto is not None:
            before = self.upto[index - 1]
        return after > before and any(WRITING[self.original[i]] is Writing.SEPARATOR for i in range(before, after))


class Reading:
    """A text as words of folded letters. The :class:`View` of it is made when somebody asks, which few texts need."""

    __slots__ = (
        *("_begins", "_folded", "_offsets", "_skeleton", "_spaced", "_view"),
        *("is_even", "is_odd", "is_usual", "original", "words"),
    )

    def __init__(
        self,
        original: str,
        words: list[str],
        *,
        spaced: str = "",
        view: View | None = None,
        is_usual: bool = False,
        is_odd: bool = False,
    ) -> None:
        self.original = original
        self.words = words
        self.is_even = view is None
        """Each character of the text was read as exactly one, a letter or a blank."""
        self.is_usual = is_usual
        """All characters beyond ASCII are letters, digits or blanks, and what they seem."""
        self.is_odd = is_odd
        """The text, read plainly, has characters beyond ASCII that call for more than that."""
        self._spaced = spaced
        """The letters, each where it stands, and blanks; "" until somebody asks."""
        self._view = view
        self._folded = self._skeleton = ""
        self._offsets: list[int] | None = None
        self._begins: list[int] = []

    @property
    def spaced(self) -> str:
        """The letters of an even text, each where it stands, and blanks."""
        if not self._spaced:
            self._spaced = self.original.translate(SPACED)
        return self._spaced

    @property
    def folded(self) -> str:
        """The letters of the view."""
        if not self._folded:
            self._folded = "".join(self.words)
        return self._folded

    @property
    def skeleton(self) -> str:
        """The skeleton of the view."""
        if not self._skeleton:
            self._skeleton = skeleton(self.folded)
        return self._skeleton

    @property
    def view(self) -> View:
        """The same text as one string of letters; one for each original character, unless it came with the text."""
        if self._view is None:
            spaced = self.spaced
            if spaced.isascii():
                at = list(compress(range(len(spaced)), spaced.encode().translate(ASCII_LETTERS)))
            else:
                at = [index for index, character in enumerate(spaced) if character != " "]
            self._view = View(self.original, self.folded, self.skeleton, at)
        return self._view

    @property
    def offsets(self) -> list[int]:
        """Where each word begins in the view, and where the last one ends."""
        if self._offsets is None:
            self._offsets = list(accumulate(map(len, self.words), initial=0))
        return self._offsets

    def initial_of(self, word: int) -> str:
        """Give the first letter of a word as it was typed, in a usual text."""
        return self.original[self.begin_of(word)]

    def words_before(self, place: int) -> int:
        """Give how many words there are in front of a place in a usual text."""
        return len(_WORD.findall(self.spaced, 0, place)) if place else 0

    def begin_of(self, word: int) -> int:
        """Give where a word begins in an even text."""
        begins = self._begins
        while len(begins) <= word:
            previous = len(begins) - 1
            here = begins[-1] + len(self.words[previous]) if begins else 0
            begins.append(self.spaced.find(self.words[previous + 1], here))
        return begins[word]


def read(text: str) -> Reading:
    """Read a text in which every symbol is a separator."""
    if text.isascii():
        spaced = text.encode().translate(ASCII_SPACED).decode()
        return Reading(text, spaced.split(), spaced=spaced, is_usual=True)
    words: list[str] = []
    is_usual, is_even, is_odd = True, True, False
    for piece in text.split():
        part = _PARTS[piece]
        words += part.words
        if not part.is_usual:
            is_usual = False
            is_even = is_even and part.is_even
            is_odd = is_odd or part.is_odd
    if is_even:
        return Reading(text, words, is_usual=is_usual, is_odd=is_odd)
    return _read_each(text, list(map(SPACED.__getitem__, map(ord, text))), is_odd=is_odd)


class _Part:
    """What stands between two blanks: its words, and of what kind its characters are (see :class:`Reading`)."""

    __slots__ = ("is_even", "is_odd", "is_usual", "words")

    def __init__(self, part: str) -> None:
        self.words = _words_of(part)
        self.is_usual = part.isascii() or UNUSUAL.isdisjoint(part)
        self.is_even = self.is_usual or UNEVEN.isdisjoint(part)
        self.is_odd = not self.is_usual and not ODD.isdisjoint(part)


def _words_of(part: str) -> list[str]:
    if part.isascii():
        return part.encode().translate(ASCII_SPACED).decode().split()
    # Each of its syllables is folded to itself.
    if PLAIN_HANGUL(part):
        return [part]
    words: list[str] = _WORD.findall(part.translate(SPACED))
    return words


_PARTS: Final = Remembered(_Part, _MOST_PARTS)


def read_symbols(plain: Reading) -> list[Reading]:
    """Read a text with symbols as the letters that they stand for; nothing if there are none in words.

    Where signs are drawn of several symbols, it is read with them and without: ``|3`` is B, and L and E.
    """
    text = plain.original
    signs = symbols_in(text, is_odd=plain.is_odd)
    if signs is None:
        return []
    readings = [_read_signs(text, signs)]
    single = {start: sign for start, sign in signs.items() if sign[0] == start + 1}
    if len(single) < len(signs):
        readings.append(_read_signs(text, single))
    return readings


def _read_signs(text: str, signs: dict[int, tuple[int, str]]) -> Reading:
    pieces = list(map(_LETTERS.__getitem__, text))
    ends = list(range(1, len(text) + 1))
    for start, (end, letters) in signs.items():
        pieces[start:end] = [letters, *[""] * (end - start - 1)]
        ends[start] = end
    at = [index for index, piece in enumerate(pieces) for _ in piece]
    return _reading(text, "".join(pieces), at, [ends[index] for index in at])


def read_stylised(plain: Reading) -> Reading | None:
    """Read a text with the letters that other scripts' characters are made up for; None if there are none."""
    text = plain.original
    if not plain.is_odd or CALLS_STYLISED.isdisjoint(text):
        return None
    return _read_each(text, [STYLISED.get(character) or SPACED[ord(character)] for character in text])


def read_turned(plain: Reading) -> tuple[list[str], list[tuple[int, int]]] | None:
    """Read a text that is written upside down, from its end; None if it is not.

    Gives its words, as letters, and where each stands in the original.
    """
    text = plain.original
    if not plain.is_odd or CALLS_TURNED.isdisjoint(text):
        return None
    words: list[str] = []
    spans: list[tuple[int, int]] = []
    for word in reversed(list(_TURNED_WORD.finditer(text))):
        words.append("".join(TURNED.get(c, "") for c in reversed(word[0])))
        spans.append(word.span())
    return words, spans


class _Letters(dict[str, str]):
    """From a character to the letters that it is, or is written for."""

    def __missing__(self, character: str) -> str:
        self[character] = letters = FOLD[character] or SYMBOL[character] or SPACED[ord(character)]
        return letters


_LETTERS: Final = _Letters()


def _read_each(text: str, pieces: list[str], *, is_odd: bool = False) -> Reading:
    at = [index for index, piece in enumerate(pieces) for _ in piece]
    return _reading(text, "".join(pieces), at, None, is_odd=is_odd)


def _reading(text: str, spaced: str, at: list[int], upto: list[int] | None, *, is_odd: bool = False) -> Reading:
    words = _WORD.findall(spaced)
    folded = "".join(words)
    letters = [character != " " for character in spaced]
    here = list(compress(at, letters))
    there = None if upto is None else list(compress(upto, letters))
    return Reading(text, words, spaced=spaced, view=View(text, folded, skeleton(folded), here, there), is_odd=is_odd)
