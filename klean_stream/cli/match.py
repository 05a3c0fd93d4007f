"""``klean-stream match`` says whose marks texts use, without Kafka."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, TypeVar

import msgspec
import orjson
import typer
from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from klean_stream.brands import BrandMatcher
from klean_stream.brands.goods import classes_of_kind, nice_classes
from klean_stream.cli.atomic_file import replacing
from klean_stream.cli.jsonl import BadLine, read_rows
from klean_stream.events import Brand

Row = TypeVar("Row")
_LAST_CLASS = 45


@dataclass(frozen=True, slots=True, kw_only=True)
class BrandRow:
    """What ``match`` needs of a brand: unlike on the wire, classes may also be categories or kinds of shops."""

    brand_id: Annotated[str, msgspec.Meta(min_length=1)]
    name: Annotated[str, msgspec.Meta(min_length=1)]
    aliases: tuple[str, ...] = ()
    classes: tuple[int | str, ...] = ()
    common_word: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TextRow:
    """A text to search. It has the shape that the matcher asks for."""

    id: str | int
    title: str
    description: str = ""
    category: str | None = None


def match(
    brands: Annotated[
        Path,
        typer.Option(
            exists=True,
            dir_okay=False,
            help="The registry: JSONL, one brand a line: brand_id, name, aliases, common_word. May be .gz.",
        ),
    ],
    input: Annotated[  # noqa: A002 - it is the option's name
        Path,
        typer.Option(
            exists=True,
            dir_okay=False,
            help="The texts: JSONL, one a line: id, title and, if there is one, description. May be .gz.",
        ),
    ],
    output: Annotated[
        Path,
        typer.Option(dir_okay=False, help="Where the results go. Written as a whole or not at all. May be .gz."),
    ],
    *,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")] = False,
) -> None:
    """Find whose marks listings use, without Kafka.

    Each text gives one line: its `id`; `brands`, the ids of the brands that a machine may act on; `review`,
    those that a person should look at; and `matches`, every place with its brand, surface, span, technique,
    confidence and tier. Other fields of brands and texts are ignored. A line that cannot be used is named by
    its number and nothing is written (exit code 1).
    """
    errors = Console(stderr=True)
    try:
        with _progress(errors, quiet=quiet) as progress:
            loading = progress.add_task("brands", total=None)
            matcher = BrandMatcher.build(progress.track(read_brands(brands), task_id=loading))
            matching = progress.add_task("texts", total=None)
            with replacing(output) as out:
                for result in match_rows(matcher, input):
                    out.write(result)
                    progress.advance(matching)
    except (BadLine, OSError) as error:
        errors.print(str(error), style="red", markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(1) from error


def read_brands(path: Path) -> Iterator[Brand]:
    """Give the brands of a file. Raises BadLine where a line is no brand."""
    for number, row in read_rows(path):
        brand = _convert(row, BrandRow, path, number)
        yield Brand(
            brand_id=brand.brand_id,
            name=brand.name,
            aliases=brand.aliases,
            classes=_nice(brand.classes),
            common_word=brand.common_word,
        )


def match_rows(matcher: BrandMatcher, path: Path) -> Iterable[bytes]:
    """Give one line of output for each line of a file of texts. Raises BadLine where a line is no text."""
    for number, row in read_rows(path):
        if row.get("description") is None:
            row.pop("description", None)
        text = _convert(row, TextRow, path, number)
        matches = matcher.match(text, nice_classes(text.category))
        acted_on = {match.brand_id for match in matches if match.tier == "act"}
        yield orjson.dumps(
            {
                "id": text.id,
                "brands": sorted(acted_on),
                "review": sorted({match.brand_id for match in matches} - acted_on),
                "matches": matches,
            },
            option=orjson.OPT_APPEND_NEWLINE,
        )


def _nice(classes: tuple[int | str, ...]) -> tuple[int, ...]:
    """Give the Nice classes of numbers, categories and kinds of shops; what is none of them says nothing."""
    known = ({c} if isinstance(c, int) else classes_of_kind(c) for c in classes)
    return tuple(sorted(number for number in set[int]().union(*known) if 1 <= number <= _LAST_CLASS))


def _convert(row: dict[str, Any], shape: type[Row], path: Path, number: int) -> Row:
    try:
        return msgspec.convert(row, shape)
    except msgspec.ValidationError as error:
        raise BadLine(path, number, str(error)) from error


def _progress(console: Console, *, quiet: bool) -> Progress:
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        disable=quiet,
    )
