"""``klean-stream match`` says whose marks texts use, without Kafka."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeVar

import msgspec
import orjson
import typer
from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from klean_stream.brands import BrandMatcher
from klean_stream.brands.goods import classes_of_kind, nice_classes
from klean_stream.cli.atomic_file import replacing
from klean_stream.cli.exit_codes import ExitCode, stop
from klean_stream.cli.explanation import explain_text
from klean_stream.cli.jsonl import BadLine, read_rows
from klean_stream.cli.render import OutputFormat, print_result
from klean_stream.events import Brand, Mark
from klean_stream.listings.searched import searched
from klean_stream.policy import default_policy
from klean_stream.sample import sample_brands

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
    marks: tuple[Mark, ...] = ()
    authorised_sellers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TextRow:
    """A text to search. It has the shape that the matcher asks for."""

    id: str | int
    title: str
    description: str = ""
    category: str | None = None


def match(
    brands: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            help="The registry: JSONL, one brand a line: brand_id, name, aliases, classes, common_word, marks, "
            "authorised_sellers. May be .gz. With --explain the packaged sample if left out.",
        ),
    ] = None,
    input: Annotated[  # noqa: A002 - it is the option's name
        Path | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            help="The texts: JSONL, one a line: id, title and, if there are any, description and category. May be .gz.",
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(dir_okay=False, help="Where the results go. Written as a whole or not at all. May be .gz."),
    ] = None,
    *,
    explain: Annotated[
        str | None,
        typer.Option(help="A title to explain instead: each view of it, each name in it, and what became of that."),
    ] = None,
    description: Annotated[str, typer.Option(help="With --explain: the listing's description.")] = "",
    category: Annotated[str | None, typer.Option(help="With --explain: the listing's category.")] = None,
    seller: Annotated[str, typer.Option(help="With --explain: the seller, who may be authorised.")] = "",
    territory: Annotated[str, typer.Option(help="With --explain: where the marketplace sells (ISO 3166-1).")] = "KR",
    day: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="With --explain: the day on which rights must be in force.  [today]"),
    ] = None,
    output_format: Annotated[OutputFormat, typer.Option(help="With --explain: a table for people, or JSON.")] = (
        OutputFormat.table
    ),
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")] = False,
) -> None:
    """Find whose marks listings use, or explain one, without Kafka.

    With --input each text gives one line in --output: its `id`; `brands`, the ids of the brands that a machine may
    act on; `review`, those that a person should look at; `matches`, every place with its brand, surface, span,
    technique, confidence and tier; and `cut`, the fields that are longer than the packaged policy lets search
    (`limits`), each with the code point `at` which it was cut `of` how many. Other fields of brands and texts are
    ignored. A line that cannot be used is named by its number and nothing is written (exit code 1).

    With --explain "TITLE" nothing is written: the views of the text are printed, every name in it, and why each is a
    mark (act), a question (review) or nothing (dropped: by its use, by a word's boundary, by better evidence at the
    same place, or by the rights).
    """
    if explain is not None:
        text = TextRow(id="", title=explain, description=description, category=category)
        rows = _explained(brands, quiet=quiet)
        explanation = explain_text(text, rows, seller_id=seller, territory=territory, day=day)
        print_result(output_format, explanation.as_json(), explanation.as_tables())
        return
    if brands is None or input is None or output is None:
        stop("match needs --brands, --input and --output; or --explain and a title.", ExitCode.USAGE)
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
        _fail(errors, error)


def _explained(path: Path | None, *, quiet: bool) -> list[Brand]:
    if path is None:
        return list(sample_brands())
    errors = Console(stderr=True)
    try:
        with _progress(errors, quiet=quiet) as progress:
            return list(progress.track(read_brands(path), task_id=progress.add_task("brands", total=None)))
    except (BadLine, OSError) as error:
        _fail(errors, error)


def _fail(errors: Console, error: Exception) -> NoReturn:
    errors.print(str(error), style="red", markup=False, highlight=False, soft_wrap=True)
    raise typer.Exit(int(ExitCode.FAILED)) from error


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
            marks=brand.marks,
            authorised_sellers=brand.authorised_sellers,
        )


def match_rows(matcher: BrandMatcher, path: Path) -> Iterable[bytes]:
    """Give one line of output for each line of a file of texts. Raises BadLine where a line is no text."""
    limits = default_policy().limits
    for number, row in read_rows(path):
        if row.get("description") is None:
            row.pop("description", None)
        text = _convert(row, TextRow, path, number)
        part = searched(text, limits)
        matches = matcher.match(part, nice_classes(text.category))
        acted_on = {match.brand_id for match in matches if match.tier == "act"}
        yield orjson.dumps(
            {
                "id": text.id,
                "brands": sorted(acted_on),
                "review": sorted({match.brand_id for match in matches} - acted_on),
                "matches": [msgspec.structs.asdict(match) for match in matches],
                "cut": [{"field": cut.field, "at": cut.start, "of": cut.end} for cut in part.cuts],
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
