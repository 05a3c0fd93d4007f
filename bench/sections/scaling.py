"""How klean-stream's cost grows: with a second worker, with the partitions of a worker, with the sellers it knows."""

from collections.abc import Iterator
from dataclasses import dataclass

from bench.contest import Input, check
from bench.inputs import synthetic
from bench.roster import ROSTER
from bench.runs import Figures, in_turns, on_stage, run_once
from bench.section import Context, Section, Target
from bench.stage import murmur2_partition
from bench.workloads.state import first_row

_KLEAN = ROSTER["klean"]


@dataclass(frozen=True, slots=True)
class _Case:
    """One measurement: how many workers share how many partitions, and how many sellers' rows there are before."""

    workers: int = 1
    partitions: int = 4
    sellers: int = 0

    @property
    def name(self) -> str:
        if self.sellers:
            return f"{self.sellers:,} sellers"
        if self.workers > 1:
            return f"{self.workers} workers"
        return "1 partition" if self.partitions == 1 else f"{self.partitions} partitions"


_ONE = _Case()
_TWO = _Case(workers=2)
_PARTITIONS = (_Case(partitions=1), _Case(partitions=2), _ONE, _Case(partitions=8))
_SELLERS = (_Case(sellers=1_000), _Case(sellers=100_000), _Case(sellers=1_000_000))


def run(context: Context) -> Section:
    """Run all cases of the state workload."""
    # Two workers do not begin in the same moment: in a short run most of the time one of them would be alone.
    long, count = (20_000, 20_000) if context.quick else (1_500_000, 300_000)
    shared = _measure(context, (_TWO, _ONE), long)
    partitions = {_ONE.name: shared[_ONE.name]} if context.quick else _measure(context, _PARTITIONS, count)
    sellers = _measure(context, _SELLERS[1:2] if context.quick else _SELLERS, count)
    one, two = shared[_ONE.name], shared[_TWO.name]
    ratio = Target("two workers: CPU seconds for 1,000 records / one worker's", two.cpu / one.cpu, 1.2, at_most=True)
    body = f"""The state workload on one machine: where it has two cores, two workers and the broker share them, and the
ratio of CPU seconds says more than that of the rates. {long:,} records for one worker or two:

{_table({"1 worker": one, "2 workers": two})}

Throughput of two workers: {two.rate / one.rate:.2f} times that of one.

One worker, {count:,} records, by partitions:

{_table(partitions)}

One worker, {count:,} records, 4 partitions, by sellers. Each has a row before the first record, recovered from the
changelog, and all are equally busy:

{_table(sellers)}"""
    return Section("Scaling of the state path", body, (ratio,))


def _measure(context: Context, cases: tuple[_Case, ...], count: int) -> dict[str, Figures]:
    by_name = {case.name: case for case in cases}
    inputs: dict[tuple[int, int], Input] = {}
    for case in cases:
        if (case.partitions, case.sellers) not in inputs:
            context.say(f"scaling: publishing the input for {case.name}")
            inputs[case.partitions, case.sellers] = _input(context, case, count)

    def once(name: str) -> Figures:
        case = by_name[name]
        given = inputs[case.partitions, case.sellers]
        given.stage.reset()
        if case.sellers:
            given.stage.publish("state", _first_rows(case))
        task = on_stage(given.stage, "state")
        figures, reports = run_once(context, _KLEAN.module, task, processes=case.workers)
        check(_KLEAN, given, reports)
        return figures

    try:
        return in_turns(context, list(by_name), once)
    finally:
        for given in inputs.values():
            given.stage.close()


def _input(context: Context, case: _Case, count: int) -> Input:
    prefix = f"bench.scaling.{case.partitions}.{case.sellers}."
    if not case.sellers:
        return synthetic(context, prefix, count, partitions=case.partitions)
    before = {key: row for key, row, _ in _first_rows(case)}
    return synthetic(context, prefix, count, sellers=case.sellers, zipf=False, rows=before)


def _first_rows(case: _Case) -> Iterator[tuple[bytes, bytes, int]]:
    for number in range(case.sellers):
        seller = f"s-{number}"
        key = seller.encode()
        yield b"seller/" + key, first_row(seller), murmur2_partition(key, case.partitions)


def _table(figures: dict[str, Figures]) -> str:
    rows = ["| | records/s | CPU s / 1,000 | peak MiB of a worker | runs |", "|---|---:|---:|---:|---|"]
    for name, one in figures.items():
        runs = ", ".join(f"{rate:,.0f}" for rate in one.rates)
        rows.append(f"| {name} | {one.rate:,.0f} | {one.cpu:.4f} | {one.peak:,.0f} | {runs} |")
    return "\n".join(rows)
