"""One workload, all of its contenders, in turns on the same input; what they wrote is checked each time."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from bench.contenders.protocol import Report
from bench.environments import InstallError, python_of
from bench.outputs import Wanted, require
from bench.roster import ROSTER, Contender, Size, Workload
from bench.runs import Figures, in_turns, on_stage, run_once
from bench.section import Context, WrongOutputError
from bench.stage import Stage


@dataclass(frozen=True, slots=True)
class Input:
    """A filled stage, and what has to come out of it. ``digest`` is for contenders that write nothing."""

    stage: Stage
    wanted: Wanted
    digest: int


@dataclass(frozen=True, slots=True)
class Results:
    """The figures of those that ran, by name, and the reason of those that could not be installed."""

    figures: dict[str, Figures]
    absent: dict[str, str]

    def ratio(self, one: str, other: str) -> float | None:
        """Give the ratio of two rates; None if one of the two did not run."""
        if one not in self.figures or other not in self.figures:
            return None
        return self.figures[one].rate / self.figures[other].rate


def compete(
    context: Context, workload: Workload, make_input: Callable[[Size], Input], brands: Path | None = None
) -> Results:
    """Run all contenders of a workload. Raises WrongOutputError, ContenderError."""
    chosen = [one for one in ROSTER.values() if workload in one.promises and context.wanted(one.name)]
    pythons: dict[str, Path | None] = {}
    absent: dict[str, str] = {}
    for contender in chosen:
        try:
            pythons[contender.name] = python_of(contender, context.say)
        except InstallError as error:
            absent[contender.name] = str(error)
            context.say(f"{contender.title} CANNOT BE INSTALLED: {error}")
    inputs: dict[Size, Input] = {}
    for size in sorted({ROSTER[name].size(workload) for name in pythons}):
        context.say(f"{workload}: publishing the {size} input")
        inputs[size] = make_input(size)

    def once(name: str) -> Figures:
        contender = ROSTER[name]
        given = inputs[contender.size(workload)]
        given.stage.reset()
        task = on_stage(given.stage, workload, brands)
        figures, reports = run_once(context, contender.module, task, python=pythons[name])
        check(contender, given, reports)
        return figures

    try:
        return Results(in_turns(context, list(pythons), once), absent)
    finally:
        for given in inputs.values():
            given.stage.close()


def check(contender: Contender, given: Input, reports: Iterable[Report]) -> None:
    """Raise WrongOutputError unless the contender has read or written what it should."""
    for report in reports:
        if report.digest is not None:
            if report.digest != given.digest:
                raise WrongOutputError(f"{contender.name} read other records than were published")
            continue
        try:
            require(given.stage.bootstrap, given.stage.prefix, given.wanted, report)
        except WrongOutputError as error:
            raise WrongOutputError(f"{contender.name} has written something else than it should: {error}") from None


def table(results: Results, workload: Workload, limit: str = "bare") -> str:
    """Lay the results out, the quickest first, with what each promises beside its number."""
    rows = [
        "| | records/s | of bare | CPU s / 1,000 | peak MiB | runs | promises |",
        "|---|---:|---:|---:|---:|---|---|",
    ]
    ordered = sorted(results.figures.items(), key=lambda item: -item[1].rate)
    for name, figures in ordered:
        ratio = results.ratio(name, limit)
        share = "-" if ratio is None else f"{ratio:.3f}"
        runs = ", ".join(f"{rate:,.0f}" for rate in figures.rates)
        contender = ROSTER[name]
        rows.append(
            f"| {contender.title} | {figures.rate:,.0f} | {share} | {figures.cpu:.4f} | {figures.peak:,.0f} | {runs} "
            f"| {contender.promises[workload]} |"
        )
    for name, reason in results.absent.items():
        rows.append(f"| **{ROSTER[name].title}** | **NOT INSTALLED** | | | | | **{reason}** |")
    return "\n".join(rows)
