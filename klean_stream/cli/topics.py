"""``klean-stream topics``: make the topics, and check how they were made."""

import asyncio
from typing import TYPE_CHECKING

import typer
from rich.text import Text

from klean_stream.cli.exit_codes import ExitCode
from klean_stream.cli.options import Bootstrap, Config, Format, settings_from
from klean_stream.cli.render import OutputFormat, print_result, table

if TYPE_CHECKING:
    from klean_stream.runtime.topics import TopicState

topics = typer.Typer(no_args_is_help=True, help="Make the topics, and check how they were made.")


@topics.command()
def create(config: Config = None, bootstrap: Bootstrap = None, output_format: Format = OutputFormat.table) -> None:
    """Make the topics that are missing, with the right partitions, compaction, retention and time stamps.

    What is there already is left as it is; `topics check` says whether it will do. The number of partitions (setting
    `partitions`) cannot be changed later: choose it for the number of workers that there may ever be.

    ```
    KLEAN_PARTITIONS=32 KLEAN_REPLICATION_FACTOR=3 klean-stream topics create
    ```
    """
    from klean_stream.cli.kafka import one_sentence_errors
    from klean_stream.runtime.topics import create_topics

    with one_sentence_errors():
        settings = settings_from(config, bootstrap=bootstrap)
        made = asyncio.run(create_topics(settings))
    rows = [{"topic": topic, "made": is_new} for topic, is_new in made]
    shown = table(
        ("topic", ""),
        (
            (Text(topic), Text("made", style="green") if is_new else Text("was there", style="dim"))
            for topic, is_new in made
        ),
    )
    print_result(output_format, rows, shown)


def _finding(state: "TopicState") -> Text:
    if state.problem is not None:
        return Text(state.problem, style="red")
    return Text("as it should be", style="green") if state.warning is None else Text(state.warning, style="yellow")


@topics.command()
def check(config: Config = None, bootstrap: Bootstrap = None, output_format: Format = OutputFormat.table) -> None:
    """Compare every topic with how it should be made; exit code 1 if one will not do. A warning stops no worker.

    ```
    klean-stream topics check --output-format json
    ```
    """
    from klean_stream.cli.kafka import one_sentence_errors
    from klean_stream.runtime.topics import check_topics

    with one_sentence_errors():
        settings = settings_from(config, bootstrap=bootstrap)
        states = asyncio.run(check_topics(settings))
    rows = [
        {"topic": at.topic, "partitions": at.partitions, "problem": at.problem, "warning": at.warning} for at in states
    ]
    shown = table(
        ("topic", "partitions#", "finding"),
        (
            (
                Text(state.topic),
                Text("–" if state.partitions is None else str(state.partitions)),
                _finding(state),
            )
            for state in states
        ),
    )
    print_result(output_format, rows, shown)
    if any(state.problem is not None for state in states):
        raise typer.Exit(int(ExitCode.FAILED))
