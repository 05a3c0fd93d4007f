"""Workers that are told to end, join, leave, are killed and freeze while events come."""

import asyncio
import random
import signal
import sys
import time
from pathlib import Path

import orjson
import pytest
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from klean_stream.processing.rows import POSITION
from klean_stream.sample import day
from tests.faults.conftest import KILLING_WORKER, MarketOracle
from tests.faults.oracle import Oracle
from tests.kafka.cluster import Kafka
from tests.kafka.marketplace import Marketplace
from tests.kafka.processes import WorkerProcess
from tests.kafka.topics import create_topics, delete_topics, end_offsets

UNITS = ("klean_units_committed_total", frozenset[tuple[str, str]]())


async def positions_kept(market: Marketplace) -> set[tuple[int, int]]:
    """Give partition and offset of each version of a position row in the changelog: one is written with each unit."""
    return {(record.partition, record.offset) for record in await market.records("state") if record.key == POSITION}


async def until_frozen(oracle: Oracle, worker: WorkerProcess) -> None:
    """Wait until a worker has frozen itself."""
    status = Path(f"/proc/{worker.pid}/stat")
    await oracle.until(lambda: status.read_text(encoding="ascii").split()[2] == "T", said=f"{worker.name} freezes")


def freezing(step: int) -> tuple[str, ...]:
    """Give the command of a worker that freezes when a step of a commit is done for the third time."""
    return (sys.executable, str(KILLING_WORKER), f"freeze-{step}", "3", "worker")


async def durable_positions(market: Marketplace) -> dict[TopicPartition, int]:
    """Give from where each input is to be read on, as the newest position rows say."""
    records = [*await market.records("state"), *await market.records("reference-state")]
    rows = {(record.topic, record.partition): record.value for record in records if record.key == POSITION}
    return {
        TopicPartition(market.settings.topic(topic), partition): read["next_offset"]
        for (_, partition), row in rows.items()
        for topic, read in orjson.loads(row)["inputs"].items()
        if read["next_offset"]
    }


async def published_positions(market: Marketplace) -> dict[TopicPartition, int]:
    """Give from where each input is to be read on, as the consumer group says."""
    admin = AIOKafkaAdminClient(bootstrap_servers=market.settings.bootstrap)
    await admin.start()
    try:
        offsets = await admin.list_consumer_group_offsets(market.settings.group)
    finally:
        await admin.close()
    return {tp: at.offset for tp, at in offsets.items() if at.offset}


def was_refused(worker: WorkerProcess) -> bool:
    """Tell if a worker has tried to write what somebody else owns by now.

    By its log: the group may tell it sooner than Kafka does, and then the unit is given up before it counts as failed.
    """
    return "ProducerFenced" in worker.log


async def test_an_orderly_end_under_load_is_quick_and_clean(kafka: Kafka, oracle_on: MarketOracle) -> None:
    async with oracle_on(kafka) as oracle:
        market = oracle.market
        state = market.settings.topic("state")
        events = list(day(5_000, seed=9))
        await oracle.publish(events)
        # In small units, or all of it would be absorbed before it is told to end.
        worker = await market.worker(unit_max_records=50)
        for _ in range(2):
            await oracle.until(lambda: worker.metrics()[UNITS] > 0, said="a unit is committed")
            began = time.monotonic()
            assert await asyncio.to_thread(worker.terminate) == 0
            assert time.monotonic() - began < 10
            positions = await durable_positions(market)
            assert sum(positions.values()) < len(events), "it was not under load"
            assert await published_positions(market) == positions
            # Nothing is open: readers of committed data read to the end.
            assert await end_offsets(kafka.bootstrap, state) == await end_offsets(
                kafka.bootstrap, state, "read_uncommitted"
            )
            worker.start()
            await asyncio.to_thread(worker.wait_ready)
        await oracle.settle()
        await oracle.check()


async def test_a_worker_frozen_beyond_its_session_writes_nothing_when_it_wakes(
    kafka: Kafka, oracle_on: MarketOracle
) -> None:
    async with oracle_on(kafka) as oracle:
        market = oracle.market
        # When all of a unit is delivered, and its commit is all that is missing.
        other, zombie = await asyncio.gather(market.worker("other"), market.worker("zombie", command=freezing(3)))
        events = list(day(3_500, seed=10))
        publishing = asyncio.create_task(oracle.publish(events[:3_000], rate=500))
        await until_frozen(oracle, zombie)
        await publishing
        await oracle.settle()
        zombie.resume()
        await oracle.publish(events[3_000:])
        await oracle.settle()
        await oracle.check()
        assert other.running
        # It finds out, and works on as one of two.
        await asyncio.to_thread(zombie.wait_ready)
        assert was_refused(zombie)


@pytest.mark.long
async def test_what_a_zombie_wrote_means_nothing_after_compaction_either(kafka: Kafka, oracle_on: MarketOracle) -> None:
    async with oracle_on(kafka) as oracle:
        market = oracle.market
        state = market.settings.topic("state")
        await delete_topics(kafka.bootstrap, [state])
        compacted = {
            "cleanup.policy": "compact",
            "min.compaction.lag.ms": "0",
            "max.compaction.lag.ms": "200",
            "min.cleanable.dirty.ratio": "0.001",
            "segment.ms": "100",
        }
        await create_topics(kafka.bootstrap, {state: (market.settings.partitions, compacted)})
        other, zombie = await asyncio.gather(market.worker("other"), market.worker("zombie", command=freezing(3)))
        events = list(day(3_000, seed=21))
        publishing = asyncio.create_task(oracle.publish(events[:2_000], rate=500))
        await until_frozen(oracle, zombie)
        await publishing
        await oracle.settle()
        written = await positions_kept(market)
        zombie.resume()
        assert {partition for partition, _ in written} == set(range(market.settings.partitions))
        # A segment is closed by the next record that comes when it is old enough; the newest is never compacted.
        await oracle.publish(events[2_000:2_500], rate=100)
        ends = time.monotonic() + 90
        # Compaction may have begun before: what counts is that nothing is left of what lay there when the zombie woke.
        while await positions_kept(market) & written:
            assert time.monotonic() < ends, "the changelog was not compacted"
            await asyncio.sleep(0.5)
        await oracle.settle()
        assert was_refused(zombie)
        for worker in (other, zombie):
            assert await asyncio.to_thread(worker.terminate) == 0
        await market.worker("fresh")
        await oracle.publish(events[2_500:])
        await oracle.settle()
        await oracle.check()


@pytest.mark.long
async def test_a_worker_that_freezes_between_any_two_steps_of_a_commit_writes_nothing_when_it_wakes(
    kafka: Kafka, oracle_on: MarketOracle
) -> None:
    async with oracle_on(kafka) as oracle:
        market = oracle.market
        other = await market.worker("other")
        events = list(day(7_000, seed=24))
        for step in range(7):
            zombie = await market.worker(f"zombie-{step}", command=freezing(step))
            publishing = asyncio.create_task(oracle.publish(events[1_000 * step : 1_000 * (step + 1)], rate=150))
            await until_frozen(oracle, zombie)
            await publishing
            # By then its partitions are the other one's.
            await oracle.settle()
            zombie.resume()
            await asyncio.to_thread(zombie.wait_ready)
            # From step 4 on the unit counted before anybody else could open the partition.
            await oracle.until(lambda: step >= 4 or was_refused(zombie), said="its unit is refused")  # noqa: B023
            assert await asyncio.to_thread(zombie.terminate) == 0
        await oracle.settle()
        await oracle.check()
        assert other.running


@pytest.mark.long
async def test_a_worker_frozen_for_longer_than_a_transaction_may_take_repeats_its_unit(
    kafka: Kafka, oracle_on: MarketOracle
) -> None:
    async with oracle_on(kafka) as oracle:
        events = list(day(2_000, seed=25))
        worker = await oracle.market.worker(command=freezing(3), transaction_timeout_ms=10_000)
        publishing = asyncio.create_task(oracle.publish(events[:1_000], rate=150))
        await until_frozen(oracle, worker)
        await publishing
        # Nobody takes over. All of the unit is delivered, and Kafka aborts it.
        await asyncio.sleep(15)
        worker.resume()
        await oracle.publish(events[1_000:])
        await oracle.settle()
        await oracle.check()
        assert worker.running


@pytest.mark.long
async def test_workers_join_leave_and_are_killed_over_and_over(kafka: Kafka, oracle_on: MarketOracle) -> None:
    rng = random.Random(11)
    async with oracle_on(kafka) as oracle:
        market = oracle.market
        names = ("one", "two", "three")
        members = {name: market.start_worker(name) for name in names}
        publishing = asyncio.create_task(oracle.publish(day(14_000, seed=11), rate=120))
        while not publishing.done():
            await asyncio.sleep(rng.uniform(0.5, 5.0))
            member = members[rng.choice(names)]
            if not member.running:
                member.start()
            elif rng.random() < 0.5:
                member.kill()
            else:
                # One that has hardly been started does not listen for signals yet.
                assert await asyncio.to_thread(member.terminate) in {0, -signal.SIGTERM}
        await publishing
        for member in members.values():
            if not member.running:
                member.start()
        await oracle.settle(timeout=120)
        await oracle.check()
