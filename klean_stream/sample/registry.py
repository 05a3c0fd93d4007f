"""The sample rights registry: real brands under their real names; every number and id in it is made up."""

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from random import Random

import msgspec
import orjson

from klean_stream.events import Brand
from klean_stream.sample.categories import Language
from klean_stream.sample.chance import happens

_HANGUL = ("가", "힣")
_HANZI = ("一", "鿿")


def sample_brand_rows() -> Iterator[tuple[bytes, bytes]]:
    """Yield (key, value) of each record that the ``brands`` topic is filled with."""
    for line in _lines():
        yield orjson.loads(line)["brand_id"].encode(), line


def sample_brands() -> list[Brand]:
    """Give the sample registry as typed records, the best known brands first."""
    return list(_brands())


def name_in(brand: Brand, language: Language, rng: Random) -> str:
    """Give one of the names that sellers of this language write; a Latin name where there is no other."""
    names = (brand.name, *brand.aliases)
    if language != "en" and happens(rng, 80):  # one in five writes the Latin name
        native = [name for name in names if _has_script(name, _HANGUL if language == "ko" else _HANZI)]
        if native:
            return rng.choice(native)
    latin = [name for name in names if not (_has_script(name, _HANGUL) or _has_script(name, _HANZI))]
    name = rng.choice(latin)
    return name.upper() if happens(rng, 30) else name  # some shout


def _has_script(text: str, script: tuple[str, str]) -> bool:
    low, high = script
    return any(low <= letter <= high for letter in text)


@cache
def _lines() -> tuple[bytes, ...]:
    return tuple(files(__package__).joinpath("brands.jsonl").read_bytes().splitlines())


@cache
def _brands() -> tuple[Brand, ...]:
    return tuple(msgspec.convert(orjson.loads(line), Brand) for line in _lines())
