"""What the runtime relies on inside of Faust and aiokafka, beyond what they document.

Both are pinned. Whoever raises a pin runs this first: what fails names what has changed, and which part of the runtime
rests on it. The running parts use the broker inside the process.
"""

import asyncio
import inspect
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar, cast

import aiokafka
import faust
import pytest
from aiokafka import TopicPartition
from aiokafka.client import AIOKafkaClient, ConnectionGroup
from aiokafka.cluster import ClusterMetadata
from aiokafka.conn import AIOKafkaConnection
from aiokafka.consumer.fetcher import Fetcher, FetchResult, PartitionRecords
from aiokafka.consumer.group_coordinator import GroupCoordinator
from aiokafka.consumer.subscription_state import SubscriptionState
from aiokafka.producer.message_accumulator import BatchBuilder, MessageBatch
from aiokafka.producer.transaction_manager import TransactionManager
from aiokafka.record.default_records import DefaultRecordBatch
from faust.transport import consumer as faust_consumer
from faust.transport.drivers import aiokafka as driver
from faust.types import TP, ConsumerMessage

from klean_stream.agents import register_all
from klean_stream.runtime.application import BatchStream, KleanApp
from klean_stream.runtime.compressed import CompressedBatch
from klean_stream.runtime.embedded_broker import PARTITIONS, EmbeddedBroker
from klean_stream.runtime.fetched import FetchedBatch
from klean_stream.runtime.fetching import leave_packed, more_has_come
from klean_stream.runtime.producer import start_producer, stop_producer
from klean_stream.runtime.receiving import ResponseReceiver
from klean_stream.runtime.settings import Settings
from klean_stream.runtime.transport import BatchConsumer, BatchTransport
from tests.kafka.child_process import free_ports

_SECONDS = 30.0

Signature = tuple[Callable[..., Any], str, str]

# What is overridden or called, its parameters, and who rests on it.
SIGNATURES: tuple[Signature, ...] = (
    (faust.App._new_transport, "self", "KleanApp gives the batch transport there"),
    (driver.Consumer._new_consumer_thread, "self", "BatchConsumer gives its thread there"),
    (driver.AIOKafkaConsumerThread._create_worker_consumer, "self, transport", "BatchConsumerThread makes the client"),
    (driver.AIOKafkaConsumerThread.__post_init__, "self", "BatchConsumerThread keeps its positions from there on"),
    (driver.AIOKafkaConsumerThread._ensure_consumer, "self", "BatchConsumerThread gets the client from it"),
    (
        driver.AIOKafkaConsumerThread._fetch_records,
        "self, consumer, active_partitions, timeout, max_records",
        "BatchConsumerThread fetches by it",
    ),
    (PartitionRecords._unpack_records, "self", "PackedRecords stands in for what it yields"),
    (PartitionRecords._consume_aborted_up_to, "self, batch_offset", "PackedRecords knows aborted transactions by it"),
    (PartitionRecords._contains_abort_marker, "self, next_batch", "PackedRecords knows their ends by it"),
    (Fetcher.fetched_records, "self, partitions, timeout, max_records", "it takes what was left packed"),
    (BatchBuilder._build, "self", "CompressedBatch compresses what it gives"),
    (MessageBatch.get_data_buffer, "self", "it takes what CompressedBatch has built"),
    (AIOKafkaConnection._handle_frame, "self, resp", "ResponseReceiver gives it whole responses"),
    (Fetcher._create_fetch_waiter, "self", "the next fetch is waited for by it"),
    (FetchResult.getall, "self, max_records", "it takes batches by iterating over them"),
    (driver.server_list, "urls, default_port", "BatchConsumerThread names the brokers by it"),
    (faust_consumer.ConsumerThread.on_partitions_assigned, "self, assigned, generation_id", "positions are forgotten"),
    (faust_consumer.ConsumerThread.call_thread, "self, fun, args, kwargs", "the client is only used in its thread"),
    (faust_consumer.Consumer.getmany, "self, timeout", "BatchConsumer yields batches there"),
    (faust_consumer.Consumer.perform_seek, "self", "BatchConsumer seeks what the rows say"),
    (faust_consumer.Consumer.commit, "self, topics, start_new_transaction", "BatchConsumer publishes positions"),
    (faust_consumer.Consumer.track_message, "self, message", "BatchConsumer keeps no books of messages"),
    (faust_consumer.Consumer.wait_empty, "self", "BatchConsumer waits for no acknowledgement"),
    (faust_consumer.Consumer.verify_all_partitions_active, "self", "the watch does this instead"),
    (faust_consumer.Consumer._get_active_partitions, "self", "BatchConsumer fetches these"),
    (faust_consumer.Consumer.pause_partitions, "self, tps", "a full backlog pauses its partition"),
    (faust_consumer.Consumer.resume_partitions, "self, tps", "a backlog worked off resumes its partition"),
    (faust_consumer.ConsumerThread.on_partitions_revoked, "self, revoked", "no positions are published from there on"),
    (GroupCoordinator.check_errors, "self", "the watch asks it why the group does not take this worker"),
    (
        ClusterMetadata.leader_for_partition,
        "self, partition",
        "where there is no leader nobody is asked",
    ),
    (
        ConsumerMessage.__init__,
        (
            "self, topic, partition, offset, timestamp, timestamp_type, headers, key, value, checksum, "
            "serialized_key_size, serialized_value_size, tp, time_in, time_out, time_total, generation_id"
        ),
        "BatchConsumer makes one for each batch, by place",
    ),
    (aiokafka.AIOKafkaProducer.send_batch, "self, batch, topic, partition", "unit.py sends whole batches"),
    (TransactionManager.maybe_add_partition_to_txn, "self, tp", "left_open.py ends by it what another left open"),
    (AIOKafkaClient.coordinator_lookup, "self, coordinator_type, coordinator_key", "last_ending.py asks who it gives"),
    (AIOKafkaClient.send, "self, node_id, request, group", "left_open.py and last_ending.py ask by it"),
)


@pytest.mark.parametrize(
    ("called", "parameters", "relies"), SIGNATURES, ids=lambda entry: getattr(entry, "__name__", "")
)
def test_what_is_overridden_or_called_has_its_parameters(
    called: Callable[..., Any], parameters: str, relies: str
) -> None:
    found = ", ".join(inspect.signature(called).parameters)
    assert found == parameters, f"{called.__qualname__}({found}) was ({parameters}); runtime: {relies}"


async def test_aiokafka_tells_a_position_without_waiting_for_one() -> None:
    tp = TopicPartition("listings", 0)
    subscriptions = SubscriptionState()
    subscriptions.assign_from_user({tp})
    state = subscriptions.subscription.assignment.state_value(tp)
    assert not state.has_valid_position, "transport.py takes it that a partition has no position before its first seek"
    subscriptions.seek(tp, 7)
    assert state.has_valid_position
    assert state.position == 7, "transport.py takes the position after a fetch for the end of its batch"
    assert state.highwater is None, "transport.py takes None for a partition that was never fetched"


def test_a_faust_consumer_says_whether_its_flow_is_stopped() -> None:
    fetching = inspect.getsource(faust_consumer.Consumer.resume_flow) + inspect.getsource(
        faust_consumer.Consumer.stop_flow
    )
    for relied_on in ("self.flow_active = True", "self.flow_active = False", "self.can_resume_flow"):
        assert relied_on in fetching, "BatchConsumer fetches nothing during a rebalance by it"


def test_a_faust_consumer_makes_partitions_active_again_in_two_ways() -> None:
    source = inspect.getsource(faust_consumer.Consumer)
    assert source.count("_active_partitions().update(") + source.count("active_partitions.add(") == 2, (
        "BatchConsumer wakes who waits for a fetch in resume_partitions and on_buffer_drop"
    )


class _RecordingConsumer(BatchConsumer):
    """Remembers the messages that it hands to Faust, and when Faust asks for a seek."""

    app: "_RecordingApp"

    async def getmany(self, timeout: float) -> AsyncIterator[tuple[TP, ConsumerMessage]]:
        self.app.fetches += 1
        async for fetched in super().getmany(self.app.fetch_seconds or timeout):
            yield fetched

    def _batch_message(self, tp: TP, batch: FetchedBatch) -> ConsumerMessage:
        message = super()._batch_message(tp, batch)
        self.app.messages.append(message)
        self.app.packed += [batch.packed for batch in batch._packed]
        self.app.happened.append("fetched")
        return message

    async def perform_seek(self) -> None:
        self.app.happened.append("asked to seek")
        await super().perform_seek()


class _RecordingTransport(BatchTransport):
    Consumer: ClassVar[type] = _RecordingConsumer


class _RecordingApp(KleanApp):
    """The app of a worker, in the test's own process."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.happened: list[str] = []
        self.messages: list[ConsumerMessage] = []
        self.delivered: list[FetchedBatch] = []
        self.packed: list[object] = []
        self.fetches = 0
        self.fetch_seconds: float | None = None

    def _new_transport(self) -> BatchTransport:
        return _RecordingTransport(self.conf.broker_consumer, self)

    async def _reassign(self, app: Any, assigned: set[TP], **kwargs: Any) -> None:
        self.happened.append("told the assignment")
        await super()._reassign(app, assigned, **kwargs)

    async def batches(self, stream: BatchStream) -> AsyncIterator[FetchedBatch]:
        async for batch in super().batches(stream):
            self.delivered.append(batch)
            yield batch

    @staticmethod
    def _end_by_force() -> None:
        """Spare the process of the tests."""


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Settings]:
    """Give settings for a broker inside this process."""
    broker = EmbeddedBroker()
    yield Settings(
        bootstrap=broker.bootstrap,
        topic_prefix="contract.",
        partitions=PARTITIONS,
        data_dir=str(tmp_path),
        store="memory",
        http_port=free_ports(1)[0],
        embedded_broker=True,
    )
    del broker  # the client that the broker lives by


@pytest.fixture
async def app(settings: Settings) -> AsyncIterator[_RecordingApp]:
    """Give a running app that owns every partition."""
    running = _RecordingApp(settings)
    register_all(running)
    await running.start()
    try:
        await _until(lambda: running.ownership.ready, "every partition is served")
        yield running
    finally:
        await running.stop()


async def _until(holds: Callable[[], bool], what: str) -> None:
    ends = time.monotonic() + _SECONDS
    while not holds():
        assert time.monotonic() < ends, f"not within {_SECONDS:g} s: {what}"
        await asyncio.sleep(0.02)


async def _publish(settings: Settings, *, times: int) -> None:
    """Publish a listing to each partition, and wait a little, so that each time is a fetch of its own."""
    producer = aiokafka.AIOKafkaProducer(bootstrap_servers=settings.bootstrap)
    await producer.start()
    try:
        for version in range(1, times + 1):
            for partition in range(PARTITIONS):
                value = b'{"not": "a listing", "version": %d}' % version
                await producer.send_and_wait(settings.topic("listings"), value, key=b"s", partition=partition)
            await asyncio.sleep(0.05)
    finally:
        await producer.stop()


def _absorbed(app: KleanApp) -> int:
    return sum(offset for tp, offset in app.absorbed_positions().items() if tp.topic == app.settings.topic("listings"))


async def test_faust_asks_for_a_seek_after_it_told_the_assignment_and_before_it_fetches(app: _RecordingApp) -> None:
    await _publish(app.settings, times=1)
    await _until(lambda: _absorbed(app) == PARTITIONS, "all is absorbed")
    first = list(dict.fromkeys(app.happened))
    assert first == ["told the assignment", "asked to seek", "fetched"], (
        "application.py opens partitions when it is told the assignment, and seeks those that stay when it is asked to"
    )


async def test_faust_hands_on_each_batch_as_it_is_and_acknowledges_none(app: _RecordingApp) -> None:
    await _publish(app.settings, times=8)
    await _until(lambda: _absorbed(app) == 8 * PARTITIONS, "all is absorbed")
    made = [message.value for message in app.messages]
    assert len(made) > PARTITIONS, "there is more than one batch of a partition"
    assert {id(batch) for batch in made} == {id(batch) for batch in app.delivered}, (
        "transport.py counts messages for Faust, which is to drop none of them, and BatchSchema hands on their values"
    )
    assert not any(message.acked for message in app.messages), "stream.noack() is to acknowledge nothing"


async def test_batches_are_as_aiokafka_fetched_them(app: _RecordingApp) -> None:
    await _publish(app.settings, times=2)
    await _until(lambda: _absorbed(app) == 2 * PARTITIONS, "all is absorbed")
    assert app.packed
    assert all(isinstance(packed, DefaultRecordBatch) for packed in app.packed), "fetching.py leaves what was fetched"


async def test_a_fetch_that_comes_wakes_the_client_that_waits(settings: Settings) -> None:
    tp = TopicPartition(settings.topic("listings"), 0)
    client = aiokafka.AIOKafkaConsumer(bootstrap_servers=settings.bootstrap, auto_offset_reset="earliest")
    await client.start()
    try:
        leave_packed(client)
        client.assign([tp])
        waiting = asyncio.create_task(more_has_come(client, 10 * _SECONDS, asyncio.Event()))
        await _publish(settings, times=1)
        assert await asyncio.wait_for(waiting, _SECONDS), "transport.py would notice each fetch a second late"
        (connection,) = (
            connection for (_, group), connection in client._client._conns.items() if group is ConnectionGroup.DEFAULT
        )
        assert isinstance(connection._writer.transport.get_protocol(), ResponseReceiver), (
            "receiving.py would not find the connections that fetch, or something is always under way on them"
        )
        (kept,) = client._fetcher._client.fetched.values()
        log = client._fetcher._records[tp]._partition_records._records
        assert len(kept) == log.size_in_bytes(), "receiving.py keeps what the fetcher's client brings of a partition"
        leave_packed(client)
        assert len((await client._fetcher.fetched_records([tp], 0))[tp]) == 1
    finally:
        await client.stop()


async def test_who_waits_for_a_fetch_looks_again_when_partitions_are_resumed_and_waits_again(
    app: _RecordingApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nothing(*_: object) -> None:
        return None

    # Whatever else is asked calls a fetch off, too.
    monkeypatch.setattr(app.consumer, "commit", nothing)
    monkeypatch.setattr(app.watch, "_ends", nothing)
    monkeypatch.setattr(app.watch, "_refused", nothing)
    tps = set(app.consumer.assignment())
    app.consumer.pause_partitions(tps)
    # Who is not woken now waits for longer than the test; who has begun to wait, up to a second.
    app.fetch_seconds = 10 * _SECONDS
    await asyncio.sleep(2)
    consumer = cast(BatchConsumer, app.consumer)
    consumer._thread.call_off_fetch()
    before = app.fetches
    await _publish(app.settings, times=1)
    await asyncio.sleep(1)
    assert not _absorbed(app), "what is paused is not fetched"
    assert app.fetches - before < 10
    app.consumer.resume_partitions(tps)
    await _until(lambda: _absorbed(app) == PARTITIONS, "all is absorbed")
    before = app.fetches
    await asyncio.sleep(1)
    assert app.fetches - before < 10
    app.fetch_seconds = None
    app.consumer.resume_partitions(tps)


async def test_faust_drops_a_message_of_an_older_generation(app: _RecordingApp) -> None:
    consumer = cast(BatchConsumer, app.consumer)
    tp = TP(app.settings.topic("listings"), 0)
    old = FetchedBatch(*tp, 0, 1_000, 1_000, ())
    message = consumer._batch_message(tp, old)
    message.generation_id = app.consumer_generation_id - 1
    await consumer.callback(message)
    await _publish(app.settings, times=1)
    await _until(lambda: _absorbed(app) == PARTITIONS, "what came behind it is absorbed")
    assert old not in app.delivered, "a batch fetched before a rebalance is to be dropped, or counted against its rows"


async def test_the_client_reads_committed_and_has_fausts_assignor(app: _RecordingApp) -> None:
    client = cast(BatchConsumer, app.consumer)._thread._ensure_consumer()
    assert client._isolation_level == "read_committed"
    assert client._coordinator._heartbeat_interval_ms == 500, "partitions of who leaves stand until others hear of it"
    assert client._coordinator._assignors == [app.assignor], "one worker is to get partition p of every seller topic"
    assert client._fetcher._subscriptions is client._subscription, "transport.py asks the one and seeks in the other"


async def test_a_batchs_delivery_tells_the_offset_of_its_first_record(settings: Settings) -> None:
    producer = await start_producer(settings, "seller-0")
    try:
        batches = []
        for records in (3, 2):
            batch = CompressedBatch()
            for number in range(records):
                encoded = batch.append(key=b"k", value=b"%d" % number * 200, timestamp=None, headers=[])
                assert encoded is not None
                assert encoded.size > 2, "outbox.py bounds a unit by it"
            assert batch.record_count() == records
            batches.append(batch)
        # Outputs are encoded before their unit's transaction begins.
        await producer.begin_transaction()
        sent = []
        for batch in batches:
            batch.close()
            sent.append(await producer.send_batch(batch, settings.topic("state"), partition=0))
        offsets = [(await delivery).offset for delivery in sent]
        await producer.commit_transaction()
        assert offsets == [0, 3], "unit.py computes from it where the store stands"
        codecs = [packed.packed.compression_type for packed in await _packed(settings, "state", until=5)]
        assert codecs == [DefaultRecordBatch.CODEC_ZSTD] * 2, "compressed.py is asked for what is sent"
    finally:
        await stop_producer(producer, "seller-0")


async def _packed(settings: Settings, topic: str, until: int) -> list[Any]:
    """Read partition 0 of a topic up to an offset, in batches as they are packed."""
    tp = TopicPartition(settings.topic(topic), 0)
    client = aiokafka.AIOKafkaConsumer(
        bootstrap_servers=settings.bootstrap, auto_offset_reset="earliest", check_crcs=False
    )
    await client.start()
    found: list[Any] = []
    try:
        client.assign([tp])
        async with asyncio.timeout(_SECONDS):
            while not found or found[-1].end < until:
                await more_has_come(client, 0.2, asyncio.Event())
                leave_packed(client)
                found += (await client._fetcher.fetched_records([tp], 0)).get(tp, [])
    finally:
        await client.stop()
    return found


async def test_a_producers_sender_is_a_task_that_can_be_ended(settings: Settings) -> None:
    producer = await start_producer(settings, "seller-1")
    sender = producer._sender.sender_task
    assert isinstance(sender, asyncio.Task), "producer.py cancels it where the brokers do not answer"
    assert not sender.done()
    sender.cancel()
    await asyncio.wait_for(producer.client.close(), _SECONDS)
    await asyncio.wait([sender], timeout=_SECONDS)
    assert sender.done()


async def test_the_event_loop_takes_writes_to_a_connection_that_was_just_lost() -> None:
    # aiokafka 0.14 writes to it before it has heard of the loss. uvloop raises RuntimeError then, which ends the task
    # that keeps aiokafka's metadata: the client never finds its group's coordinator again (aiokafka issue 1038).
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
    async with server:
        _, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        writer.transport.abort()
        await asyncio.sleep(0.05)
        writer.write(b"request")
