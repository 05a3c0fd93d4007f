"""Which goods a category or a text names, as classes of the Nice Classification (WIPO, 12th edition).

Categories: ``data/nice_classes.toml``, written from the class headings. A category that it does not know may hold
goods of any class. Texts: the same words; ``data/goods_words.toml`` (Korean, Chinese); and ``data/english_goods.tsv``
(WordNet 3.0). What a text names only says in which sense it uses a word: no right rests on it. Kinds of shops and
services: ``data/shop_kinds.toml``.
"""

import re
import tomllib
from collections.abc import Iterable
from functools import lru_cache
from importlib.resources import files
from typing import Final, NamedTuple

from klean_stream.text.remembered import Remembered

_SEGMENT: Final = re.compile(r"[>/|›»]|::")
_RUN: Final = re.compile(r"[a-z]{3,}|[\uac00-\ud7a3]+|[\u3400-\u9fff]+")
_LONGEST: Final = 6
_DEPARTMENT: Final = 2

_AMOUNT: Final = re.compile(
    r"(?<![\w.])\d{1,4}(?:\.\d+)?\s?(?:kg|ml|cl|lbs?|oz|斤|公斤|千克|毫升|克|킬로|그램|리터)(?![a-z])|(?<![\w.])[2-9]\d{1,2}\s?g(?![a-z])"
)

Classes = frozenset[int]
NOTHING: Final[Classes] = frozenset()
STUFF: Final[Classes] = frozenset({1, 2, 3, 4, 5, 29, 30, 31, 32, 33})
"""What is sold by weight or volume: chemicals, scents, oils, medicine, food and drink, and no things."""


def _data(name: str) -> str:
    return files("klean_stream.brands").joinpath("data", name).read_text("utf-8")


def _categories() -> dict[str, Classes]:
    classes: dict[str, Classes] = {}
    for group in tomllib.loads(_data("nice_classes.toml"))["goods"]:
        for word in (*group["en"], *group["ko"], *group["zh"]):
            classes[word] = classes.get(word, NOTHING) | frozenset(group["classes"])
    return classes


def _goods() -> dict[str, Classes]:
    # A word for a whole department ("fashion") names no goods.
    goods = {word: classes for word, classes in _CLASSES.items() if len(classes) <= _DEPARTMENT}
    for group in _TITLES["goods"]:
        for word in (*group["en"], *group["ko"], *group["zh"]):
            goods[word.casefold()] = goods.get(word, NOTHING) | frozenset(group["classes"])
    for line in _data("english_goods.tsv").splitlines():
        word, numbers = line.split("\t")
        goods[word] = goods.get(word, NOTHING) | frozenset(map(int, numbers.split()))
    return goods


def _pattern(words: Iterable[str]) -> re.Pattern[str]:
    # The longest word first: "phone case" is found before "case".
    ordered = sorted(words, key=lambda word: (-len(word), word))
    parts = [rf"\b{re.escape(word)}(?:s|es)?\b" if word.isascii() else re.escape(word) for word in ordered]
    return re.compile("|".join(parts))


_CLASSES: Final = _categories()
_WORDS: Final = _pattern(_CLASSES)
_TITLES: Final = tomllib.loads(_data("goods_words.toml"))
_GOODS: Final = _goods()
_RELATED: Final = {int(number): frozenset(others) for number, others in _TITLES["related"].items()}
_SHOP_KINDS: Final = {
    kind: frozenset(group["classes"])
    for group in tomllib.loads(_data("shop_kinds.toml"))["shops"]
    for kind in group["kinds"]
}


@lru_cache(maxsize=4096)
def nice_classes(category: str | None) -> Classes | None:
    """Give the classes of a category, as a name or a path of names; None if any class is possible.

    The last part of a path that the table knows decides, for it is the narrowest.
    """
    if not category:
        return None
    for segment in reversed(_SEGMENT.split(category.casefold())):
        found: Classes = NOTHING
        for match in _WORDS.finditer(segment):
            found |= _CLASSES[_singular(match[0], _CLASSES)]
        if found:
            return found
    return None


def lies_under(category: str | None, above: str) -> bool:
    """Tell if a category is another one or lies under it: "Clothing > Shoes" under "clothing"."""
    path, first = _path(category or ""), _path(above)
    return path[: len(first)] == first


def _path(category: str) -> list[str]:
    return [segment.strip() for segment in _SEGMENT.split(category.casefold())]


@lru_cache(maxsize=4096)
def classes_of_kind(kind: str) -> Classes:
    """Give the classes of a shop's or a service's kind ("shop/clothes", "amenity/bank") or of a category.

    Empty if nothing is known of it, or if it sells anything.
    """
    known = _SHOP_KINDS.get(kind.casefold())
    return known if known is not None else nice_classes(kind) or NOTHING


class Goods(NamedTuple):
    """Goods that a text names: the half-open span of the word and its classes."""

    start: int
    end: int
    classes: Classes


def goods_in(text: str) -> list[Goods]:
    """Give the goods that a text names, in its order; at most one for each place.

    Korean compounds end in what they are, so there the end of a word counts; of Chinese, that writes no blanks,
    any place, and a single character at the end of its run.
    """
    folded = text.casefold()
    # A character that becomes two moves all others: such a text is read as it stands.
    if len(folded) != len(text):
        folded = text
    found: list[Goods] = []
    for run in _RUN.finditer(folded):
        goods = _GOODS_OF_RUNS[run[0]]
        if goods:
            begin = run.start()
            found += [Goods(begin + first, begin + last, classes) for first, last, classes in goods]
    return found


def is_sold_by_amount(text: str) -> bool:
    """Tell if a text says a weight or a volume, as only stuff is sold: see :data:`STUFF`."""
    return _AMOUNT.search(text.casefold()) is not None


def classes_of_word(word: str) -> Classes:
    """Give the classes of the goods that a word, in small letters, means; empty if it means none."""
    return _GOODS.get(word, NOTHING)


@lru_cache(maxsize=4096)
def related(classes: Classes) -> Classes:
    """Give the classes of a mark with those of other goods that are commonly sold under the same mark.

    A mark of many classes has them already.
    """
    if len(classes) > _DEPARTMENT:
        return classes
    return classes.union(*(_RELATED.get(number, NOTHING) for number in classes))


def _singular(word: str, known: dict[str, Classes]) -> str:
    return next((w for w in (word, word.removesuffix("s"), word.removesuffix("es")) if w in known), word)


def _goods_of_run(run: str) -> list[tuple[int, int, Classes]]:
    """Give start, end and classes of the goods that a run of characters of one script names."""
    if run.isascii():
        classes = _GOODS.get(_singular(run, _GOODS))
        return [(0, len(run), classes)] if classes else []
    return _korean(run) if run >= "\uac00" else _chinese(run)


def _korean(word: str) -> list[tuple[int, int, Classes]]:
    for size in range(min(_LONGEST, len(word)), 0, -1):
        end = word[len(word) - size :]
        if end in _GOODS and (size > 1 or len(word) == 1):
            return [(len(word) - size, len(word), _GOODS[end])]
    return []


def _chinese(run: str) -> list[tuple[int, int, Classes]]:
    found = []
    place = 0
    while place < len(run):
        for size in range(min(_LONGEST, len(run) - place), 0, -1):
            word = run[place : place + size]
            if word in _GOODS and (size > 1 or place + 1 == len(run)):
                found.append((place, place + size, _GOODS[word]))
                place += size
                break
        else:
            place += 1
    return found


_GOODS_OF_RUNS: Final = Remembered(_goods_of_run, 32_768)
