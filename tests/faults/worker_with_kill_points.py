"""A worker that kills itself (SIGKILL) when a step of a commit is done for the n-th time.

    python worker_with_kill_points.py STEP PASSING worker

It is the worker of the command line otherwise.
"""

import os
import signal
import sys

from klean_stream.cli import main
from klean_stream.runtime import unit


def kill_after(step: int, passing: int) -> None:
    """Arrange the end of this process."""
    passed = 0

    def reached(done: int) -> None:
        nonlocal passed
        passed += done == step
        if passed == passing:
            os.kill(os.getpid(), signal.SIGKILL)

    unit.reached = reached


if __name__ == "__main__":
    kill_after(int(sys.argv[1]), int(sys.argv[2]))
    sys.argv = ["klean-stream", *sys.argv[3:]]
    main()
