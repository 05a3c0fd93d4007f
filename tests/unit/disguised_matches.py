"""All that the matcher finds in titles with every disguise, as text: what two installations of it must agree in."""

import random
from collections.abc import Iterator

import orjson

from bench.disguises import HAN, HANGUL, LATIN
from bench.matching_texts import Text
from klean_stream.brands import BrandMatcher
from klean_stream.sample import day, sample_brands

_EVENTS = 1_500
_GOODS = ("running shoes for men", "정품 운동화 260mm", "正品 运动鞋 新款")
_STRAY = 300
_POINTS = 0x30000


def disguised_matches() -> list[str]:
    """Give a line for each title: the title, and what was found in it."""
    matcher = BrandMatcher.build(sample_brands())
    return [f"{text.title!r}: {matcher.match(text)}" for text in _texts()]


def _texts() -> Iterator[Text]:
    dice = random.Random(5)
    for event in day(_EVENTS, 11):
        if event.topic == "listings" and event.expect == "decided" and event.value is not None:
            body = orjson.loads(event.value)
            yield Text(str(body.get("title")), str(body.get("description")))
    for brand in sample_brands():
        for name in (brand.name, *brand.aliases):
            for disguise in (HAN if name >= "\u3400" else LATIN).values() if name < "\uac00" else HANGUL.values():
                yield Text(f"{dice.choice(_GOODS)} {disguise(name.lower(), dice)} {dice.choice(_GOODS)}", "")
    for _ in range(_STRAY):
        yield Text("".join(chr(dice.randrange(_POINTS)) for _ in range(30)), "nike")
