"""An input topic that is gone for a while: nothing else waits for it, and what it brings when it is back is decided."""

import asyncio
import time

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from klean_stream.events import Listing
from tests.faults.conftest import MarketOracle
from tests.faults.oracle import Oracle
from tests.kafka.cluster import Kafka
from tests.kafka.topics import create_topics, delete_topics, end_offsets

_LOOK_SECONDS = 6.0
_GONE_SECONDS = 25.0
_LATE_SECONDS = 15.0


def socks(number: int) -> Listing:
    """Give a listing that nothing is found in."""
    return Listing(seller_id=f"s-{number % 50}", listing_id=f"l-{number}", version=1, change="created", title="Socks")


async def published_positions(oracle: Oracle, topic: str) -> dict[TopicPartition, int]:
    """Give what the consumer group shows as its positions in a topic."""
    settings = oracle.market.settings
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.bootstrap)
    await admin.start()
    try:
        offsets = await admin.list_consumer_group_offsets(settings.group)
    finally:
        await admin.close()
    return {tp: found.offset for tp, found in offsets.items() if tp.topic == topic}


@pytest.mark.long
async def test_an_input_topic_that_is_gone_holds_up_nothing_else(kafka: Kafka, oracle_on: MarketOracle) -> None:
    async with oracle_on(kafka) as oracle:
        market = oracle.market
        worker = await market.worker()
        await market.publish("listings", *map(socks, range(50)))
        await market.settled("listings", 50)
        gone, listings = market.settings.topic("ip-reports"), market.settings.topic("listings")
        # What is gone has to have been seen: the watch looks every five seconds.
        await asyncio.sleep(_LOOK_SECONDS)
        await delete_topics(kafka.bootstrap, [gone])
        number, ends = 50, time.monotonic() + _GONE_SECONDS
        while time.monotonic() < ends:
            # One after the other: whatever holds up the consumer's thread makes one of them late.
            await market.publish("listings", socks(number))
            number += 1
            await market.settled("listings", number, timeout=_LATE_SECONDS)
        wanted = await end_offsets(kafka.bootstrap, listings)
        until = time.monotonic() + _LATE_SECONDS
        while (shown := await published_positions(oracle, listings)) != wanted:
            assert time.monotonic() < until, f"the group shows {shown}, and all of {wanted} is decided"
            await asyncio.sleep(0.5)
        assert f"topic {gone} is gone" in worker.log
        await create_topics(kafka.bootstrap, {gone: (market.settings.partitions, {})})
        await market.publish_raw("ip-reports", b"s-1", b"not a report")
        await market.flush()
        await market.settled("ip-reports", 1)
