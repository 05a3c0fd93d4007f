"""Words by which sellers say themselves that goods are counterfeit, in three languages.

They are found under the same disguises as names (see :mod:`klean_stream.brands.finder`). The list is the
plain core of what such offers say; words that also have an honest use ("A급" grades used goods, "미러" is a
mirror) are left out.
"""

import re
from functools import cache

from klean_stream.brands.boundaries import stands_alone
from klean_stream.brands.finder import NameFinder
from klean_stream.brands.names import Name, names_of
from klean_stream.events import Brand, Finding
from klean_stream.text import FOLD, View, Writing, read, splits_syllable

_ENGLISH = (
    "replica", "replicas", "knockoff", "knock-off", "counterfeit", "mirror grade", "mirror quality",
    "mirror copy", "super copy", "superfake", "super fake", "first copy", "master copy", "high copy",
    "aaa quality", "aaa grade", "aaa copy", "aaa replica", "aaaa quality", "7a quality", "ua quality",
    "rep 1:1", "bootleg copy", "high quality copy",
)  # fmt: skip
_KOREAN = (
    "레플리카", "레플", "미러급", "SA급", "에스에이급", "특S급", "특에스급", "커스텀급", "정품급", "이미테이션",
    "짝퉁", "짭퉁", "가품", "모조품", "위조품", "홍콩명품", "하이퀄리티급", "1:1급", "일대일급", "미러퀄",
    "슈퍼카피", "에이급카피",
)  # fmt: skip
_CHINESE = (
    "高仿", "精仿", "超仿", "仿品", "仿冒", "复刻", "復刻", "A货", "A貨", "超A", "假货", "假貨", "冒牌", "山寨",
    "莆田", "一比一", "1比1", "顶级版本", "專櫃復刻", "专柜复刻", "原版复刻",
)  # fmt: skip

_COLONS = ":∶：﹕︓"
_ONE_TO_ONE = re.compile(r"(?<![\d:.])1\s?:\s?1(?![\d:.])")
# "1:1" is also a scale, a ratio, and how Korean shops call a personal inquiry.
_ANOTHER_ONE_TO_ONE = re.compile(
    r"\s*(?:scale|ratio|mix|chat|class|lesson|tutoring|문의|상담|스케일|비율|배합|맞춤|교환|채팅|과외|레슨"
    r"|比例|咨询|客服|模型)",
    re.IGNORECASE,
)
_NEGATED_BEFORE = re.compile(
    r"(?:\b(?:no|not|non|never|anti|isn't|without)\b[\s-]*(?:a\s+|an\s+|any\s+)?|[非无無不]|不是|拒绝|杜绝)$",
    re.IGNORECASE,
)
_NEGATED_AFTER = re.compile(
    r"\s*(?:이|가|은|는)?\s*(?:아님|아닙|아니|아닌|없음|없습|절대|방지|x(?![a-z]))", re.IGNORECASE
)
_REACH = 12
_MOST = 20


def find_counterfeit_words(field: str, text: str) -> tuple[Finding, ...]:
    """Give the counterfeit words of a text in their order, each with its span in the original; never raises.

    A negated word ("not a replica") is evidence for review only, with the disposition ``negated``.
    """
    places: dict[tuple[int, int], tuple[str, int]] = {}
    for place in sorted(_finder().find(text, read(text)), key=lambda p: (p.start - p.end, p.start, p.name.shown)):
        if place.evidence.sure and not any(place.start < b and a < place.end for a, b in places):
            places[place.start, place.end] = place.evidence.technique, place.evidence.confidence
        if len(places) == _MOST:
            break
    for start, end in _ones(text):
        if not any(start < b and a < end for a, b in places):
            places[start, end] = "exact", 900
    return tuple(
        _finding(field, text, place, technique, confidence)
        for place, (technique, confidence) in sorted(places.items())[:_MOST]
    )


def _ones(text: str) -> list[tuple[int, int]]:
    """Find "1:1" in whatever digits, one to one with the original characters."""
    if not any(colon in text for colon in _COLONS):
        return []
    plain = "".join(":" if c in _COLONS else _digit(c) for c in text)
    return [match.span() for match in _ONE_TO_ONE.finditer(plain) if not _ANOTHER_ONE_TO_ONE.match(text, match.end())]


def _digit(character: str) -> str:
    if character.isascii():
        return character
    folded = FOLD[character]
    return folded if folded.isdigit() and len(folded) == 1 else character


def _finding(field: str, text: str, place: tuple[int, int], technique: str, confidence: int) -> Finding:
    start, end = place
    negated = _NEGATED_BEFORE.search(text[max(0, start - _REACH) : start]) or _NEGATED_AFTER.match(text, end)
    return Finding(
        kind="counterfeit_word",
        technique=technique,
        field=field,
        surface=text[start:end],
        start=start,
        end=end,
        confidence=confidence,
        tier="review" if negated else "act",
        disposition="negated" if negated else "counts",
    )


def _stands(name: Name, view: View, start: int, end: int) -> bool:
    """Korean writes these words directly behind a name and before the goods: only syllables must be whole."""
    if name.writing is Writing.HANGUL:
        return not splits_syllable(view, start) and not splits_syllable(view, end)
    return stands_alone(name, view, start, end)


@cache
def _finder() -> NameFinder:
    finder = NameFinder(_stands)
    for word in (*_ENGLISH, *_KOREAN, *_CHINESE):
        finder.add(names_of(Brand(brand_id="counterfeit", name=word)))
    return finder
