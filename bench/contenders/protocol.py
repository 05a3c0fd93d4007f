"""What the harness and a contender's process say to each other. Needs nothing but the standard library.

The harness starts ``python -m bench.contenders.NAME`` with the arguments of `Task`, after the input topic was
filled. The contender joins ``group``, reads ``prefix`` + ``listings`` from its beginning, does what the workload
asks, and prints a `Report` as one line of JSON as soon as everything is durable that it promises to make durable.
The harness then kills it with SIGKILL, and reads what it has written: who claimed too early is found out.
"""

import argparse
import json
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Task:
    """What a contender is asked to do. ``expected`` has the number of input records of each partition."""

    bootstrap: str
    prefix: str
    group: str
    workload: str
    expected: tuple[int, ...]
    folder: Path
    brands: Path | None = None

    @property
    def records(self) -> int:
        """The number of input records of all partitions."""
        return sum(self.expected)

    def topic(self, name: str) -> str:
        """Give the Kafka name of a topic's logical name."""
        return self.prefix + name

    def arguments(self) -> list[str]:
        """Give the command line that `read_task` reads."""
        line = [self.bootstrap, self.prefix, self.group, self.workload, ",".join(map(str, self.expected))]
        return [*line, str(self.folder), *([str(self.brands)] if self.brands is not None else [])]


def read_task() -> Task:
    """Read the task from this process's command line."""
    parser = argparse.ArgumentParser(description="A contender of the benchmarks; `python -m bench` starts it.")
    for name in ("bootstrap", "prefix", "group", "workload", "expected", "folder"):
        parser.add_argument(name)
    parser.add_argument("brands", nargs="?")
    given = parser.parse_args()
    return Task(
        given.bootstrap,
        given.prefix,
        given.group,
        given.workload,
        tuple(int(count) for count in given.expected.split(",")),
        Path(given.folder),
        Path(given.brands) if given.brands else None,
    )


@dataclass(frozen=True, slots=True)
class Report:
    """What a contender did. Times are of the machine's monotonic clock, so that processes can be compared.

    ``started`` is when the first record was handed to the contender's own code, ``ended`` when the last was
    durable; ``cpu_seconds`` is what the process, all its threads, used in between. ``digest`` is what a contender
    that writes nothing did nevertheless see: the sum of the events' prices or, in the full workload, of the CRC-32
    of the values that it would have written. ``changelog`` is the topic of its rows, if it has one;
    ``keys_follow_message_key`` says that the keys in it are those of messages, a bar, and those of rows.
    """

    started: float
    ended: float
    cpu_seconds: float
    records: int
    peak_mib: float
    digest: int | None = None
    changelog: str | None = None
    keys_follow_message_key: bool = False


def _peak_mib() -> float:
    """Give the largest resident memory that this program had. What getrusage tells is also its parent's."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


class Clock:
    """Measures between the first record and the last durable one."""

    def __init__(self) -> None:
        self._began: tuple[float, float] | None = None
        self._ended: tuple[float, float] | None = None

    def begin(self) -> None:
        """Note the time, the first time that this is called."""
        if self._began is None:
            self._began = time.monotonic(), time.process_time()

    def stop(self) -> None:
        """Note the end, where the contender has something to do before it reports."""
        self._ended = time.monotonic(), time.process_time()

    def report(
        self,
        records: int,
        *,
        digest: int | None = None,
        changelog: str | None = None,
        keys_follow_message_key: bool = False,
    ) -> None:
        """Print the report: everything promised is durable now."""
        ended, cpu = self._ended or (time.monotonic(), time.process_time())
        assert self._began is not None, "no record ever came"
        started, cpu_before = self._began
        peak = _peak_mib()
        said = Report(started, ended, cpu - cpu_before, records, peak, digest, changelog, keys_follow_message_key)
        sys.stdout.write(json.dumps(asdict(said)) + "\n")
        sys.stdout.flush()
