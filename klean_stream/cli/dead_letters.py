"""``klean-stream dead-letters``: what could not be processed, why, and another try."""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator
from operator import itemgetter
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Group
from rich.text import Text

from klean_stream.cli.exit_codes import ExitCode, stop
from klean_stream.cli.options import Bootstrap, Config, Format, settings_from
from klean_stream.cli.progress import Report, reading_progress
from klean_stream.cli.render import OutputFormat, moment, print_result, seller_text, table

if TYPE_CHECKING:
    from klean_stream.cli.dead_letter_view import DeadLetter
    from klean_stream.cli.publication import Publication
    from klean_stream.runtime.settings import Settings

dead_letters = typer.Typer(no_args_is_help=True, help="What could not be processed, why, and another try.")

Restricted = Annotated[
    bool,
    typer.Option("--restricted", help="Those of topics with personal data (dead-letters-restricted)."),
]
_PLACE = re.compile(r"^(\d{1,9})@(\d{1,18})$")


def _topic(restricted: bool) -> str:
    return "dead-letters-restricted" if restricted else "dead-letters"


@dead_letters.command(name="list")
def list_(
    restricted: Restricted = False,
    reason: Annotated[str | None, typer.Option("--reason", metavar="CODE", help="Only this reason.")] = None,
    source: Annotated[str | None, typer.Option("--topic", help="Only what came from this topic.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="Show this many at the most, the newest.")] = 100,
    config: Config = None,
    bootstrap: Bootstrap = None,
    output_format: Format = OutputFormat.table,
) -> None:
    """List dead letters, the oldest first: where they are, where they came from, and why.

    ```
    klean-stream dead-letters list --reason wrong_partition
    klean-stream dead-letters list --restricted --output-format json
    ```
    """
    from klean_stream.cli.kafka import one_sentence_errors

    with one_sentence_errors(), reading_progress() as progress:
        settings = settings_from(config, bootstrap=bootstrap)
        letters = asyncio.run(_read(settings, _topic(restricted), progress))
    found = [
        letter
        for letter in letters
        if (reason is None or letter.reason == reason) and (source is None or letter.topic == source)
    ]
    last = found[-limit:]
    shown = table(
        ("dead letter", "from", "reason", "detail", "time (UTC)", "key", "bytes#"),
        (_row(letter) for letter in last),
    )
    print_result(output_format, [_summary(letter) for letter in last], shown)
    counts = ", ".join(f"{count:,} {code}" for code, count in Counter(one.reason for one in found).most_common())
    left_out = f", the last {limit} shown (--limit)" if len(found) > limit else ""
    typer.echo(f"{len(found):,} dead letters{': ' + counts if counts else ''}{left_out}", err=True)


@dead_letters.command()
def show(
    place: Annotated[str, typer.Argument(metavar="PARTITION@OFFSET", help="As `dead-letters list` shows it.")],
    restricted: Restricted = False,
    most: Annotated[int, typer.Option("--bytes", min=1, help="Dump this many bytes of the body.")] = 2_048,
    config: Config = None,
    bootstrap: Bootstrap = None,
    output_format: Format = OutputFormat.table,
) -> None:
    """Show one dead letter whole: source, reason, headers, key, and the body as text and in hexadecimal.

    ```
    klean-stream dead-letters show 3@17
    ```
    """
    from klean_stream.cli.dead_letter_view import hexdump, text_of
    from klean_stream.cli.kafka import one_sentence_errors

    with one_sentence_errors():
        settings = settings_from(config, bootstrap=bootstrap)
        (letter,) = asyncio.run(_pick(settings, _topic(restricted), [place]))
    value = letter.value or b""
    shown = table(
        ("", ""),
        (
            (Text("from"), seller_text(f"{letter.topic} {letter.partition}@{letter.offset}")),
            (Text("time"), Text(moment(letter.time))),
            (Text("reason"), seller_text(letter.reason, "bold red")),
            (Text("detail"), seller_text(letter.detail)),
            (Text("key"), seller_text(text_of(letter.key))),
            *((seller_text(f"header {name}"), seller_text(text_of(content))) for name, content in letter.headers),
            (Text("body"), Text("null" if letter.value is None else f"{len(value):,} bytes")),
            (Text("as text"), seller_text(text_of(value[:most]))),
        ),
    )
    detail = {
        **_summary(letter),
        "headers": [[name, None if content is None else text_of(content)] for name, content in letter.headers],
        "value": None if letter.value is None else text_of(letter.value),
        "value_hex": None if letter.value is None else letter.value.hex(),
    }
    print_result(output_format, detail, Group(shown, *(Text(line) for line in hexdump(value, most))))


@dead_letters.command()
def replay(
    places: Annotated[
        list[str] | None, typer.Argument(metavar="[PARTITION@OFFSET]...", help="Which, as `list` shows them.")
    ] = None,
    reason: Annotated[str | None, typer.Option("--reason", metavar="CODE", help="All that have this reason.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All of them.")] = False,
    restricted: Restricted = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    config: Config = None,
    bootstrap: Bootstrap = None,
) -> None:
    """Publish dead letters again where they came from: key, body and headers as they were.

    Each goes into the partition that its key gives (one without a key into the one where it lay), all of them in one
    transaction. They stay in the dead-letter topic; replaying one twice does no harm, for an event counts once. One
    that is still wrong becomes a new dead letter: mend the cause first.

    ```
    klean-stream dead-letters replay 3@17 3@18
    klean-stream dead-letters replay --reason wrong_partition --yes
    ```
    """
    from klean_stream.cli.kafka import one_sentence_errors
    from klean_stream.cli.publishing import publish

    if (bool(places), reason is not None, everything).count(True) != 1:
        stop("Say which to replay: PARTITION@OFFSET…, or --reason CODE, or --all.", ExitCode.USAGE)
    with one_sentence_errors(), reading_progress() as progress:
        settings = settings_from(config, bootstrap=bootstrap)
        if places:
            letters = asyncio.run(_pick(settings, _topic(restricted), places))
        else:
            letters = [
                letter
                for letter in asyncio.run(_read(settings, _topic(restricted), progress))
                if everything or letter.reason == reason
            ]
    if not letters:
        stop("There is no such dead letter.", ExitCode.FAILED)
    for letter in letters:
        if not letter.comes_from_an_input():
            stop(
                f"Nothing was published again: {letter.place} comes from {letter.topic!r}, which is no input topic.",
                ExitCode.FAILED,
            )
    by_topic = Counter(letter.topic for letter in letters)
    counts = ", ".join(f"{count:,} to {name}" for name, count in sorted(by_topic.items()))
    if not yes:
        typer.confirm(f"Publish {len(letters):,} dead letters again ({counts})?", abort=True, err=True)
    with one_sentence_errors():
        originals = _originals(settings, _topic(restricted), {letter.place for letter in letters})
        count = asyncio.run(publish(settings, originals, count=len(letters)))
    typer.echo(f"{count:,} published again ({counts})", err=True)


async def _originals(settings: "Settings", name: str, places: set[str]) -> AsyncIterator["Publication"]:
    """Yield the original records of these dead letters. Read again rather than kept: they may be many and large."""
    from klean_stream.cli.dead_letter_view import DeadLetter
    from klean_stream.cli.kafka import read_topic

    async for record in read_topic(settings, name):
        letter = DeadLetter.of(record)
        if letter.place in places:
            yield letter.original()


async def _read(settings: "Settings", name: str, progress: Report) -> list["DeadLetter"]:
    """Give all dead letters, without their bodies, in the order in which they were written."""
    from klean_stream.cli.dead_letter_view import DeadLetter
    from klean_stream.cli.kafka import read_topic

    found = [
        ((record.timestamp, record.partition, record.offset), DeadLetter.of(record).without_value())
        async for record in read_topic(settings, name, progress=progress)
    ]
    return [letter for _, letter in sorted(found, key=itemgetter(0))]


async def _pick(settings: "Settings", name: str, places: list[str]) -> list["DeadLetter"]:
    """Give the dead letters at these places. Ends the command if one is not there."""
    from klean_stream.cli.dead_letter_view import DeadLetter
    from klean_stream.cli.kafka import read_one

    letters = []
    for place in places:
        matched = _PLACE.match(place)
        if matched is None:
            stop(f"{place!r} is no place: write PARTITION@OFFSET, such as 3@17.", ExitCode.USAGE)
        record = await read_one(settings, name, int(matched[1]), int(matched[2]))
        if record is None:
            stop(f"There is no dead letter at {place} of {settings.topic(name)}.", ExitCode.FAILED)
        letters.append(DeadLetter.of(record))
    return letters


def _row(letter: "DeadLetter") -> tuple[Text, ...]:
    from klean_stream.cli.dead_letter_view import text_of

    return (
        Text(letter.place),
        seller_text(f"{letter.topic} {letter.partition}@{letter.offset}"),
        seller_text(letter.reason, "red"),
        seller_text(letter.detail),
        Text(moment(letter.time)),
        seller_text(text_of(letter.key)),
        Text("null" if letter.size is None else f"{letter.size:,}"),
    )


def _summary(letter: "DeadLetter") -> dict[str, Any]:
    from klean_stream.cli.dead_letter_view import text_of

    return {
        "place": letter.place,
        "topic": letter.topic,
        "partition": letter.partition,
        "offset": letter.offset,
        "time": letter.time,
        "reason": letter.reason,
        "detail": letter.detail,
        "key": None if letter.key is None else text_of(letter.key),
        "bytes": letter.size,
    }
