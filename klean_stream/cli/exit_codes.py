"""The exit codes of every command, and how a command ends with one: the one place where they are defined.

Scripts rely on them: a code never changes its meaning.
"""

from enum import IntEnum
from typing import NoReturn

import typer

from klean_stream.cli.escaping import visible


class ExitCode(IntEnum):
    """What a command's exit code says."""

    OK = 0
    """Done as asked."""
    FAILED = 1
    """What was asked for did not hold: a bad line, a failed check, a conflict, something that is not there."""
    USAGE = 2
    """Wrong arguments or settings, or topics that are missing or wrongly made."""
    BROKER = 3
    """No Kafka broker answers, or the brokers refuse."""
    WORKER = 4
    """No worker answers (yet): there is none, it is starting, or the partition is moving. Try again."""
    HELD = 5
    """A worker stopped of itself, with its offsets held: a flood of dead letters."""


# Shown at the end of `klean-stream --help`.
EXIT_CODES_HELP = (
    "Exit codes: 0 done; 1 what was asked for did not hold (bad input, failed check, conflict, not found); "
    "2 wrong arguments, settings or topics; 3 no broker answers; 4 no worker answers; "
    "5 a worker stopped at a flood of dead letters."
)


def stop(sentence: str, code: ExitCode) -> NoReturn:
    """End the command with one sentence on standard error."""
    # The sentence may quote what somebody else has written.
    typer.echo(visible(sentence), err=True)
    raise typer.Exit(int(code))
