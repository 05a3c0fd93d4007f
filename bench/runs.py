"""Running contenders: as processes of their own, in turns, several times; the median counts."""

import json
import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from bench.contenders.protocol import Report, Task
from bench.section import Context
from bench.stage import Stage
from tests.kafka.child_process import ChildProcess, wait_until

# A slow contender on a busy machine.
_PATIENCE = 300.0
_ROOT = Path(__file__).parent.parent


class ContenderError(Exception):
    """A contender ended, or hung, before it was done; the message quotes the end of its log."""


@dataclass(slots=True)
class Figures:
    """What was measured of one contender, one entry for each run."""

    rates: list[float] = field(default_factory=list)
    cpu_for_thousand: list[float] = field(default_factory=list)
    peak_mib: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Median records per second."""
        return median(self.rates)

    @property
    def cpu(self) -> float:
        """Median CPU seconds of its processes for 1,000 records."""
        return median(self.cpu_for_thousand)

    @property
    def peak(self) -> float:
        """Median of the largest resident memory of one of its processes, MiB."""
        return median(self.peak_mib)


def run_once(
    context: Context, module: str, task: Callable[[Path, str], Task], *, python: Path | None = None, processes: int = 1
) -> tuple[Figures, list[Report]]:
    """Run one contender once; give what was measured, and what each of its processes reported.

    ``task`` gives the task of a process by its folder and consumer group. Raises ContenderError.
    """
    folder = context.folder / f"run-{uuid.uuid4().hex[:8]}"
    group = uuid.uuid4().hex[:8]
    tasks = [task(folder / str(number), group) for number in range(processes)]
    # Not in the task's own folder, which an earlier run may have used: its report would be found again.
    children = [_child(module, one, python, folder / f"{number}.log") for number, one in enumerate(tasks)]
    profilers: list[subprocess.Popen[bytes]] = []
    try:
        for child in children:
            child.start()
        if context.profiles is not None:
            profilers = [_profile(child, module, context.profiles) for child in children]
        reports = [_await(child, module) for child in children]
    finally:
        for child in children:
            child.kill()
        for profiler in profilers:
            # It writes its file when the process that it watches is gone.
            profiler.wait(30)
        shutil.rmtree(folder, ignore_errors=True)
    records = sum(report.records for report in reports)
    wanted = tasks[0].records
    if records != wanted:
        raise ContenderError(f"{module} says that it has done {records} records of {wanted}")
    seconds = max(report.ended for report in reports) - min(report.started for report in reports)
    cpu = sum(report.cpu_seconds for report in reports)
    figures = Figures([records / seconds], [cpu / records * 1_000], [max(report.peak_mib for report in reports)])
    return figures, reports


def in_turns(context: Context, names: Sequence[str], once: Callable[[str], Figures]) -> dict[str, Figures]:
    """Run each of ``names`` once, then each again: what changes on the machine meanwhile befalls all alike."""
    figures = {name: Figures() for name in names}
    for turn in range(context.runs):
        for name in names:
            one = once(name)
            figures[name].rates += one.rates
            figures[name].cpu_for_thousand += one.cpu_for_thousand
            figures[name].peak_mib += one.peak_mib
            context.say(f"{name}, run {turn + 1} of {context.runs}: {one.rate:,.0f} records/s")
    return figures


def _child(module: str, task: Task, python: Path | None, log: Path) -> ChildProcess:
    task.folder.mkdir(parents=True, exist_ok=True)
    return ChildProcess(
        module,
        (str(python or sys.executable), "-m", module, *task.arguments()),
        log=log,
        environment={**os.environ, "PYTHONPATH": str(_ROOT), "PYTHONUNBUFFERED": "1"},
        directory=_ROOT,
    )


def _await(child: ChildProcess, module: str) -> Report:
    found: list[Report] = []

    def reported() -> bool:
        running = child.running
        for line in child.log.splitlines():
            if line.startswith('{"started"') and line.endswith("}"):
                found.append(Report(**json.loads(line)))
                return True
        return not running

    if not wait_until(reported, timeout=_PATIENCE, pause=0.1) or not found:
        how = "hung" if child.running else f"ended with exit code {child.exit_code}"
        raise ContenderError(f"{module} {how} before it was done; its log ends:\n{child.tail(15)}")
    return found[0]


def _profile(child: ChildProcess, module: str, folder: Path) -> "subprocess.Popen[bytes]":
    """Record where a contender spends its time, with py-spy, until it is done."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{module.rsplit('.', 1)[-1]}-{child.pid}.txt"
    program = Path(sys.executable).with_name("py-spy")
    return subprocess.Popen(
        [
            *(str(program), "record", "--pid", str(child.pid), "--format", "raw", "--output", str(target)),
            *("--rate", "200", "--nonblocking"),
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def on_stage(stage: Stage, workload: str, brands: Path | None = None) -> Callable[[Path, str], Task]:
    """Give what makes a process's task out of its folder and group."""
    # With the prefix in the group's name, topics that a contender names after it go with the stage.
    return lambda folder, group: stage.task(workload, stage.prefix + group, folder, brands)
