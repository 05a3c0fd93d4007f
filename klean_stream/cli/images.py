"""``klean-stream images``: load the bank of known pictures, and compute the hashes of pictures."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import orjson
import typer

from klean_stream.cli.exit_codes import ExitCode, stop
from klean_stream.cli.options import Bootstrap, Config, settings_from
from klean_stream.cli.progress import reading_progress
from klean_stream.cli.publish import publish_file

if TYPE_CHECKING:
    from numpy.typing import NDArray

images = typer.Typer(no_args_is_help=True, help="The bank of pictures of counterfeits and of brands.")


@images.command()
def load(
    file: Annotated[
        Path | None, typer.Argument(exists=True, dir_okay=False, help="JSON Lines of pictures; may be .gz.")
    ] = None,
    remove: Annotated[
        list[str] | None, typer.Option("--remove", metavar="IMAGE_ID", help="Remove this picture; may be repeated.")
    ] = None,
    config: Config = None,
    bootstrap: Bootstrap = None,
) -> None:
    """Load pictures into the bank, or remove some: in force on every worker within seconds.

    A line is a picture: `image_id`, its PDQ `hash` (64 hex digits, as `klean-stream images hash` computes it), `kind`
    (`counterfeit`: of a known counterfeit; `brand`: a rights holder's own), and what is known of `brand_id` and
    `source`. It replaces the picture of that id. Every line is checked first; if one is bad, or two have the same id,
    they are named and nothing is loaded.

    ```
    klean-stream images load pictures.jsonl.gz
    klean-stream images load --remove img-000001
    ```
    """
    from klean_stream.cli.kafka import one_sentence_errors
    from klean_stream.cli.publication import BadEvent, removal_record
    from klean_stream.cli.publishing import publish
    from klean_stream.processing import ROUTES

    if (file is None) == (not remove):
        stop("Give either a FILE of pictures to load, or --remove IMAGE_ID.", ExitCode.USAGE)
    route = ROUTES["images"]
    with one_sentence_errors(), reading_progress() as progress:
        settings = settings_from(config, bootstrap=bootstrap)
        if file is not None:
            count = publish_file(settings, file, route, progress, unique_keys=True)
            typer.echo(f"{count:,} pictures published to {settings.topic(route.topic)}", err=True)
            return
        try:
            records = [removal_record(route, image_id, settings.max_event_bytes) for image_id in remove or ()]
        except BadEvent as error:
            stop(f"This is no picture's id: {error}.", ExitCode.USAGE)
        asyncio.run(publish(settings, records, count=len(records)))
        typer.echo(f"{len(records):,} removals published to {settings.topic(route.topic)}", err=True)


@images.command(name="hash")
def hash_files(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Pictures of any format that Pillow reads.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line: file, hash, quality.")] = False,
) -> None:
    """Compute the PDQ hashes of pictures: 64 hex digits, the quality (0 to 100), the file.

    PDQ is meant for pictures of quality 50 and more: below that a picture is too plain to be told from others. Needs
    the extra `images`: `pip install 'klean-stream[images]'`.

    Exit code 1 if a file is no picture; the others are hashed all the same.

    Example: klean-stream images hash --json fakes/*.jpg
    """
    try:
        import numpy as np
        import pdqhash
        from PIL import Image, UnidentifiedImageError
    except ImportError:
        stop("Hashing pictures needs the extra `images`: pip install 'klean-stream[images]'.", ExitCode.FAILED)
    failed = False
    for file in files:
        try:
            with Image.open(file) as picture:
                pixels: NDArray[Any] = np.asarray(picture.convert("RGB"))
            bits, quality = pdqhash.compute(pixels)
        except (OSError, UnidentifiedImageError, Image.DecompressionBombError) as error:
            typer.echo(f"{file} is no picture that can be read: {error}", err=True)
            failed = True
            continue
        digits = np.packbits(bits).tobytes().hex()
        if as_json:
            typer.echo(orjson.dumps({"file": str(file), "hash": digits, "quality": int(quality)}))
        else:
            typer.echo(f"{digits} {int(quality):3} {file}")
    if failed:
        raise typer.Exit(ExitCode.FAILED)
