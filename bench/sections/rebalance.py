"""How long partitions stand while workers join and leave: those that stay where they are, and those that move."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median

from bench.section import Context, Section
from klean_stream.processing.rows import POSITION
from klean_stream.sample import day, sample_brands
from tests.kafka.marketplace import Marketplace
from tests.kafka.processes import WorkerProcess, Workers

_RATE = 300
_PARTITIONS = 8
_CALM_SECONDS = 5.0
_AFTERWARDS_SECONDS = 3.0
_WHAT = {
    "nothing happens": "nothing happens",
    "join": "a third worker joins",
    "leave": "it leaves in order",
    "kill": "it joins again and is killed",
}


@dataclass(slots=True)
class Pauses:
    """The longest pause of each partition, in seconds, of those that stayed and of those that moved."""

    stayed: list[float] = field(default_factory=list)
    moved: list[float] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Window:
    """What happened between two times (milliseconds), and who owned which partition before and after."""

    what: str
    begins: float
    ends: float
    before: dict[int, str]
    after: dict[int, str]


def run(context: Context) -> Section:
    """Let a third worker join, leave and die, as often as measurements are repeated."""
    found: dict[str, Pauses] = defaultdict(Pauses)
    for turn in range(context.runs):
        asyncio.run(_one_run(context, f"bench.rebalance.{turn}.", found))
        stayed = {what: f"{max(pauses.stayed, default=0.0):.1f} s" for what, pauses in found.items()}
        context.say(f"rebalances, run {turn + 1} of {context.runs}: longest pauses of those that stayed {stayed}")
    rows = "\n".join(
        f"| {title} | {_shown(found[what].stayed)} | {_shown(found[what].moved)} |" for what, title in _WHAT.items()
    )
    body = (
        f"{_RATE} events a second, {_PARTITIONS} partitions, two workers and a third. A pause is the longest time "
        "between two commits of a partition, in seconds: median of the partitions and largest. The session timeout is "
        "6 s: so long nobody misses a worker that was killed.\n\n"
        "| | partitions that stay | partitions that move |\n|---|---:|---:|\n"
        f"{rows}"
    )
    return Section("Rebalances: how long partitions stand", body)


def _shown(pauses: Sequence[float]) -> str:
    return f"{median(pauses):.2f} / {max(pauses):.2f}" if pauses else "-"


async def _one_run(context: Context, prefix: str, found: dict[str, Pauses]) -> None:
    workers = Workers(context.folder / prefix)
    market = Marketplace(context.bootstrap, prefix, workers, partitions=_PARTITIONS, session_timeout_ms=6_000)
    try:
        async with market:
            await market.publish("brands", *sample_brands())
            both = list(await asyncio.gather(market.worker("one"), market.worker("two")))
            publishing = asyncio.create_task(_publish(market))
            await asyncio.sleep(_CALM_SECONDS)
            windows = await _disturb(market, both)
            publishing.cancel()
            await asyncio.gather(publishing, return_exceptions=True)
            commits = await _commits(market)
            for window in windows:
                _measure(window, commits, found[window.what])
    finally:
        workers.kill_all()


async def _publish(market: Marketplace) -> None:
    began = asyncio.get_running_loop().time()
    for number, event in enumerate(day(120 * _RATE, seed=9)):
        await market.publish_raw(event.topic, event.key, event.value, event.headers)
        await asyncio.sleep(max(0.0, began + number / _RATE - asyncio.get_running_loop().time()))


async def _disturb(market: Marketplace, both: list[WorkerProcess]) -> list[_Window]:
    windows = []
    third: WorkerProcess | None = None
    for what in _WHAT:
        if what == "kill" and third is not None:
            third.start()
            await asyncio.to_thread(third.wait_ready)
            await asyncio.sleep(_CALM_SECONDS)
        present = [*both, third] if third is not None and third.running else both
        before = await _until_whole(present)
        begins = _milliseconds()
        match what:
            case "join":
                third = market.start_worker("three")
                present = [*both, third]
                await asyncio.to_thread(third.wait_ready)
            case "leave" if third is not None:
                await asyncio.to_thread(third.terminate)
                present = both
            case "kill" if third is not None:
                third.kill()
                present = both
            case _:
                await asyncio.sleep(_CALM_SECONDS)
        after = await _until_whole(present)
        await asyncio.sleep(_AFTERWARDS_SECONDS)
        windows.append(_Window(what, begins, _milliseconds(), before, after))
    return windows


async def _until_whole(workers: Sequence[WorkerProcess]) -> dict[int, str]:
    """Wait until these workers serve all partitions between them; give who owns which."""
    async with asyncio.timeout(60):
        while True:
            owners: dict[int, str] = {}
            answers = await asyncio.gather(*(asyncio.to_thread(worker.get, "/ready") for worker in workers))
            for worker, (_, text) in zip(workers, answers, strict=True):
                for line in text.splitlines():
                    if line.startswith("seller-"):
                        owners[int(line.split()[0].removeprefix("seller-"))] = worker.name
            if len(owners) == _PARTITIONS and all(status == 200 for status, _ in answers):
                return owners
            await asyncio.sleep(0.1)


async def _commits(market: Marketplace) -> dict[int, list[int]]:
    """Give the times of each partition's commits, in milliseconds."""
    times: dict[int, list[int]] = defaultdict(list)
    for record in await market.records("state"):
        if record.key == POSITION:
            times[record.partition].append(record.timestamp)
    return times


def _measure(window: _Window, commits: dict[int, list[int]], pauses: Pauses) -> None:
    for partition, owner in window.before.items():
        within = [at for at in commits[partition] if window.begins <= at <= window.ends]
        bounds = [window.begins, *within, window.ends]
        longest = max(later - earlier for earlier, later in pairwise(bounds)) / 1_000
        kept = pauses.stayed if window.after[partition] == owner else pauses.moved
        kept.append(longest)


def _milliseconds() -> float:
    return time.time() * 1_000
