"""A worker whose decision on listings, or whose store, fails.

    python worker_with_faulty_handler.py permanent MARK worker    a title that holds MARK: ValueError, every time
    python worker_with_faulty_handler.py memory COUNT worker      MemoryError, every tenth time until COUNT
    python worker_with_faulty_handler.py rows COUNT worker        rows cannot be read, every hundredth time until COUNT
    python worker_with_faulty_handler.py disk COUNT worker        rows cannot be written, every third time until COUNT

It is the worker of the command line otherwise.
"""

import sys
from dataclasses import replace
from typing import Any

from rocksdict import Rdict

from klean_stream.cli import main
from klean_stream.decision import Context, Outcome, State
from klean_stream.events import Listing
from klean_stream.processing import ROUTES
from klean_stream.runtime import store


def fail_for_a_title(mark: str) -> None:
    """Raise for listings whose title holds a mark."""
    decide = ROUTES["listings"].decide

    def faulty(event: Listing, context: Context, state: State) -> Outcome:
        if mark in event.title:
            raise ValueError(mark)
        return decide(event, context, state)

    ROUTES["listings"] = replace(ROUTES["listings"], decide=faulty)


def run_out_of_memory(count: int) -> None:
    """Raise for what is no fault of the record, and may pass."""
    decide, calls = ROUTES["listings"].decide, 0

    def faulty(event: Listing, context: Context, state: State) -> Outcome:
        nonlocal calls
        calls += 1
        if calls % 10 == 0 and calls // 10 <= count:
            raise MemoryError
        return decide(event, context, state)

    ROUTES["listings"] = replace(ROUTES["listings"], decide=faulty)


def fail_to_read(count: int) -> None:
    """Raise where the disk does not give what was written, as RocksDB says it."""
    calls, database = 0, Rdict

    class Unreadable:
        def __init__(self, *arguments: Any, **named: Any) -> None:
            self._database = database(*arguments, **named)

        def __getattr__(self, name: str) -> Any:
            return getattr(self._database, name)

        def get(self, key: bytes) -> Any:
            nonlocal calls
            calls += 1
            if calls % 100 == 0 and calls // 100 <= count:
                raise Exception("IO error: While pread: Input/output error")  # noqa: TRY002 - rocksdict raises it so
            return self._database.get(key)

    vars(store)["Rdict"] = Unreadable


def fail_to_write(count: int) -> None:
    """Raise where the disk takes nothing: after the commit of a unit, and in recovery."""
    calls, database = 0, Rdict

    class Full:
        def __init__(self, *arguments: Any, **named: Any) -> None:
            self._database = database(*arguments, **named)

        def __getattr__(self, name: str) -> Any:
            return getattr(self._database, name)

        def write(self, batch: Any) -> None:
            nonlocal calls
            calls += 1
            if calls % 3 == 0 and calls // 3 <= count:
                raise Exception("IO error: No space left on device: While appending to file")  # noqa: TRY002 - as above
            self._database.write(batch)

    vars(store)["Rdict"] = Full


if __name__ == "__main__":
    match sys.argv[1]:
        case "permanent":
            fail_for_a_title(sys.argv[2])
        case "memory":
            run_out_of_memory(int(sys.argv[2]))
        case "rows":
            fail_to_read(int(sys.argv[2]))
        case "disk":
            fail_to_write(int(sys.argv[2]))
    sys.argv = ["klean-stream", *sys.argv[3:]]
    main()
