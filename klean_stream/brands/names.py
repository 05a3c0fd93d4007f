"""The names of a brand, in the forms in which they are looked for."""

import re
from dataclasses import dataclass

from klean_stream.events import Brand
from klean_stream.text import WRITING, View, Writing, has_hangul, read, read_hangul

_DOUBLED = re.compile(r"(.)\1+")


@dataclass(frozen=True, slots=True)
class Name:
    """One name of one brand.

    ``folded`` is its letters and digits (jamo where the name is Hangul), ``breaks`` are the places in it
    where the name has a separator, ``size`` counts what a reader sees as characters: letters, syllables,
    Hanzi.
    """

    brand_id: str
    shown: str
    folded: str
    breaks: frozenset[int]
    size: int
    writing: Writing
    common: bool


def names_of(brand: Brand) -> list[Name]:
    """Give every distinct name of a brand; names without letters or digits are none."""
    names = {}
    for shown in (brand.name, *brand.aliases):
        view = read_hangul(shown) if has_hangul(shown) else read(shown).view
        if view.folded and view.folded not in names:
            names[view.folded] = _name(brand, shown, view)
    return list(names.values())


def collapsed(skeleton: str) -> str:
    """Write each run of one character once."""
    return _DOUBLED.sub(r"\1", skeleton) if _DOUBLED.search(skeleton) else skeleton


def _name(brand: Brand, shown: str, view: View) -> Name:
    writings = {WRITING[shown[index]] for index in view.at}
    for writing in (Writing.HANGUL, Writing.HAN, Writing.KANA, Writing.LETTER):
        if writing in writings:
            break
    else:
        writing = Writing.DIGIT
    return Name(
        brand_id=brand.brand_id,
        shown=shown,
        folded=view.folded,
        breaks=frozenset(index for index in range(1, len(view.at)) if view.parted(index)),
        size=len(set(view.at)),
        writing=writing,
        # The flag is about the brand's own name, and not about a longer alias or one in another script.
        common=brand.common_word and (shown == brand.name or (writing is Writing.LETTER and shown.isalnum())),
    )
