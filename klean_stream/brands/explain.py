"""Why a text does, or does not, use a mark: each view of it, each name in it, and what became of that.

It asks the matcher for the places that it has seen and for the matches that it has kept, and finds out of what is
missing why it is. It is for people, one text at a time, and costs many times what a match costs.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal

from pypinyin import Style, lazy_pinyin

from klean_stream.brands.context import Reason, Setting
from klean_stream.brands.goods import Classes
from klean_stream.brands.match import BrandMatch, ListingText
from klean_stream.brands.matcher import BrandMatcher
from klean_stream.brands.names import Name
from klean_stream.brands.rights import Ruling
from klean_stream.brands.weighing import Place
from klean_stream.text import (
    Writing,
    has_han,
    has_hangul,
    read,
    read_hangul,
    read_mandarin,
    read_romanised,
    read_stylised,
    read_symbols,
    read_turned,
)

_MOST_PARTS = 20
_SHORTEST_PART = 3

WHY: Mapping[Reason, str] = MappingProxyType(
    {
        "fits": "the text says that its goods fit those of this mark",
        "negated": "the text says that it is not of this mark",
        "part_of_a_word": "it is a part of a longer word of the dictionary",
        "number": "a number may be a mark where it stands first, and may be something else",
        "code": "so short a name, or a number, is a code or a size unless it stands first",
        "in_prose": "an ordinary word in running text says nothing of a mark",
        "small_letter": "an ordinary word that neither stands first nor stands out by a capital letter",
        "capital": "an ordinary word that stands out by its capital letter, but not where a mark stands",
        "sentence": "the text goes on as a sentence does behind an ordinary word",
        "place": "the text speaks of the place of this name",
        "creature": "the text speaks of the animal of this name",
        "other_goods": "it is an ordinary word, and the goods have nothing to do with those of the mark",
        "likeness": "it is an ordinary word, and says what the goods look, smell or taste like",
        "compound": "it makes an ordinary noun with the next word",
        "sentence_case": "it is an ordinary word that begins a sentence; nothing tells that the goods are the mark's",
        "not_first": "it is an ordinary word that does not stand first; nothing tells that the goods are the mark's",
    }
)
"""The reasons of :mod:`klean_stream.brands.context` in words."""

_RIGHTS = {
    "authorised_seller": "the seller is authorised for this mark",
    "other_territory": "no mark of the brand holds where the marketplace sells",
    "not_in_force": "no mark of the brand is in force here at that time",
    "other_class": "no mark of the brand in force here is for goods of these classes",
}

Outcome = Literal["act", "review", "dropped"]
RulingOn = Callable[[str], Ruling]
"""What the rights say of a brand, by its id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownView:
    """A field as search sees it: its letters and digits in one of the forms in which names are looked for."""

    field: str
    view: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPlace:
    """A name in a field: the half-open span in the original text, what of it is evidence, and what came of it.

    ``reason`` is a code for ``why``: one of :data:`WHY`, a disposition of the rights, ``mark``, ``unsure``,
    ``near_miss``, ``overlap``, ``repeated`` or ``boundary``. ``right`` and ``jurisdiction`` are those of the mark that
    the rights rest on, where the registry has one.
    """

    field: str
    surface: str
    start: int
    end: int
    brand_id: str
    name: str
    technique: str
    confidence: int
    outcome: Outcome
    reason: str
    why: str
    right: str | None = None
    jurisdiction: str | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """All that the matcher makes of a text."""

    views: tuple[ShownView, ...]
    places: tuple[ShownPlace, ...]


def explain(
    matcher: BrandMatcher,
    listing: ListingText,
    classes: Classes | None = None,
    ruling_on: RulingOn = lambda _: Ruling("counts"),
) -> Explanation:
    """Explain what ``matcher.match(listing, classes)`` gives, and what it does not give, and what rights make of it."""
    kept = matcher.match(listing, classes)
    views: list[ShownView] = []
    places: list[ShownPlace] = []
    for field, text in (("title", listing.title), ("description", listing.description)):
        if text:
            views += [ShownView(field=field, view=view, text=seen) for view, seen in _views(text)]
            of_field = [match for match in kept if match.field == field]
            places += _Field(matcher, field, text, of_field, classes).places()
    places = [_ruled(place, ruling_on) for place in places]
    return Explanation(tuple(views), tuple(places))


def _views(text: str) -> Iterator[tuple[str, str]]:
    reading = read(text)
    plain = reading.view
    yield "letters", plain.folded
    for symbols in read_symbols(reading):
        if symbols.view.folded != plain.folded:
            yield "symbols as letters", symbols.view.folded
    stylised = read_stylised(reading)
    if stylised is not None and stylised.view.folded != plain.folded:
        yield "stylised letters", stylised.view.folded
    turned = read_turned(reading)
    if turned is not None:
        yield "upside down", "".join(turned[0])
    yield "skeleton", plain.skeleton
    if has_han(text):
        yield "pinyin", _spelt(read_mandarin(plain).skeleton, plain.folded)
    if has_hangul(text):
        yield "jamo", read_hangul(text).folded
        yield "sound", read_hangul(text).skeleton
        romanised = read_romanised(text)
        if romanised is not None:
            yield "Latin syllables as Hangul", romanised.folded


class _Field:
    """One field of a text, with what was kept of it."""

    def __init__(
        self, matcher: BrandMatcher, field: str, text: str, kept: list[BrandMatch], classes: Classes | None
    ) -> None:
        self._matcher = matcher
        self._field = field
        self._text = text
        self._kept = kept
        self._setting = Setting(read(text), field, classes)

    def places(self) -> list[ShownPlace]:
        """Give what was found in the order of the text, each brand once for each span."""
        best: dict[tuple[int, int, str], Place] = {}
        for place in self._matcher.places(self._text):
            key = place.start, place.end, place.name.brand_id
            if key not in best or place.evidence.confidence > best[key].evidence.confidence:
                best[key] = place
        shown = [self._of_place(place) for place in best.values()]
        shown += [self._of_near_miss(match) for match in self._kept if match.technique == "near_miss"]
        shown += self._parts({place.name for place in best.values()})
        return sorted(shown, key=lambda place: (place.start, -place.end, place.brand_id))

    def _of_place(self, place: Place) -> ShownPlace:
        span = place.start, place.end, place.name.brand_id
        match = next((m for m in self._kept if (m.start, m.end, m.brand_id) == span), None)
        reason = self._setting.reason(place.name, place.start, place.end)
        if match is None:
            return self._dropped(place, reason)
        if reason is not None:
            why = self._in_words(reason, place.name, place.start, place.end)
            return self._shown(place, match.tier, reason, why)
        if match.tier == "act":
            return self._shown(place, "act", "mark", "the text sells under this name")
        return self._shown(place, "review", "unsure", "it may be another word: only a person can tell")

    def _dropped(self, place: Place, reason: Reason | None) -> ShownPlace:
        over = next((m for m in self._kept if m.start < place.end and place.start < m.end), None)
        if over is not None and reason is None:
            return self._shown(
                place, "dropped", "overlap", f"“{over.surface}” ({over.brand_id}) is the better evidence here"
            )
        if reason is not None:
            return self._shown(place, "dropped", reason, self._in_words(reason, place.name, place.start, place.end))
        return self._shown(place, "dropped", "repeated", "the first places of this brand are evidence enough")

    def _in_words(self, reason: Reason, name: Name, start: int, end: int) -> str:
        if reason != "other_goods":
            return WHY[reason]
        sold = sorted(frozenset().union(*self._setting.goods(name, start, end)))
        return (
            f"{WHY[reason]} (Nice classes {_listed(sold)}; the mark's: {_listed(sorted(name.classes)) or 'not known'})"
        )

    def _shown(self, place: Place, outcome: Outcome, reason: str, why: str) -> ShownPlace:
        return ShownPlace(
            field=self._field,
            surface=self._text[place.start : place.end],
            start=place.start,
            end=place.end,
            brand_id=place.name.brand_id,
            name=place.name.shown,
            technique=place.evidence.technique,
            confidence=place.evidence.confidence,
            outcome=outcome,
            reason=reason,
            why=why,
        )

    def _of_near_miss(self, match: BrandMatch) -> ShownPlace:
        return ShownPlace(
            field=self._field,
            surface=match.surface,
            start=match.start,
            end=match.end,
            brand_id=match.brand_id,
            name=match.brand_id,
            technique=match.technique,
            confidence=match.confidence,
            outcome="review",
            reason="near_miss",
            why="one letter is another, more or less: a slip, or another word",
        )

    def _parts(self, found: set[Name]) -> list[ShownPlace]:
        """Give the names whose very letters are in the text, but only as a part of another word."""
        views = {Writing.HANGUL: read_hangul(self._text)}
        plain = read(self._text).view
        parts: list[ShownPlace] = []
        for name in self._matcher.names():
            view = views.get(name.writing, plain)
            at = view.folded.find(name.folded) if name.size >= _SHORTEST_PART and name not in found else -1
            if at < 0:
                continue
            start, end = view.span(at, at + len(name.folded))
            parts.append(
                ShownPlace(
                    field=self._field,
                    surface=self._text[start:end],
                    start=start,
                    end=end,
                    brand_id=name.brand_id,
                    name=name.shown,
                    technique="exact",
                    confidence=0,
                    outcome="dropped",
                    reason="boundary",
                    why="its letters are only a part of another word, or of several",
                )
            )
        # The longest of them are what a reader may have seen.
        parts.sort(key=lambda place: (place.start - place.end, place.start, place.brand_id))
        return parts[:_MOST_PARTS]


def _ruled(place: ShownPlace, ruling_on: RulingOn) -> ShownPlace:
    if place.outcome == "dropped":
        return place
    ruling = ruling_on(place.brand_id)
    if ruling.mark is not None:
        place = replace(place, right=ruling.mark.number, jurisdiction=ruling.mark.jurisdiction)
    if ruling.disposition == "counts":
        return place
    return replace(place, outcome="dropped", reason=ruling.disposition, why=_RIGHTS[ruling.disposition])


def _spelt(skeleton: str, folded: str) -> str:
    """Give syllables in letters: search has them as one character each."""
    return "".join(
        lazy_pinyin(character, style=Style.NORMAL)[0] + "·" if key != character else character
        for key, character in zip(skeleton, folded, strict=True)
    )


def _listed(numbers: list[int]) -> str:
    return ", ".join(map(str, numbers))
