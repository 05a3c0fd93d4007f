"""Brands from JSON Lines: bodies as ``brands load`` takes them, and besides them the brand's Wikidata item."""

from collections.abc import Iterable, Iterator

import orjson

from klean_stream.brands.importing.row import Refused, Row, row_of


def read_json_lines(lines: Iterable[bytes | str], source: str) -> Iterator[Row | Refused]:
    """Give each line's brand, or why it is none; empty lines are skipped, unknown fields are ignored."""
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        place = f"{source}, line {number}"
        try:
            body = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            yield Refused(place, "", f"not valid JSON: {error}")
            continue
        if not isinstance(body, dict):
            yield Refused(place, "", "not a JSON object")
            continue
        wikidata = body.pop("wikidata", None)
        if wikidata is not None and not isinstance(wikidata, str):
            yield Refused(place, str(body.get("name") or ""), "`wikidata` is a string, such as Q483915")
            continue
        yield row_of(place, body, wikidata)
