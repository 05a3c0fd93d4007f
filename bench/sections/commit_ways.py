"""What the two ways to make a unit durable cost, and what they do when their owner is killed or frozen."""

import asyncio
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import orjson
from aiokafka import AIOKafkaProducer

from bench.commit_ways import CHANGELOG, OUTPUTS, WAYS
from bench.section import Context, Section, WrongOutputError
from tests.kafka.child_process import ChildProcess, wait_until
from tests.kafka.topics import Isolation, create_topics, delete_topics, read_all

_SIZES = (1, 100, 2_000, 10_000)
_KILLS = 8
_SEED = 3
_COMPACTS_AT_ONCE = {
    "min.cleanable.dirty.ratio": "0.001",
    "segment.ms": "200",
    "min.compaction.lag.ms": "0",
    "max.compaction.lag.ms": "500",
}
_PATIENCE = 60.0


_BODY = """\
Units of made-up records, one owner, one partition: a row of some 250 bytes and a decision for each record, a takedown \
for each tenth. What is measured is the commit; making the records is not. The reasons for `transaction` are in \
`docs/decisions.md`.

| way | records a unit | pause, ms | p50, ms | p95, ms | units | records/s | CPU ms / 1,000 | bytes / record |
|---|---:|---:|---:|---:|---:|---:|---:|---:|
{cost}

{kills} times kill -9 at a random point in units of 200 records, then an owner that ends by itself:

| way | s to open, median | outputs | lost | twice, for readers of committed data | twice, for readers of everything |
|---|---:|---:|---:|---:|---:|
{killed}

An owner is frozen (SIGSTOP), a second one takes over and writes, the first wakes up (SIGCONT) and goes on for a \
second if nothing stops it; in a worker its next heartbeat would.

| way | it is told | its outputs that committed readers see | its rows behind the second's | rows of the second lost \
to compaction |
|---|---|---:|---:|---:|
{frozen}"""


@dataclass(frozen=True, slots=True)
class Owner:
    """A process that owns the partition."""

    process: ChildProcess

    @property
    def said(self) -> list[dict[str, Any]]:
        """What it has said so far."""
        lines = self.process.log.splitlines()
        return [json.loads(line) for line in lines if line.startswith("{") and line.endswith("}")]

    def wait_for(self, word: str) -> dict[str, Any]:
        """Wait until it says something with this word in it."""
        if not wait_until(lambda: any(word in one for one in self.said), timeout=_PATIENCE, pause=0.01):
            raise WrongOutputError(f"{self.process.name} did not say {word!r}; its log ends:\n{self.process.tail()}")
        return next(one for one in self.said if word in one)


@dataclass(frozen=True, slots=True)
class Arena:
    """Topics of one way under a prefix of their own."""

    context: Context
    way: str
    prefix: str

    def open(self, config: Mapping[str, str] | None = None) -> None:
        """Make the topics; ``config`` is for the changelog."""
        large = {"max.message.bytes": str(16 * 1024 * 1024)}
        changelog = {"cleanup.policy": "compact", **large, **(config or {})}
        topics = {self.prefix + CHANGELOG: (1, changelog)} | {self.prefix + topic: (1, large) for topic in OUTPUTS}
        asyncio.run(create_topics(self.context.bootstrap, topics))

    def close(self) -> None:
        """Delete the topics."""
        asyncio.run(delete_topics(self.context.bootstrap, [self.prefix + name for name in (CHANGELOG, *OUTPUTS)]))

    def owner(self, generation: int, records: int, seconds: float, pause_ms: int = 0) -> Owner:
        """Start an owner and wait until it has opened the partition."""
        numbers = map(str, (generation, records, seconds, pause_ms))
        process = ChildProcess(
            f"{self.way} {generation}",
            (sys.executable, "-m", "bench.commit_ways", self.way, self.context.bootstrap, self.prefix, *numbers),
            log=self.context.folder / f"{self.prefix}{generation}.log",
            directory=Path(__file__).parent.parent.parent,
        )
        process.start()
        owner = Owner(process)
        owner.wait_for("opened")
        return owner

    def read(self, topic: str, isolation: Isolation) -> Sequence[Any]:
        """Read a topic to its end."""
        return asyncio.run(read_all(self.context.bootstrap, self.prefix + topic, isolation))

    def bytes_on_broker(self) -> int:
        """Give the bytes of the logs, or 0 where they are a broker's of somebody else."""
        return sum(file.stat().st_size for file in self.context.folder.glob(f"kafka/**/{self.prefix}*/*.log"))


def run(context: Context) -> Section:
    """Measure both in turns; one run each, of many units."""
    seconds = 0.5 if context.quick else 3.0
    kills = 2 if context.quick else _KILLS
    cost = [
        _cost(context, way, records, seconds, pause)
        for records, pause in [*((size, 0) for size in _SIZES), (100, 10), (100, 100)]
        for way in WAYS
    ]
    killed = [_killed(context, way, kills) for way in WAYS]
    frozen = [_frozen(context, way, seconds) for way in WAYS]
    body = _BODY.format(kills=kills, cost="\n".join(cost), killed="\n".join(killed), frozen="\n".join(frozen))
    return Section("Two ways to make a unit durable", body)


def _cost(context: Context, way: str, records: int, seconds: float, pause_ms: int) -> str:
    arena = Arena(context, way, f"bench.ways.{way}.{records}.{pause_ms}.")
    arena.open()
    try:
        owner = arena.owner(1, records, seconds, pause_ms)
        done = owner.wait_for("taken")
        taken = sorted(one * 1_000 for one in done["taken"])
        total = len(taken) * records
        rate = total / sum(taken) * 1_000
        size = arena.bytes_on_broker() / total
        context.say(
            f"{way}: units of {records}, pause {pause_ms} ms: p50 {median(taken):.1f} ms, {rate:,.0f} records/s"
        )
        return (
            f"| {way} | {records:,} | {pause_ms} | {median(taken):.1f} | {taken[int(len(taken) * 0.95)]:.1f} "
            f"| {len(taken)} | {rate:,.0f} | {done['cpu'] / total * 1e6:.1f} | {size:,.0f} |"
        )
    finally:
        arena.close()


def _killed(context: Context, way: str, kills: int) -> str:
    arena = Arena(context, way, f"bench.ways.killed.{way}.")
    arena.open()
    chance = random.Random(_SEED)
    records = 200
    try:
        opened = []
        for generation in range(1, kills + 1):
            owner = arena.owner(generation, records, 60.0)
            opened.append(owner.wait_for("opened")["opened"])
            time.sleep(chance.uniform(0.05, 0.5))
            owner.process.kill()
        last = arena.owner(kills + 1, records, 0.5)
        opened.append(last.wait_for("opened")["opened"])
        wanted = range(last.wait_for("taken")["unit"] * records)
        committed = _ids(arena.read("decisions", "read_committed"))
        everything = _ids(arena.read("decisions", "read_uncommitted"))
        lost = len(wanted) - len(committed.keys() & set(wanted))
        twice, twice_of_all = (sum(found.values()) - len(found) for found in (committed, everything))
        context.say(f"{way}: {kills} kills: {lost} lost, {twice} twice, {twice_of_all} twice for readers of everything")
        return f"| {way} | {median(opened):.2f} | {len(wanted):,} | {lost} | {twice} | {twice_of_all} |"
    finally:
        arena.close()


def _frozen(context: Context, way: str, seconds: float) -> str:
    arena = Arena(context, way, f"bench.ways.frozen.{way}.")
    arena.open(_COMPACTS_AT_ONCE)
    try:
        first = arena.owner(1, 2_000, 60.0)
        time.sleep(1.0)
        first.process.pause()
        second = arena.owner(2, 2_000, seconds)
        second.wait_for("taken")
        isolation: Isolation = "read_committed" if way == "transaction" else "read_uncommitted"
        # Before the first wakes up: what it overwrites may be compacted away at once.
        before = arena.read(CHANGELOG, isolation)
        of_second = {record.key for record in before if _by(record) == 2}
        first.process.resume()
        time.sleep(1.0)
        told = "that it is fenced" if any("fenced" in one for one in first.said) else "nothing"
        first.process.kill()
        late = sum(
            _by(record) == 1 and record.offset > before[-1].offset for record in arena.read(CHANGELOG, isolation)
        )
        decisions = arena.read("decisions", "read_committed")
        since = next(at for at, record in enumerate(decisions) if _by(record) == 2)
        seen = sum(_by(record) == 1 for record in decisions[since:])
        gone = len(of_second - {record.key for record in _compacted(arena, isolation) if _by(record) == 2})
        context.say(f"{way}: woken up, was told {told}; {seen} outputs, {late} rows, {gone} rows gone")
        return f"| {way} | {told} | {seen} | {late} | {gone} of {len(of_second)} |"
    finally:
        arena.close()


def _compacted(arena: Arena, isolation: Isolation) -> Sequence[Any]:
    """Read the changelog when compaction has left one record for each key but those of the newest segment."""
    ends = time.monotonic() + _PATIENCE
    while time.monotonic() < ends:
        # The newest segment is never compacted: somebody has to begin another.
        asyncio.run(_append(arena))
        time.sleep(1.0)
        records = arena.read(CHANGELOG, isolation)
        rows = Counter(record.key for record in records if _by(record) is not None)
        if len(rows) == sum(rows.values()):
            return records
    raise WrongOutputError(f"The changelog of {arena.way} was not compacted within {_PATIENCE:g} s")


async def _append(arena: Arena) -> None:
    async with AIOKafkaProducer(bootstrap_servers=arena.context.bootstrap) as producer:
        await producer.send_and_wait(arena.prefix + CHANGELOG, b"", key=b"a new segment", partition=0)


def _by(record: Any) -> int | None:
    """Give the generation of the owner that wrote a row or an output; None for other records."""
    found: int | None = orjson.loads(record.value).get("by") if record.value.startswith(b'{"') else None
    return found


def _ids(records: Sequence[Any]) -> Counter[int]:
    return Counter(orjson.loads(record.value)["id"] for record in records)
