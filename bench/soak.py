"""An hour under steady load with rolling restarts: memory flat, lag flat, nothing lost.

    python -m bench.soak --minutes 60 --rate 150

Three workers on a broker of their own decide a sample day. One of them is left alone; the others are restarted in
turn, by SIGTERM and every fifth time by SIGKILL. Every ten seconds the resident memory of each worker and the lag
(published and not yet accounted for) are noted. At the end the oracle of the fault tests compares everything with a
single-threaded replay: lost, counted twice, different. Writes bench/soak.md. Exit code 1 if something does not hold.

Flat means: the median of the last quarter is at most 1.15 times that of the second quarter (the first one is for
warming up), for the memory of the worker that is left alone, and for that of the others at the same age; for the lag
the same, or less than two seconds of load.
"""

import argparse
import asyncio
import contextlib
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from bench.broker import broker, commit, kafka_version, machine
from klean_stream.sample import day
from tests.faults.oracle import Oracle, Verdict
from tests.kafka.cluster import Kafka
from tests.kafka.marketplace import Marketplace
from tests.kafka.processes import WorkerProcess, Workers

_EVERY_SECONDS = 10.0
_RESTART_SECONDS = 60.0
_YOUNG, _OLD = 60.0, 180.0
"""Ages in seconds between which the memory of a restarted worker is compared."""
_FLAT = 1.15
_END_SECONDS = 10.0
_KILLED, _IN_ORDER = "killed", "ended in order"
_RESULTS = Path(__file__).with_name("soak.md")


@dataclass(slots=True)
class Notes:
    """What was seen: (seconds since the start, value), by what it is."""

    steady: list[tuple[float, float]] = field(default_factory=list)
    restarted: list[tuple[float, float]] = field(default_factory=list)
    lag: list[tuple[float, float]] = field(default_factory=list)
    ends: list[str] = field(default_factory=list)

    def quarters(self, series: list[tuple[float, float]]) -> tuple[float, float]:
        """Give the medians of the second and of the last quarter; 0 where there is nothing."""
        whole = max((at for at, _ in series), default=0.0)

        def middle(first: float, last: float) -> float:
            return median([value for at, value in series if first * whole <= at <= last * whole] or [0.0])

        return middle(0.25, 0.5), middle(0.75, 1.0)


def main() -> int:
    """Run the soak and write what came of it; give the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.soak", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--rate", type=float, default=150.0, help="events a second")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--output", type=Path, default=_RESULTS)
    chosen = parser.parse_args()
    measured = commit()
    with tempfile.TemporaryDirectory(prefix="klean-soak-") as folder, broker(Path(folder) / "kafka", None) as kafka:
        notes, verdict, published = asyncio.run(soak(kafka, Path(folder), chosen.minutes, chosen.rate, chosen.seed))
    held = judge(notes, verdict, chosen.rate)
    report = describe(notes, verdict, published, held, chosen.minutes, chosen.rate, measured)
    chosen.output.write_text(report, encoding="utf-8")
    print(report)
    return 0 if all(held.values()) else 1


async def soak(kafka: Kafka, folder: Path, minutes: float, rate: float, seed: int) -> tuple[Notes, Verdict, int]:
    """Run it; give what was seen, the oracle's verdict, and how many events were published."""
    workers = Workers(folder / "workers")
    market = Marketplace(kafka.bootstrap, "soak.", workers, partitions=6, session_timeout_ms=10_000)
    total = int(minutes * 60 * rate)
    notes = Notes()
    try:
        async with market, Oracle(market) as oracle:
            await oracle.load_registry()
            steady, *others = await asyncio.gather(*(market.worker(name) for name in ("steady", "one", "two")))
            publishing = asyncio.create_task(oracle.publish(day(total, seed=seed), rate=rate))
            restarting = asyncio.create_task(restart_in_turn(others, notes))
            began = time.monotonic()
            noted = began
            while not publishing.done():
                # Often, or what was fetched ahead would be what is compared.
                await asyncio.sleep(1.0)
                await oracle.books()
                if time.monotonic() - noted >= _EVERY_SECONDS:
                    noted = time.monotonic()
                    await note(oracle, steady, others, notes, noted - began)
            restarting.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await restarting
            await publishing
            for worker in others:
                if not worker.running:
                    worker.start()
            print("published all of it; settling")
            await oracle.settle(timeout=180)
            print("comparing with a replay")
            return notes, await oracle.judge(), total
    finally:
        workers.kill_all()


async def restart_in_turn(others: list[WorkerProcess], notes: Notes) -> None:
    """End one worker after the other, and start it again; one has to end in order unless it is killed."""
    number = 0
    while True:
        await asyncio.sleep(_RESTART_SECONDS)
        worker = others[number % len(others)]
        number += 1
        if number % 5 == 0:
            worker.kill()
            notes.ends.append(_KILLED)
        else:
            began = time.monotonic()
            try:
                code = await asyncio.to_thread(worker.terminate)
            except TimeoutError:
                worker.kill()
                code = None
            in_time = time.monotonic() - began <= _END_SECONDS
            notes.ends.append(_IN_ORDER if in_time and code == 0 else f"ended with {code}, in time: {in_time}")
        await asyncio.sleep(5)
        worker.start()


async def note(oracle: Oracle, steady: WorkerProcess, others: list[WorkerProcess], notes: Notes, at: float) -> None:
    """Note memory and lag."""
    notes.steady.append((at, resident_mib(steady.pid)))
    for worker in others:
        if worker.running and _YOUNG <= age_seconds(worker.pid) <= _OLD:
            notes.restarted.append((at, resident_mib(worker.pid)))
    absorbed = sum(counts.total() for topic, counts in (await oracle.books()).items() if topic != "brands")
    lag = sum(oracle.published.values()) - absorbed
    notes.lag.append((at, lag))
    print(f"[{at:5.0f} s] steady {notes.steady[-1][1]:.0f} MiB, lag {lag}, {len(notes.ends)} restarts", flush=True)


def resident_mib(pid: int | None) -> float:
    """Give the resident memory of a process in MiB; 0 if it is gone."""
    return next((int(line.split()[1]) / 1024 for line in _status(pid) if line.startswith("VmRSS")), 0.0)


def age_seconds(pid: int | None) -> float:
    """Give for how long a process has been there."""
    try:
        return time.time() - Path(f"/proc/{pid}").stat().st_ctime
    except OSError:
        return 0.0


def _status(pid: int | None) -> Iterator[str]:
    try:
        yield from Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return


def judge(notes: Notes, verdict: Verdict, rate: float) -> dict[str, bool]:
    """Say of each claim whether it held."""
    steady, restarted, lag = (notes.quarters(series) for series in (notes.steady, notes.restarted, notes.lag))
    return {
        "nothing lost": not verdict.lost,
        "nothing counted twice": not verdict.twice,
        "nothing different from a single-threaded replay": not verdict.different,
        "memory of the worker that is left alone is flat": steady[1] <= _FLAT * steady[0],
        "memory of restarted workers of the same age is flat": restarted[1] <= _FLAT * restarted[0],
        "lag is flat": lag[1] <= max(_FLAT * lag[0], 2 * rate),
        "every orderly end had exit code 0 within 10 s": set(notes.ends) <= {_KILLED, _IN_ORDER},
    }


def describe(
    notes: Notes, verdict: Verdict, published: int, held: dict[str, bool], minutes: float, rate: float, measured: str
) -> str:
    """Give the report as Markdown."""
    steady, restarted, lag = (notes.quarters(series) for series in (notes.steady, notes.restarted, notes.lag))
    killed = notes.ends.count(_KILLED)
    others = [end for end in notes.ends if end not in {_KILLED, _IN_ORDER}]
    lines = [
        "# Soak",
        "",
        (
            f"`python -m bench.soak --minutes {minutes:g} --rate {rate:g}`, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, "
            f"on commit {measured}. "
            f"{machine()}; Python {sys.version.split()[0]}, Kafka {kafka_version()}, one broker. Other work ran on the "
            "machine meanwhile. What the words mean stands in `bench/soak.py`."
        ),
        "",
        f"{published:,} events at {rate:g} a second, three workers, {len(notes.ends)} restarts ({killed} by SIGKILL).",
        "",
        "| | second quarter | last quarter | largest |",
        "|---|---:|---:|---:|",
        _row("memory of the worker that is left alone, MiB", steady, notes.steady),
        _row("memory of restarted workers, 1 to 3 minutes old, MiB", restarted, notes.restarted),
        _row("lag, records", lag, notes.lag),
        "",
        f"Lost: {len(verdict.lost)}. Counted twice: {len(verdict.twice)}. Different: {len(verdict.different)}.",
        "",
        *(f"- {'yes' if true else '**NO**'}: {what}" for what, true in held.items()),
        "",
    ]
    if others:
        lines += ["Other ends: " + "; ".join(others), ""]
    if not verdict.clean:
        lines += ["```", str(verdict), "```", ""]
    return "\n".join(lines)


def _row(what: str, medians: tuple[float, float], series: list[tuple[float, float]]) -> str:
    largest = max((value for _, value in series), default=0.0)
    return f"| {what} | {medians[0]:,.0f} | {medians[1]:,.0f} | {largest:,.0f} |"


if __name__ == "__main__":
    sys.exit(main())
