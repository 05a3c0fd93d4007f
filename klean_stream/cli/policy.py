"""``klean-stream policy``: check thresholds and weights, put them in force, and the emergency stop."""

import asyncio
import getpass
import tomllib
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Group
from rich.text import Text

from klean_stream.cli.exit_codes import ExitCode, stop
from klean_stream.cli.options import Bootstrap, Config, Format, settings_from
from klean_stream.cli.render import OutputFormat, print_result, seller_text, table

if TYPE_CHECKING:
    from klean_stream.policy import Policy
    from klean_stream.runtime.settings import Settings

policy = typer.Typer(
    no_args_is_help=True, help="Check thresholds and weights, put them in force, and the emergency stop."
)


class PolicyMode(StrEnum):
    """Whether the machine takes listings down by itself."""

    enforce = "enforce"
    review_only = "review_only"


@policy.command()
def check(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="Policy file (TOML).")],
    output_format: Format = OutputFormat.table,
) -> None:
    """Check a policy file without Kafka, and show what it changes.

    A file only needs to hold what differs from the packaged policy.

    ```
    klean-stream policy check policy.toml
    ```
    """
    from klean_stream.policy import default_policy

    _, checked = _read(file)
    before, after = _flat(_content(default_policy())), _flat(_content(checked))
    changes = [
        {"setting": name, "packaged": before.get(name), "file": after.get(name)}
        for name in sorted(before.keys() | after.keys())
        if before.get(name) != after.get(name)
    ]
    head = f"Valid: policy {checked.hash}, mode {checked.mode}. What differs from the packaged one:"
    shown = table(
        ("setting", "packaged policy", "this file"),
        (tuple(seller_text(cell) for cell in change.values()) for change in changes),
    )
    print_result(
        output_format, {"policy": checked.hash, "mode": checked.mode, "changes": changes}, Group(Text(head), shown)
    )


@policy.command()
def apply(
    file: Annotated[Path | None, typer.Argument(exists=True, dir_okay=False, help="Policy file (TOML).")] = None,
    mode: Annotated[
        PolicyMode | None,
        typer.Option("--mode", help="`review_only`: every machine takedown becomes an escalation."),
    ] = None,
    by: Annotated[str, typer.Option("--by", help="Who does this; the login name if not given.")] = "",
    config: Config = None,
    bootstrap: Bootstrap = None,
) -> None:
    """Put a policy in force on every worker, or switch its mode; in force within seconds, without a restart.

    The file is laid over the packaged policy, never over the one in force. A mode stays until the next one,
    whatever policies come.

    ```
    klean-stream policy apply policy.toml --by jin
    klean-stream policy apply --mode review_only      # the emergency stop
    klean-stream policy apply --mode enforce          # and its end
    ```
    """
    from klean_stream.cli.kafka import one_sentence_errors
    from klean_stream.cli.publication import event_record
    from klean_stream.cli.publishing import publish
    from klean_stream.processing import ROUTES

    if file is None and mode is None:
        stop("There is nothing to apply: give a policy FILE, a --mode, or both.", ExitCode.USAGE)
    bodies: list[dict[str, Any]] = []
    said = []
    if file is not None:
        content, checked = _read(file)
        bodies.append({"schema_version": 1, "kind": "policy", "policy": content, "by": by or _login()})
        said.append(f"policy {checked.hash}")
    if mode is not None:
        bodies.append({"schema_version": 1, "kind": "mode", "mode": mode.value, "by": by or _login()})
        said.append(f"mode {mode.value}")
    with one_sentence_errors():
        settings = settings_from(config, bootstrap=bootstrap)
        records = [event_record(ROUTES["control"], body, settings.max_event_bytes) for body in bodies]
        asyncio.run(publish(settings, records, count=len(records)))
    typer.echo(f"{' and '.join(said)} published to {settings.topic('control')}", err=True)


@policy.command()
def show(config: Config = None, bootstrap: Bootstrap = None, output_format: Format = OutputFormat.table) -> None:
    """Show the policy in force, as the `control` topic gives it.

    ```
    klean-stream policy show --output-format json
    ```
    """
    from klean_stream.cli.kafka import one_sentence_errors

    with one_sentence_errors():
        settings = settings_from(config, bootstrap=bootstrap)
        in_force = asyncio.run(_in_force(settings))
    shown = table(
        ("setting", "value"),
        ((Text(name), seller_text(value)) for name, value in _flat(_content(in_force)).items()),
    )
    head = f"Policy {in_force.hash}, mode {in_force.mode}"
    print_result(output_format, {"policy": in_force.hash, "settings": _content(in_force)}, Group(Text(head), shown))


async def _in_force(settings: "Settings") -> "Policy":
    from klean_stream.cli.kafka import read_topic
    from klean_stream.decision import Rejected
    from klean_stream.policy import PolicyError, apply_control, default_policy
    from klean_stream.processing import ROUTES, InputRecord
    from klean_stream.processing.decoding import decode

    in_force = default_policy()
    async for record in read_topic(settings, "control"):
        taken = InputRecord(
            "control", 0, record.offset, record.timestamp, record.key, record.value, tuple(record.headers)
        )
        try:
            event = decode(taken, ROUTES["control"], settings.max_event_bytes)
            in_force = apply_control(in_force, event)
        except (Rejected, PolicyError):
            # Workers pass over it too; it stands in dead letters.
            continue
    return in_force


def _read(file: Path) -> tuple[dict[str, Any], "Policy"]:
    """Give a file's content and the policy that it makes. Ends the command where it is not valid."""
    from klean_stream.policy import PolicyError, policy_of

    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
        return content, policy_of(content)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        stop(f"{file} is not TOML: {error}.", ExitCode.FAILED)
    except OSError as error:
        stop(f"{file} cannot be read: {error.strerror}.", ExitCode.FAILED)
    except PolicyError as error:
        stop(f"{file}: {error}.", ExitCode.FAILED)


def _content(checked: "Policy") -> dict[str, Any]:
    import msgspec

    content: dict[str, Any] = msgspec.to_builtins(checked)
    del content["mode_recorded"]  # how the mode came to be, not what it is
    return content


def _flat(content: dict[str, Any], above: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in content.items():
        flat |= _flat(value, f"{above}{name}.") if isinstance(value, dict) else {above + name: value}
    return flat


def _login() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        # A container's user need not have a name.
        return ""
