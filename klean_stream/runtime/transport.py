"""The batch transport: Faust's consumer, handing an agent each fetched partition-batch as one event.

Stock Faust takes Kafka's batches apart and pays about 0.1 ms for each record. Here a fetch yields one message a
partition, whose value is a ``FetchedBatch``. Assignment, rebalancing, flow control and the thread that the
Kafka client runs in stay Faust's. What changes with it:

- Positions come from the state (``partition.py``), never from Faust's acknowledgements: ``commit`` publishes the
  absorbed positions to the consumer group, where they serve to measure lag and for nothing else.
- Every batch says where it starts and ends in the log, gaps of compaction and of aborted transactions included,
  so that its reader can tell a gap of that kind from records that were lost on the way (a rebalance or a seek
  between fetch and delivery). A batch that does not continue the last one is refused there.
- Inputs are read committed: an aborted transaction of a publisher is no event.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any, ClassVar, cast

import aiokafka
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError
from faust.transport.drivers import aiokafka as driver
from faust.types import TP, ConsumerMessage

from klean_stream.runtime.fetched import FetchedBatch, PackedBatch
from klean_stream.runtime.fetching import leave_packed, more_has_come

log = logging.getLogger(__name__)

_COMMIT_SECONDS = 3.0
# aiokafka has one fetch at a time under way to each broker, and asks in it for what it has nothing of yet. One that
# asks for quiet topics only, because the busy ones have just been read, would keep these waiting for half a second.
_FETCH_WAIT_MS = 20
# For how long nothing may be fetched. Heartbeats tell that a worker is there, and a probe of /live whether it works.
# One that waits for brokers fetches nothing, and after this time aiokafka would never join the group again.
_NO_POLL_MS = 2**31 - 1
_ASK_SECONDS = 2.0


class BatchConsumerThread(driver.AIOKafkaConsumerThread):
    """The thread that the Kafka client runs in. All methods with a leading underscore run inside of it."""

    def __post_init__(self) -> None:
        super().__post_init__()
        #: Where the next fetch of a partition starts. Only partitions that were sought are in it: a partition
        #: that the state has not yet given a position for is not delivered.
        self._next: dict[TP, int] = {}
        #: Whether the partitions were given back and the group has not yet handed them out anew.
        self._joining = False
        self._publishing = asyncio.Lock()
        #: Set where who waits for a fetch is to wait no longer: more may be read, or something else is asked.
        self._called_off = asyncio.Event()

    def _create_worker_consumer(self, transport: driver.Transport) -> aiokafka.AIOKafkaConsumer:
        conf = self.app.conf
        # Faust would take a round-robin assignor where no table asks for its own; only its own puts partition p
        # of every seller topic into the same worker, and tells the group each worker's address.
        self._assignor = self.app.assignor
        return aiokafka.AIOKafkaConsumer(
            client_id=conf.broker_client_id,
            group_id=conf.id,
            bootstrap_servers=driver.server_list(transport.url, transport.default_port),
            partition_assignment_strategy=[self._assignor],
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            max_poll_interval_ms=_NO_POLL_MS,
            max_partition_fetch_bytes=conf.consumer_max_fetch_size,
            request_timeout_ms=int(conf.broker_request_timeout * 1000.0),
            check_crcs=conf.broker_check_crcs,
            session_timeout_ms=int(conf.broker_session_timeout * 1000.0),
            rebalance_timeout_ms=int(conf.broker_rebalance_timeout * 1000.0),
            heartbeat_interval_ms=int(conf.broker_heartbeat_interval * 1000.0),
            isolation_level="read_committed",
            fetch_max_wait_ms=_FETCH_WAIT_MS,
            metadata_max_age_ms=conf.consumer_metadata_max_age_ms,
        )

    async def fetch(self, active: set[TP], timeout: float) -> dict[TP, FetchedBatch]:
        """Give all that has come of these partitions; waits up to ``timeout`` seconds for something to come.

        It gives nothing before that where it is called off.
        """
        fetched: dict[TP, FetchedBatch] = await self.call_thread(self._fetch, active, timeout)
        return fetched

    async def _ask(self, asked: Callable[..., Awaitable[Any]], *args: Any) -> Any:
        """Have something done in the thread, soon: it has two hands, and a fetch that waits gives one back."""
        self.call_off_fetch()
        return await self.call_thread(asked, *args)

    async def _fetch(self, active: set[TP], timeout: float) -> dict[TP, FetchedBatch]:
        consumer = self._ensure_consumer()
        sought = {tp for tp in active if tp in self._next}
        if not sought:
            # Nothing is asked for while partitions are opened or their backlog is worked off.
            with suppress(TimeoutError):
                async with asyncio.timeout(timeout):
                    await self._called_off.wait()
            self._called_off.clear()
            return {}
        packed = await self._fetch_records(consumer, sought, timeout)
        batches = {}
        for tp in sought:
            batch = self._batch(consumer, tp, packed.get(TopicPartition(*tp), []))
            if batch is not None:
                batches[tp] = batch
        return batches

    async def _fetch_records(
        self,
        consumer: aiokafka.AIOKafkaConsumer,
        active_partitions: set[TP],
        timeout: float | None = None,
        max_records: int | None = None,
    ) -> dict[TopicPartition, list[PackedBatch]]:
        """Give what has been fetched; waits for it up to ``timeout`` seconds. It may give nothing before that."""
        leave_packed(consumer)
        packed = await super()._fetch_records(consumer, active_partitions, 0, max_records)
        if not packed and timeout and self.consumer.flow_active:
            has_come = await more_has_come(consumer, timeout, self._called_off)
            self._called_off.clear()
            if has_come:
                leave_packed(consumer)
                packed = await super()._fetch_records(consumer, active_partitions, 0, max_records)
        return cast(dict[TopicPartition, list[PackedBatch]], packed)

    def _batch(self, consumer: aiokafka.AIOKafkaConsumer, tp: TP, packed: list[PackedBatch]) -> FetchedBatch | None:
        """Give what lies between the last fetch's end and this one's; None where the reader did not move.

        It may have moved without a record: over markers and aborted transactions, or, by aiokafka's reset, over
        what retention deleted. Whoever absorbs the batch has to know.
        """
        start = self._next.get(tp)
        # The public way to ask for a position waits until there is one, and a fetch must not wait.
        assignment = consumer._subscription.subscription.assignment  # noqa: SLF001
        state = assignment.state_value(TopicPartition(*tp)) if assignment is not None else None
        if start is None or state is None or not state.has_valid_position:
            return None
        end = state.position
        if end == start and not packed:
            return None
        self._next[tp] = end
        return FetchedBatch(tp.topic, tp.partition, start, end, state.highwater or end, packed)

    def call_off_fetch(self) -> None:
        """Let who waits for a fetch wait no longer, and look again at what may be read."""
        # The loop is closed when the worker ends; nobody waits then.
        with suppress(RuntimeError):
            self.thread_loop.call_soon_threadsafe(self._called_off.set)

    async def seek_to(self, positions: Mapping[TP, int]) -> None:
        """Read these partitions from these offsets on."""
        await self._ask(self._seek_to, dict(positions))

    async def _seek_to(self, positions: dict[TP, int]) -> None:
        consumer = self._ensure_consumer()
        assigned = consumer.assignment()
        for tp, offset in positions.items():
            if TopicPartition(*tp) in assigned:
                consumer.seek(TopicPartition(*tp), offset)
                self._next[tp] = offset

    async def begins(self, tp: TP) -> int:
        """Give where a partition begins now. Raises TimeoutError where the brokers do not tell it within 2 s."""
        offset: int = await self._ask(self._begins, tp)
        return offset

    async def _begins(self, tp: TP) -> int:
        # aiokafka asks for as long as there is no leader, and the thread has two hands, for fetches as well.
        async with asyncio.timeout(_ASK_SECONDS):
            found = await self._ensure_consumer().beginning_offsets([TopicPartition(*tp)])
        return cast(int, found[TopicPartition(*tp)])

    async def ends(self, tps: set[TP]) -> Mapping[TP, int]:
        """Give where partitions end now, those that have a leader. Raises as ``begins`` does."""
        ends: Mapping[TP, int] = await self._ask(self._ends, tps)
        return ends

    async def _ends(self, tps: set[TP]) -> Mapping[TP, int]:
        consumer = self._ensure_consumer()
        leader = consumer._client.cluster.leader_for_partition  # noqa: SLF001 - to ask for one without a leader waits for it
        led = [TopicPartition(*tp) for tp in tps if leader(TopicPartition(*tp)) not in {None, -1}]
        async with asyncio.timeout(_ASK_SECONDS):
            found = await consumer.end_offsets(led)
        return {TP(*tp): offset for tp, offset in found.items()}

    async def refused(self) -> Exception | None:
        """Give why the group does not take this worker, if the brokers have said so since it was asked last.

        aiokafka does not try to join again before somebody has asked.
        """
        error: Exception | None = await self._ask(self._refused)
        return error

    async def _refused(self) -> Exception | None:
        try:
            self._ensure_consumer()._coordinator.check_errors()  # noqa: SLF001 - what its own `getmany` does
        except KafkaError as error:
            return cast(Exception, error)
        return None

    async def publish_positions(self, positions: Mapping[TP, int]) -> bool:
        """Commit positions to the consumer group; gives whether the group took them.

        Not taken means that the brokers do not answer, or that this worker is no member any more and does not
        know it yet. Faust's own commit would end the worker then; here nothing rests on it.
        """
        taken: bool = await self._ask(self._publish_positions, dict(positions))
        return taken

    async def _publish_positions(self, positions: dict[TP, int]) -> bool:
        consumer = self._ensure_consumer()
        assigned = consumer.assignment()
        # Of a topic that was deleted the group hands out nothing, and aiokafka refuses positions of it and all others.
        offsets = {at: offset for tp, offset in positions.items() if (at := TopicPartition(*tp)) in assigned}
        try:
            # aiokafka tries for as long as no broker answers, and a rebalance waits for this. One after the other:
            # aiokafka would let the second wait, and send it when the worker may be joining.
            async with asyncio.timeout(_COMMIT_SECONDS), self._publishing:
                if self._joining or not offsets:
                    return False
                await consumer.commit(offsets)
        except (KafkaError, TimeoutError) as error:
            log.debug("positions were not taken: %r", error)
            return False
        return True

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """Publish no positions from here on until partitions are assigned.

        The broker reads what is sent behind a request to join when the join is answered, and by then the group has its
        next generation. aiokafka takes the refusal of positions of the last one as a reason to join once more, as a
        new member: every worker rebalances again, and again publishes while it waits for the others.
        """
        try:
            await super().on_partitions_revoked(revoked)
        finally:
            self._joining = True

    async def on_partitions_assigned(self, assigned: set[TP], generation_id: int = 0) -> None:
        """Forget all positions: after a rebalance each partition is sought anew."""
        self._joining = False
        self._next.clear()
        await super().on_partitions_assigned(assigned, generation_id)


class BatchConsumer(driver.Consumer):
    """Faust's consumer, yielding one message for each fetched partition-batch."""

    _thread: BatchConsumerThread
    app: Any  # the KleanApp, whose module imports this one

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._sequence: dict[TP, int] = {}

    def _new_consumer_thread(self) -> BatchConsumerThread:
        return BatchConsumerThread(self, loop=self.loop, beacon=self.beacon)

    async def getmany(self, timeout: float) -> AsyncIterator[tuple[TP, ConsumerMessage]]:
        """Yield (partition, message) for each partition-batch of one fetch; the message's value is the batch."""
        if not self.flow_active:
            await self.wait(self.can_resume_flow.wait())
        # Also with no partition active, where Faust sleeps a whole second.
        batches = await self._thread.fetch(set(self._get_active_partitions()), timeout)
        for tp, batch in batches.items():
            if self.should_stop or not self.flow_active:
                # A rebalance: what was fetched is dropped, and every partition is sought anew.
                return
            yield tp, self._batch_message(tp, batch)

    def resume_partitions(self, tps: Iterable[TP]) -> None:
        """Go on reading partitions, at once: what was fetched of them before is there, and no fetch tells of that."""
        super().resume_partitions(tps)
        self._thread.call_off_fetch()

    def on_buffer_drop(self, tp: TP) -> None:
        """Go on reading a partition, at once, whose agent has room again."""
        super().on_buffer_drop(tp)
        self._thread.call_off_fetch()

    def _batch_message(self, tp: TP, batch: FetchedBatch) -> ConsumerMessage:
        # The message's own offset only has to grow by one for Faust, which otherwise drops what it believes to
        # have read already, or keeps books of gaps. The log's offsets stand in the batch.
        self._sequence[tp] = sequence = self._sequence.get(tp, -1) + 1
        return ConsumerMessage(
            batch.topic,
            batch.partition,
            sequence,
            0.0,
            0,
            [],
            None,
            batch,  # type: ignore[arg-type]  # Faust hands it on untouched
            None,
            0,
            0,
            tp,
            generation_id=self.app.consumer_generation_id,
        )

    async def seek_to(self, positions: Mapping[TP, int]) -> None:
        """Read these partitions from these offsets on."""
        await self._thread.seek_to(positions)

    async def begins(self, tp: TP) -> int:
        """Give where a partition begins now. Raises TimeoutError where the brokers do not tell it within 2 s."""
        return await self._thread.begins(tp)

    async def ends(self, tps: set[TP]) -> Mapping[TP, int]:
        """Give where partitions end now, those that have a leader. Raises as ``begins`` does."""
        return await self._thread.ends(tps)

    async def refused(self) -> Exception | None:
        """Give why the group does not take this worker, if the brokers have said so since it was asked last."""
        return await self._thread.refused()

    async def perform_seek(self) -> None:
        """Called by Faust when a rebalance is through: ask the owner of the state for the positions."""
        await self.app.seek_owned()

    async def publish_positions(self, positions: Mapping[TP, int]) -> bool:
        """Commit positions to the consumer group; gives whether the group took them."""
        return await self._thread.publish_positions(positions)

    async def commit(self, topics: object = None, start_new_transaction: bool = True) -> bool:
        """Called by Faust now and then: publish the absorbed positions, which serve to measure lag."""
        del topics, start_new_transaction
        positions = self.app.absorbed_positions()
        return bool(positions) and await self.publish_positions(positions)

    def track_message(self, message: object) -> None:
        """Keep no books: nothing is acknowledged one by one."""

    async def wait_empty(self) -> None:
        """Wait for nothing: units of work finish or are rolled back where the state is owned."""

    async def verify_all_partitions_active(self) -> None:
        """Leave it to the partitions' own watch, which knows what each of them waits for."""


class BatchTransport(driver.Transport):
    """Kafka through aiokafka, in batches."""

    Consumer: ClassVar[type] = BatchConsumer
