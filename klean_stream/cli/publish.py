"""``klean-stream publish``: a file of events into a topic, all of them or none."""

import asyncio
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from klean_stream.cli.escaping import visible
from klean_stream.cli.exit_codes import ExitCode, stop
from klean_stream.cli.jsonl import BadLine
from klean_stream.cli.options import Bootstrap, Config, settings_from
from klean_stream.cli.progress import Report, reading_progress

if TYPE_CHECKING:
    from klean_stream.cli.publication import Publication
    from klean_stream.processing import Route
    from klean_stream.runtime.settings import Settings

_MOST_NAMED = 20
_REPORT_EVERY = 1_000


class InputTopic(StrEnum):
    """The topics that take events, by their names without the prefix."""

    listings = "listings"
    seller_signups = "seller-signups"
    ip_reports = "ip-reports"
    moderator_decisions = "moderator-decisions"
    rescans = "rescans"
    brands = "brands"
    images = "images"
    control = "control"


def publish(
    topic: Annotated[InputTopic, typer.Argument(help="The topic, without its prefix.")],
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="JSON Lines; may be .gz.")],
    config: Config = None,
    bootstrap: Bootstrap = None,
) -> None:
    """Publish a file of events, one JSON object a line: all of them, or none if one cannot be used.

    A line is the event's body as it goes over the wire, or an envelope around it: an object that has a `value` and
    nothing besides `value`, `key`, `headers` and `timestamp`.

    ```
    {"seller_id": "S-1", "listing_id": "L-1", "version": 1, "change": "created", "title": "…"}
    {"value": {"seller_id": "S-1", …}, "headers": {"ce_id": "42"}, "timestamp": 1700000000000}
    ```

    `key` is taken from the body (`seller_id`, `brand_id`, …) and may be left out; another one is an error.
    `headers` are laid over the CloudEvents headers that are made: `ce_source` is `/klean-stream/publish`, and
    `ce_id` follows from topic and body, so that a file that is published twice is decided once. `timestamp`
    (milliseconds since 1970; also one in a bare body) becomes the record's, where the topic does not take the
    broker's time. `"value": null` with a `key` removes a brand or a picture.

    Every line is checked first, as a worker will check it. Bad lines are named by number (the first 20), nothing is
    published and the exit code is 1. Otherwise all goes out in one Kafka transaction: readers see all of it or
    nothing. While it lasts, they see nothing else that is published to the topic, so large files are better split.

    ```
    klean-stream publish listings day.jsonl.gz
    klean-stream publish ip-reports reports.jsonl --bootstrap kafka-1:9092
    ```
    """
    from klean_stream.cli.kafka import one_sentence_errors
    from klean_stream.processing import ROUTES

    with one_sentence_errors(), reading_progress() as progress:
        settings = settings_from(config, bootstrap=bootstrap)
        count = publish_file(settings, file, ROUTES[topic.value], progress)
    typer.echo(f"{count:,} records published to {settings.topic(topic.value)}", err=True)


def publish_file(
    settings: "Settings", file: Path, route: "Route", progress: Report, *, unique_keys: bool = False
) -> int:
    """Check every line, then publish all of them; give how many. Ends the command where a line is bad.

    With ``unique_keys`` two lines of one key are an error.
    """
    from klean_stream.cli.publishing import publish as publish_all

    count = _checked(settings, file, route, progress, unique_keys=unique_keys)
    if not count:
        return 0
    return asyncio.run(
        publish_all(
            settings,
            # Read again rather than kept: the file may be larger than the memory.
            _good(settings, file, route),
            count=count,
            on_sent=lambda sent: progress("publishing", sent, count),
        )
    )


def _checked(settings: "Settings", file: Path, route: "Route", progress: Report, *, unique_keys: bool) -> int:
    from klean_stream.cli.publication import read_publications

    good, bad = 0, []
    seen: dict[bytes | None, int] = {}
    for number, line in read_publications(file, route, settings.max_event_bytes):
        if isinstance(line, BadLine):
            bad.append(line)
        elif unique_keys and line.key in seen:
            key = (line.key or b"").decode()
            bad.append(BadLine(file, number, f"{key} stands in line {seen[line.key]} already"))
        else:
            good += 1
            if unique_keys:
                seen[line.key] = number
        if good % _REPORT_EVERY == 0:
            progress("checking", good + len(bad), None)
    progress("checking", good + len(bad), good + len(bad))
    if bad:
        for line in bad[:_MOST_NAMED]:
            typer.echo(visible(f"line {line.number}: {line.reason}"), err=True)
        if len(bad) > _MOST_NAMED:
            typer.echo(f"… and {len(bad) - _MOST_NAMED:,} more", err=True)
        stop(
            f"{file}: {len(bad):,} of {good + len(bad):,} lines cannot be used; nothing was published.",
            ExitCode.FAILED,
        )
    return good


def _good(settings: "Settings", file: Path, route: "Route") -> Iterator["Publication"]:
    """Give the records of a file that was checked. Raises BadLine if it has changed since: nothing is published."""
    from klean_stream.cli.publication import read_publications

    for _, line in read_publications(file, route, settings.max_event_bytes):
        if isinstance(line, BadLine):
            raise line
        yield line
