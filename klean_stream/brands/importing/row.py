"""What a parser gives for one entry of a foreign registry: a brand, or why it is none."""

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from klean_stream.brands.names import names_of
from klean_stream.events import Brand


class ForeignFormat(ValueError):  # noqa: N818 - it names what the file is, not a fault of the code
    """A file as a whole is not of the format that it was said to have; the message is one sentence."""


@dataclass(frozen=True, slots=True)
class Row:
    """One entry. ``place`` tells people where it stands; ``wikidata`` is the brand's item there (``Q483915``)."""

    place: str
    brand: Brand
    wikidata: str | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """An entry that is no brand. ``name`` is what it calls itself, empty if it does not say."""

    place: str
    name: str
    reason: str


def row_of(place: str, body: Mapping[str, object], wikidata: str | None) -> Row | Refused:
    """Give the row of a brand's body as it goes over the wire, checked as ``brands load`` checks it."""
    try:
        brand = msgspec.convert(body, Brand)
    except msgspec.ValidationError as error:
        return Refused(place, str(body.get("name") or ""), _lower(str(error)))
    if not names_of(brand):
        return Refused(place, brand.name, "no name has a letter or a digit to look for")
    return Row(place, brand, wikidata or None)


def _lower(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]
