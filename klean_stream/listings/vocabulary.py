"""Words by which sellers say themselves that goods are counterfeit, in three languages.

They are found under the same disguises as names (see :mod:`klean_stream.brands.finder`). The list is
``data/counterfeit_words.toml``: the plain core of what such offers say.

Two uses do not count. A negated word ("not a replica", "짝퉁 아님", "非高仿"), or one that speaks of counterfeits as
such ("counterfeit detector", "假货包退"). And a word that is used of models, too, where the text speaks of one:
"diecast", "scale model replica", "다이캐스트", "合金车模", or "1:18" where no goods to wear are named. (And a club's
"replica shirt" is the honest name of what its fans wear.)
"""

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from klean_stream.brands.boundaries import stands_alone
from klean_stream.brands.finder import NameFinder
from klean_stream.brands.goods import goods_in
from klean_stream.brands.names import Name, names_of
from klean_stream.events import Brand, Finding
from klean_stream.text import FOLD, View, Writing, read, splits_syllable

_COLONS = ":∶：﹕︓"
_ONE_TO_ONE = re.compile(r"(?<![\d:.])1\s?:\s?1(?![\d:.])")
# "1:1" is also a scale, a ratio, and how Korean shops call a personal inquiry.
_ANOTHER_ONE_TO_ONE = re.compile(
    r"\s*(?:scale|ratio|mix|chat|class|lesson|tutoring|문의|상담|스케일|비율|배합|맞춤|교환|채팅|과외|레슨"
    r"|比例|咨询|客服|模型)",
    re.IGNORECASE,
)
_NEGATED_BEFORE = re.compile(
    r"(?:\b(?:no|not|non|never|anti|isn't|aren't|without|against|(?:do(?:es)?n't|do(?:es)? not|never)\s+sell)\b[\s-]*"
    r"(?:a\s+|an\s+|any\s+|the\s+)?|[非无無不]|不是|拒绝|拒絕|杜绝|杜絕|绝无|絕無|不卖|不賣|打击|远离)$",
    re.IGNORECASE,
)
_NEGATED_AFTER = re.compile(
    r"\s*(?:이|가|은|는|을|를)?\s*(?:아님|아닙|아니|아닌|없음|없습|없는|절대|방지|판별|감별|구별|신고|취급\s?(?:안|하지)|[xX×](?![a-zA-Z]))"
    r"|\s*(?:(?:money|bill|note|currency|cash)s?\s+)?(?:detect|checker|test(?:er|ing)\b|protection|prevention|warning|包退|必究|举报|舉報|可退|勿扰)",
    re.IGNORECASE,
)
_MODEL = re.compile(
    r"\b(?:die-?cast|scale\s+(?:model|replica)|model\s+(?:car|train|ship|plane|aircraft)s?|(?:movie|film|cosplay)\s+props?"
    r"|museum\s+replicas?|replica\s+(?:toys?|props?|jerseys?|kits?|shirts?)|(?:toy|home|away|fc)\s+replicas?)\b"
    r"|다이캐스트|미니카|모델카|합금\s?모형|合金车|合金車|车模|車模|模型车|模型車",
    re.IGNORECASE,
)
_SCALE = re.compile(r"(?<![\d:/.])1\s?[:/：∶]\s?(?:[2-9]|[1-9]\d{1,3})(?![\d:/.])")
_TO_WEAR = frozenset({3, 14, 18, 25})
_REACH = 16
_MODEL_REACH = 40
_MOST = 20

_OR_A_MODEL, _OFFER = "counterfeit_or_model", "counterfeit"


def find_counterfeit_words(field: str, text: str) -> tuple[Finding, ...]:
    """Give the counterfeit words of a text in their order, each with its span in the original; never raises.

    A word that does not count is evidence for review only, with the disposition ``negated`` or ``other_sense``.
    """
    places: dict[tuple[int, int], tuple[str, int, bool]] = {}
    for place in sorted(_finder().find(text, read(text)), key=lambda p: (p.start - p.end, p.start, p.name.shown)):
        if place.evidence.sure and not any(place.start < b and a < place.end for a, b in places):
            models = place.name.brand_id == _OR_A_MODEL
            places[place.start, place.end] = place.evidence.technique, place.evidence.confidence, models
        if len(places) == _MOST:
            break
    for start, end in _ones(text):
        if len(places) == _MOST:
            break
        if not any(start < b and a < end for a, b in places):
            places[start, end] = "exact", 900, True
    return tuple(
        _finding(field, text, place, technique, confidence, models=models)
        for place, (technique, confidence, models) in sorted(places.items())[:_MOST]
    )


def _ones(text: str) -> Iterator[tuple[int, int]]:
    """Find "1:1" in whatever digits, one to one with the original characters."""
    if not any(colon in text for colon in _COLONS):
        return
    plain = "".join(":" if c in _COLONS else _digit(c) for c in text)
    for match in _ONE_TO_ONE.finditer(plain):
        if not _ANOTHER_ONE_TO_ONE.match(text, match.end()):
            yield match.span()


def _digit(character: str) -> str:
    if character.isascii():
        return character
    folded = FOLD[character]
    return folded if folded.isdigit() and len(folded) == 1 else character


def _finding(
    field: str, text: str, place: tuple[int, int], technique: str, confidence: int, *, models: bool
) -> Finding:
    start, end = place
    disposition = "counts"
    if _NEGATED_BEFORE.search(text[max(0, start - _REACH) : start]) or _NEGATED_AFTER.match(text, end):
        disposition = "negated"
    elif models and _means_no_copy(text[max(0, start - _MODEL_REACH) : end + _MODEL_REACH]):
        disposition = "other_sense"
    return Finding(
        kind="counterfeit_word",
        technique=technique,
        field=field,
        surface=text[start:end],
        start=start,
        end=end,
        confidence=confidence,
        tier="act" if disposition == "counts" else "review",
        disposition=disposition,
    )


def _means_no_copy(text: str) -> bool:
    if _MODEL.search(text):
        return True
    # A ratio is written in a moment, and nobody makes bags to scale.
    return _SCALE.search(text) is not None and not any(goods.classes & _TO_WEAR for goods in goods_in(text))


def _stands(name: Name, view: View, start: int, end: int) -> bool:
    """Korean writes these words directly behind a name and before the goods: only syllables must be whole."""
    if name.writing is Writing.HANGUL:
        return not splits_syllable(view, start) and not splits_syllable(view, end)
    return stands_alone(name, view, start, end)


@cache
def _finder() -> NameFinder:
    table = tomllib.loads(files("klean_stream.listings").joinpath("data", "counterfeit_words.toml").read_text("utf-8"))
    finder = NameFinder(_stands)
    for group in table["words"]:
        meaning = _OR_A_MODEL if group.get("models") else _OFFER
        for language in ("en", "ko", "zh"):
            for word in group.get(language, ()):
                finder.add(names_of(Brand(brand_id=meaning, name=word)))
    return finder
