"""``klean-stream seller``: a seller's risk, every point of it explained, from the worker that owns the seller."""

import asyncio
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote

import orjson
import typer
from rich.console import Group, RenderableType
from rich.text import Text

from klean_stream.cli.exit_codes import ExitCode, stop
from klean_stream.cli.options import Bootstrap, Config, Format, settings_from
from klean_stream.cli.render import OutputFormat, moment, print_result, seller_text, table

if TYPE_CHECKING:
    from klean_stream.runtime.settings import Settings

_SECONDS = 10.0
_LEVELS = {"normal": "green", "elevated": "yellow", "high": "red", "suspended": "bold red"}


def seller(
    seller_id: Annotated[str, typer.Argument(help="The seller's id.")],
    config: Config = None,
    bootstrap: Bootstrap = None,
    output_format: Format = OutputFormat.table,
) -> None:
    """Show a seller's risk now, and what every point of it comes from.

    Finds the worker that owns the seller through the consumer group and asks it at its advertised address. What
    it shows is about a person, so the workers' token is needed (KLEAN_HTTP_TOKEN).

    ```
    klean-stream seller S-1001
    ```

    Exit code 1: no such seller; 2: the token is missing or wrong; 4: no worker answers for this seller now.
    """
    from klean_stream.cli.kafka import one_sentence_errors
    from klean_stream.cli.owner import NoOwner

    with one_sentence_errors():
        settings = settings_from(config, bootstrap=bootstrap)
        if not settings.http_token:
            stop("KLEAN_HTTP_TOKEN is not set: workers show a seller's risk only to who knows it.", ExitCode.USAGE)
        try:
            url, status, body = asyncio.run(_ask(settings, seller_id))
        except NoOwner as error:
            stop(str(error), ExitCode.WORKER)
    if status != 200:
        stop(*_refusal(status, body.decode("utf-8", "replace").strip(), seller_id, url))
    risk = orjson.loads(body)
    print_result(output_format, risk, explained(risk))


async def _ask(settings: "Settings", seller_id: str) -> tuple[str, int, bytes]:
    import aiohttp
    from yarl import URL

    from klean_stream.cli.owner import NoOwner, owner_of

    url = await owner_of(settings, seller_id)
    # An id may hold any printable character, "/" and "?" included.
    address = URL(f"{url.rstrip('/')}/sellers/{quote(seller_id, safe='')}", encoded=True)
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_SECONDS)) as session,
            session.get(
                address,
                headers={"Authorization": f"Bearer {settings.http_token}"},
                # The token is for the worker, not for wherever an answer may point.
                allow_redirects=False,
            ) as response,
        ):
            return url, response.status, await response.read()
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        reason = str(error) or type(error).__name__
        raise NoOwner(
            f"The worker at {url} owns this seller and does not answer ({reason}); if that is not how it is reached "
            "from here, set KLEAN_ADVERTISED_URL where it runs."
        ) from None


def _refusal(status: int, text: str, seller_id: str, url: str) -> tuple[str, ExitCode]:
    match status:
        case 401:
            return f"The worker at {url} does not take this token (KLEAN_HTTP_TOKEN).", ExitCode.USAGE
        case 404:
            return f"There is no seller {seller_id!r}.", ExitCode.FAILED
        case 421:
            return f"The worker at {url} has just handed this seller's partition on; try again.", ExitCode.WORKER
        case 503:
            return f"The worker at {url} is not ready for this seller yet ({text}); try again.", ExitCode.WORKER
        case _:
            return f"The worker at {url} answered {status}: {text[:300]}.", ExitCode.WORKER


def explained(answer: dict[str, Any]) -> RenderableType:
    """Give what the worker told of a seller: level, points, strikes, and a table that sums to the points."""
    risk, row = answer["risk"], answer["row"]
    head = Text.assemble(
        ("Seller ", "bold"),
        seller_text(answer["seller_id"], "bold"),
        "  ",
        (risk["level"], _LEVELS.get(risk["level"], "")),
        f"  {risk['points']} points  {risk['strikes']} strikes  as of {moment(answer['at'])}",
    )
    about = seller_text(
        f"{row['status']}{', payout on hold' if row['payout_hold'] else ''}; shop “{row['shop_name']}”; "
        f"{row['listings']} listings, {row['takedowns']} takedowns; policy {answer['policy']}"
    )
    rows: list[tuple[Text, ...]] = [_explained_row(entry) for entry in answer["points"]]
    total = sum(entry["points_now"] for entry in answer["points"])
    rows.append((Text("sum", style="bold"), Text(), Text(str(total), style="bold"), Text(), Text(), Text(), Text()))
    return Group(
        head,
        about,
        table(("signal", "points given#", "points now#", "when", "listing", "case#", "caused by decision"), rows),
    )


def _explained_row(entry: dict[str, Any]) -> tuple[Text, ...]:
    signal = entry["signal"]
    name = signal["name"] + (" (strike)" if signal["strike"] else "")
    if signal["count"] > 1:
        name += f" × {signal['count']}"
    days = entry["age_days"]
    age = "today" if not days else f"{days} d ago"
    number = signal["case_number"]
    return (
        seller_text(name),
        Text(str(signal["points"] * signal["count"])),
        Text(str(entry["points_now"])),
        Text(f"{moment(signal['at'])} ({age})"),
        seller_text(signal["listing_id"] or "sign-up") if signal["cause"] else Text("several"),
        Text("–" if number is None else str(number)),
        # An entry that the ledger folded has many causes and names none.
        Text(signal["cause"] or "several"),
    )
