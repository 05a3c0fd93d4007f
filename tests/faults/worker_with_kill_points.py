"""A worker that kills itself (SIGKILL) or freezes (SIGSTOP) when a step of a commit is done for the n-th time.

    python worker_with_kill_points.py STEP PASSING worker

STEP is the step's number, as ``freeze-3`` to freeze; as ``3@PID`` another process, a broker, is killed in its place, as
``3+PID`` before it. Or ``recovering``: then the n-th write of recovered rows is what it does last. Or
``recovering-slowly``: then it recovers n records at a time, and often says how far it is. It is the worker of the
command line otherwise.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Iterable

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from klean_stream.cli import main
from klean_stream.runtime import recovery, unit
from klean_stream.runtime.store import RocksStore

Rows = Iterable[tuple[bytes, bytes | None]]
Fetched = dict[TopicPartition, list[ConsumerRecord]]


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


def recover_slowly(at_once: int) -> None:
    """Arrange that recovery takes long and lets the rest of the worker go on meanwhile."""

    class SlowConsumer(AIOKafkaConsumer):  # type: ignore[misc]  # aiokafka has no types
        async def getmany(self, *partitions: TopicPartition, timeout_ms: int = 0) -> Fetched:
            await asyncio.sleep(0.1)
            fetched: Fetched = await super().getmany(*partitions, timeout_ms=timeout_ms, max_records=at_once)
            return fetched

    recovery.AIOKafkaConsumer = SlowConsumer  # type: ignore[attr-defined]
    recovery._PROGRESS_SECONDS = 0.5


if __name__ == "__main__":
    point, times = sys.argv[1], int(sys.argv[2])
    if point == "recovering":
        kill_while_recovering(times)
    elif point == "recovering-slowly":
        recover_slowly(times)
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
