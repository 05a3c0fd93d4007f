"""``klean-stream tail``: what the workers publish, readable, as it comes."""

import asyncio
import time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from klean_stream.cli.exit_codes import ExitCode, stop
from klean_stream.cli.options import Bootstrap, Config, Format, settings_from
from klean_stream.cli.render import BRACKETS, OutputFormat, console, print_json

if TYPE_CHECKING:
    from klean_stream.runtime.settings import Settings

_DEFAULT = ("takedowns", "escalations", "escalations-kr")


def tail(
    topic: Annotated[
        str | None,
        typer.Argument(help="A topic without its prefix; if not given: takedowns, escalations and escalations-kr."),
    ] = None,
    from_beginning: Annotated[bool, typer.Option("--from-beginning", help="Start with what is there already.")] = False,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="Stop after this many records.")] = None,
    config: Config = None,
    bootstrap: Bootstrap = None,
    output_format: Format = OutputFormat.table,
) -> None:
    """Follow takedowns and escalations (or another topic) until Ctrl-C.

    Shows verdict, seller, title with the matched characters set off, rule, findings and deadline. With
    `--output-format json` there is one record a line.

    ```
    klean-stream tail
    klean-stream tail escalations-kr --from-beginning --limit 20
    klean-stream tail decisions --output-format json | jq .value.verdict
    ```
    """
    from klean_stream.cli.kafka import one_sentence_errors
    from klean_stream.runtime.topics import TOPICS

    public = [spec.name for spec in TOPICS if spec.direction != "internal"]
    if topic is not None and topic not in public:
        stop(f"{topic!r} is no topic; there are {', '.join(public)}.", ExitCode.USAGE)
    with one_sentence_errors():
        settings = settings_from(config, bootstrap=bootstrap)
        names = _DEFAULT if topic is None else (topic,)
        try:
            asyncio.run(_follow(settings, names, limit, output_format, from_beginning=from_beginning))
        except KeyboardInterrupt:
            # How one is meant to leave it.
            raise typer.Exit(int(ExitCode.OK)) from None


async def _follow(
    settings: "Settings",
    names: tuple[str, ...],
    limit: int | None,
    output_format: OutputFormat,
    *,
    from_beginning: bool,
) -> None:
    from klean_stream.cli.kafka import follow

    logical = {settings.topic(name): name for name in names}
    count = 0
    async for record in follow(settings, names, from_beginning=from_beginning):
        _show(record, logical[record.topic], output_format)
        count += 1
        if count == limit:
            return


def _show(record: Any, name: str, output_format: OutputFormat) -> None:
    from klean_stream.cli.record_view import block

    if output_format is OutputFormat.json:
        print_json(as_json(record, name))
        return
    out = console()
    place = f"{record.topic} {record.partition}@{record.offset}"
    brackets = ("", "") if out.is_terminal else BRACKETS
    now = int(time.time() * 1000)
    out.print(block(name, place, record.value, record.timestamp, now=now, brackets=brackets))


def as_json(record: Any, name: str) -> dict[str, Any]:
    """Give a record as JSON: its body as an object where it is one, as text otherwise."""
    import orjson

    try:
        value = None if record.value is None else orjson.loads(record.value)
    except orjson.JSONDecodeError:
        value = record.value.decode("utf-8", "backslashreplace")
    return {
        "topic": name,
        "partition": record.partition,
        "offset": record.offset,
        "timestamp": record.timestamp,
        "key": None if record.key is None else record.key.decode("utf-8", "backslashreplace"),
        "value": value,
    }
