"""Composing what a seller offers: honest goods, a brand's own goods, counterfeits, and lawful mentions."""

import re
from dataclasses import dataclass, replace
from random import Random

from klean_stream.events import Brand, Money
from klean_stream.sample.categories import CATEGORIES, Category, Language
from klean_stream.sample.chance import happens
from klean_stream.sample.disguises import disguise
from klean_stream.sample.phrases import (
    AFTER,
    BEFORE,
    FAKE_STORY,
    FAKE_WORDS,
    LATIN_GOODS,
    OFFICIAL_BEFORE,
    OFFICIAL_STORY,
    QUIET_STORY,
    STORY,
    UPDATE_SUFFIX,
    USED_BEFORE,
    USED_STORY,
)
from klean_stream.sample.registry import name_in
from klean_stream.sample.traps import COMMON_WORDS, COMPATIBLE, Trap

LOCALES: dict[Language, str] = {"ko": "ko-KR", "en": "en-US", "zh": "zh-CN"}
_RANGE = re.compile(r"\{(\d+)-(\d+)\}")
_SHELVES = tuple(CATEGORIES.values())
# Currency, and how many won one unit (dollar, yuan) of it is: enough for a price that looks right.
_FOREIGN: dict[Language, tuple[str, int]] = {"en": ("USD", 1400), "zh": ("CNY", 190)}
_FOREIGN_PERCENT = 25


@dataclass(frozen=True, slots=True)
class Offer:
    """What a listing says. ``brand_id`` is the brand that it is about, if any."""

    language: Language
    title: str
    description: str
    category: str
    price: Money
    brand_id: str | None = None

    @property
    def locale(self) -> str:
        """The BCP 47 tag of the language."""
        return LOCALES[self.language]


def honest(rng: Random, language: Language) -> Offer:
    """Goods that nobody knows by name."""
    shelf = rng.choice(_SHELVES)
    parts = (rng.choice(BEFORE[language]), rng.choice(shelf.goods[language]), rng.choice(AFTER[language]))
    title = " ".join(parts if happens(rng, 80) else parts[1:])
    won = rng.randrange(shelf.lowest, shelf.highest, 100)
    return Offer(language, title, _story(rng, language), shelf.slug, _money(rng, language, won))


def official(rng: Random, language: Language, brand: Brand) -> Offer:
    """A brand's own goods at about its own price, by a seller that may sell them."""
    shelf, genuine = _branded_goods(rng, brand)
    title = _branded_title(rng, language, shelf, name_in(brand, language, rng), rng.choice(OFFICIAL_BEFORE[language]))
    description = f"{rng.choice(OFFICIAL_STORY[language])} {_story(rng, language)}"
    won = genuine * rng.randint(80, 115) // 100
    return Offer(language, title, description, shelf.slug, _money(rng, language, won), brand.brand_id)


def resale(rng: Random, language: Language, brand: Brand) -> Offer:
    """Genuine goods that a person sells on."""
    shelf, genuine = _branded_goods(rng, brand)
    title = _branded_title(rng, language, shelf, name_in(brand, language, rng), rng.choice(USED_BEFORE[language]))
    won = genuine * rng.randint(45, 75) // 100
    price = _money(rng, language, won)
    return Offer(language, title, rng.choice(USED_STORY[language]), shelf.slug, price, brand.brand_id)


def counterfeit(rng: Random, language: Language, brand: Brand, *, disguised: bool) -> Offer:
    """Goods under a brand's name that are not the brand's, far below its price.

    Who disguises the name often leaves out the words that give counterfeits away, too.
    """
    shelf, genuine = _branded_goods(rng, brand)
    name = name_in(brand, language, rng)
    word = rng.choice(FAKE_WORDS[language])
    if disguised:
        name = disguise(name, rng)
        word = word if happens(rng, 50) else ""
    noun = rng.choice(shelf.goods[language])
    order = (name, noun, word) if language == "en" or happens(rng, 30) else (name, word, noun)
    title = " ".join(part for part in order if part)
    story = rng.choice((FAKE_STORY if word else QUIET_STORY)[language])
    price = _money(rng, language, max(1_000, genuine * rng.randint(4, 30) // 100))
    return Offer(language, title, story, shelf.slug, price, brand.brand_id)


def compatible(rng: Random, language: Language) -> Offer:
    """An accessory that says which maker's goods it fits."""
    return _trap(rng, language, COMPATIBLE[language])


def common_word(rng: Random, language: Language) -> Offer:
    """Goods whose title holds an everyday word that is also a brand."""
    return _trap(rng, language, COMMON_WORDS[language])


def changed(rng: Random, offer: Offer) -> Offer:
    """Give the offer as its seller changed it: another price, sometimes another title."""
    amount = max(1, offer.price.amount * rng.randint(70, 110) // 100)
    title = offer.title
    if happens(rng, 40):
        # The first title stays the stem: a listing that is changed often must not outgrow its title.
        title = f"{title.split(' | ')[0]} | {rng.choice(UPDATE_SUFFIX[offer.language])}"
    return replace(offer, title=title, price=Money(amount=amount, currency=offer.price.currency))


def _trap(rng: Random, language: Language, traps: tuple[Trap, ...]) -> Offer:
    slug, title = rng.choice(traps)
    price = _money(rng, language, rng.randrange(3_900, 39_900, 100))
    return Offer(language, _numbered(rng, title), _story(rng, language), slug, price)


def _numbered(rng: Random, title: str) -> str:
    return _RANGE.sub(lambda match: str(rng.randint(int(match[1]), int(match[2]))), title)


def _branded_goods(rng: Random, brand: Brand) -> tuple[Category, int]:
    """Choose what kind of the brand's goods it is, and give its shelf and its genuine price in won."""
    reference = rng.choice(brand.reference_prices)
    return CATEGORIES[reference.category or "apparel"], reference.price.amount


def _branded_title(rng: Random, language: Language, shelf: Category, name: str, before: str) -> str:
    title = f"{before} {name} {rng.choice(shelf.goods[language])}"
    return f"{title} {rng.choice(LATIN_GOODS)}" if happens(rng, 40) else title


def _story(rng: Random, language: Language) -> str:
    return " ".join(rng.sample(STORY[language], rng.randint(1, 3)))


def _money(rng: Random, language: Language, won: int) -> Money:
    """Price in won, as the marketplace is Korean; sellers from abroad sometimes keep their currency."""
    if language in _FOREIGN and happens(rng, _FOREIGN_PERCENT):
        currency, won_per_unit = _FOREIGN[language]
        return Money(amount=max(1, won * 100 // won_per_unit), currency=currency)
    return Money(amount=won, currency="KRW")
