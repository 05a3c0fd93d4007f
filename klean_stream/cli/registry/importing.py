"""``klean-stream brands import``: a registry from outside, with a report of what was taken, merged and refused."""

import asyncio
import io
import zlib
from collections.abc import Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from rich.console import Group
from rich.text import Text

from klean_stream.brands.importing import (
    ForeignFormat,
    Import,
    Refused,
    Row,
    merge,
    read_csv,
    read_json_lines,
    read_nsi,
)
from klean_stream.cli.atomic_file import replacing
from klean_stream.cli.exit_codes import ExitCode, stop
from klean_stream.cli.jsonl import open_bytes
from klean_stream.cli.options import Bootstrap, Config, Format, settings_from
from klean_stream.cli.progress import reading_progress
from klean_stream.cli.render import OutputFormat, print_result, seller_text, table

_MOST_SHOWN = 20
_REPORT_EVERY = 1_000


class ForeignRegistry(StrEnum):
    """The formats that are understood."""

    csv = "csv"
    jsonl = "jsonl"
    nsi = "nsi"


def import_brands(
    files: Annotated[list[Path], typer.Argument(exists=True, dir_okay=False, help="The files; each may be .gz.")],
    format_: Annotated[
        ForeignRegistry,
        typer.Option("--format", help="`nsi`: dist/json/nsi.json of the npm package name-suggestion-index."),
    ],
    output: Annotated[
        Path | None, typer.Option("--output", dir_okay=False, help="Write the brands here, for `brands load`; .gz too.")
    ] = None,
    *,
    load: Annotated[bool, typer.Option("--load", help="Load the brands into the registry at once.")] = False,
    config: Config = None,
    bootstrap: Bootstrap = None,
    output_format: Format = OutputFormat.table,
) -> None:
    """Import a registry from outside, and report what was taken, merged and refused.

    Entries of one id, or of one name and one Wikidata item, become one brand; names in every script are united, and of
    what contradicts itself the first counts. What is refused is named with its place and its reason, and all else is
    taken. Without `--output` and `--load` there is only the report.

    CSV needs a header. Columns: brand_id and name; aliases, classes, common_word, wikidata, marks
    (`KR:40-0123456:2031-05-31`), owner, owner_reporters, agents, authorised_sellers, reference_prices (`139000 KRW`).
    Lists are separated by `;`. JSON Lines hold brands as `brands load` takes them, and may have `wikidata` besides.

    Exit code 1 if something was refused, or a file is not of that format (then nothing is written or loaded).

    ```
    klean-stream brands import --format csv --output brands.jsonl customs.csv
    klean-stream brands import --format nsi --output brands.jsonl.gz dist/json/nsi.json
    klean-stream brands import --format jsonl --load partners.jsonl
    ```
    """
    try:
        with reading_progress() as progress:
            entries = 0

            def counted() -> Iterator[Row | Refused]:
                nonlocal entries
                for entry in _entries(files, format_):
                    entries += 1
                    if entries % _REPORT_EVERY == 0:
                        progress("reading", entries, None)
                    yield entry

            imported = merge(counted())
        if output is not None:
            with replacing(output) as out:
                for brand in imported.brands:
                    out.write(orjson.dumps(brand, option=orjson.OPT_APPEND_NEWLINE))
    except (ForeignFormat, OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        stop(f"{error}.", ExitCode.FAILED)
    if load:
        _load(imported, config, bootstrap)
    print_result(output_format, _as_json(imported), _as_tables(imported, output, load=load))
    if imported.refused:
        raise typer.Exit(int(ExitCode.FAILED))


def _entries(files: Sequence[Path], format_: ForeignRegistry) -> Iterator[Row | Refused]:
    for file in files:
        with open_bytes(file) as raw:
            if format_ is ForeignRegistry.nsi:
                yield from read_nsi(raw.read(), file.name)
            elif format_ is ForeignRegistry.jsonl:
                yield from read_json_lines(raw, file.name)
            else:
                # Spreadsheets write a byte order mark; and the csv module wants line ends as they are.
                yield from read_csv(io.TextIOWrapper(raw, encoding="utf-8-sig", newline=""), file.name)


def _load(imported: Import, config: Path | None, bootstrap: str | None) -> None:
    from klean_stream.cli.kafka import one_sentence_errors
    from klean_stream.cli.publication import publication_of
    from klean_stream.cli.publishing import publish
    from klean_stream.processing import ROUTES

    with one_sentence_errors(), reading_progress() as progress:
        settings = settings_from(config, bootstrap=bootstrap)
        count = len(imported.brands)
        bodies = (orjson.loads(orjson.dumps(brand)) for brand in imported.brands)
        records = (publication_of(body, ROUTES["brands"], settings.max_event_bytes) for body in bodies)
        if count:
            asyncio.run(
                publish(settings, records, count=count, on_sent=lambda sent: progress("publishing", sent, count))
            )
    typer.echo(f"{count:,} brands published to {settings.topic('brands')}", err=True)


def _as_json(imported: Import) -> dict[str, Any]:
    return {
        "read": imported.read,
        "taken": len(imported.brands),
        "merged": imported.merged,
        "refused": imported.refused,
    }


def _as_tables(imported: Import, output: Path | None, *, load: bool) -> Group:
    joined = sum(len(merged.places) for merged in imported.merged)
    where = " and ".join([*([str(output)] if output is not None else []), *(["the registry"] if load else [])])
    head = (
        f"{imported.read:,} entries read. {len(imported.brands):,} brands taken"
        + (f" into {where}" if where else " (a trial: neither --output nor --load)")
        + f"; {len(imported.merged):,} of them merged of {joined:,} entries. {len(imported.refused):,} entries refused."
    )
    parts: list[Any] = [Text(head)]
    if imported.merged:
        shown = sorted(imported.merged, key=lambda merged: not merged.differences)[:_MOST_SHOWN]
        parts.append(
            table(
                ("merged", "name", "entries#", "first of them", "differences"),
                (
                    (
                        seller_text(merged.brand_id),
                        seller_text(merged.name),
                        Text(str(len(merged.places))),
                        seller_text(merged.places[0]),
                        seller_text(", ".join(merged.differences)),
                    )
                    for merged in shown
                ),
            )
        )
        parts += _more(len(imported.merged) - len(shown))
    if imported.refused:
        parts.append(
            table(
                ("refused", "name", "why"),
                (
                    tuple(seller_text(cell) for cell in (refused.place, refused.name, refused.reason))
                    for refused in imported.refused[:_MOST_SHOWN]
                ),
            )
        )
        parts += _more(len(imported.refused) - _MOST_SHOWN)
    return Group(*parts)


def _more(count: int) -> list[Text]:
    return [Text(f"… and {count:,} more; --output-format json names all of them")] if count > 0 else []
