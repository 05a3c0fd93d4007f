"""``klean-stream export``: the inputs of the day, as the workers took them, into a journal file."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from klean_stream.cli.atomic_file import replacing


def export(
    output: Annotated[Path, typer.Option("--output", help="The journal file to write.")],
    config: Annotated[Path | None, typer.Option("--config", help="Settings file (TOML).")] = None,
) -> None:
    """Write from Kafka every decided input, with brands and control, in the order in which it was taken.

    The order is the decision log's. `klean-stream replay --input FILE` makes the same decisions of it.

    Exit code 1 if inputs that were decided are gone from Kafka; 2 for a wrong setting; 3 if no broker answers.
    """
    from klean_stream.cli.journal import dump_line
    from klean_stream.cli.kafka import one_sentence_errors
    from klean_stream.cli.progress import reading_progress
    from klean_stream.runtime.export import ExportError, export_journal
    from klean_stream.runtime.settings import load_settings

    with one_sentence_errors():
        settings = load_settings(config)
        try:
            with reading_progress() as progress, replacing(output) as out:
                lines = 0
                for line in asyncio.run(export_journal(settings, progress)):
                    out.write(dump_line(line) + b"\n")
                    lines += 1
        except ExportError as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(1) from None
        typer.echo(f"{lines} lines", err=True)
