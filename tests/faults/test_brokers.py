"""Brokers that restart, stay away, lose their leader; an output topic that is not there."""

import asyncio
import random
import re
import time
from collections.abc import Callable
from functools import partial

import pytest
from aiokafka import TopicPartition
from aiokafka.client import AIOKafkaClient, CoordinationType

from klean_stream.runtime.producer import transactional_id
from klean_stream.runtime.settings import Settings
from klean_stream.sample import day
from tests.faults.conftest import MarketOracle
from tests.kafka.cluster import Kafka, KafkaCluster
from tests.kafka.processes import WorkerProcess
from tests.kafka.topics import create_topics, delete_topics, topic_config


async def _broker_down(oracle_on: MarketOracle, broker: KafkaCluster, *, seconds: float, kill: bool) -> None:
    async with oracle_on(broker) as oracle:
        worker = await oracle.market.worker()
        events = list(day(2_400, seed=17))
        publishing = asyncio.create_task(oracle.publish(events[:1_600], rate=400))
        await oracle.until_absorbed(400)
        # The publisher rides it out, as aiokafka's idempotent producer does for as long as a delivery may take.
        await asyncio.to_thread(broker.kill if kill else broker.stop_broker, 1)
        await asyncio.sleep(seconds)
        await asyncio.to_thread(broker.restart, 1)
        await publishing
        await oracle.publish(events[1_600:])
        await oracle.settle(timeout=120)
        await oracle.check()
        assert worker.running


async def test_the_broker_restarts(own_broker: KafkaCluster, oracle_on: MarketOracle) -> None:
    await _broker_down(oracle_on, own_broker, seconds=0, kill=False)


@pytest.mark.long
async def test_the_broker_is_killed_and_away_for_ten_seconds(own_broker: KafkaCluster, oracle_on: MarketOracle) -> None:
    await _broker_down(oracle_on, own_broker, seconds=10, kill=True)


async def test_a_stop_takes_ten_seconds_at_most_while_the_broker_is_frozen(
    own_broker: KafkaCluster, oracle_on: MarketOracle
) -> None:
    async with oracle_on(own_broker) as oracle:
        worker = await oracle.market.worker()
        events = list(day(1_600, seed=20))
        publishing = asyncio.create_task(oracle.publish(events, rate=400))
        await oracle.until_absorbed(400)
        own_broker.pause(1)
        try:
            began = time.monotonic()
            # Nothing could be finished: it says so by its exit code, that no broker answers.
            assert await asyncio.to_thread(worker.terminate, 30) == 3
            assert time.monotonic() - began < 10
        finally:
            own_broker.resume(1)
        worker.start()
        await publishing
        await oracle.settle(timeout=120)
        await oracle.check()


@pytest.mark.long
async def test_the_broker_freezes_for_longer_than_a_session_and_goes_on(
    own_broker: KafkaCluster, oracle_on: MarketOracle
) -> None:
    async with oracle_on(own_broker) as oracle:
        market = oracle.market
        members = await asyncio.gather(market.worker("one"), market.worker("two"))
        publishing = asyncio.create_task(oracle.publish(day(1_600, seed=22), rate=400))
        await oracle.until_absorbed(400)
        own_broker.pause(1)
        # Connections stay open and nothing answers: nobody is told of a fault.
        await asyncio.sleep(8)
        own_broker.resume(1)
        await publishing
        await oracle.settle(timeout=120)
        await oracle.check()
        for worker in members:
            await asyncio.to_thread(worker.wait_ready, 60)


@pytest.mark.long
async def test_the_broker_is_away_for_a_minute(own_broker: KafkaCluster, oracle_on: MarketOracle) -> None:
    await _broker_down(oracle_on, own_broker, seconds=60, kill=True)


async def _leader(settings: Settings, of: str) -> int | None:
    """Give the broker that leads the first partition's changelog, or its transactions."""
    client = AIOKafkaClient(bootstrap_servers=settings.bootstrap)
    try:
        await client.bootstrap()
        if of == "transactions":
            identity = transactional_id(settings, "seller-0")
            coordinator: int = await client.coordinator_lookup(CoordinationType.TRANSACTION, identity)
            return coordinator
        await client.set_topics([settings.topic("state")])
        leader: int | None = client.cluster.leader_for_partition(TopicPartition(settings.topic("state"), 0))
        return leader
    finally:
        await client.close()


@pytest.mark.parametrize("of", ["changelog", pytest.param("transactions", marks=pytest.mark.long)])
async def test_a_leader_is_killed_under_load(of: str, kafka3: KafkaCluster, oracle_on: MarketOracle) -> None:
    async with oracle_on(kafka3, replication_factor=3, session_timeout_ms=6_000) as oracle:
        market = oracle.market
        assert (await topic_config(kafka3.bootstrap, market.settings.topic("state")))["min.insync.replicas"] == "2"
        worker = await market.worker()
        events = list(day(1_800, seed=18))
        publishing = asyncio.create_task(oracle.publish(events, rate=150))
        await oracle.until_absorbed(300)
        leader = await _leader(market.settings, of)
        assert leader is not None
        kafka3.kill(leader)
        await publishing
        await oracle.settle(timeout=120)
        assert await _leader(market.settings, of) in set(kafka3.brokers) - {leader}
        await oracle.check()
        assert worker.running


async def test_an_output_topic_is_missing_for_a_while(kafka: Kafka, oracle_on: MarketOracle) -> None:
    async with oracle_on(kafka) as oracle:
        market = oracle.market
        worker = await market.worker()
        takedowns = market.settings.topic("takedowns")
        await delete_topics(kafka.bootstrap, [takedowns])
        publishing = asyncio.create_task(oracle.publish(day(1_200, seed=19)))
        await asyncio.sleep(6)
        await create_topics(kafka.bootstrap, {takedowns: (market.settings.partitions, {})})
        await publishing
        await oracle.settle(timeout=120)
        await oracle.check()
        assert worker.running
        assert await market.records("takedowns")


@pytest.mark.long
async def test_an_output_topic_is_missing_for_a_minute_and_the_worker_says_what_it_waits_for(
    kafka: Kafka, oracle_on: MarketOracle
) -> None:
    async with oracle_on(kafka) as oracle:
        market = oracle.market
        worker = await market.worker()
        takedowns = market.settings.topic("takedowns")
        await delete_topics(kafka.bootstrap, [takedowns])
        await oracle.publish(day(1_200, seed=19))
        # Longer than a delivery may take: by then units have failed, and are tried again.
        await asyncio.sleep(60)
        assert f"Topic {takedowns} not found" in worker.log
        failed = (
            r"partition seller-(\d): UnknownTopicOrPartitionError while committing: the delivery of outputs and rows, "
            r"trying again \(failure 1 in a row\)"
        )
        numbers = re.findall(failed, worker.log)
        assert numbers
        labels = {"kind": "seller", "partition": numbers[0], "error": "UnknownTopicOrPartitionError"}
        assert worker.metrics()["klean_unit_failures_total", frozenset(labels.items())] >= 1
        assert re.search(r"seller-\d committing: the delivery of outputs and rows\n", worker.get("/ready")[1])
        await create_topics(kafka.bootstrap, {takedowns: (market.settings.partitions, {})})
        await oracle.settle(timeout=120)
        await oracle.check()
        assert worker.running


@pytest.mark.long
async def test_a_leader_freezes_is_replaced_and_wakes_up(kafka3: KafkaCluster, oracle_on: MarketOracle) -> None:
    async with oracle_on(kafka3, replication_factor=3, session_timeout_ms=6_000) as oracle:
        worker = await oracle.market.worker()
        publishing = asyncio.create_task(oracle.publish(day(1_500, seed=22), rate=150))
        await oracle.until_absorbed(300)
        kafka3.pause(2)
        # Longer than the brokers' own session: its partitions have other leaders by then.
        await asyncio.sleep(8)
        kafka3.resume(2)
        await publishing
        await oracle.settle(timeout=120)
        await oracle.check()
        assert worker.running


@pytest.mark.long
async def test_brokers_restart_one_after_the_other_under_load(kafka3: KafkaCluster, oracle_on: MarketOracle) -> None:
    async with oracle_on(kafka3, replication_factor=3, session_timeout_ms=6_000) as oracle:
        worker = await oracle.market.worker()
        publishing = asyncio.create_task(oracle.publish(day(3_000, seed=26), rate=60))
        for broker in kafka3.brokers:
            await oracle.until_absorbed(200)
            await asyncio.to_thread(kafka3.restart, broker)
        await publishing
        await oracle.settle(timeout=120)
        await oracle.check()
        assert worker.running


async def _stutter(broker: KafkaCluster, seconds: float) -> None:
    """Let the broker run a fifth of the time."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        broker.pause(1)
        await asyncio.sleep(0.8)
        broker.resume(1)
        await asyncio.sleep(0.2)


@pytest.mark.long
async def test_a_broker_that_stands_still_most_of_the_time(own_broker: KafkaCluster, oracle_on: MarketOracle) -> None:
    async with oracle_on(own_broker, session_timeout_ms=6_000) as oracle:
        worker = await oracle.market.worker(unit_max_records=50)
        publishing = asyncio.create_task(oracle.publish(day(1_500, seed=23)))
        await _stutter(own_broker, seconds=12)
        await publishing
        await oracle.settle()
        await oracle.check()
        assert worker.running


async def _freeze(pause: Callable[[], None], resume: Callable[[], None], seconds: float) -> None:
    pause()
    await asyncio.sleep(seconds)
    resume()


async def _some_fault(worker: WorkerProcess, broker: KafkaCluster, rng: random.Random) -> None:
    chosen = rng.choices(
        ("kill", "end", "freeze worker", "freeze both", "freeze broker", "kill broker"), (6, 2, 3, 6, 2, 1)
    )[0]
    if not worker.running:
        worker.start()
    elif chosen == "kill":
        worker.kill()
    elif chosen == "end":
        worker.ask_to_end()
    elif chosen == "kill broker":
        await asyncio.to_thread(broker.kill, 1)
        await asyncio.to_thread(broker.restart, 1)
    else:
        frozen = []
        if chosen != "freeze broker":
            frozen.append(_freeze(worker.pause, worker.resume, rng.uniform(0.5, 6.0)))
        if chosen != "freeze worker":
            frozen.append(_freeze(partial(broker.pause, 1), partial(broker.resume, 1), rng.uniform(0.5, 6.0)))
        await asyncio.gather(*frozen)


@pytest.mark.long
async def test_workers_and_the_broker_fail_together_over_and_over(
    own_broker: KafkaCluster, oracle_on: MarketOracle
) -> None:
    rng = random.Random(23)
    async with oracle_on(own_broker) as oracle:
        members = [oracle.market.start_worker(name) for name in ("one", "two", "three")]
        publishing = asyncio.create_task(oracle.publish(day(9_000, seed=23), rate=80))
        while not publishing.done():
            await asyncio.sleep(rng.uniform(0.2, 3.0))
            await _some_fault(rng.choice(members), own_broker, rng)
        await publishing
        for worker in members:
            if not worker.running:
                worker.start()
        await oracle.settle(timeout=180)
        await oracle.check()
