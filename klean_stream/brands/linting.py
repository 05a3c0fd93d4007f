"""Marks that would flood: names that texts use all the time without meaning the mark, found before they are loaded."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from klean_stream.brands.dictionary import CHINESE_WORDS, ENGLISH_WORDS, KOREAN_WORDS
from klean_stream.brands.goods import goods_in, nice_classes
from klean_stream.brands.match import BrandMatch, ListingText
from klean_stream.brands.matcher import BrandMatcher
from klean_stream.brands.names import Name, names_of
from klean_stream.events import Brand
from klean_stream.text import Writing

Trouble = Literal["digits", "short", "goods_word", "common_word", "other_brand", "floods"]

_EXAMPLES = 3
_SHORTEST_WORD = 2
"""Letters up to which a name is a code, a size, an abbreviation of anything."""


@dataclass(frozen=True, slots=True)
class NameWarning:
    """One name of one brand that would match too much, and why."""

    brand_id: str
    name: str
    trouble: Trouble
    detail: str


@dataclass(frozen=True, slots=True)
class Example:
    """A text that a brand was found in, and where."""

    text: ListingText
    match: BrandMatch


@dataclass(slots=True)
class Hits:
    """How many texts of a sample a brand was found in; in ``act`` of them the machine might act."""

    brand_id: str
    texts: int = 0
    act: int = 0
    examples: tuple[Example, ...] = ()


@dataclass(frozen=True, slots=True)
class Sample:
    """What a sample of texts gives, the brand with the most texts first."""

    texts: int
    hits: tuple[Hits, ...]

    def share(self, hits: Hits) -> float:
        """Give the share of the texts that a brand was found in."""
        return hits.texts / self.texts if self.texts else 0.0


def lint(brands: Sequence[Brand]) -> Iterator[NameWarning]:
    """Give a warning for each name that would match too much, in the order of the brands.

    A name that is a word of everyday language is no trouble where the brand says so (``common_word``): it is told
    from the word by what stands around it.
    """
    names = [(brand, name) for brand in brands for name in names_of(brand)]
    holders: dict[str, dict[str, None]] = {}
    for brand, name in names:
        holders.setdefault(name.folded, {})[brand.brand_id] = None
    for brand, name in names:
        for trouble, detail in _troubles(brand, name):
            yield NameWarning(brand.brand_id, name.shown, trouble, detail)
        others = [brand_id for brand_id in holders[name.folded] if brand_id != brand.brand_id]
        if others:
            more = f" and {len(others) - 1} more" if len(others) > 1 else ""
            yield NameWarning(brand.brand_id, name.shown, "other_brand", f"also a name of {others[0]}{more}")


def _troubles(brand: Brand, name: Name) -> Iterator[tuple[Trouble, str]]:
    word = name.shown.casefold().strip()
    if name.writing is Writing.DIGIT:
        yield "digits", "digits only: sizes, years and model numbers look the same"
        return
    if name.size < _SHORTEST_WORD or (name.writing is Writing.LETTER and name.size == _SHORTEST_WORD):
        yield "short", f"{name.size} {'character' if name.size == 1 else 'letters'}: codes and sizes look the same"
    elif any((goods.start, goods.end) == (0, len(word)) for goods in goods_in(word)):
        yield "goods_word", "a word for goods: whoever sells them uses it"
    elif not brand.common_word and any(word in words for words in (ENGLISH_WORDS, KOREAN_WORDS, CHINESE_WORDS)):
        yield "common_word", "a word of the dictionary, and the brand does not say `common_word`"


def count_hits(brands: Iterable[Brand], texts: Iterable[tuple[ListingText, str | None]]) -> Sample:
    """Match a sample of (text, category) against the brands: who would be found, how often, and where."""
    matcher = BrandMatcher.build(brands)
    hits: dict[str, Hits] = {}
    count = 0
    for text, category in texts:
        count += 1
        best: dict[str, BrandMatch] = {}
        for match in matcher.match(text, nice_classes(category)):
            if match.brand_id not in best or (match.tier == "act" and best[match.brand_id].tier != "act"):
                best[match.brand_id] = match
        for brand_id, match in best.items():
            of_brand = hits.setdefault(brand_id, Hits(brand_id))
            of_brand.texts += 1
            of_brand.act += match.tier == "act"
            if len(of_brand.examples) < _EXAMPLES:
                of_brand.examples += (Example(text, match),)
    return Sample(count, tuple(sorted(hits.values(), key=lambda found: (-found.texts, -found.act, found.brand_id))))


def floods(sample: Sample, most: float) -> Iterator[NameWarning]:
    """Give a warning for each brand that is found in a larger share of the texts than ``most`` (0 to 1)."""
    for hits in sample.hits:
        if sample.share(hits) > most:
            yield NameWarning(
                hits.brand_id,
                hits.examples[0].match.surface,
                "floods",
                f"found in {hits.texts:,} of {sample.texts:,} titles ({sample.share(hits):.1%})",
            )
