"""Memory stays bounded where far more comes in than goes out."""

import asyncio
import sys
from collections import defaultdict
from itertools import pairwise
from pathlib import Path
from statistics import quantiles

import orjson

from klean_stream.processing.rows import POSITION
from klean_stream.sample import SampleEvent, day
from tests.faults.conftest import MarketOracle
from tests.kafka.cluster import Kafka
from tests.kafka.marketplace import Marketplace
from tests.kafka.processes import WorkerProcess
from tests.kafka.topics import create_topics, delete_topics

_MIB = 1_048_576
_PADDING = 60_000
_BURST = 3_000
_TELLS_OF_PAUSES = """
import logging
from klean_stream.cli import main
from klean_stream.runtime.transport import BatchConsumer as Consumer

pause = Consumer.pause_partitions

def tell_and_pause(consumer, tps):
    pause(consumer, tps)
    nothing = "" if consumer._get_active_partitions() else ", nothing to fetch"
    logging.getLogger("pauses").info("full backlog%s", nothing)

Consumer.pause_partitions = tell_and_pause
main()
"""


async def between_units(market: Marketplace) -> list[int]:
    """Give the milliseconds from each unit of a partition to its next, of all partitions."""
    times = defaultdict(list)
    for record in await market.records("state"):
        if record.key == POSITION:
            times[record.partition].append(record.timestamp)
    return [later - sooner for units in times.values() for sooner, later in pairwise(units)]


def burst(count: int, title: str, padding: int) -> list[SampleEvent]:
    """Give listings of 200 sellers, padded by a field that is not known and ignored."""
    events = []
    for number in range(count):
        seller = f"burst-{number % 200}"
        body = {
            "seller_id": seller, "listing_id": f"l-{number}", "version": 1, "change": "created",
            "title": title, "padding": "x" * padding,
        }  # fmt: skip
        events.append(SampleEvent("listings", seller.encode(), orjson.dumps(body), (), "decided", "burst"))
    return events


def peak_mib(worker: WorkerProcess) -> float:
    """Give the largest resident memory that a worker ever had."""
    status = Path(f"/proc/{worker.pid}/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM"))


async def test_a_burst_while_nothing_can_be_written_waits_in_kafka_and_not_in_memory(
    kafka: Kafka, oracle_on: MarketOracle
) -> None:
    async with oracle_on(kafka) as oracle:
        market = oracle.market
        worker = await market.worker(backlog_max_bytes=2 * _MIB, unit_max_bytes=2 * _MIB)
        # Before anything lies on it: the oracle misses what is deleted with it.
        takedowns = market.settings.topic("takedowns")
        await delete_topics(kafka.bootstrap, [takedowns])
        await oracle.publish(event for event in day(600, seed=35) if event.kind == "honest")
        await oracle.settle()
        before = peak_mib(worker)
        decided = (await oracle.books())["listings"]
        # Ten times what a worker may keep for all four partitions together.
        await oracle.publish(burst(_BURST, "Nike replica sneaker", _PADDING))
        await asyncio.sleep(5)
        assert (await oracle.books())["listings"] == decided, "no unit without a takedown"
        await create_topics(kafka.bootstrap, {takedowns: (market.settings.partitions, {})})
        await oracle.settle(timeout=120)
        # Backlog, unit and what is being fetched, for each of four partitions, and each a few times over.
        assert peak_mib(worker) - before < 4 * 20 < _BURST * _PADDING / _MIB / 2
        await oracle.check()
        assert worker.running


async def test_no_partition_waits_for_a_second_when_all_were_paused(kafka: Kafka, oracle_on: MarketOracle) -> None:
    async with oracle_on(kafka) as oracle:
        market = oracle.market
        await oracle.publish(burst(3_000, "cotton sheet", 20_000))
        # Each fetch is larger than the backlog, and takes more than one unit. One of the two workers has sellers'
        # partitions only: all that it has can be paused, while the other one still reads the registry.
        members = [
            market.start_worker(
                name,
                command=(sys.executable, "-c", _TELLS_OF_PAUSES, "worker"),
                backlog_max_records=25,
                unit_max_records=25,
                commit_interval_ms=0,
            )
            for name in ("one", "two")
        ]
        await oracle.settle()
        await oracle.check()
        pauses = [worker.log.rpartition(": open, ")[2].count("full backlog") for worker in members]
        assert sum(pauses) > 20
        assert any("nothing to fetch" in worker.log.rpartition(": open, ")[2] for worker in members)
        gaps = await between_units(market)
        assert quantiles(gaps, n=20)[-1] < 500
