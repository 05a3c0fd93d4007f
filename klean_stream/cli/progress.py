"""Progress bars, on standard error and only in a terminal: what is piped stays clean."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from klean_stream.cli.render import console

# (what, done, all): ``all`` is None while nobody knows it.
Report = Callable[[str, int, int | None], None]


@contextmanager
def reading_progress() -> Iterator[Report]:
    """Show one bar for each thing that is reported on."""
    bars = Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console(stderr=True),
        transient=True,
        disable=not console(stderr=True).is_terminal,
    )
    tasks: dict[str, TaskID] = {}

    def report(what: str, done: int, total: int | None) -> None:
        if what not in tasks:
            tasks[what] = bars.add_task(what, total=total)
        bars.update(tasks[what], completed=done, total=total)

    with bars:
        yield report


def no_progress(what: str, done: int, total: int | None) -> None:
    """Show nothing."""
    del what, done, total
