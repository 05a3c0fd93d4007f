"""Composing what a seller offers: honest goods, a brand's own goods, counterfeits, and lawful mentions."""

import re
from dataclasses import dataclass, replace
from random import Random

from klean_stream.events import Brand, Money
from klean_stream.sample.categories import CATEGORIES, Category, Language
from klean_stream.sample.chance import happens
from klean_stream.sample.disguises import disguise
from klean_stream.sample.phrases import LATIN_GOODS, TRAPS, Trap, say
from klean_stream.sample.registry import name_in

LOCALES: dict[Language, str] = {"ko": "ko-KR", "en": "en-US", "zh": "zh-CN"}
_RANGE = re.compile(r"\{(\d+)-(\d+)\}")
_SHELVES = tuple(CATEGORIES.items())
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
    """Offer goods that nobody knows by name."""
    slug, shelf = rng.choice(_SHELVES)
    parts = (say(rng, "before", language), rng.choice(shelf.goods(language)), say(rng, "after", language))
    title = " ".join(parts if happens(rng, 80) else parts[1:])
    won = rng.randrange(*shelf.won, 100)
    return Offer(language, title, _story(rng, language), slug, _money(rng, language, won))


def official(rng: Random, language: Language, brand: Brand) -> Offer:
    """Offer a brand's own goods at about its own price, by a seller that may sell them."""
    slug, shelf, genuine = _branded_goods(rng, brand)
    title = _branded_title(rng, language, shelf, brand, "official_before")
    description = " ".join((say(rng, "official_story", language), _story(rng, language)))
    won = genuine * rng.randint(80, 115) // 100
    return Offer(language, title, description, slug, _money(rng, language, won), brand.brand_id)


def resale(rng: Random, language: Language, brand: Brand) -> Offer:
    """Offer genuine goods that a person sells on."""
    slug, shelf, genuine = _branded_goods(rng, brand)
    title = _branded_title(rng, language, shelf, brand, "used_before")
    won = genuine * rng.randint(45, 75) // 100
    price = _money(rng, language, won)
    return Offer(language, title, say(rng, "used_story", language), slug, price, brand.brand_id)


def counterfeit(rng: Random, language: Language, brand: Brand, *, disguised: bool) -> Offer:
    """Offer goods under a brand's name that are not the brand's, far below its price.

    Who disguises the name often leaves out the words that give counterfeits away, too.
    """
    slug, shelf, genuine = _branded_goods(rng, brand)
    name = name_in(brand, language, rng)
    word = say(rng, "fake_words", language)
    if disguised:
        name = disguise(name, rng)
        word = word if happens(rng, 50) else ""
    noun = rng.choice(shelf.goods(language))
    order = (name, noun, word) if language == "en" or happens(rng, 30) else (name, word, noun)
    title = " ".join(part for part in order if part)
    story = say(rng, "fake_story" if word else "quiet_story", language)
    price = _money(rng, language, max(1_000, genuine * rng.randint(4, 30) // 100))
    return Offer(language, title, story, slug, price, brand.brand_id)


def compatible(rng: Random, language: Language) -> Offer:
    """Offer an accessory that says which maker's goods it fits."""
    return _trap(rng, language, TRAPS["compatible"][language])


def common_word(rng: Random, language: Language) -> Offer:
    """Offer goods whose title holds an everyday word that is also a brand."""
    return _trap(rng, language, TRAPS["common_words"][language])


def changed(rng: Random, offer: Offer) -> Offer:
    """Give the offer as its seller changed it: another price, sometimes another title."""
    amount = max(1, offer.price.amount * rng.randint(70, 110) // 100)
    title = offer.title
    if happens(rng, 40):
        # The first title stays the stem: a listing that is changed often must not outgrow its title.
        title = " | ".join((title.split(" | ")[0], say(rng, "update_suffix", offer.language)))
    return replace(offer, title=title, price=Money(amount=amount, currency=offer.price.currency))


def _trap(rng: Random, language: Language, traps: tuple[Trap, ...]) -> Offer:
    slug, title = rng.choice(traps)
    price = _money(rng, language, rng.randrange(3_900, 39_900, 100))
    return Offer(language, _numbered(rng, title), _story(rng, language), slug, price)


def _numbered(rng: Random, title: str) -> str:
    return _RANGE.sub(lambda match: str(rng.randint(int(match[1]), int(match[2]))), title)


def _branded_goods(rng: Random, brand: Brand) -> tuple[str, Category, int]:
    """Choose what kind of the brand's goods it is, and give its shelf and its genuine price."""
    reference = rng.choice(brand.reference_prices)
    slug = reference.category or "apparel"
    return slug, CATEGORIES[slug], reference.price.amount


def _branded_title(rng: Random, language: Language, shelf: Category, brand: Brand, before: str) -> str:
    name = name_in(brand, language, rng)
    title = " ".join((say(rng, before, language), name, rng.choice(shelf.goods(language))))
    return f"{title} {rng.choice(LATIN_GOODS)}" if happens(rng, 40) else title


def _story(rng: Random, language: Language) -> str:
    return " ".join(dict.fromkeys(say(rng, "story", language) for _ in range(3)))


def _money(rng: Random, language: Language, won: int) -> Money:
    """Price in won, as the marketplace is Korean; sellers from abroad sometimes keep their currency."""
    if language in _FOREIGN and happens(rng, _FOREIGN_PERCENT):
        currency, won_per_unit = _FOREIGN[language]
        return Money(amount=max(1, won * 100 // won_per_unit), currency=currency)
    return Money(amount=won, currency="KRW")
