"""Listings and a registry for the full workload: made up, the same at each run, or from files of real data."""

import random
from collections.abc import Iterator
from itertools import count, cycle
from pathlib import Path

import orjson

from bench.real_titles import registry_entries, rows_of
from klean_stream.events import Brand
from klean_stream.sample.categories import Language
from klean_stream.sample.offers import Offer, common_word, compatible, counterfeit, honest, official, resale
from klean_stream.sample.registry import sample_brand_rows, sample_brands

BRANDS = 24_000
SELLERS = 500
_SEED = 20_261_124
_LANGUAGES: tuple[Language, ...] = ("ko", "ko", "en", "zh")
_SYLLABLES = (
    *("ka", "lo", "mi", "ren", "to", "vel", "sa", "dor", "ni", "pra", "zu", "fen", "gal", "hix", "jo", "bre", "qua"),
    *("tis", "wor", "xe", "yun", "cal", "der", "ost", "umb", "lin", "mar", "pex", "rov", "sil"),
)


def registry(brands: Path | None) -> Iterator[tuple[bytes, bytes]]:
    """Yield the records (key, value) of the `brands` topic: those of a file, or the sample's and made-up ones."""
    if brands is not None:
        for entry in registry_entries(brands):
            yield entry["brand_id"].encode(), orjson.dumps(entry)
        return
    yield from sample_brand_rows()
    for number, name in enumerate(_names(BRANDS - len(sample_brands()))):
        brand_id = f"made-up-{number}"
        yield brand_id.encode(), orjson.dumps({"brand_id": brand_id, "name": name, "common_word": False})


def listings(titles: Path | None, wanted: int) -> Iterator[tuple[bytes, bytes]]:
    """Yield ``wanted`` records (key, value) of the `listings` topic; a file with fewer titles is read again."""
    chance = random.Random(_SEED)
    source = _read(titles) if titles is not None else _made_up(chance)
    for number in range(wanted):
        seller = f"s-{chance.randrange(SELLERS)}"
        body = {"seller_id": seller, "listing_id": f"l-{number}", "version": 1, "change": "created", **next(source)}
        yield seller.encode(), orjson.dumps(body)


def _read(titles: Path) -> Iterator[dict[str, object]]:
    with rows_of(titles) as lines:
        rows = [orjson.loads(line) for line in lines]
    for row in cycle(rows):
        given = {"title": row["title"], "description": row.get("description") or "", "category": row.get("category")}
        yield {name: value for name, value in given.items() if value is not None}


def _made_up(chance: random.Random) -> Iterator[dict[str, object]]:
    brands = sample_brands()
    names = _names(BRANDS)
    for _ in count():
        language = chance.choice(_LANGUAGES)
        offer = _offer(chance, language, brands)
        # A seventh is about one of the many brands that nobody knows.
        title = f"{chance.choice(names)} {offer.title}" if chance.random() < 1 / 7 else offer.title
        yield {
            "title": title,
            "description": offer.description,
            "category": offer.category,
            "locale": offer.locale,
            "price": {"amount": offer.price.amount, "currency": offer.price.currency},
        }


def _offer(chance: random.Random, language: Language, brands: list[Brand]) -> Offer:
    """Offer something: six of ten honest goods, the rest about brands in one way or another."""
    kind = chance.randrange(20)
    brand = chance.choice(brands)
    if kind < 12:
        return honest(chance, language)
    if kind < 14:
        return official(chance, language, brand)
    if kind < 16:
        return resale(chance, language, brand)
    if kind < 18:
        return counterfeit(chance, language, brand, disguised=kind == 17)
    return compatible(chance, language) if kind == 18 else common_word(chance, language)


def _names(wanted: int) -> list[str]:
    """Make up names of two or three syllables, some of two words; none twice."""
    chance = random.Random(_SEED + 1)
    names: dict[str, None] = {}
    while len(names) < wanted:
        word = "".join(chance.choices(_SYLLABLES, k=chance.choice((2, 3, 3, 4)))).capitalize()
        if chance.random() < 0.2:
            word += " " + "".join(chance.choices(_SYLLABLES, k=2)).capitalize()
        names[word] = None
    return list(names)
