"""The harness keeps its promises: what other tests conclude from kills and restarts rests on these."""

import asyncio
import time
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer, ConsumerRecord, TopicPartition
from confluent_kafka import KafkaException

from tests.kafka.cluster import BrokerError, Kafka, KafkaCluster
from tests.kafka.topics import create_topics, delete_topics, end_offsets, read_all, topic_config

A_YEAR_IN_MS = 365 * 24 * 3600 * 1000
MOST_LEFT = 10


def bodies(records: list[ConsumerRecord]) -> list[bytes]:
    """Return the values in order."""
    return [record.value for record in records]


async def produce(bootstrap: str, topic: str, *values: bytes) -> None:
    """Write values that every in-sync replica has acknowledged."""
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap, acks="all", enable_idempotence=True, request_timeout_ms=30_000
    )
    await producer.start()
    try:
        for value in values:
            await producer.send_and_wait(topic, value, key=b"seller-1")
    finally:
        await producer.stop()


async def test_committed_records_are_read_back_with_the_brokers_time_and_aborted_ones_are_not(
    kafka: Kafka, topic_prefix: str
) -> None:
    topic = f"{topic_prefix}listings"
    await create_topics(kafka.bootstrap, {topic: (4, {"message.timestamp.type": "LogAppendTime"})})
    before = time.time_ns() // 1_000_000
    producer = AIOKafkaProducer(bootstrap_servers=kafka.bootstrap, transactional_id=f"{topic_prefix}writer")
    await producer.start()
    try:
        async with producer.transaction():
            for number in range(10):
                await producer.send(topic, b"kept-%d" % number, key=b"%d" % number, timestamp_ms=before - A_YEAR_IN_MS)
        await producer.begin_transaction()
        await producer.send_and_wait(topic, b"dropped", partition=0)
        await producer.abort_transaction()
    finally:
        await producer.stop()

    committed = await read_all(kafka.bootstrap, topic)
    assert sorted(bodies(committed)) == [b"kept-%d" % number for number in range(10)]
    assert all(before - 1_000 <= record.timestamp <= before + 60_000 for record in committed)
    assert b"dropped" in bodies(await read_all(kafka.bootstrap, topic, "read_uncommitted"))


async def test_an_open_transaction_hides_what_comes_after_it(kafka: Kafka, topic_prefix: str) -> None:
    topic = f"{topic_prefix}listings"
    await create_topics(kafka.bootstrap, {topic: (1, {})})
    producer = AIOKafkaProducer(bootstrap_servers=kafka.bootstrap, transactional_id=f"{topic_prefix}writer")
    await producer.start()
    try:
        await producer.begin_transaction()
        await producer.send_and_wait(topic, b"open")
        await produce(kafka.bootstrap, topic, b"after")
        partition = TopicPartition(topic, 0)
        assert await end_offsets(kafka.bootstrap, topic) == {partition: 0}
        assert await end_offsets(kafka.bootstrap, topic, "read_uncommitted") == {partition: 2}
        assert await read_all(kafka.bootstrap, topic) == []
        await producer.commit_transaction()
    finally:
        await producer.stop()
    assert bodies(await read_all(kafka.bootstrap, topic)) == [b"open", b"after"]


async def test_a_misspelt_topic_is_an_error_and_not_a_new_topic(kafka: Kafka, topic_prefix: str) -> None:
    with pytest.raises(KafkaException):
        await read_all(kafka.bootstrap, f"{topic_prefix}lisitngs")


async def test_a_topic_can_be_deleted_and_made_anew(kafka: Kafka, topic_prefix: str) -> None:
    topic = f"{topic_prefix}listings"
    await create_topics(kafka.bootstrap, {topic: (1, {})})
    await produce(kafka.bootstrap, topic, b"old")
    await delete_topics(kafka.bootstrap, [topic])
    await create_topics(kafka.bootstrap, {topic: (2, {})})
    assert await read_all(kafka.bootstrap, topic) == []
    with pytest.raises(KafkaException, match="already exists"):
        await create_topics(kafka.bootstrap, {topic: (2, {})})


async def test_compaction_can_be_provoked(tmp_path: Path, topic_prefix: str) -> None:
    topic = f"{topic_prefix}brands"
    config = {
        "cleanup.policy": "compact",
        "min.cleanable.dirty.ratio": "0.01",
        "segment.ms": "200",
        "min.compaction.lag.ms": "0",
        "delete.retention.ms": "100",
    }
    with KafkaCluster(tmp_path) as cluster:
        await create_topics(cluster.bootstrap, {topic: (1, config)})
        await produce(cluster.bootstrap, topic, *(b"%d" % number for number in range(20)))
        for number in range(20, 60):
            # The newest segment is never compacted; a later write closes it.
            await asyncio.sleep(0.25)
            await produce(cluster.bootstrap, topic, b"%d" % number)
            left = bodies(await read_all(cluster.bootstrap, topic))
            if len(left) < MOST_LEFT:
                break
        assert len(left) < MOST_LEFT
        assert left[-1] == b"%d" % number


async def test_a_killed_broker_comes_back_with_its_data(tmp_path: Path) -> None:
    with KafkaCluster(tmp_path) as cluster:
        await create_topics(cluster.bootstrap, {"listings": (2, {})})
        await produce(cluster.bootstrap, "listings", b"one", b"two")
        address = cluster.bootstrap

        cluster.kill(1)
        assert cluster.running == {1: False}
        cluster.restart(1)

        assert cluster.bootstrap == address
        assert cluster.running == {1: True}
        await produce(cluster.bootstrap, "listings", b"three")
        assert bodies(await read_all(cluster.bootstrap, "listings")) == [b"one", b"two", b"three"]

        cluster.stop()
        cluster.start()
        assert bodies(await read_all(cluster.bootstrap, "listings")) == [b"one", b"two", b"three"]


async def test_a_frozen_broker_answers_nobody_until_it_is_resumed(tmp_path: Path) -> None:
    with KafkaCluster(tmp_path) as cluster:
        await create_topics(cluster.bootstrap, {"listings": (1, {})})
        cluster.pause(1)
        assert cluster.running == {1: True}
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1):
                await produce(cluster.bootstrap, "listings", b"unheard")
        cluster.resume(1)
        cluster.wait_ready()
        await produce(cluster.bootstrap, "listings", b"heard")
        assert bodies(await read_all(cluster.bootstrap, "listings"))[-1] == b"heard"


async def test_one_killed_broker_of_three_leaves_the_topic_writable(kafka3: KafkaCluster, topic_prefix: str) -> None:
    topic = f"{topic_prefix}listings"
    await create_topics(kafka3.bootstrap, {topic: (3, {})})
    assert (await topic_config(kafka3.bootstrap, topic))["min.insync.replicas"] == "2"
    await produce(kafka3.bootstrap, topic, b"three brokers")

    kafka3.kill(2)
    await produce(kafka3.bootstrap, topic, b"two brokers")
    assert kafka3.running == {1: True, 2: False, 3: True}
    assert bodies(await read_all(kafka3.bootstrap, topic)) == [b"three brokers", b"two brokers"]

    kafka3.restart(2)
    kafka3.kill(1)
    await produce(kafka3.bootstrap, topic, b"the other two")
    assert bodies(await read_all(kafka3.bootstrap, topic)) == [
        b"three brokers",
        b"two brokers",
        b"the other two",
    ]


async def test_each_test_finds_three_whole_brokers(kafka3: KafkaCluster) -> None:
    assert kafka3.running == {1: True, 2: True, 3: True}


def test_a_broker_that_cannot_start_says_why(tmp_path: Path) -> None:
    cluster = KafkaCluster(tmp_path, config={"num.io.threads": "none"})
    with pytest.raises(BrokerError, match=r"num\.io\.threads"):
        cluster.start()
    assert cluster.running == {1: False}


def test_a_broker_that_crashes_is_named_with_the_end_of_its_log(tmp_path: Path) -> None:
    cluster = KafkaCluster(tmp_path)
    with cluster:
        (tmp_path / "broker-1" / "server.properties").write_text("process.roles=nonsense\n")
        with pytest.raises(BrokerError, match=r"(?s)Broker 1 ended with exit code \d+; its log ends:.*nonsense"):
            cluster.restart(1)
