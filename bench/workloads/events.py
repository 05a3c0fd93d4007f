"""Synthetic listings of about 250 bytes, the same at each run: what `transport` and `state` read."""

import random
from collections.abc import Iterator
from itertools import accumulate

import orjson

SELLERS = 10_000
_SEED = 20_261_124
_WORDS = (
    *("leather", "canvas", "shoulder", "bag", "running", "shoes", "wireless", "charger", "summer", "dress", "cotton"),
    *(
        "sheet",
        "kitchen",
        "knife",
        "desk",
        "lamp",
        "가죽",
        "가방",
        "운동화",
        "무선",
        "충전기",
        "여름",
        "원피스",
        "商品",
    ),
)


def seller_ids(count: int, sellers: int = SELLERS, *, zipf: bool = True) -> list[str]:
    """Choose the seller of each of ``count`` events: the k-th seller with weight 1/k, or each equally often."""
    chance = random.Random(_SEED)
    names = [f"s-{number}" for number in range(sellers)]
    weights = list(accumulate(1 / (rank + 1) for rank in range(sellers))) if zipf else None
    return chance.choices(names, cum_weights=weights, k=count)


def events(sellers: list[str]) -> Iterator[tuple[bytes, bytes]]:
    """Yield key and value of one listing for each seller given."""
    chance = random.Random(_SEED + 1)
    titles = [" ".join(chance.choices(_WORDS, k=6)) for _ in range(997)]
    for number, seller in enumerate(sellers):
        body = {
            "number": number,
            "seller_id": seller,
            "listing_id": f"l-{number}",
            "version": 1,
            "change": "created",
            "title": titles[number % 997],
            "description": titles[(number * 7) % 997],
            "category": "fashion",
            "locale": "ko",
            "price": 1_000 + (number * 37) % 99_000,
            "currency": "KRW",
        }
        yield seller.encode(), orjson.dumps(body)
