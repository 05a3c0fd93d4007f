"""``klean-stream export``: the inputs of the day, as the workers took them, into a journal file."""

import asyncio
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from klean_stream.cli.exit_codes import ExitCode, stop
from klean_stream.cli.options import Bootstrap, Config, settings_from


def export(
    output: Annotated[Path, typer.Option("--output", help="The journal file to write; .gz is compressed.")],
    config: Config = None,
    bootstrap: Bootstrap = None,
) -> None:
    """Write from Kafka every decided input, with all that they were decided under, in the order in which it was taken.

    The order is the decision log's, and each line says under which versions of registry, policy, fingerprints and
    pictures it was decided. `klean-stream replay --input FILE` makes the same decisions of it, byte for byte.

    Exit code 1 if inputs that were decided are gone from Kafka, or were decided twice.

    Example: klean-stream export --output day.jsonl.gz
    """
    from klean_stream.cli.atomic_file import replacing
    from klean_stream.cli.journal import dump_line
    from klean_stream.cli.kafka import one_sentence_errors, read_topic
    from klean_stream.cli.progress import reading_progress
    from klean_stream.runtime.export import ExportError, export_journal

    with one_sentence_errors():
        settings = settings_from(config, bootstrap=bootstrap)
        lines = 0
        try:
            with reading_progress() as progress, replacing(output) as out:
                for line in asyncio.run(export_journal(partial(read_topic, settings, progress=progress))):
                    out.write(dump_line(line) + b"\n")
                    lines += 1
        except ExportError as error:
            stop(str(error), ExitCode.FAILED)
        typer.echo(f"{lines} lines in {output}", err=True)
