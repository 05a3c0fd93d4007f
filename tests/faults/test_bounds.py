"""Memory stays bounded where far more comes in than goes out."""

import asyncio
from pathlib import Path

import orjson

from klean_stream.sample import day
from tests.faults.conftest import MarketOracle
from tests.kafka.cluster import Kafka
from tests.kafka.processes import WorkerProcess
from tests.kafka.topics import create_topics, delete_topics

_MIB = 1_048_576
_PADDING = 60_000
_BURST = 3_000


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
        await oracle.publish(day(300, seed=35))
        await oracle.settle()
        before = peak_mib(worker)
        decisions = market.settings.topic("decisions")
        records = await market.records("decisions")
        await delete_topics(kafka.bootstrap, [decisions])
        # Ten times what a worker may keep for all four partitions together; unknown fields are ignored.
        for number in range(_BURST):
            seller = f"burst-{number % 200}"
            body = {
                "seller_id": seller, "listing_id": f"l-{number}", "version": 1, "change": "created",
                "title": "cotton sheet", "padding": "x" * _PADDING,
            }  # fmt: skip
            await oracle.publish_raw("listings", seller.encode(), orjson.dumps(body))
        await market.flush()
        await asyncio.sleep(5)
        grown = peak_mib(worker) - before
        published = _BURST * _PADDING / _MIB
        # Backlog, unit and what is being fetched, for each of four partitions, and each a few times over.
        assert grown < 4 * 20 < published / 2
        await create_topics(kafka.bootstrap, {decisions: (market.settings.partitions, {})})
        await oracle.settle(timeout=120)
        assert worker.running
        assert len(await market.records("decisions")) == _BURST
        assert len(records) > 0
