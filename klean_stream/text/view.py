"""A text as its letters and digits alone, folded, with the way back to the original characters."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from klean_stream.text.folding import FOLD, SYMBOL, skeleton
from klean_stream.text.scripts import WRITING, Writing

_ASCII_SYMBOL_IN_WORD = re.compile(r"[$@!|+](?=\w)")


@dataclass(frozen=True, slots=True)
class View:
    """Folded letters and digits of ``original``: ``folded[k]`` comes from ``original[at[k]]``.

    Separators and invisible characters are left out, so that a name is found however it is spaced out.
    ``skeleton[k]`` is the class of ``folded[k]``: characters that are written for each other are one class.
    """

    original: str
    folded: str
    skeleton: str
    at: list[int]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Give the original span of ``folded[start:end]`` (not empty), with the marks on its last letter."""
        last = self.at[end - 1] + 1
        while last < len(self.original) and WRITING[self.original[last]] is Writing.MARK:
            last += 1
        return self.at[start], last

    def parted(self, index: int) -> bool:
        """Tell if a separator stands between ``folded[index - 1]`` and ``folded[index]``."""
        before, after = self.at[index - 1] + 1, self.at[index]
        return after > before and any(WRITING[self.original[i]] is Writing.SEPARATOR for i in range(before, after))


def read(text: str) -> View:
    """Give the view of a text in which every symbol is a separator."""
    if not text.isascii():
        return _read_each(text, FOLD.__getitem__)
    at = [index for index, character in enumerate(text) if character.isalnum()]
    folded = "".join([text[index] for index in at]).lower()
    return View(text, folded, skeleton(folded), at)


def read_symbols(text: str) -> View | None:
    """Give the view in which symbols are the letters that they stand for; None if there are none in words."""
    if text.isascii():
        if not _ASCII_SYMBOL_IN_WORD.search(text):
            return None
    elif not any(SYMBOL[character] for character in set(text)):
        return None
    return _read_each(text, lambda character: FOLD[character] or SYMBOL[character])


def _read_each(text: str, fold: Callable[[str], str]) -> View:
    pieces: list[str] = []
    at: list[int] = []
    for index, character in enumerate(text):
        piece = fold(character)
        if piece:
            pieces.append(piece)
            at.extend((index,) * len(piece))
    folded = "".join(pieces)
    return View(text, folded, skeleton(folded), at)
