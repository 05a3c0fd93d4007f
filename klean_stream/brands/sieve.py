"""What a word cannot be by its looks alone: left out before anything is weighed.

A sieve leaves out only what :meth:`klean_stream.brands.context.Setting.reason` would call ordinary (see there); half of
the names that are found in titles end here.
"""

from collections.abc import Callable
from typing import Final

from klean_stream.brands.evidence import Evidence
from klean_stream.brands.names import SHORT, Name
from klean_stream.text import Writing

Spelt = tuple[Name, Evidence | None]
"""A name that a word in ASCII is, and how sure that is; None where it depends on how the word is written."""


Found = tuple[int, int, int, tuple[Spelt, ...]]
"""The first word, the word that is the last, the letters of that one that are used, and the names."""


class Sifted:
    """The names that a word is, and which of them are left.

    ``titled``: behind the first word with a capital, where nearly all words have one. ``small``: behind the first word
    in small letters. ``strong``: in running text.
    """

    __slots__ = ("all", "small", "strong", "titled")

    def __init__(self, spelt: tuple[Spelt, ...]) -> None:
        self.all = spelt
        self.titled = _only(spelt, _may_be_titled)
        self.small = _only(spelt, _may_be_small)
        self.strong = _only(spelt, _is_strong)


class Sieve:
    """What is left in running text, or in a title whose words have the initials ``initial_of``.

    In running text an ordinary word says nothing of a mark. In a title it is one only up to the word ``behind``, or by
    its capital.
    """

    __slots__ = ("_behind", "_do_capitals_tell", "_initial_of")

    def __init__(
        self,
        initial_of: Callable[[int], str] | None = None,
        behind: int = 0,
        do_capitals_tell: Callable[[], bool] = bool,
    ) -> None:
        self._initial_of = initial_of
        self._behind = behind
        self._do_capitals_tell = do_capitals_tell

    def pick(self, sifted: Sifted, word: int) -> tuple[Spelt, ...]:
        """Give those names of a word that are left, by its number in the text."""
        if self._initial_of is None:
            return sifted.strong
        if word <= self._behind or sifted.small is sifted.all:
            return sifted.all
        if not self._initial_of(word).isupper():
            return sifted.small
        return sifted.all if sifted.titled is sifted.all or self._do_capitals_tell() else sifted.titled

    def only(self, found: list[Found]) -> list[Found]:
        """Give what is left of what was found."""
        return [
            (first, last, letters, left) for first, last, letters, spelt in found if (left := self._left(spelt, first))
        ]

    def _left(self, spelt: tuple[Spelt, ...], word: int) -> tuple[Spelt, ...]:
        if self._initial_of is None:
            return _only(spelt, _is_strong)
        if word <= self._behind:
            return spelt
        if not self._initial_of(word).isupper():
            return _only(spelt, _may_be_small)
        titled = _only(spelt, _may_be_titled)
        return spelt if titled is spelt or self._do_capitals_tell() else titled


PROSE: Final = Sieve()


def _only(spelt: tuple[Spelt, ...], is_left: Callable[[Name], bool]) -> tuple[Spelt, ...]:
    left = tuple([one for one in spelt if is_left(one[0])])
    return spelt if len(left) == len(spelt) else left


def _is_strong(name: Name) -> bool:
    return not name.weak


def _may_be_small(name: Name) -> bool:
    return name.writing is not Writing.LETTER or not (name.common or name.ordinary or name.phrase or name.size <= SHORT)


def _may_be_titled(name: Name) -> bool:
    return _may_be_small(name) or (name.phrase and name.size > SHORT)
