"""Brands from CSV: one a line, under a header that names the columns."""

import csv
import re
from collections.abc import Iterable, Iterator

from klean_stream.brands.importing.row import ForeignFormat, Refused, Row, row_of

COLUMNS = {
    "brand_id": "required",
    "name": "required",
    "aliases": "list: other names, in any script",
    "classes": "list: Nice classes, 1 to 45",
    "common_word": "yes or no: the name is also an ordinary word",
    "wikidata": "the brand's item: Q483915. Entries with one name and one item are one brand",
    "marks": "list of JURISDICTION:NUMBER or JURISDICTION:NUMBER:VALID_UNTIL: KR:40-0123456:2031-05-31",
    "owner": "the rights holder's name",
    "owner_reporters": "list: the reporter ids of the owner",
    "agents": "list: the reporter ids of those who act for it",
    "authorised_sellers": "list: seller ids",
    "reference_prices": "list of AMOUNT CURRENCY in minor units: 139000 KRW",
}
"""The columns, each with what stands in it. A list's parts are separated by ``;``."""

_REQUIRED = ("brand_id", "name")
_TRUE, _FALSE = frozenset({"1", "true", "yes", "y"}), frozenset({"", "0", "false", "no", "n"})
_PRICE = re.compile(r"(\d+)\s+([A-Z]{3})")
_SEPARATOR = ";"


def read_csv(lines: Iterable[str], source: str) -> Iterator[Row | Refused]:
    """Give each line's brand, or why it is none; ``source`` names the file in places.

    Raises ForeignFormat where the header is missing, lacks a required column, or names one that there is not.
    """
    reader = csv.reader(lines, strict=True)
    header = _header(reader, source)
    while True:
        # Before the record is read, for it may be quoted over several lines.
        place = f"{source}, line {reader.line_num + 1}"
        try:
            cells = next(reader, None)
        except csv.Error as error:
            yield Refused(place, "", f"not CSV: {error}")
            continue
        if cells is None:
            return
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(header):
            yield Refused(place, "", f"{len(cells)} cells under {len(header)} columns")
            continue
        values = {column: cell.strip() for column, cell in zip(header, cells, strict=True)}
        try:
            body = _body(values)
        except ValueError as error:
            yield Refused(place, values["name"], str(error))
        else:
            yield row_of(place, body, values.get("wikidata"))


def _header(reader: "Iterator[list[str]]", source: str) -> list[str]:
    try:
        header = [cell.strip() for cell in next(reader, [])]
    except csv.Error as error:
        raise ForeignFormat(f"{source} is not CSV: {error}") from None
    if not any(header):
        raise ForeignFormat(f"{source} is empty; its first line must name the columns: {', '.join(COLUMNS)}")
    missing = [column for column in _REQUIRED if column not in header]
    if missing:
        raise ForeignFormat(
            f"{source} has no column {' and no column '.join(missing)}; its first line must name the columns"
        )
    if unknown := [column for column in header if column not in COLUMNS]:
        raise ForeignFormat(f"{source} has a column {unknown[0]!r}, which there is not; there are {', '.join(COLUMNS)}")
    if twice := [column for column in COLUMNS if header.count(column) > 1]:
        raise ForeignFormat(f"{source} has the column {twice[0]} twice")
    return header


def _body(values: dict[str, str]) -> dict[str, object]:
    def parts(column: str) -> list[str]:
        return [part.strip() for part in values.get(column, "").split(_SEPARATOR) if part.strip()]

    body: dict[str, object] = {
        "brand_id": values["brand_id"],
        "name": values["name"],
        "aliases": parts("aliases"),
        "classes": [_class(part) for part in parts("classes")],
        "common_word": _truth(values.get("common_word", "")),
        "marks": [_mark(part) for part in parts("marks")],
        "agents": parts("agents"),
        "authorised_sellers": parts("authorised_sellers"),
        "reference_prices": [_price(part) for part in parts("reference_prices")],
    }
    if values.get("owner"):
        body["owner"] = {"name": values["owner"], "reporter_ids": parts("owner_reporters")}
    elif parts("owner_reporters"):
        raise ValueError("`owner_reporters` without an `owner`")
    return body


def _class(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise ValueError(f"`classes` takes Nice classes, 1 to 45, and not {text!r}") from None


def _truth(text: str) -> bool:
    if text.lower() in _TRUE | _FALSE:
        return text.lower() in _TRUE
    raise ValueError(f"`common_word` is yes or no, and not {text!r}")


def _mark(text: str) -> dict[str, object]:
    jurisdiction, _, rest = text.partition(":")
    number, _, until = rest.partition(":")
    if not number:
        raise ValueError(f"a mark is JURISDICTION:NUMBER, and not {text!r}")
    return {"jurisdiction": jurisdiction or None, "number": number, "valid_until": until or None}


def _price(text: str) -> dict[str, object]:
    match = _PRICE.fullmatch(text)
    if match is None:
        raise ValueError(f"a price is AMOUNT CURRENCY in minor units, and not {text!r}")
    return {"price": {"amount": int(match[1]), "currency": match[2]}}
