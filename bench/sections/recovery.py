"""Recovery of sellers' rows from the changelog, beside stock Faust, and restarts on a store that is there."""

from collections.abc import Sequence
from pathlib import Path
from statistics import median

from bench.contenders.protocol import Report, Task
from bench.runs import run_once
from bench.section import Context, Section, Target
from bench.stage import Stage
from bench.workloads.seller_rows import rows

_PARTITIONS = 4
_SIZES = (10_000, 100_000, 1_000_000)
_FAUST_ROWS = 100_000
_QUICK_SIZES = (1_000, 10_000)
_QUICK_FAUST_ROWS = 10_000


def run(context: Context) -> Section:
    """Recover each size from nothing and on its own store, and stock Faust on fewer rows, in turns."""
    sizes = _QUICK_SIZES if context.quick else _SIZES
    faust_rows = _QUICK_FAUST_ROWS if context.quick else _FAUST_ROWS
    largest, smallest = sizes[-1], sizes[0]
    stages = {count: _stage(context, count) for count in sizes}
    recovered: list[Report] = []
    by_faust: list[Report] = []
    restarts: dict[int, list[float]] = {count: [] for count in sizes}
    try:
        for turn in range(context.runs):
            for count in sizes:
                folder = context.folder / f"recovery-{turn}-{count}"
                report = _recover(context, "klean_recovery", stages[count], folder)
                if count == largest:
                    recovered.append(report)
                again = _recover(context, "klean_recovery", stages[count], folder)
                restarts[count].append(again.ended - again.started)
            folder = context.folder / f"recovery-faust-{turn}"
            by_faust.append(_recover(context, "faust_recovery", stages[faust_rows], folder))
    finally:
        for stage in stages.values():
            stage.close()
    ratio = median(map(_rate, recovered)) / median(map(_rate, by_faust))
    restarted = {count: median(found) for count, found in restarts.items()}
    growth = restarted[largest] / restarted[smallest]
    body = (
        f"Sellers' rows of some 320 bytes in a changelog of {_PARTITIONS} partitions, an empty state folder; from the "
        "assignment of the partitions until all of them are served. Every row is compared with what was published. "
        f"Stock Faust recovers {faust_rows:,} rows, klean-stream {largest:,}.\n\n"
        "| | rows/s | CPU s / 100,000 | rows/s of the runs |\n|---|---:|---:|---|\n"
        f"| klean-stream | {_figures(recovered)} |\n"
        f"| stock Faust, RocksDB, uvloop, Cython | {_figures(by_faust)} |\n\n"
        "A restart on the RocksDB that is there, after kill -9 of the worker, measured in the same way:\n\n"
        "| rows | s until served | runs |\n|---:|---:|---|\n"
        + "\n".join(
            f"| {count:,} | {restarted[count]:.2f} | {', '.join(f'{found:.2f}' for found in restarts[count])} |"
            for count in sizes
        )
    )
    targets = (
        Target("recovery: klean-stream / faust, rows/s", ratio, 20.0),
        Target(f"restart: time with {largest:,} rows / with {smallest:,}", growth, 1.5, at_most=True),
    )
    return Section("Recovery: rows from the changelog", body, targets)


def _stage(context: Context, count: int) -> Stage:
    context.say(f"recovery: publishing {count:,} rows")
    stage = Stage(context.bootstrap, f"bench.recovery.{count}.", _PARTITIONS)
    stage.open()
    stage.publish("state", rows(count, _PARTITIONS))
    stage.expected = [count // _PARTITIONS] * _PARTITIONS
    return stage


def _recover(context: Context, contender: str, stage: Stage, folder: Path) -> Report:
    """Run a worker on this state folder. Raises ContenderError if a row is missing or another than it should be."""

    def task(_: Path, __: str) -> Task:
        # A store belongs to a group: the one that finds it again has to be the same.
        return stage.task("recovery", f"bench-{folder.name}", folder)

    is_new = not folder.exists()
    _, (report,) = run_once(context, f"bench.contenders.{contender}", task)
    what = "from nothing" if is_new else "on its store"
    context.say(f"{contender}: {report.records:,} rows {what} in {report.ended - report.started:.2f} s")
    return report


def _rate(report: Report) -> float:
    return report.records / (report.ended - report.started)


def _figures(reports: Sequence[Report]) -> str:
    cpu = median(report.cpu_seconds / report.records for report in reports) * 100_000
    runs = ", ".join(f"{_rate(report):,.0f}" for report in reports)
    return f"{median(map(_rate, reports)):,.0f} | {cpu:.2f} | {runs}"
