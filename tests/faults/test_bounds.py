"""Memory stays bounded where far more comes in than goes out."""

import asyncio
from pathlib import Path

import orjson

from klean_stream.sample import SampleEvent, day
from tests.faults.conftest import MarketOracle
from tests.kafka.cluster import Kafka
from tests.kafka.processes import WorkerProcess
from tests.kafka.topics import create_topics, delete_topics

_MIB = 1_048_576
_PADDING = 60_000
_BURST = 3_000


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
