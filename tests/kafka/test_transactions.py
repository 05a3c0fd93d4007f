"""What a partition's opening asks of Kafka about transactions: how the last one ended, and where one lies open."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import ProducerFenced

from klean_stream.runtime.last_ending import Ending, last_ending
from klean_stream.runtime.left_open import StillOpen, end_in, look, until_stable
from klean_stream.runtime.producer import start_producer, stop_producer, transactional_id
from klean_stream.runtime.settings import Settings
from klean_stream.runtime.succession import Succession
from klean_stream.runtime.topics import create_topics as make_topics
from klean_stream.runtime.unit import Destination
from tests.kafka.cluster import Kafka
from tests.kafka.topics import create_topics, end_offsets, read_all


@pytest.fixture
def settings(kafka: Kafka, topic_prefix: str, tmp_path: Path) -> Settings:
    """Give those of a worker in a group of its own."""
    return Settings(
        bootstrap=kafka.bootstrap, topic_prefix=topic_prefix, group=topic_prefix + "group", data_dir=str(tmp_path)
    )


async def _write(producer: AIOKafkaProducer, partition: TopicPartition) -> None:
    await producer.begin_transaction()
    await producer.send_and_wait(partition.topic, b"a record", b"its key", partition=partition.partition)


async def _barred(settings: Settings) -> Ending:
    client = AIOKafkaClient(bootstrap_servers=settings.bootstrap)
    await client.bootstrap()
    try:
        return await last_ending(client, transactional_id(settings, "seller-1"), 60_000)
    finally:
        await client.close()


@pytest.mark.parametrize(
    ("end", "said"),
    [
        (AIOKafkaProducer.commit_transaction, "committed"),
        (AIOKafkaProducer.abort_transaction, "aborted"),
        # Whoever bars its owner ends it.
        (None, "aborted"),
    ],
)
async def test_the_coordinator_says_how_the_last_transaction_ended_and_bars_its_owner(
    settings: Settings, end: Callable[[AIOKafkaProducer], Awaitable[None]] | None, said: Ending
) -> None:
    partition = TopicPartition(settings.topic("decisions"), 1)
    await create_topics(settings.bootstrap, {partition.topic: (2, {})})
    assert await _barred(settings) == "unknown"
    producer = await start_producer(settings, "seller-1")
    try:
        await _write(producer, partition)
        if end is not None:
            await end(producer)
        assert await _barred(settings) == said
        if end is None:
            with pytest.raises(ProducerFenced):
                await producer.commit_transaction()
        # It has forgotten.
        assert await _barred(settings) == "unknown"
    finally:
        await stop_producer(producer, "seller-1")
    assert len(await read_all(settings.bootstrap, partition.topic)) == (said == "committed")


async def test_an_open_transaction_is_seen_until_it_ends(settings: Settings) -> None:
    name = settings.topic("decisions")
    await create_topics(settings.bootstrap, {name: (2, {})})
    partitions = [TopicPartition(name, 0), TopicPartition(name, 1), TopicPartition(settings.topic("not-there"), 0)]
    producer = await start_producer(settings, "seller-1")
    try:
        assert (await look(producer.client, partitions)).left_open == {}
        await _write(producer, partitions[1])
        assert (await look(producer.client, partitions)).left_open == {partitions[1]: 1}
        shown = asyncio.create_task(until_stable(producer.client, {partitions[1]: 1}))
        assert not (await asyncio.wait([shown], timeout=0.2))[0]
        await producer.commit_transaction()
        await asyncio.wait_for(shown, 5)
        assert (await look(producer.client, partitions)).left_open == {}
    finally:
        await stop_producer(producer, "seller-1")


async def test_whoever_takes_over_leaves_alone_what_others_have_open(settings: Settings) -> None:
    await make_topics(settings)
    # All partitions write there.
    shared = TopicPartition(settings.topic("taken-down-fingerprints"), 0)
    other = await start_producer(settings, "seller-2")
    try:
        await _write(other, shared)
        destination = Destination(1, settings.topic("state"), settings.topic_prefix)
        said: list[str] = []
        owner = await Succession(settings, "seller-1", destination).take_over(said.append)
        await stop_producer(owner, "seller-1")
        assert len(said) == 3
        await other.commit_transaction()
        assert len(await read_all(settings.bootstrap, shared.topic)) == 1
    finally:
        await stop_producer(other, "seller-2")


async def test_what_is_never_shown_is_said_after_a_while(settings: Settings) -> None:
    name = settings.topic("decisions")
    await create_topics(settings.bootstrap, {name: (2, {})})
    producer = await start_producer(settings, "seller-1")
    try:
        await _write(producer, TopicPartition(name, 1))
        with pytest.raises(StillOpen, match=f"{name} 1 to 1"):
            await until_stable(producer.client, {TopicPartition(name, 1): 1})
    finally:
        await stop_producer(producer, "seller-1")


@pytest.mark.parametrize("commit", [True, False])
async def test_a_transaction_without_records_ends_in_the_partitions_that_it_is_told(
    settings: Settings, commit: bool
) -> None:
    name = settings.topic("decisions")
    await create_topics(settings.bootstrap, {name: (2, {})})
    producer = await start_producer(settings, "seller-1")
    try:
        await end_in(producer, [TopicPartition(name, 1)], commit=commit)
    finally:
        await stop_producer(producer, "seller-1")
    # A marker takes an offset, as a record does.
    assert await end_offsets(settings.bootstrap, name) == {TopicPartition(name, 0): 0, TopicPartition(name, 1): 1}
