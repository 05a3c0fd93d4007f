"""What commands print: seller text with its matched characters, tables, JSON, moments.

Seller text never passes through rich's markup: it is put into ``Text`` objects, its hidden characters shown.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import orjson
import typer
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from klean_stream.cli.escaping import visible, visible_in_json

MATCHED = "bold black on yellow"
# Around matched characters where there is no colour: a log, a pipe.
BRACKETS = ("⟦", "⟧")
_WIDE = 240


class OutputFormat(StrEnum):
    """How a command prints what it found."""

    table = "table"
    json = "json"


def console(*, stderr: bool = False) -> Console:
    """Give a console that takes no text for markup, highlights no numbers, and does not fold a pipe at 80."""
    made = Console(stderr=stderr, markup=False, highlight=False, emoji=False)
    return made if made.is_terminal else Console(stderr=stderr, markup=False, highlight=False, emoji=False, width=_WIDE)


def seller_text(text: object, style: str = "") -> Text:
    """Give text that somebody else wrote, with its hidden characters shown."""
    return Text(visible(str(text)), style=style, overflow="fold")


def highlighted(
    text: str,
    findings: Iterable[Mapping[str, Any]],
    *,
    field: str = "title",
    brackets: tuple[str, str] = ("", ""),
) -> Text:
    """Give seller text with the characters that findings of this field matched set off.

    A finding whose span does not hold its surface (the text was cut, or is another field's) is passed over.
    """
    matched = [False] * len(text)
    for finding in findings:
        start, end = finding.get("start"), finding.get("end")
        if finding.get("field") != field or not isinstance(start, int) or not isinstance(end, int):
            continue
        if 0 <= start < end <= len(text) and text[start:end] == finding.get("surface"):
            matched[start:end] = [True] * (end - start)
    shown = Text(overflow="fold")
    start = 0
    for end in range(1, len(text) + 1):
        if end == len(text) or matched[end] != matched[start]:
            part = visible(text[start:end])
            if matched[start]:
                shown.append(brackets[0] + part + brackets[1], style=MATCHED)
            else:
                shown.append(part)
            start = end
    return shown


def moment(milliseconds: int | None) -> str:
    """Give a time as UTC to the second; one that no calendar holds as its number."""
    if milliseconds is None:
        return "–"
    try:
        return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%d %H:%M:%SZ")
    except (ValueError, OverflowError, OSError):
        return f"{milliseconds} ms"


def span(milliseconds: int) -> str:
    """Give a length of time for people: the two largest units."""
    minutes = abs(milliseconds) // 60_000
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


def table(columns: Sequence[str], rows: Iterable[Sequence[RenderableType]]) -> Table:
    """Give a table; a column whose name ends in ``#`` is of numbers. No cell is ever cut: long ones fold."""
    made = Table()
    for name in columns:
        number = name.endswith("#")
        made.add_column(name.removesuffix("#"), justify="right" if number else "left", overflow="fold")
    for row in rows:
        made.add_row(*row)
    return made


def json_text(value: object) -> str:
    """Give a value as one line of JSON that is safe in a terminal."""
    return visible_in_json(orjson.dumps(value, default=str).decode())


def print_json(value: object) -> None:
    """Print a value as one line of JSON on standard output."""
    typer.echo(json_text(value))


def print_result(output_format: OutputFormat, value: object, shown: RenderableType) -> None:
    """Print ``shown`` to a person, or ``value`` as JSON to a program."""
    if output_format is OutputFormat.json:
        print_json(value)
    else:
        console().print(shown)
