"""``klean-stream rescan``: decide the live listings of all sellers again, against a newly registered mark."""

import asyncio
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from klean_stream.cli.exit_codes import ExitCode, stop
from klean_stream.cli.options import Bootstrap, Config, Format, settings_from
from klean_stream.cli.progress import Report, reading_progress
from klean_stream.cli.render import OutputFormat, moment, print_result, seller_text

if TYPE_CHECKING:
    from klean_stream.cli.publication import Publication
    from klean_stream.events import Brand
    from klean_stream.listings.live import LiveListings
    from klean_stream.runtime.settings import Settings

_IN_FORCE_MS = 5_000
"""A change of the registry is in force on every worker within so many milliseconds."""


def rescan(
    brand: Annotated[str, typer.Option("--brand", metavar="BRAND_ID", help="The brand, as it stands in the registry.")],
    rate: Annotated[int, typer.Option("--rate", min=1, help="Ask for so many listings a second.")] = 100,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count the listings that use the mark.")] = False,
    again: Annotated[
        bool, typer.Option("--again", help="Decide also what a rescan for this very mark has decided before.")
    ] = False,
    config: Config = None,
    bootstrap: Bootstrap = None,
    output_format: Format = OutputFormat.table,
) -> None:
    """Decide the live listings of all sellers again, after a mark was registered or has new names.

    Reads the state of every live listing, looks for this brand's names, and asks the workers on `rescans` to decide
    those that use it again, under the registry as it stands: allowed, escalated or taken down as a new listing would
    be. New listings go on meanwhile: `rescans` is a topic of its own, filled at `--rate`. A listing that changes before
    its turn comes is passed over, for then it is decided anyway.

    To repeat the command is safe: what was asked for already is a duplicate for 7 days, unless `--again`. Exit code 1
    if the brand does not stand in the registry.

    ```
    klean-stream rescan --brand norda --dry-run
    klean-stream rescan --brand norda --rate 500
    ```
    """
    from klean_stream.cli.kafka import one_sentence_errors

    with one_sentence_errors(), reading_progress() as progress:
        settings = settings_from(config, bootstrap=bootstrap)
        live, published = asyncio.run(_rescan(settings, brand, rate, progress, dry_run=dry_run, again=again))
    span = live.span
    share = f" ({live.count_using / len(live):.2%})" if len(live) else ""
    text = f"{len(live):,} live listings"
    if span is not None:
        text += f", decided between {moment(span[0])} and {moment(span[1])}"
    text += f"; {live.count_using:,} of them{share} use the mark of {brand}. "
    text += "Nothing was asked for (--dry-run)." if dry_run else f"{published:,} are to be decided again."
    print_result(
        output_format,
        {
            "brand_id": brand,
            "live": len(live),
            "oldest": None if span is None else span[0],
            "newest": None if span is None else span[1],
            "using_the_mark": live.count_using,
            "published": published,
        },
        seller_text(text),
    )


async def _rescan(
    settings: "Settings", brand_id: str, rate: int, progress: Report, *, dry_run: bool, again: bool
) -> tuple["LiveListings", int]:
    from klean_stream.cli.kafka import read_topic
    from klean_stream.listings.live import LiveListings

    brand, version, registered = await _registered(settings, brand_id, progress)
    # Whatever is decided from here on is decided with the brand; what was before stands in the state.
    await asyncio.sleep(max(0, _IN_FORCE_MS - max(0, time.time() * 1000 - registered)) / 1000)
    live = LiveListings(brand, version, int(time.time() * 1000))
    async for record in read_topic(settings, "state", progress=progress):
        live.take(record.key, record.value)
    if dry_run:
        return live, 0
    records = _records(settings, live, again=again)
    return live, await _publish(settings, records, rate, progress)


async def _registered(settings: "Settings", brand_id: str, progress: Report) -> tuple["Brand", int, int]:
    """Give a brand, the registry version that it came with, and when (ms). Ends the command where there is none."""
    from klean_stream.cli.kafka import read_topic
    from klean_stream.decision import Rejected
    from klean_stream.processing import ROUTES
    from klean_stream.processing.decoding import decode
    from klean_stream.runtime.records import input_record

    found: tuple[Brand, int, int] | None = None
    async for record in read_topic(settings, "brands", progress=progress):
        if record.key != brand_id.encode():
            continue
        try:
            brand = decode(input_record(record, "brands", record.partition), ROUTES["brands"], settings.max_event_bytes)
        except Rejected:
            # Workers pass over it too.
            continue
        found = None if brand is None else (brand, record.offset + 1, record.timestamp)
    if found is None:
        stop(
            f"The registry has no brand {brand_id!r}; `klean-stream brands load` puts brands into it.", ExitCode.FAILED
        )
    return found


def _records(settings: "Settings", live: "LiveListings", *, again: bool) -> list["Publication"]:
    import uuid

    import orjson

    from klean_stream.cli.publication import publication_of
    from klean_stream.processing import ROUTES

    records = []
    for event in live.using_the_mark():
        body = orjson.loads(orjson.dumps(event))
        # The id follows from the content: the same listing, version, brand and version of the brand.
        line = {"value": body, "headers": {"ce_id": str(uuid.uuid4())}} if again else body
        records.append(publication_of(line, ROUTES["rescans"], settings.max_event_bytes))
    return records


async def _publish(settings: "Settings", records: Sequence["Publication"], rate: int, progress: Report) -> int:
    """Publish so many records a second; give how many there were. Raises TopicsError, PublishError."""
    from aiokafka import AIOKafkaProducer
    from aiokafka.errors import KafkaError

    from klean_stream.cli.kafka import PublishError, partitions_of
    from klean_stream.runtime.ownership import partition_of
    from klean_stream.runtime.topics import TopicsError

    topic = settings.topic("rescans")
    partitions = len(await partitions_of(settings, ["rescans"]))
    if partitions != settings.partitions:
        raise TopicsError(
            f"Topic {topic} has {partitions} partitions and needs {settings.partitions} (setting `partitions`); "
            "nothing was published."
        )
    producer = AIOKafkaProducer(bootstrap_servers=settings.bootstrap, enable_idempotence=True, acks="all")
    await producer.start()
    done = 0
    try:
        began = time.monotonic()
        for start in range(0, len(records), rate):
            batch = [
                await producer.send(
                    topic,
                    record.value,
                    key=record.key,
                    headers=list(record.headers),
                    partition=partition_of(record.key or b"", partitions),
                )
                for record in records[start : start + rate]
            ]
            await asyncio.gather(*batch)
            done += len(batch)
            progress("asking for rescans", done, len(records))
            if done < len(records):
                await asyncio.sleep(max(0.0, began + done / rate - time.monotonic()))
    except asyncio.CancelledError:
        typer.echo(f"Interrupted: {done:,} of {len(records):,} rescans were published; to go on is safe.", err=True)
        raise
    except KafkaError as error:
        raise PublishError(
            f"{done:,} of {len(records):,} rescans were published ({str(error) or type(error).__name__}); to repeat "
            "the command is safe, for a listing is decided once."
        ) from None
    finally:
        await producer.stop()
    return done
