"""How a text uses a name: as the mark of what is sold, or otherwise.

Two rules, both about what stands around the name. Goods that fit another maker's goods name it honestly
("case for X", "X 호환", "适用X": Art. 14(1)(c) of the EU Trade Mark Regulation 2017/1001 permits it). And a
word of the dictionary, or one of two or three letters, is a mark only where a mark stands: sellers write it
first.
"""

import re
from typing import Literal

from klean_stream.brands.dictionary import ENGLISH_COMPOUNDS, ENGLISH_WORDS, KOREAN_WORDS, PLACES
from klean_stream.brands.goods import NOTHING, Classes, Goods, classes_of_word, goods_in, related
from klean_stream.brands.match import Use
from klean_stream.brands.names import Name
from klean_stream.text import Writing

_REACH = 60
"""Characters before and after a name in which the words that tell its use are looked for."""

_FITS_BEFORE = re.compile(
    r"(?:\b(?:for|fits?|fitting|supports?|replaces?|compatible(?:\s+with)?|works?\s+with|used?\s+with)\s*:?\s+"
    r"|(?:适用于?|適用|兼容|相容|适配|通用于?|替代|可用于|호환)\s*[:：]?\s*)"
    r"(?P<between>[^.;!?()\[\]{}]*)$",
    re.IGNORECASE,
)
_FITS_AFTER = re.compile(
    r"\s*(?:[-_]?compatible\b|(?:\w+\s+){0,2}?(?:호환|대응)|전?용(?![\uac00-\ud7a3])"
    r"|(?:\w*[A-Za-z0-9]\w*\s+){1,3}전용(?![\uac00-\ud7a3])"
    r"|适用|適用|兼容|相容|适配|通用|专用|專用)",
    re.IGNORECASE,
)
# Most texts have none of these words, and are asked for no more than that.
_MAY_FIT = re.compile(
    r"\b(?:for|fit|support|replac|use|work)|compatible|호환|대응|용|适|適|兼容|相容|通用|替代|可用于|专用|專用",
    re.IGNORECASE,
)
_DETERMINER = re.compile(r"(?:(?:the|all|any|your|most|use with|new|original|genuine)\s+)*", re.IGNORECASE)
_ENDS_THE_PHRASE = re.compile(r"\b(?:by|from|with|in|on)\b|\s[-–—|]\s", re.IGNORECASE)
_WORD = re.compile(r"\w+")
_LONGEST_LIST = 6
_LONGEST_KOREAN = 6

# What may stand before the mark without being goods: a bracket with a note, and words that praise.
_OPENING = re.compile(
    r"(?:[\[(【「<《][^\])】」>》]{0,40}[\])】」>》]|\b(?:new|genuine|original|authentic|official|100)\b"
    r"|정품|신품|새상품|全新|正品|\W)*+",
    re.IGNORECASE,
)

_SHORT = 3
"""Letters up to which a name is told from codes and sizes only by where it stands."""

Ordinary = Literal["ordinary"]
Kinship = Literal["same", "near", "apart", "unknown"]

# What stands behind a word of a sentence, and not behind a mark: "Puma the animal", "Like a boss", "Guess the word".
_SENTENCE_AFTER = re.compile(
    r"\s+(?:a|an|the|this|that|these|those|your|my|our|their|his|her|its|is|are|was|were|be|to|of|by)\s"
    r"|\s+(?-i:and [a-z])",
    re.IGNORECASE,
)
# A shape, a scent, a picture: "apple-shaped", "Thermos-style", "鳄鱼造型", "사과 모양".
_LIKENESS_AFTER = re.compile(
    r"[-\s]?(?:style|shaped?|themed?|scent(?:ed)?|flavou?r(?:ed)?|colou?r(?:ed)?|pattern(?:ed)?|motif|print(?:ed)?|figurines?)\b"
    r"|\s?(?:모양|무늬|프린트|그림|향|맛|색상|컬러|캐릭터)(?![\uac00-\ud7a3])"
    r"|(?:造型|图案|圖案|形状|形狀|花纹|印花|味|香味|色)",
    re.IGNORECASE,
)
_OF_A_PLACE = re.compile(
    r"(?:\s+\w+){0,2}?\s+(?:travel|guide|maps?|flags?|rivers?|lakes?|city|country|islands?|mountains?|tours?|souvenirs?"
    r"|postcards?|history|atlas|vacation|trip|skyline|landscape|scenery|coast)\b",
    re.IGNORECASE,
)
_NEXT_WORD = re.compile(r"[\s-]([A-Za-z]+)")
_HANGUL = re.compile("[\uac00-\ud7a3]+")


class Setting:
    """A text as the setting of the names in it. What is asked of the text as a whole is found out once.

    ``classes`` are the Nice classes of the listing's category, None if it has none that is known.
    """

    def __init__(self, text: str, field: str, classes: Classes | None = None) -> None:
        self._text = text
        self._is_title = field == "title"
        self._classes = classes or NOTHING
        self._opening_ends: int | None = None
        self._capitals_tell: bool | None = None
        self._may_fit: bool | None = None
        self._goods: list[Goods] | None = None

    def use_of(self, name: Name, start: int, end: int) -> Use | Ordinary | None:
        """Give the use of a name that is not use as a mark, or None where the text sells under the name.

        ``ordinary`` is a word that says nothing of a mark; ``common_word`` is a word that may mean one.
        """
        word = self._word_use(name, start, end)
        if word == "ordinary":
            return word
        if self._may_fit is None:
            self._may_fit = _MAY_FIT.search(self._text) is not None
        return "compatible" if self._may_fit and _is_fitted(self._text, start, end) else word

    def _word_use(self, name: Name, start: int, end: int) -> Use | Ordinary | None:
        if name.writing is Writing.DIGIT:
            return "common_word" if self._stands_first(start) else "ordinary"
        if name.writing is not Writing.LETTER:
            return self._eastern_use(name, start, end)
        short = name.size <= _SHORT
        phrase = bool(name.breaks) and not short and _is_phrase(name)
        word = name.common or name.ordinary
        if not (short or phrase or word):
            return None
        if self._stands_first(start):
            return self._opening_use(name, start, end) if word or phrase else None
        is_capital = self._text[start].isupper()
        if phrase:
            return None if self._is_title and is_capital else "ordinary"
        if not self._is_title or name.size < _SHORT or not is_capital:
            return "ordinary"
        return "common_word" if self._do_capitals_tell() else "ordinary"

    def _opening_use(self, name: Name, start: int, end: int) -> Use | None:
        """Judge a word that opens a title, where a mark stands, and a sentence begins, too."""
        surface = self._text[start:end]
        # Nobody writes an ordinary word in a disguise.
        if not surface.isascii() or not surface.replace(" ", "").isalpha():
            return None
        if _SENTENCE_AFTER.match(self._text, end) or (surface.lower() in PLACES and _OF_A_PLACE.match(self._text, end)):
            return "common_word"
        kinship = self._kinship(name, start, end)
        if kinship in ("same", "apart"):
            return None if kinship == "same" else "common_word"
        word = _LIKENESS_AFTER.match(self._text, end) or self._is_compound(surface, end) or self._is_sentence(end)
        return "common_word" if word else None

    def _eastern_use(self, name: Name, start: int, end: int) -> Use | Ordinary | None:
        """Judge a name in Hangul, Hanzi or kana."""
        if name.writing is Writing.HANGUL and self._is_part_of_korean_word(start, end):
            return "ordinary"
        if not (name.ordinary or name.common):
            return None
        kinship = self._kinship(name, start, end)
        if kinship == "apart" or (kinship != "same" and _LIKENESS_AFTER.match(self._text, end)):
            return "common_word"
        weak = name.common or (name.writing is Writing.HANGUL and name.shown in KOREAN_WORDS)
        return "common_word" if weak and kinship == "unknown" and not self._stands_first(start) else None

    def _kinship(self, name: Name, start: int, end: int) -> Kinship:
        """Say how the goods that category and title name are akin to those of the mark."""
        if self._goods is None:
            self._goods = goods_in(self._text)
        goods = [g.classes for g in self._goods if g.end <= start or end <= g.start]
        # In Korean the last word says what is sold, the others what it is for or like.
        if name.writing is Writing.HANGUL:
            goods = goods[-1:]
        if self._classes:
            goods.append(self._classes)
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

    def _is_part_of_korean_word(self, start: int, end: int) -> bool:
        """Tell if a name is a part of a longer word of the dictionary: the 어그 of 어그로."""
        text = self._text
        first = start
        while first and "\uac00" <= text[first - 1] <= "\ud7a3":
            first -= 1
        run = _HANGUL.match(text, start)
        last = run.end() if run else end
        return any(
            text[first:to] in KOREAN_WORDS
            for to in range(end, min(last, first + _LONGEST_KOREAN) + 1)
            if to - first > end - start
        )

    def _stands_first(self, start: int) -> bool:
        if not self._is_title:
            return False
        if self._opening_ends is None:
            opening = _OPENING.match(self._text)
            self._opening_ends = opening.end() if opening else 0
        # A mark in brackets at the very beginning stands first, too.
        return start == self._opening_ends or (start <= _REACH and not any(map(str.isalnum, self._text[:start])))

    def _do_capitals_tell(self) -> bool:
        """Tell if a capital letter stands out: not where nearly all words begin with one."""
        if self._capitals_tell is None:
            initials = [w[0] for w in _WORD.findall(self._text) if w[0].isalpha() and w[0].isascii()]
            self._capitals_tell = 3 * sum(map(str.islower, initials)) >= len(initials)
        return self._capitals_tell


def _is_fitted(text: str, start: int, end: int) -> bool:
    if _FITS_AFTER.match(text, end, end + _REACH):
        return True
    before = _FITS_BEFORE.search(text[max(0, start - _REACH) : start])
    if before is None:
        return False
    between = _DETERMINER.sub("", before["between"], count=1)
    words = _WORD.findall(between.lower())
    if not words:
        return True
    # A list goes on: "for Acme X1 / Bolt 2". What begins with a word of the dictionary is no list of marks.
    return len(words) <= _LONGEST_LIST and words[0] not in ENGLISH_WORDS and _ENDS_THE_PHRASE.search(between) is None


def _are_akin(classes: Classes, goods: list[Classes]) -> bool:
    akin = related(classes)
    return 2 * sum(not akin.isdisjoint(one) for one in goods) > len(goods)


def _is_phrase(name: Name) -> bool:
    """Tell if a name of several words is made of ordinary words alone."""
    return all(word in ENGLISH_WORDS for word in _WORD.findall(name.shown.lower()))
