"""Brands from the name-suggestion-index, as its npm package ships it (``dist/json/nsi.json``; BSD-3-Clause).

``{"nsi": {"brands/shop/shoes": {"items": [{"id", "displayName", "matchNames", "tags": {"brand", "brand:ko",
"brand:wikidata", "name", "short_name", ...}}]}}}``, looked at in version 8.0.20260918. Only the tree ``brands`` holds
marks; ``operators``, ``transit`` and ``flags`` are who runs a thing.

A category is a kind of shop and says nothing of the classes that a mark is registered for, so brands from here have
no classes: they count for all goods until somebody adds their rights.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from klean_stream.brands.importing.row import ForeignFormat, Refused, Row, row_of

_TREE = "brands/"
_NAMES = ("brand", "name", "short_name", "alt_name", "official_name")
# `brand:ko`, `name:zh-Hant`: a name in a language; `brand:wikidata` and the like are none.
_IN_A_LANGUAGE = re.compile(r"(?:brand|name):[a-z]{2,3}(?:-[A-Za-z]+)?")
_BLANKS = re.compile(r"[\x00-\x20\x7f]+|\s+")
_LONGEST_ID = 128


def read_nsi(document: bytes, source: str) -> Iterator[Row | Refused]:
    """Give each item's brand, or why it is none. Raises ForeignFormat for what is no name-suggestion-index.

    A brand's id is its Wikidata item, so that it stays the same from version to version; without one it is
    ``nsi:`` and the name in small letters.
    """
    try:
        content = orjson.loads(document)
    except orjson.JSONDecodeError as error:
        raise ForeignFormat(f"{source} is not JSON: {error}") from None
    trees = content.get("nsi") if isinstance(content, dict) else None
    if not isinstance(trees, dict):
        raise ForeignFormat(
            f"{source} is no name-suggestion-index: it has no `nsi`; take dist/json/nsi.json of the npm package"
        )
    for path, category in trees.items():
        if not path.startswith(_TREE):
            continue
        for number, item in enumerate(category.get("items", ()) if isinstance(category, dict) else (), start=1):
            place = f"{source}, {path} item {number}"
            if not isinstance(item, dict) or not isinstance(item.get("tags"), dict):
                yield Refused(place, "", "an item without tags")
            else:
                yield _row(place, item)


def _row(place: str, item: Mapping[str, Any]) -> Row | Refused:
    tags = item["tags"]
    wikidata = tags.get("brand:wikidata")
    named = tags.get("brand") or tags.get("name") or item.get("displayName") or ""
    name = named.split(";")[0].strip()
    aliases = [
        alias
        for key, value in tags.items()
        if key in _NAMES or _IN_A_LANGUAGE.fullmatch(key)
        # OpenStreetMap writes several values of one tag with semicolons.
        for alias in (part.strip() for part in str(value).split(";"))
        if alias and alias != name
    ]
    aliases += [alias for alias in item.get("matchNames", ()) if alias != name]
    body = {"brand_id": wikidata or _id_of(name), "name": name, "aliases": list(dict.fromkeys(aliases))}
    return row_of(place, body, wikidata)


def _id_of(name: str) -> str:
    small = unicodedata.normalize("NFKC", name).casefold()
    return ("nsi:" + _BLANKS.sub("-", small))[:_LONGEST_ID]
