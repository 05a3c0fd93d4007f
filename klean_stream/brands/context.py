"""How a text uses a name: as the mark of what is sold, or otherwise.

Goods that fit another maker's goods name it honestly ("case for X", "X 호환", "适用X": Art. 14(1)(c) of the EU Trade
Mark Regulation 2017/1001 permits it).

And a name may be an ordinary word. Is it one of a dictionary, or of two or three letters, it is a mark only where a
mark stands: sellers write it first. There a sentence begins, too. So the goods are asked: those that the category and
the title name, and those of the mark. Where they are the same it is a mark, where they have nothing to do with each
other a word ("Apple juice"). Where that does not tell, the word is taken for one if it goes on as one: to a compound
("target practice"), a likeness ("apple-shaped"), or words in small letters ("Fossil dinosaur tooth"). A place is one
before its river, its map and its travel guide, and what follows "the" or "a" is no mark's goods whatever they are.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal

from klean_stream.brands.dictionary import ANIMALS, ENGLISH_COMPOUNDS, KOREAN_WORDS, PLACES
from klean_stream.brands.fitting import is_fitted, may_fit
from klean_stream.brands.goods import (
    NOTHING,
    STUFF,
    Classes,
    Goods,
    classes_of_word,
    goods_in,
    is_sold_by_amount,
    related,
)
from klean_stream.brands.longer_words import is_part_of_a_korean_word, is_second_of_a_place
from klean_stream.brands.match import Use
from klean_stream.brands.names import Name
from klean_stream.brands.negation import is_negated, may_negate
from klean_stream.brands.sieve import PROSE, Sieve
from klean_stream.text import Reading, Writing

_WORD: Final = re.compile(r"\w+")

# What may stand before the mark without being goods: a bracket with a note, and words that praise.
_OPENING: Final = re.compile(
    r"(?:[\[(【「<《][^\])】」>》]{0,40}[\])】」>》]|\b(?:new|genuine|original|authentic|official|100)\b"
    r"|정품|신품|새상품|全新|正品|\W)*+",
    re.IGNORECASE,
)

_OPENING_REACH: Final = 60
"""Characters that may stand before a name that is the first to be read."""
_SHORT: Final = 3
"""Letters up to which a name is told from codes and sizes only by where it stands."""

_MOST_GOODS: Final = 24
_GOODS_REACH: Final = 1_000
"""Goods and characters from the beginning of a text that say what is sold: what bounds the cost."""

Ordinary = Literal["ordinary"]
Reason = Literal[
    "fits", "negated", "part_of_a_word", "number", "code", "in_prose", "small_letter", "capital", "sentence", "place",
    "creature", "other_goods", "likeness", "compound", "sentence_case", "not_first",
]  # fmt: skip
_USES: Final[Mapping[Reason | None, Use | Ordinary | None]] = MappingProxyType(
    {
        None: None,
        "fits": "compatible",
        "negated": "negated",
        "part_of_a_word": "ordinary",
        "code": "ordinary",
        "in_prose": "ordinary",
        "small_letter": "ordinary",
        "number": "common_word",
        "capital": "common_word",
        "sentence": "common_word",
        "place": "common_word",
        "creature": "common_word",
        "other_goods": "common_word",
        "likeness": "common_word",
        "compound": "common_word",
        "sentence_case": "common_word",
        "not_first": "common_word",
    }
)
"""What a reason makes of a name. :mod:`klean_stream.brands.explain` has them in words."""
Kinship = Literal["same", "near", "apart", "unknown"]

# What stands behind a word of a sentence, and not behind a mark: "Puma the animal", "Like a boss", "Guess the word".
_SENTENCE_AFTER: Final = re.compile(
    r"\s+(?:a|an|the|this|that|these|those|your|my|our|their|his|her|its|is|are|was|were|be|to|of|by)\s"
    r"|\s+(?-i:and [a-z])",
    re.IGNORECASE,
)
# A shape, a scent, a picture: "apple-shaped", "Thermos-style", "鳄鱼造型", "사과 모양".
_LIKENESS_AFTER: Final = re.compile(
    r"[-\s]?(?:style|shaped?|themed?|scent(?:ed)?|flavou?r(?:ed)?|colou?r(?:ed)?|pattern(?:ed)?|motif|print(?:ed)?|figurines?)\b"
    r"|\s?(?:모양|무늬|프린트|그림|향|맛|색상|컬러|캐릭터)(?![\uac00-\ud7a3])"
    r"|(?:造型|图案|圖案|形状|形狀|花纹|印花|味|香味|色)",
    re.IGNORECASE,
)
_OF_A_PLACE: Final = re.compile(
    r"(?:\s+\w+){0,2}?\s+(?:travel|guide|maps?|flags?|rivers?|lakes?|city|country|islands?|mountains?|tours?|souvenirs?"
    r"|postcards?|history|atlas|vacation|trip|skyline|landscape|scenery|coast)\b",
    re.IGNORECASE,
)
_OF_A_CREATURE: Final = re.compile(
    r"\b(?:wildlife|zoo|plush(?:ie)?s?|stuffed|figurines?|cubs?|taxidermy|species|feathers?|antlers?|paws?)\b",
    re.IGNORECASE,
)
_NEXT_WORD: Final = re.compile(r"[\s-]([A-Za-z]+)")


class Setting:
    """A text, as read, as the setting of the names in it. What is asked of it as a whole is found out once.

    ``classes`` are the Nice classes of the listing's category, None if it has none that is known.
    """

    __slots__ = (
        *("_capitals_tell", "_classes", "_goods", "_is_title", "_kin", "_may_fit", "_may_negate", "_opening_ends"),
        *("_plain", "_text"),
    )

    def __init__(self, plain: Reading, field: str, classes: Classes | None = None) -> None:
        self._plain = plain
        self._text = plain.original
        self._is_title = field == "title"
        self._classes = classes or NOTHING
        self._opening_ends: int | None = None
        self._capitals_tell: bool | None = None
        self._may_fit: bool | None = None
        self._may_negate = False
        self._goods: list[Goods] | None = None
        self._kin: dict[tuple[str, Classes], Kinship] = {}

    def sieve(self) -> Sieve | None:
        """Give what leaves out words that :meth:`reason` would call ordinary, where it is known."""
        if not self._is_title:
            return PROSE
        plain = self._plain
        if not plain.is_usual:
            return None
        return Sieve(plain.initial_of, plain.words_before(self.opening_ends), self._do_capitals_tell)

    @property
    def opening_ends(self) -> int:
        """The end of the notes and words of praise that may stand in front of the mark."""
        if self._opening_ends is None:
            opening = _OPENING.match(self._text)
            self._opening_ends = opening.end() if opening else 0
        return self._opening_ends

    def use_of(self, name: Name, start: int, end: int) -> Use | Ordinary | None:
        """Give the use of a name that is not use as a mark, or None where the text sells under the name.

        ``ordinary`` is a word that says nothing of a mark; ``common_word`` is a word that may mean one.
        """
        return _USES[self.reason(name, start, end)] if name.weak or self._is_qualified() else None

    def reason(self, name: Name, start: int, end: int) -> Reason | None:
        """Give the reason why a name is not used as a mark, or None where it is."""
        reason = self._word(name, start, end)
        if _USES[reason] == "ordinary":
            return reason
        if not self._is_qualified():
            return reason
        if self._may_negate and is_negated(self._text, start, end):
            return "negated"
        return "fits" if self._may_fit and is_fitted(self._text, start, end) else reason

    def _is_qualified(self) -> bool:
        """Tell if the text has any of the words by which a name is said to be another's, or not to be meant."""
        if self._may_fit is None:
            self._may_fit = may_fit(self._text, self._plain.words)
            self._may_negate = may_negate(self._text, self._plain.words)
        return self._may_fit or self._may_negate

    def goods(self, name: Name, start: int, end: int) -> list[Classes]:
        """Give the classes of each thing that category and title say is sold, but for the name itself."""
        if self._goods is None:
            self._goods = goods_in(self._text[:_GOODS_REACH])[:_MOST_GOODS]
        goods = [g.classes for g in self._goods if g.end <= start or end <= g.start]
        # In Korean the last word says what is sold, the others what it is for or like.
        if name.writing is Writing.HANGUL:
            goods = goods[-1:]
        if self._classes:
            goods.append(self._classes)
        if not goods and is_sold_by_amount(self._text[:_GOODS_REACH]):
            goods.append(STUFF)
        return goods

    def _word(self, name: Name, start: int, end: int) -> Reason | None:
        if not name.weak:
            return None
        if name.writing is Writing.DIGIT:
            return "number" if self._stands_first(start) else "code"
        if name.writing is not Writing.LETTER:
            return self._eastern_word(name, start, end)
        if is_second_of_a_place(self._text, start, name.folded):
            return "part_of_a_word"
        short = name.size <= _SHORT
        phrase = name.phrase and not short
        word = name.common or name.ordinary
        if not (short or phrase or word):
            return None
        if self._stands_first(start):
            return self._opening_word(name, start, end) if word or phrase else None
        if not self._is_title:
            return "in_prose"
        if not self._text[start].isupper():
            return "small_letter"
        if phrase:
            return None
        return "capital" if name.size >= _SHORT and self._do_capitals_tell() else "code" if short else "small_letter"

    def _opening_word(self, name: Name, start: int, end: int) -> Reason | None:
        """Judge a word that opens a title, where a mark stands, and a sentence begins, too."""
        surface = self._text[start:end]
        if not surface.isascii() or _is_disguised(surface):
            return None
        if _SENTENCE_AFTER.match(self._text, end):
            return "sentence"
        if surface.lower() in PLACES and _OF_A_PLACE.match(self._text, end):
            return "place"
        kinship = self._kinship(name, start, end)
        if surface.lower() in ANIMALS and self._speaks_of_animals(end, told_by_one_word=kinship != "same"):
            return "creature"
        if kinship in ("same", "apart"):
            return None if kinship == "same" else "other_goods"
        if _LIKENESS_AFTER.match(self._text, end):
            return "likeness"
        if self._is_compound(surface, end):
            return "compound"
        return "sentence_case" if self._is_sentence(end) else None

    def _eastern_word(self, name: Name, start: int, end: int) -> Reason | None:
        """Judge a name in Hangul, Hanzi or kana."""
        if name.writing is Writing.HANGUL and is_part_of_a_korean_word(self._text, start, end):
            return "part_of_a_word"
        if not (name.ordinary or name.common) or _is_disguised(self._text[start:end]):
            return None
        kinship = self._kinship(name, start, end)
        if kinship == "apart":
            return "other_goods"
        if kinship != "same" and _LIKENESS_AFTER.match(self._text, end):
            return "likeness"
        weak = name.common or (name.writing is Writing.HANGUL and name.shown in KOREAN_WORDS)
        return "not_first" if weak and kinship == "unknown" and not self._stands_first(start) else None

    def _kinship(self, name: Name, start: int, end: int) -> Kinship:
        """Say how the goods that category and title name are akin to those of the mark: once for each name."""
        key = name.folded, name.classes
        if key not in self._kin:
            self._kin[key] = self._compare(name, start, end)
        return self._kin[key]

    def _compare(self, name: Name, start: int, end: int) -> Kinship:
        goods = self.goods(name, start, end)
        if not goods:
            return "unknown"
        if any(not name.classes.isdisjoint(classes) for classes in goods):
            return "same"
        if name.classes and not _are_akin(name.classes, goods):
            return "apart"
        # Mango juice: what the word itself means is akin to what is sold.
        own = classes_of_word(self._text[start:end].lower())
        if own and _are_akin(own, goods):
            return "apart"
        return "near" if name.classes else "unknown"

    def _speaks_of_animals(self, end: int, *, told_by_one_word: bool) -> bool:
        """Tell if what follows is about animals: where the goods are the mark's it has to say so."""
        rest = self._text[end : end + _GOODS_REACH]
        if _OF_A_CREATURE.search(rest):
            return True
        return told_by_one_word and any(word in ANIMALS for word in _WORD.findall(rest.lower()))

    def _is_compound(self, surface: str, end: int) -> bool:
        """Tell if the word and the next one are a noun of two words: "target practice"."""
        following = _NEXT_WORD.match(self._text, end)
        if following is None:
            return False
        pair = f"{surface} {following[1]}".lower()
        return pair in ENGLISH_COMPOUNDS or pair.removesuffix("s") in ENGLISH_COMPOUNDS

    def _is_sentence(self, end: int) -> bool:
        """Tell if a capital letter only begins the text: all other words are written small."""
        if not self._text[:end].strip()[:1].isupper():
            return False
        following = _NEXT_WORD.match(self._text, end)
        if following is None or not following[1].islower():
            return False
        initials = [w[0] for w in _WORD.findall(self._text, end) if w[0].isalpha() and w[0].isascii()]
        return 3 * sum(map(str.islower, initials)) >= 2 * len(initials)

    def _stands_first(self, start: int) -> bool:
        if not self._is_title:
            return False
        # A mark in brackets at the very beginning stands first, too.
        return start == self.opening_ends or (start <= _OPENING_REACH and not any(map(str.isalnum, self._text[:start])))

    def _do_capitals_tell(self) -> bool:
        """Tell if a capital letter stands out: not where nearly all words begin with one."""
        if self._capitals_tell is None:
            small, initials = _count_initials(self._text)
            self._capitals_tell = 3 * small >= initials
        return self._capitals_tell


def _count_initials(text: str) -> tuple[int, int]:
    """Count the words that begin with a small Latin letter, and those that begin with any."""
    small = initials = 0
    inside = False
    # By code points, which is the quickest way where this is compiled.
    for index in range(len(text)):
        point = ord(text[index])
        is_small = 0x61 <= point <= 0x7A
        is_letter = is_small or 0x41 <= point <= 0x5A
        if is_letter and not inside:
            initials += 1
            small += is_small
        inside = is_letter or 0x30 <= point <= 0x39 or point == 0x5F or (point >= 0x80 and text[index].isalnum())
    return small, initials


def _is_disguised(surface: str) -> bool:
    """Tell if a word is written with other signs than letters: nobody writes an ordinary word so."""
    return not surface.replace(" ", "").isalpha()


def _are_akin(classes: Classes, goods: list[Classes]) -> bool:
    akin = related(classes)
    return 2 * sum(not akin.isdisjoint(one) for one in goods) > len(goods)
