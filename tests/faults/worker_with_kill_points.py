"""A worker that kills itself (SIGKILL) or freezes (SIGSTOP) when a step of a commit is done for the n-th time.

    python worker_with_kill_points.py STEP PASSING worker

STEP is the step's number, as ``freeze-3`` to freeze; as ``3@PID`` another process, a broker, is killed in its place, as
``3+PID`` before it. Or ``recovering``: then the n-th write of recovered rows is what it does last. It is the worker of
the command line otherwise.
"""

import os
import signal
import sys
from collections.abc import Iterable

from klean_stream.cli import main
from klean_stream.runtime import unit
from klean_stream.runtime.store import RocksStore

Rows = Iterable[tuple[bytes, bytes | None]]


def signal_after(step: int, passing: int, *processes: int, number: signal.Signals = signal.SIGKILL) -> None:
    """Arrange the end of processes, or that they stand still until SIGCONT."""
    passed = 0

    def reached(done: int) -> None:
        nonlocal passed
        passed += done == step
        if done == step and passed == passing:
            for process in processes:
                os.kill(process, number)

    unit.reached = reached


def kill_while_recovering(passing: int) -> None:
    """Arrange the end of this process at a write to the rows; before the first commit, only recovery writes."""
    write, passed = RocksStore.apply, 0

    def apply(store: RocksStore, rows: Rows, next_offset: int) -> None:
        nonlocal passed
        write(store, rows, next_offset)
        passed += 1
        if passed == passing:
            os.kill(os.getpid(), signal.SIGKILL)

    RocksStore.apply = apply  # type: ignore[assignment, method-assign]


if __name__ == "__main__":
    point, times = sys.argv[1], int(sys.argv[2])
    if point == "recovering":
        kill_while_recovering(times)
    elif point.startswith("freeze-"):
        signal_after(int(point.removeprefix("freeze-")), times, os.getpid(), number=signal.SIGSTOP)
    elif "@" in point:
        at, broker = map(int, point.split("@"))
        signal_after(at, times, broker)
    elif "+" in point:
        at, broker = map(int, point.split("+"))
        signal_after(at, times, broker, os.getpid())
    else:
        signal_after(int(point), times, os.getpid())
    sys.argv = ["klean-stream", *sys.argv[3:]]
    main()
