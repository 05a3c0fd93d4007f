"""Topics that are deleted and made again under their name, and topics that get more partitions than the others."""

import asyncio
import time
from collections import Counter

import pytest
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewPartitions

from klean_stream.events.identity import Identity
from klean_stream.sample import day
from tests.faults.conftest import MarketOracle
from tests.faults.oracle import Oracle
from tests.kafka.cluster import Kafka
from tests.kafka.topics import create_topics, delete_topics

_USAGE = 2


async def until_decided(oracle: Oracle, identities: set[str], timeout: float = 60.0) -> Counter[str]:
    """Wait until each of these events has a decision; give how many each has."""
    ends = time.monotonic() + timeout
    while True:
        found = Counter(body["identity"] for body in await oracle.market.bodies("decisions"))
        if identities <= found.keys():
            return found
        missing = len(identities - found.keys())
        assert time.monotonic() < ends, f"{missing} of {len(identities)} were not decided within {timeout:g} s"
        await asyncio.sleep(0.5)


@pytest.mark.parametrize("running", [True, False], ids=["while it runs", "while it is down"])
async def test_a_topic_that_was_made_anew_is_read_from_its_beginning(
    running: bool, kafka: Kafka, oracle_on: MarketOracle
) -> None:
    async with oracle_on(kafka) as oracle:
        market = oracle.market
        worker = await market.worker()
        events = [event for event in day(1_600, seed=33) if event.topic == "listings" and event.kind == "honest"]
        identities = [Identity.of(event.key, event.value, event.headers).text for event in events]
        first = len(events) // 4
        await oracle.publish(events[:first])
        await until_decided(oracle, set(identities[:first]))
        if not running:
            assert await asyncio.to_thread(worker.terminate) == 0
        name = market.settings.topic("listings")
        await delete_topics(kafka.bootstrap, [name])
        await create_topics(kafka.bootstrap, {name: (market.settings.partitions, {})})
        # More than the old one held: by their offsets alone, the first of them would be taken for known.
        await oracle.publish(events[first:])
        if not running:
            worker.start()
            await asyncio.to_thread(worker.wait_ready)
        found = await until_decided(oracle, set(identities))
        assert {found[identity] for identity in identities} == {1}
        assert "was deleted and made again" in worker.log
        remade = {value for (name, _), value in worker.metrics().items() if name == "klean_topics_remade_total"}
        assert any(remade)


async def test_partitions_added_to_one_topic_stop_the_workers_and_refuse_the_next(
    kafka: Kafka, oracle_on: MarketOracle
) -> None:
    async with oracle_on(kafka) as oracle:
        market = oracle.market
        worker = await market.worker()
        await oracle.publish(day(300, seed=34))
        await oracle.settle()
        topic = market.settings.topic("ip-reports")
        admin = AdminClient({"bootstrap.servers": kafka.bootstrap, "log_level": 0})
        await asyncio.to_thread(admin.create_partitions([NewPartitions(topic, 6)])[topic].result, 10)
        for _ in range(2):
            assert await asyncio.to_thread(worker.wait_ended, 30)
            assert worker.exit_code == _USAGE
            assert f"Topic {topic} has 6 partitions and needs 4" in worker.tail(3)
            worker.start()
        await oracle.check()
