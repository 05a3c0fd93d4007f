"""The names of a brand, in the forms in which they are looked for."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from klean_stream.brands.dictionary import ANIMALS, CHINESE_NAMES, CHINESE_WORDS, ENGLISH_WORDS, KOREAN_WORDS, PLACES
from klean_stream.brands.goods import classes_of_word
from klean_stream.brands.longer_words import SECONDS_OF_PLACES
from klean_stream.events import Brand
from klean_stream.text import WRITING, View, Writing, has_hangul, read, read_hangul

_RETAIL: Final = 35
"""The class of retail, and the first of services."""

_WORD: Final = re.compile(r"\w+")
_NO_BREAKS: Final[frozenset[int]] = frozenset()
SHORT: Final = 3
"""Up to so many letters or syllables a name can be a code, or the mere beginning of another word."""
_SCRIPTS: Final = {Writing.LETTER, Writing.HANGUL, Writing.HAN, Writing.KANA}


# Each name is one object, which is compared as such: its fields are many, and it is a key wherever it is remembered.
@dataclass(frozen=True, slots=True, eq=False)
class Name:
    """One name of one brand.

    ``folded`` is its letters and digits (jamo where the name is Hangul), ``breaks`` are the places in it
    where the name has a separator, ``size`` counts what a reader sees as characters: letters, syllables,
    Hanzi. ``common`` is the registry's own word for it, ``ordinary`` that of a dictionary: the name is a word,
    the name of a place, or an English word in Hangul. ``classes`` are the Nice classes of the brand; empty where
    they are not known. A brand is ``known`` far and wide if it has names in more than one script.
    A ``phrase`` has several words, all of them ordinary. A ``weak`` name may be another word: it has to be judged by
    what stands around it.
    """

    brand_id: str
    shown: str
    folded: str
    breaks: frozenset[int]
    size: int
    writing: Writing
    common: bool
    ordinary: bool
    classes: frozenset[int]
    known: bool
    phrase: bool
    weak: bool


def names_of(brand: Brand) -> list[Name]:
    """Give every distinct name of a brand; names without letters or digits are none."""
    views: dict[str, View] = {}
    for shown in (brand.name, *brand.aliases):
        view = read_hangul(shown) if has_hangul(shown) else read(shown).view
        if view.folded:
            views.setdefault(view.folded, view)
    writings = [_writing_of(view) for view in views.values()]
    known = len(_SCRIPTS.intersection(writings)) > 1
    classes = _classes(brand)
    return [_name(brand, view, writing, classes, known) for view, writing in zip(views.values(), writings, strict=True)]


def collapsed(skeleton: str) -> str:
    """Write each run of one character once."""
    # By code points, which is the quickest way where this is compiled.
    for index in range(1, len(skeleton)):
        if ord(skeleton[index]) == ord(skeleton[index - 1]):
            return "".join([here for before, here in zip(" " + skeleton, skeleton, strict=False) if here != before])
    return skeleton


def _writing_of(view: View) -> Writing:
    writings = {WRITING[view.original[index]] for index in view.at}
    for writing in (Writing.HANGUL, Writing.HAN, Writing.KANA, Writing.LETTER):
        if writing in writings:
            return writing
    return Writing.DIGIT


def _name(brand: Brand, view: View, writing: Writing, classes: frozenset[int], known: bool) -> Name:
    shown, at = view.original, view.at
    size = len(set(at))
    # A gap in the positions may be a separator; most names have none.
    gaps = at[-1] - at[0] >= size
    breaks = (
        frozenset([index for index in range(1, len(at)) if at[index] - at[index - 1] > 1 and view.parted(index)])
        if gaps
        else _NO_BREAKS
    )
    # The flag is about the brand's own name, and not about a longer alias or one in another script.
    common = brand.common_word and (shown == brand.name or (writing is Writing.LETTER and shown.isalnum()))
    ordinary = _is_ordinary(brand, shown, view.folded, writing)
    phrase = bool(breaks) and all(word in ENGLISH_WORDS for word in _WORD.findall(shown.lower()))
    return Name(
        brand_id=brand.brand_id,
        shown=shown,
        folded=view.folded,
        breaks=breaks,
        size=size,
        writing=writing,
        common=common,
        ordinary=ordinary,
        classes=classes,
        known=known,
        phrase=phrase,
        weak=(
            common
            or ordinary
            or phrase
            or size <= SHORT
            or writing in (Writing.HANGUL, Writing.DIGIT)
            or view.folded in SECONDS_OF_PLACES
        ),
    )


def _is_ordinary(brand: Brand, shown: str, folded: str, writing: Writing) -> bool:
    if classes_of_word(shown.lower()):
        return True
    if writing is Writing.LETTER:
        return folded in ENGLISH_WORDS or folded in PLACES or folded in ANIMALS
    if writing is Writing.HAN:
        # Folding may take a character for another that looks alike.
        if folded in CHINESE_WORDS or shown in CHINESE_WORDS:
            return True
        return shown in CHINESE_NAMES and (brand.common_word or brand.name.lower() in ENGLISH_WORDS)
    if writing is not Writing.HANGUL:
        return False
    return shown in KOREAN_WORDS or brand.common_word or brand.name.lower() in ENGLISH_WORDS


def _classes(brand: Brand) -> frozenset[int]:
    """Give the classes of all marks; a mark without classes, in a brand without, holds for any goods.

    Who has goods of its own is told by them and not by its services, and a mark for retail (35) may be of any goods.
    """
    each = [mark.classes or brand.classes for mark in brand.marks] or [brand.classes]
    classes = {number for classes in each for number in classes} if all(each) else set()
    goods = {number for number in classes if number < _RETAIL}
    return _one(tuple(sorted(goods or (classes if _RETAIL not in classes else ()))))


@lru_cache(maxsize=4096)
def _one(classes: tuple[int, ...]) -> frozenset[int]:
    """Give one object for equal sets: a hundred thousand brands have a few hundred sets of classes."""
    return frozenset(classes)
