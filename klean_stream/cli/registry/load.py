"""``klean-stream brands load``: brands into the registry, or out of it."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from klean_stream.cli.exit_codes import ExitCode, stop
from klean_stream.cli.options import Bootstrap, Config, settings_from
from klean_stream.cli.progress import reading_progress
from klean_stream.cli.publish import publish_file


def load(
    file: Annotated[
        Path | None, typer.Argument(exists=True, dir_okay=False, help="JSON Lines of brands; may be .gz.")
    ] = None,
    remove: Annotated[
        list[str] | None, typer.Option("--remove", metavar="BRAND_ID", help="Remove this brand; may be repeated.")
    ] = None,
    config: Config = None,
    bootstrap: Bootstrap = None,
) -> None:
    """Load brands into the registry, or remove some: in force on every worker within seconds.

    A line is a brand: `brand_id` and `name`, and what is known of `aliases`, `classes`, `marks`, `owner`, `agents`,
    `authorised_sellers`, `reference_prices`. It replaces the brand of that id as a whole; other brands stay. Every
    line is checked first; if one is bad, or two have the same id, they are named and nothing is loaded.

    ```
    klean-stream brands load brands.jsonl.gz
    klean-stream brands load --remove nike --remove adidas
    ```
    """
    from klean_stream.cli.kafka import one_sentence_errors
    from klean_stream.cli.publication import BadEvent, removal_record
    from klean_stream.cli.publishing import publish
    from klean_stream.processing import ROUTES

    if (file is None) == (not remove):
        stop("Give either a FILE of brands to load, or --remove BRAND_ID.", ExitCode.USAGE)
    with one_sentence_errors(), reading_progress() as progress:
        settings = settings_from(config, bootstrap=bootstrap)
        if file is not None:
            count = publish_file(settings, file, ROUTES["brands"], progress, unique_keys=True)
            typer.echo(f"{count:,} brands published to {settings.topic('brands')}", err=True)
            return
        try:
            records = [
                removal_record(ROUTES["brands"], brand_id, settings.max_event_bytes) for brand_id in remove or ()
            ]
        except BadEvent as error:
            stop(f"This is no brand's id: {error}.", ExitCode.USAGE)
        asyncio.run(publish(settings, records, count=len(records)))
        typer.echo(f"{len(records):,} removals published to {settings.topic('brands')}", err=True)
