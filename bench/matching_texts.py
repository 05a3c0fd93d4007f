"""Texts and brands to measure the matching engine with: labelled ones from files, or made up here."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from klean_stream.cli.jsonl import read_rows
from klean_stream.events import Brand

_WORDS = (
    *("women", "leather", "bag", "brown", "running", "shoes", "men", "watch", "black", "dial", "cotton", "shirt"),
    *("blue", "new", "summer", "kids", "pack", "of", "two", "wireless", "charger", "steel", "bottle", "lamp"),
)
_KOREAN_WORDS = ["운동화", "블랙", "숄더백", "남성", "손목시계", "여름", "티셔츠", "정품", "당일발송", "화이트"]


@dataclass(frozen=True)
class Text:
    """A title with its description."""

    title: str
    description: str = ""


def made_up_brands(dice: random.Random, count: int) -> list[Brand]:
    """Give brands with a made-up name in Latin letters and one in Hangul each."""
    syllables = [a + b for a in "bcdfgklmnprstvz" for b in ("a", "e", "i", "o", "u", "an", "el", "or")]
    hangul = [chr(0xAC00 + 588 * i + 28 * v) for i in (0, 2, 3, 5, 6, 7, 9, 11, 12, 16) for v in (0, 4, 8, 13, 20)]
    return [
        Brand(
            brand_id=f"b{number}",
            name="".join(dice.choices(syllables, k=dice.randint(2, 4))).capitalize(),
            aliases=("".join(dice.choices(hangul, k=dice.randint(3, 5))),),
        )
        for number in range(count)
    ]


def made_up_titles(dice: random.Random, brands: list[Brand], count: int) -> list[Text]:
    """Give titles, each with the name of one brand somewhere in ordinary words."""
    texts = []
    for _ in range(count):
        brand = dice.choice(brands)
        korean = dice.random() < 1 / 3
        words = dice.choices(_KOREAN_WORDS if korean else _WORDS, k=dice.randint(4, 10))
        words.insert(dice.randint(0, 2), brand.aliases[0] if korean else brand.name)
        texts.append(Text(" ".join(words)))
    return texts


def read_texts(path: Path) -> Iterator[Text]:
    """Give the texts of a file of labelled titles."""
    for _, row in read_rows(path):
        yield Text(row["title"], row.get("description") or "")
