"""Markers that Kafka loses: it ends a transaction, and leaves out the partitions that have no leader at that moment.

So it is where the brokers that hold them come back. What was written lies open then, though its commit was confirmed,
or though it was aborted for having taken too long.
"""

import asyncio
import sys
from itertools import islice

import pytest

from klean_stream.sample import day
from tests.faults.conftest import KILLING_WORKER, MarketOracle
from tests.kafka.cluster import KafkaCluster

_ROUNDS = 12
_TRIES = 6
_SAID = "what the last owner has left there is ended"
_TIME_OUT_MS = 10_000


def _killing(point: str) -> tuple[str, ...]:
    return (sys.executable, str(KILLING_WORKER), point, "6", "worker")


async def _until_killed_and_back(broker: KafkaCluster, *, away: float = 0) -> None:
    async with asyncio.timeout(60):
        while broker.running[1]:
            await asyncio.sleep(0.01)
    # The cluster takes it for crashed otherwise.
    broker.kill(1)
    await asyncio.sleep(away)
    await asyncio.to_thread(broker.restart, 1)


@pytest.mark.long
@pytest.mark.parametrize("how", ["@", "+"], ids=["the worker lives on", "with the worker"])
async def test_the_broker_is_killed_when_it_has_confirmed_a_commit(
    own_broker: KafkaCluster, oracle_on: MarketOracle, how: str
) -> None:
    async with oracle_on(own_broker) as oracle:
        market = oracle.market
        events = iter(day(_ROUNDS * 600, seed=31))
        lost_markers = 0
        for number in range(_ROUNDS):
            victim = await market.worker(f"victim-{number}", command=_killing(f"4{how}{own_broker.pid(1)}"))
            publishing = asyncio.create_task(oracle.publish(islice(events, 600), rate=200))
            await _until_killed_and_back(own_broker)
            survivor = victim if how == "@" else await market.worker(f"survivor-{number}")
            await publishing
            await oracle.settle(timeout=120)
            await oracle.check()
            # What is open among the outputs may be somebody else's: only where rows are it warns.
            lost_markers += any(" WARNING " in line and _SAID in line for line in survivor.log.splitlines())
            await asyncio.to_thread(survivor.terminate, 20)
            if lost_markers:
                break
        assert lost_markers, "Kafka lost no marker, and this test shows nothing"


@pytest.mark.long
async def test_a_transaction_takes_too_long_while_the_broker_is_away(
    own_broker: KafkaCluster, oracle_on: MarketOracle
) -> None:
    async with oracle_on(own_broker) as oracle:
        market = oracle.market
        events = iter(day(_TRIES * 600, seed=32))
        for number in range(_TRIES):
            killing = _killing(f"3+{own_broker.pid(1)}")
            await market.worker(f"victim-{number}", command=killing, transaction_timeout_ms=_TIME_OUT_MS)
            publishing = asyncio.create_task(oracle.publish(islice(events, 600), rate=200))
            await _until_killed_and_back(own_broker, away=1.2 * _TIME_OUT_MS / 1000)
            # Coming back it aborts what took too long, and each second it looks again.
            await asyncio.sleep(3)
            survivor = await market.worker(f"survivor-{number}")
            await publishing
            await oracle.settle(timeout=120)
            await oracle.check()
            # Nobody else was there to have anything open.
            lost_marker = f"{_SAID} (aborted)" in survivor.log
            await asyncio.to_thread(survivor.terminate, 20)
            if lost_marker:
                return
    pytest.fail("Kafka lost no marker, and this test shows nothing")
