"""``klean-stream replay``: the same core over a file of events, without Kafka."""

from pathlib import Path
from typing import Annotated

import orjson
import typer

from klean_stream.cli.exit_codes import ExitCode, stop


def replay(
    input_file: Annotated[
        Path, typer.Option("--input", help="Journal: what `export` writes, or lines {topic, value}; .gz accepted.")
    ],
    output: Annotated[Path, typer.Option("--output", help="One decision a line, in the order of the input.")],
    brands: Annotated[
        Path | None, typer.Option("--brands", help="Registry to start from, JSONL of brand bodies; .gz accepted.")
    ] = None,
    rows: Annotated[
        Path | None, typer.Option("--rows", help="Also write the state after the last line: {key, row} a line.")
    ] = None,
) -> None:
    """Decide a file of events again, without Kafka.

    The input is a journal as `klean-stream export` writes it, whose replay gives the decisions of that day byte
    for byte; or a file of your own, one {"topic": "listings", "value": {...}} a line, to see what would be decided.

    Exit code 1 if a line cannot be read or the journal does not hold together.

    Example: klean-stream export --output day.jsonl && klean-stream replay --input day.jsonl --output decisions.jsonl
    """
    from klean_stream.cli.atomic_file import replacing
    from klean_stream.cli.journal import read_journal
    from klean_stream.cli.jsonl import BadLine
    from klean_stream.cli.match import read_brands
    from klean_stream.processing.replay import JournalError, Replay

    try:
        run = Replay(read_brands(brands) if brands is not None else ())
        counts: dict[str, int] = {}
        with replacing(output) as out:
            for absorbed in run.run(read_journal(input_file)):
                counts[absorbed.fate] = counts.get(absorbed.fate, 0) + 1
                if absorbed.decision is not None:
                    out.write(orjson.dumps(absorbed.decision) + b"\n")
        if rows is not None:
            with replacing(rows) as out:
                for key, value in sorted(run.rows.rows.items()):
                    if not key.startswith(b"seen/"):
                        out.write(orjson.dumps({"key": key.decode(), "row": orjson.loads(value)}) + b"\n")
    except (BadLine, JournalError, OSError) as error:
        stop(str(error), ExitCode.FAILED)
    typer.echo(", ".join(f"{count} {fate}" for fate, count in sorted(counts.items())) or "nothing to decide", err=True)
