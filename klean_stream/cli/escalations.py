"""``klean-stream escalations``: the moderators' work list, and their answers."""

import asyncio
import time
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from klean_stream.cli.exit_codes import ExitCode, stop
from klean_stream.cli.options import Bootstrap, Config, Format, settings_from
from klean_stream.cli.progress import reading_progress
from klean_stream.cli.render import OutputFormat, moment, print_json, print_result, seller_text, table

if TYPE_CHECKING:
    from klean_stream.cli.cases import Case

_COLUMNS = (
    "case",
    "ver.#",
    "status",
    "prio#",
    "deadline (UTC)",
    "channel",
    "seller",
    "title",
    "rule",
    "brands",
    "reports#",
    "with",
)

escalations = typer.Typer(no_args_is_help=True, help="The moderators' work list, and their answers.")


class Channel(StrEnum):
    """Where a case was escalated to."""

    escalations = "escalations"
    escalations_kr = "escalations-kr"


class Status(StrEnum):
    """Where a case stands."""

    open = "open"
    need_more = "need_more"
    taken_down = "taken_down"
    upheld = "upheld"
    dismissed = "dismissed"
    reinstated = "reinstated"
    withdrawn = "withdrawn"


class Action(StrEnum):
    """What a moderator answers."""

    uphold = "uphold"
    dismiss = "dismiss"
    need_more = "need_more"
    reassign = "reassign"
    reinstate = "reinstate"


@escalations.command(name="list")
def list_(
    channel: Annotated[Channel | None, typer.Option("--channel", help="Only this channel's.")] = None,
    status: Annotated[list[Status] | None, typer.Option("--status", help="Only these; may be repeated.")] = None,
    seller: Annotated[str | None, typer.Option("--seller", metavar="SELLER_ID", help="Only this seller's.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="Show this many at the most.")] = 100,
    config: Config = None,
    bootstrap: Bootstrap = None,
    output_format: Format = OutputFormat.table,
) -> None:
    """List the cases: those that wait for a moderator first, by priority and deadline.

    ```
    klean-stream escalations list --status open --channel escalations-kr
    klean-stream escalations list --seller S-1001 --output-format json
    ```
    """
    from klean_stream.cli.cases import in_order, read_cases
    from klean_stream.cli.kafka import one_sentence_errors

    with one_sentence_errors(), reading_progress() as progress:
        settings = settings_from(config, bootstrap=bootstrap)
        cases = asyncio.run(read_cases(settings, seller_id=seller, progress=progress))
    wanted = {one.value for one in status or ()}
    found = [
        case
        for case in in_order(cases.values())
        if (channel is None or case["channel"] == channel.value)
        and (seller is None or case["seller_id"] == seller)
        and (not wanted or case["status"] in wanted)
    ]
    now = int(time.time() * 1000)
    shown = table(
        _COLUMNS,
        (_row(case, now) for case in found[:limit]),
    )
    overdue = [{**case, "overdue": _is_overdue(case, now)} for case in found[:limit]]
    print_result(output_format, overdue, shown)
    if len(found) > limit:
        typer.echo(f"… and {len(found) - limit:,} more (--limit)", err=True)


def _is_overdue(case: "Case", now: int) -> bool:
    from klean_stream.cli.cases import is_open

    return is_open(case) and case["deadline"] is not None and case["deadline"] < now


def _row(case: "Case", now: int) -> tuple[Text, ...]:
    from klean_stream.cli.cases import is_open
    from klean_stream.cli.record_view import due

    waiting = is_open(case)
    deadline = case["deadline"]
    return (
        seller_text(case["case_id"]),
        Text(str(case["case_version"])),
        Text(case["status"], style="bold yellow" if waiting else "dim"),
        Text(str(case["priority"])),
        due(deadline, now) if waiting and deadline is not None else Text(moment(deadline)),
        seller_text(case["channel"] or "–"),
        seller_text(case["seller_id"]),
        seller_text(case["title"]),
        seller_text(case["rule"]),
        seller_text(", ".join(case["brand_ids"])),
        Text(str(case["reports"])),
        seller_text(case["assignee"] or case["moderator_id"] or "–"),
    )


@escalations.command()
def decide(
    case_id: Annotated[str, typer.Argument(help="The case's id, as `escalations list` shows it.")],
    action: Annotated[Action, typer.Argument(help="The answer.")],
    moderator: Annotated[str, typer.Option("--moderator", metavar="ID", help="Who decides.")],
    reason: Annotated[str, typer.Option("--reason", help="Why; it is kept.")],
    case_version: Annotated[
        int | None,
        typer.Option("--case-version", min=1, help="The version that was judged; the current one if not given."),
    ] = None,
    assignee: Annotated[str | None, typer.Option("--assignee", metavar="ID", help="With `reassign`: to whom.")] = None,
    wait: Annotated[float, typer.Option("--wait", min=0, help="Seconds to wait for the answer; 0: do not.")] = 15.0,
    config: Config = None,
    bootstrap: Bootstrap = None,
    output_format: Format = OutputFormat.table,
) -> None:
    """Decide a case, and wait for what the worker answers.

    `uphold`: it infringes. `dismiss`: it does not. `need_more`: ask the reporters. `reassign`: it is another
    moderator's. `reinstate`: put back what was taken down. The first decision on a version of a case counts; one on
    an older version is answered `conflict`, one on no case `unknown_case`.

    ```
    klean-stream escalations decide S-1/L-1/1 uphold --moderator jin --reason "copy of the mark"
    ```

    Exit code 1: conflict, or no such case; 4: published, but no worker answered in time.
    """
    from klean_stream.cli.cases import UnknownCaseError, decide_case
    from klean_stream.cli.kafka import one_sentence_errors
    from klean_stream.cli.publication import BadEvent

    body: dict[str, Any] = {
        "schema_version": 1,
        "case_id": case_id,
        "case_version": case_version,
        "action": action.value,
        "moderator_id": moderator,
        "reason": reason,
        "assignee": assignee,
    }
    with one_sentence_errors():
        settings = settings_from(config, bootstrap=bootstrap)
        try:
            answer = asyncio.run(decide_case(settings, body, wait))
        except BadEvent as error:
            stop(f"This is no decision: {error}.", ExitCode.USAGE)
        except UnknownCaseError as error:
            stop(str(error), ExitCode.FAILED)
    if answer is None:
        if wait:
            stop(
                f"The decision was published, but no worker answered within {wait:g} s; it counts when one takes it.",
                ExitCode.WORKER,
            )
        typer.echo("The decision was published.", err=True)
        return
    if output_format is OutputFormat.json:
        print_json(answer)
    if answer["answer"] == "unknown_case":
        stop(f"unknown_case: there is no case {case_id}, or a later one has taken its place.", ExitCode.FAILED)
    if answer["answer"] == "conflict":
        stop(
            f"conflict: the case has changed; it is {answer['status']} at version {answer['case_version']} now.",
            ExitCode.FAILED,
        )
    if output_format is OutputFormat.table:
        typer.echo(f"accepted: {answer['status']}, version {answer['case_version']}")
