"""What a partition's opening asks of Kafka about transactions: how the last one ended, and where one lies open."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import ProducerFenced

from klean_stream.runtime import left_open
from klean_stream.runtime.last_ending import Ending, bar_last_owner
from klean_stream.runtime.left_open import StillOpen, leaders, until_stable
from klean_stream.runtime.producer import start_producer, stop_producer, transactional_id
from klean_stream.runtime.settings import Settings
from klean_stream.runtime.succession import Succession
from klean_stream.runtime.topics import create_topics
from klean_stream.runtime.unit import Destination
from tests.kafka.cluster import KafkaCluster
from tests.kafka.topics import read_all, until_shown

_End = Callable[[AIOKafkaProducer], Awaitable[None]]
_COMMIT: _End = AIOKafkaProducer.commit_transaction
_ABORT: _End = AIOKafkaProducer.abort_transaction


@pytest.fixture(scope="module")
def credulous(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaCluster]:
    """Give a broker that takes records of a transaction into partitions that this was not told of.

    They lie open afterwards, as those do whose marker Kafka has lost.
    """
    config = {"transaction.partition.verification.enable": "false"}
    cluster = KafkaCluster(tmp_path_factory.mktemp("credulous"), config=config)
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.discard()


@pytest.fixture
async def settings(credulous: KafkaCluster, topic_prefix: str, tmp_path: Path) -> Settings:
    """Give those of a worker in a group of its own, and make the topics."""
    given = Settings(
        bootstrap=credulous.bootstrap,
        topic_prefix=topic_prefix,
        group=topic_prefix + "group",
        partitions=2,
        data_dir=str(tmp_path),
    )
    await create_topics(given)
    return given


async def _write(producer: AIOKafkaProducer, *partitions: TopicPartition) -> None:
    await producer.begin_transaction()
    for partition in partitions:
        await producer.send_and_wait(partition.topic, b"a record", b"its key", partition=partition.partition)


async def _take_over(settings: Settings) -> list[str]:
    said: list[str] = []
    destination = Destination(1, settings.topic("state"), settings.topic_prefix)
    owner = await Succession(settings, "seller-1", destination).take_over(said.append)
    await stop_producer(owner, "seller-1")
    return said


async def _bar(settings: Settings) -> list[Ending]:
    client = AIOKafkaClient(bootstrap_servers=settings.bootstrap)
    await client.bootstrap()
    heard: list[Ending] = []
    try:
        await bar_last_owner(client, transactional_id(settings, "seller-1"), 60_000, heard.append)
    finally:
        await client.close()
    return heard


async def _shown(settings: Settings, topic: str) -> int:
    """Give how many records of a topic readers of committed data are shown, when nothing is open there any more."""
    await until_shown(settings.bootstrap, [settings.topic(topic)])
    return len(await read_all(settings.bootstrap, settings.topic(topic)))


@pytest.mark.parametrize(
    ("end", "said"),
    # Whoever bars the owner of one that is open ends it.
    [(_COMMIT, "committed"), (_ABORT, "aborted"), (None, "aborted")],
)
async def test_the_coordinator_says_how_the_last_transaction_ended_and_bars_its_owner(
    settings: Settings, end: _End | None, said: Ending
) -> None:
    assert await _bar(settings) == []
    producer = await start_producer(settings, "seller-1")
    try:
        await _write(producer, TopicPartition(settings.topic("decisions"), 1))
        if end is not None:
            await end(producer)
        assert (await _bar(settings))[-1] == said
        if end is None:
            with pytest.raises(ProducerFenced):
                await producer.commit_transaction()
        # It has forgotten.
        assert await _bar(settings) == []
    finally:
        await stop_producer(producer, "seller-1")
    assert await _shown(settings, "decisions") == (said == "committed")


@pytest.mark.parametrize("lost", ["state", "decisions"])
@pytest.mark.parametrize(
    ("end", "is_remembered", "shown"),
    [
        (_COMMIT, True, {"state": (1, 1), "decisions": (1, 1)}),
        (_ABORT, True, {"state": (0, 0), "decisions": (0, 0)}),
        # Rows that lie open are dropped, since their unit is decided again; what has rows that are shown is shown too.
        (_COMMIT, False, {"state": (0, 1), "decisions": (1, 1)}),
    ],
    ids=["committed", "aborted", "forgotten"],
)
async def test_what_lies_open_is_ended_as_the_rest_of_its_transaction_was(
    settings: Settings, lost: str, end: _End, is_remembered: bool, shown: dict[str, tuple[int, int]]
) -> None:
    topics = ("state", "decisions")
    partitions = {topic: TopicPartition(settings.topic(topic), 1) for topic in topics}
    producer = await start_producer(settings, "seller-1")
    try:
        # As if it had told the coordinator of it already.
        producer._txn_manager._txn_partitions.add(partitions[lost])
        await _write(producer, *partitions.values())
        await end(producer)
        # Markers come behind the confirmation.
        await until_stable(producer.client, {at: 1 for topic, at in partitions.items() if topic != lost})
        led = await leaders(producer.client, partitions.values())
        assert await left_open.left_open(producer.client, led) == {partitions[lost]: 1}, "a marker is to be lost here"
    finally:
        await stop_producer(producer, "seller-1")
    if not is_remembered:
        await _bar(settings)
    await _take_over(settings)
    # Whatever comes behind it would show it too.
    producer = await start_producer(settings, "seller-1")
    await _write(producer, *partitions.values())
    await producer.commit_transaction()
    await stop_producer(producer, "seller-1")
    assert {topic: await _shown(settings, topic) for topic in topics} == {
        topic: 1 + shown[topic][lost == "decisions"] for topic in topics
    }


async def test_whoever_takes_over_leaves_alone_what_others_have_open(settings: Settings) -> None:
    # All partitions write there.
    shared = TopicPartition(settings.topic("taken-down-fingerprints"), 0)
    other = await start_producer(settings, "seller-0")
    try:
        await _write(other, shared)
        assert await _take_over(settings) == [
            "a leader for each partition that it writes",
            "the brokers to bar the last owner",
            "the brokers to end what the last owner has left open",
        ]
        await other.commit_transaction()
    finally:
        await stop_producer(other, "seller-0")
    assert await _shown(settings, "taken-down-fingerprints") == 1


async def test_a_topic_that_is_not_there_is_told_from_one_without_a_leader_and_not_made(settings: Settings) -> None:
    there, absent = TopicPartition(settings.topic("state"), 1), TopicPartition(settings.topic("no-such-topic"), 1)
    producer = await start_producer(settings, "seller-1")
    try:
        for _ in range(2):
            assert await leaders(producer.client, [there, absent]) == {there: 1, absent: None}
    finally:
        await stop_producer(producer, "seller-1")


async def test_a_units_end_is_waited_for_and_said_where_it_does_not_come(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    partition = TopicPartition(settings.topic("decisions"), 1)
    producer = await start_producer(settings, "seller-1")
    try:
        await _write(producer, partition)
        shown = asyncio.create_task(until_stable(producer.client, {partition: 1}))
        assert not (await asyncio.wait([shown], timeout=0.3))[0]
        monkeypatch.setattr(left_open, "_SECONDS", 0.5)
        with pytest.raises(StillOpen, match="decisions 1 to 1"):
            await until_stable(producer.client, {partition: 1})
        await producer.commit_transaction()
        await asyncio.wait_for(shown, 5)
    finally:
        await stop_producer(producer, "seller-1")
