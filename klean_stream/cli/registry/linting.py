"""``klean-stream brands lint``: marks that would flood, before they are loaded."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Group
from rich.text import Text

from klean_stream.brands.linting import NameWarning, Sample, count_hits, floods, lint
from klean_stream.cli.exit_codes import ExitCode, stop
from klean_stream.cli.jsonl import BadLine, read_rows
from klean_stream.cli.match import read_brands
from klean_stream.cli.options import Format
from klean_stream.cli.progress import Report, reading_progress
from klean_stream.cli.render import BRACKETS, OutputFormat, console, highlighted, print_result, seller_text, table

_REPORT_EVERY = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class TitleRow:
    """A title of the sample; other fields are ignored."""

    title: str
    description: str = ""
    category: str | None = None


def lint_brands(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="JSON Lines of brands; may be .gz.")],
    titles: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            help="A sample of what is listed: JSON Lines of title, and if known description and category; may be .gz.",
        ),
    ] = None,
    most: Annotated[
        float,
        typer.Option("--flood-share", min=0.0, max=1.0, help="A brand found in a larger share of the titles floods."),
    ] = 0.01,
    top: Annotated[int, typer.Option("--top", min=1, help="Show so many warnings and brands; JSON has all.")] = 20,
    *,
    strict: Annotated[bool, typer.Option("--strict", help="Exit code 1 if there is a warning.")] = False,
    output_format: Format = OutputFormat.table,
) -> None:
    """Warn of marks that would flood moderators with honest listings, before they are loaded.

    A name is warned of if it is digits only, two letters or fewer, a word for goods, a word of the dictionary (unless
    the brand says `common_word`), or also a name of another brand. With `--titles` the brands are looked for in real
    titles as well: each with its hits, their share, how many the machine might act on, and examples; whatever is found
    in more than `--flood-share` of them is warned of, too.

    Exit code 1 if a line of a file cannot be used and, with `--strict`, if there is a warning.

    ```
    klean-stream brands lint brands.jsonl
    klean-stream brands lint brands.jsonl --titles yesterday.jsonl.gz --strict
    ```
    """
    try:
        with reading_progress() as progress:
            brands = list(read_brands(file))
            progress("brands", len(brands), len(brands))
            warnings = list(lint(brands))
            sample = None if titles is None else count_hits(brands, _texts(titles, progress))
    except (BadLine, OSError) as error:
        stop(str(error), ExitCode.FAILED)
    if sample is not None:
        warnings = [*floods(sample, most), *warnings]
    print_result(
        output_format,
        {"brands": len(brands), "warnings": warnings, "titles": None if sample is None else _sample_json(sample)},
        Group(*_warnings_shown(warnings, len(brands), top), *([] if sample is None else _hits_shown(sample, top))),
    )
    if strict and warnings:
        raise typer.Exit(int(ExitCode.FAILED))


def _texts(path: Path, progress: Report) -> Iterator[tuple[TitleRow, str | None]]:
    for count, (number, row) in enumerate(read_rows(path)):
        try:
            text = msgspec.convert({key: value for key, value in row.items() if value is not None}, TitleRow)
        except msgspec.ValidationError as error:
            raise BadLine(path, number, str(error)) from error
        if count % _REPORT_EVERY == 0:
            progress("titles", count, None)
        yield text, text.category


def _sample_json(sample: Sample) -> dict[str, Any]:
    return {
        "read": sample.texts,
        "hits": [
            {
                "brand_id": hits.brand_id,
                "titles": hits.texts,
                "act": hits.act,
                "share": round(sample.share(hits), 6),
                "examples": [
                    {"title": example.text.title, "match": msgspec.structs.asdict(example.match)}
                    for example in hits.examples
                ],
            }
            for hits in sample.hits
        ],
    }


def _warnings_shown(warnings: list[NameWarning], brands: int, top: int) -> list[Any]:
    counts = Counter(warning.trouble for warning in warnings)
    kinds = ", ".join(f"{count:,} {trouble}" for trouble, count in counts.most_common())
    shown: list[Any] = [Text(f"{brands:,} brands, {len(warnings):,} warnings" + (f": {kinds}" if kinds else "") + ".")]
    if warnings:
        shown.append(
            table(
                ("brand", "name", "warning", "why"),
                (
                    tuple(
                        seller_text(cell) for cell in (warning.brand_id, warning.name, warning.trouble, warning.detail)
                    )
                    for warning in warnings[:top]
                ),
            )
        )
    if len(warnings) > top:
        shown.append(Text(f"… and {len(warnings) - top:,} more; --top shows more"))
    return shown


def _hits_shown(sample: Sample, top: int) -> list[Any]:
    brackets = ("", "") if console().is_terminal else BRACKETS
    rows = []
    for hits in sample.hits[:top]:
        examples = Text("\n").join(
            highlighted(
                getattr(example.text, example.match.field),
                [msgspec.structs.asdict(example.match)],
                field=example.match.field,
                brackets=brackets,
            )
            for example in hits.examples
        )
        counted = (f"{hits.texts:,}", f"{sample.share(hits):.2%}", f"{hits.act:,}")
        rows.append((seller_text(hits.brand_id), *map(Text, counted), examples))
    return [
        Text(f"{sample.texts:,} titles, {len(sample.hits):,} brands found in them."),
        table(("brand", "titles#", "share#", "act#", "examples"), rows),
    ]
