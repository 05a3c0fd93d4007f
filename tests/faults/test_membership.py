"""Workers that are told to end, join, leave, are killed and freeze while events come."""

import asyncio
import random
import time

import pytest

from klean_stream.sample import day
from tests.faults.conftest import MarketOracle
from tests.kafka.cluster import Kafka


async def test_an_orderly_end_under_load_is_quick_and_clean(kafka: Kafka, oracle_on: MarketOracle) -> None:
    async with oracle_on(kafka) as oracle:
        worker = await oracle.market.worker()
        publishing = asyncio.create_task(oracle.publish(day(3_000, seed=9), rate=400))
        for _ in range(2):
            await asyncio.sleep(1.0)
            began = time.monotonic()
            assert await asyncio.to_thread(worker.terminate) == 0
            assert time.monotonic() - began < 10
            worker.start()
            await asyncio.to_thread(worker.wait_ready)
        await publishing
        await oracle.settle()
        await oracle.check()


async def test_a_worker_frozen_beyond_its_session_writes_nothing_when_it_wakes(
    kafka: Kafka, oracle_on: MarketOracle
) -> None:
    async with oracle_on(kafka) as oracle:
        market = oracle.market
        other, zombie = await asyncio.gather(market.worker("other"), market.worker("zombie"))
        events = list(day(3_500, seed=10))
        publishing = asyncio.create_task(oracle.publish(events[:3_000], rate=500))
        await oracle.until_absorbed(500)
        zombie.pause()
        await publishing
        await oracle.settle()
        zombie.resume()
        await oracle.publish(events[3_000:])
        await oracle.settle()
        await oracle.check()
        assert other.running
        # It finds out, and works on as one of two.
        await asyncio.to_thread(zombie.wait_ready)


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
                assert await asyncio.to_thread(member.terminate) == 0
        await publishing
        for member in members.values():
            if not member.running:
                member.start()
        await oracle.settle(timeout=120)
        await oracle.check()
