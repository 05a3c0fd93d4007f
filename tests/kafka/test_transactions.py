"""What a partition's opening asks of Kafka about transactions: how the last one ended, and where one lies open."""

import asyncio
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition

from klean_stream.runtime.last_ending import last_ending
from klean_stream.runtime.left_open import end_in, left_open, until_stable
from klean_stream.runtime.producer import start_producer, stop_producer, transactional_id
from klean_stream.runtime.settings import Settings
from tests.kafka.cluster import Kafka
from tests.kafka.topics import create_topics, read_all


@pytest.fixture
def settings(kafka: Kafka, topic_prefix: str, tmp_path: Path) -> Settings:
    """Give those of a worker in a group of its own."""
    return Settings(
        bootstrap=kafka.bootstrap, topic_prefix=topic_prefix, group=topic_prefix + "group", data_dir=str(tmp_path)
    )


async def _write(producer: AIOKafkaProducer, partition: TopicPartition) -> None:
    await producer.begin_transaction()
    await producer.send_and_wait(partition.topic, b"a record", partition=partition.partition)


async def test_the_coordinator_says_how_the_last_transaction_ended(settings: Settings) -> None:
    partition = TopicPartition(settings.topic("decisions"), 1)
    await create_topics(settings.bootstrap, {partition.topic: (2, {})})
    said = [await last_ending(settings.bootstrap, transactional_id(settings, "seller-1"))]
    producer = await start_producer(settings, "seller-1")
    for end in (producer.commit_transaction, producer.abort_transaction):
        await _write(producer, partition)
        said.append(await last_ending(settings.bootstrap, transactional_id(settings, "seller-1")))
        await end()
        said.append(await last_ending(settings.bootstrap, transactional_id(settings, "seller-1")))
    await stop_producer(producer, "seller-1")
    # Whoever comes next aborts what is open. When he has come, nobody knows of it any more.
    await stop_producer(await start_producer(settings, "seller-1"), "seller-1")
    said.append(await last_ending(settings.bootstrap, transactional_id(settings, "seller-1")))
    assert said == ["unknown", "aborted", "committed", "aborted", "aborted", "unknown"]


async def test_an_open_transaction_is_seen_until_it_ends(settings: Settings) -> None:
    name = settings.topic("decisions")
    await create_topics(settings.bootstrap, {name: (2, {})})
    partitions = [TopicPartition(name, 0), TopicPartition(name, 1), TopicPartition(settings.topic("not-there"), 0)]
    producer = await start_producer(settings, "seller-1")
    try:
        assert await left_open(producer.client, partitions) == {}
        await _write(producer, partitions[1])
        assert await left_open(producer.client, partitions) == {partitions[1]: 1}
        shown = asyncio.create_task(until_stable(producer.client, partitions[1], 1))
        assert not (await asyncio.wait([shown], timeout=0.2))[0]
        await producer.commit_transaction()
        await asyncio.wait_for(shown, 5)
        assert await left_open(producer.client, partitions) == {}
        assert len(await read_all(settings.bootstrap, name)) == 1
    finally:
        await stop_producer(producer, "seller-1")


@pytest.mark.parametrize("commit", [True, False])
async def test_a_transaction_without_records_has_an_end_in_the_partitions_that_it_is_told(
    settings: Settings, commit: bool
) -> None:
    partition = TopicPartition(settings.topic("decisions"), 1)
    await create_topics(settings.bootstrap, {partition.topic: (2, {})})
    producer = await start_producer(settings, "seller-1")
    try:
        await end_in(producer, [partition], commit=commit)
        # A marker takes an offset, as a record does.
        await until_stable(producer.client, partition, 1)
        assert await read_all(settings.bootstrap, partition.topic) == []
    finally:
        await stop_producer(producer, "seller-1")
