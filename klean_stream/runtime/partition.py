"""An owned partition: from its assignment to its loss, the one place where its rows are read and written.

Opening it (fence, recover, seek), serving it (units of work) and starting over after a failure are one loop: what
a failed unit leaves behind is whatever the changelog says, and opening is how that is found out.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from aiokafka import AIOKafkaProducer
from aiokafka.errors import ProducerFenced
from faust.types import TP

from klean_stream.processing import Absorbs, Overlay, Route
from klean_stream.processing.rows import RowsError
from klean_stream.runtime import metrics
from klean_stream.runtime.positions import PositionRow, load_position
from klean_stream.runtime.records import input_record
from klean_stream.runtime.recovery import StoreAhead, recover
from klean_stream.runtime.reference import ReferenceLog
from klean_stream.runtime.seen import SeenSweep
from klean_stream.runtime.settings import Settings
from klean_stream.runtime.store import Store, open_store
from klean_stream.runtime.transport import FetchedBatch
from klean_stream.runtime.unit import Destination, Unit, commit

log = logging.getLogger(__name__)

# How long the event loop may be kept from everything else (heartbeats run in a thread of their own).
_SLICE_SECONDS = 0.02
_BACKOFF_SECONDS = (0.2, 0.5, 1.0, 2.0, 5.0)
_STOP_SECONDS = 5.0
_MEMBERSHIP_SECONDS = 1.0


class Inputs:
    """What a partition asks of the consumer that reads its inputs."""

    def __init__(
        self,
        seek: Callable[[Mapping[TP, int]], Awaitable[None]],
        pause: Callable[[set[TP]], None],
        resume: Callable[[set[TP]], None],
        log_start: Callable[[set[TP]], Awaitable[Mapping[TP, int]]],
        publish_positions: Callable[[Mapping[TP, int]], Awaitable[bool]],
    ) -> None:
        self.seek = seek
        self.pause = pause
        self.resume = resume
        self.log_start = log_start
        self.publish_positions = publish_positions


@dataclass(frozen=True, slots=True)
class PartitionName:
    """Which partition: the set of co-partitioned topics that it belongs to, and its number."""

    kind: Literal["seller", "reference"]
    number: int
    topics: tuple[str, ...]
    changelog: str

    def __str__(self) -> str:
        return f"{self.kind}-{self.number}"


class OwnedPartition:
    """The rows of one partition, while this worker owns it."""

    def __init__(
        self,
        name: PartitionName,
        settings: Settings,
        inputs: Inputs,
        processor: Absorbs,
        reference: ReferenceLog,
    ) -> None:
        self.name = name
        self.doing = "opening"
        self.doing_since = time.monotonic()
        self.position = PositionRow()
        self._settings = settings
        self._inputs = inputs
        self._processor = processor
        self._reference = reference
        self._topics = {settings.topic(topic): topic for topic in name.topics}
        self.tps = {TP(topic, name.number) for topic in self._topics}
        self._destination = Destination(name.number, name.changelog, settings.topic_prefix)
        self._store: Store | None = None
        self._open_now = False
        self._failures = 0
        self._producer: AIOKafkaProducer | None = None
        self._backlog: deque[tuple[FetchedBatch, Route]] = deque()
        self._backlog_records = 0
        self._paused_inputs = False
        self._expected: dict[str, int] = {}
        self._wake = asyncio.Event()
        self._may_run = asyncio.Event()
        self._may_run.set()
        self._idle = asyncio.Event()
        self._idle.set()
        self._task: asyncio.Task[None] | None = None
        self._sweep = SeenSweep()

    # -- what the runtime calls ------------------------------------------------------------------------------

    def start(self) -> None:
        """Open the partition and serve it, in a task of its own."""
        self._task = asyncio.create_task(self._live(), name=f"partition {self.name}")

    @property
    def serving(self) -> bool:
        """Whether the rows are complete and new records are decided."""
        return self._open_now

    def read(self, key: bytes) -> bytes | None:
        """Give a durable row. Raises LookupError while the partition is not serving: no partial state is shown."""
        if self._store is None or not self.serving:
            raise LookupError(f"partition {self.name} is {self.doing}")
        return self._store.get(key)

    def offer(self, batch: FetchedBatch, route: Route) -> None:
        """Take a fetched batch; pauses the inputs while too much is waiting."""
        self._backlog.append((batch, route))
        self._backlog_records += len(batch.records)
        if self._backlog_records >= 2 * self._settings.fetch_max_records and not self._paused_inputs:
            self._paused_inputs = True
            self._inputs.pause(self.tps)
        self._wake.set()

    async def settle(self) -> None:
        """Finish the unit at hand and begin no other until ``resume``: what a rebalance needs."""
        self._may_run.clear()
        try:
            await asyncio.wait_for(self._idle.wait(), _STOP_SECONDS)
        except TimeoutError:
            log.warning("partition %s: a unit is still %s; its fate is decided on opening", self.name, self.doing)

    def resume(self) -> None:
        """Go on after ``settle``; what was waiting is fetched anew."""
        self._drop_backlog()
        self._may_run.set()

    async def close(self) -> None:
        """Let go of everything. What was not committed counts for nothing."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._stop_producer()
        if self._store is not None:
            self._store.close()
            self._store = None
        metrics.forget_partition(self.name.kind, self.name.number, self.name.topics)

    def next_offsets(self) -> dict[TP, int]:
        """Give where each input is to be read from; empty while opening."""
        return {TP(topic, self.name.number): offset for topic, offset in self._expected.items()}

    def absorbed(self) -> dict[TP, int]:
        """Give the durable positions, for the consumer group's lag; empty while opening."""
        return self._positions() if self.serving else {}

    # -- the life of the partition ---------------------------------------------------------------------------

    async def _live(self) -> None:
        while True:
            try:
                if self._failures:
                    await asyncio.sleep(_BACKOFF_SECONDS[min(self._failures, len(_BACKOFF_SECONDS)) - 1])
                    await self._still_mine()
                await self._open()
                await self._serve()
            except asyncio.CancelledError:
                raise
            except Exception as error:
                self._failures += 1
                metrics.UNIT_FAILURES.labels(self.name.kind, self.name.number, type(error).__name__).inc()
                log.warning(
                    "partition %s: %s while %s, trying again (failure %d in a row): %s",
                    self.name,
                    type(error).__name__,
                    self.doing,
                    self._failures,
                    error,
                )
                self._open_now = False
                self._now("fenced" if isinstance(error, ProducerFenced) else "retrying")
                self._idle.set()
                if isinstance(error, RowsError):
                    self._discard_rows()

    async def _still_mine(self) -> None:
        """Wait until the group takes an offset commit, and so confirms that the partition is this worker's.

        To open it bars everybody else from writing: a worker that was frozen and has lost the partition without
        knowing must not do that to its rightful owner. If it stays lost, the next rebalance closes it.
        """
        positions = self._positions()
        if not any(positions.values()):
            return
        while not await self._inputs.publish_positions(positions):
            await asyncio.sleep(_MEMBERSHIP_SECONDS)

    async def _open(self) -> None:
        """Fence the last owner, complete the rows, and read the inputs from where the rows say."""
        self._now("opening")
        self._open_now = False
        self._inputs.pause(self.tps)
        self._expected = {}
        self._drop_backlog()
        await self._stop_producer()
        if self._store is None:
            self._store = open_store(self._folder())
        # Opening the producer bars the last owner; only then is the changelog's end final.
        self._producer = await self._start_producer()
        self._now("recovering")
        began = time.monotonic()
        try:
            applied = await self._recover(self._store)
        except StoreAhead:
            self._store.destroy()
            self._store = open_store(self._folder())
            applied = await self._recover(self._store)
        seconds = time.monotonic() - began
        metrics.RECOVERED_ROWS.labels(self.name.kind, self.name.number).inc(applied)
        metrics.RECOVERY_SECONDS.labels(self.name.kind, self.name.number).set(seconds)
        self.position = load_position(self._store)
        self._now("waiting for the registry and the policy")
        await self._reference.wait_for(self.position.registry_version, self.position.control_version)
        self._expected = {topic: self.position.of(logical).next_offset for topic, logical in self._topics.items()}
        await self._inputs.seek(self.next_offsets())
        self._paused_inputs = False
        self._inputs.resume(self.tps)
        self._open_now = True
        self._now("idle")
        log.info("partition %s: open, %d changelog records in %.2f s", self.name, applied, seconds)

    async def _serve(self) -> None:
        interval = self._settings.commit_interval_ms / 1000
        while True:
            await self._wake.wait()
            await self._may_run.wait()
            if not self._backlog:
                self._wake.clear()
                continue
            began = time.monotonic()
            self._idle.clear()
            try:
                unit = await self._gather()
                # A unit without records may have moved over markers, or over what is lost.
                if unit.position != self.position:
                    await self._finish(unit)
            finally:
                self._idle.set()
            self._now("idle")
            metrics.UNIT_SECONDS.observe(time.monotonic() - began)
            # The interval bounds how many transactions a second a partition costs; what comes meanwhile makes
            # the next unit larger.
            await asyncio.sleep(max(0.0, began + interval - time.monotonic()))

    async def _gather(self) -> Unit:
        """Decide what is waiting, up to the unit's bound, all of it under the same registry and policy."""
        async with self._reference.held:
            return await self._decide()

    async def _decide(self) -> Unit:
        assert self._store is not None
        self._now("deciding")
        unit = Unit(Overlay(self._store), deepcopy(self.position))
        reference = self._reference.view()
        unit.position.registry_version = reference.registry_version
        unit.position.control_version = reference.control_version
        slice_ends = time.monotonic() + _SLICE_SECONDS
        while self._backlog and unit.records < self._settings.unit_max_records and self._may_run.is_set():
            batch, route = self._backlog.popleft()
            self._backlog_records -= len(batch.records)
            continuing = await self._continuing(batch, unit)
            if continuing is None:
                continue
            batch = continuing
            position = unit.position.of(route.topic)
            for record in batch.records:
                absorbed = self._processor.absorb(input_record(record, route.topic), route, unit.rows, reference)
                position.count(absorbed.fate)
                unit.absorbed.append((route.topic, absorbed))
                if time.monotonic() > slice_ends:
                    await asyncio.sleep(0)
                    slice_ends = time.monotonic() + _SLICE_SECONDS
            position.next_offset = batch.end
            self._expected[batch.topic] = batch.end
            unit.records += len(batch.records)
            metrics.LAG.labels(route.topic, self.name.number).set(max(0, batch.highwater - batch.end))
            if self._paused_inputs and self._backlog_records <= self._settings.fetch_max_records:
                self._paused_inputs = False
                self._inputs.resume(self.tps)
        return unit

    async def _finish(self, unit: Unit) -> None:
        assert self._store is not None
        assert self._producer is not None
        self._sweep.step(unit.rows, self._store, self._reference.view().policy)
        self._now("committing")
        await commit(unit, self._store, self._producer, self._destination)
        self.position = unit.position
        # Only a unit that came through says that the trouble is over.
        self._failures = 0
        metrics.UNITS.inc()
        for topic, absorbed in unit.absorbed:
            metrics.count_absorbed(topic, absorbed)

    async def _continuing(self, batch: FetchedBatch, unit: Unit) -> FetchedBatch | None:
        """Give the part of a batch that continues what was absorbed; None if there is none.

        After a rebalance or a seek a fetched batch may be behind or ahead of it. Gaps of compaction and of aborted
        transactions lie within a batch's bounds and are no gaps here. What retention deleted before it was absorbed
        is lost: that is said and counted, and the partition goes on.
        """
        expected = self._expected.get(batch.topic)
        # A reader that was sent back behind where it stood continues too: its topic was made anew, or truncated.
        sent_back = batch.start == expected and batch.end < batch.start
        if expected is None or (batch.end <= expected and not sent_back):
            return None
        if batch.start > expected:
            # The backlog holds other topics' batches too, and nobody fetches those again of himself.
            metrics.REWINDS.labels(self._topics[batch.topic]).inc()
            self._drop_backlog()
            await self._inputs.seek(self.next_offsets())
            return None
        if batch.start < expected:
            # Read twice, and further the second time.
            records = [record for record in batch.records if record.offset >= expected]
            batch = replace(batch, start=expected, records=records)
        first = batch.records[0].offset if batch.records else batch.end
        if first > batch.start:
            await self._count_lost(batch, first, unit)
        elif first < batch.start:
            log.error(
                "%s %d: offset %d follows %d, so the topic was deleted and made again, or truncated: "
                "it is read from its beginning",
                batch.topic,
                batch.partition,
                first,
                batch.start,
            )
        return batch

    async def _count_lost(self, batch: FetchedBatch, first: int, unit: Unit) -> None:
        """Tell what retention deleted between a batch's start and its first record from a gap that lost nothing."""
        tp = TP(batch.topic, batch.partition)
        log_start = (await self._inputs.log_start({tp})).get(tp, 0)
        lost = min(log_start, first) - batch.start
        if lost > 0:
            topic = self._topics[batch.topic]
            unit.position.of(topic).lost_to_retention += lost
            metrics.LOST_TO_RETENTION.labels(topic).inc(lost)
            log.error(
                "%s %d: %d records from offset %d on were deleted by retention before they were absorbed",
                batch.topic,
                batch.partition,
                lost,
                batch.start,
            )

    def _positions(self) -> dict[TP, int]:
        return {
            TP(topic, self.name.number): self.position.of(logical).next_offset
            for topic, logical in self._topics.items()
        }

    # -- parts -------------------------------------------------------------------------------------------------

    def _now(self, doing: str) -> None:
        if doing != self.doing:
            self.doing = doing
            self.doing_since = time.monotonic()

    def _drop_backlog(self) -> None:
        self._backlog.clear()
        self._backlog_records = 0
        if self._paused_inputs:
            self._paused_inputs = False
            self._inputs.resume(self.tps)

    def _discard_rows(self) -> None:
        """Delete rows that cannot be read, such as those in a file whose checksum is wrong: the changelog has all."""
        if self._store is not None:
            log.error("partition %s: its rows are deleted and come back from the changelog", self.name)
            self._store.destroy()
            self._store = None

    def _folder(self) -> Path | None:
        if self._settings.store == "memory":
            return None
        return Path(self._settings.data_dir) / self._settings.group / str(self.name)

    async def _recover(self, store: Store) -> int:
        return await recover(
            store,
            self.name.changelog,
            self.name.number,
            bootstrap=self._settings.bootstrap,
            check_crcs=not self._settings.embedded_broker,
        )

    async def _start_producer(self) -> AIOKafkaProducer:
        producer = AIOKafkaProducer(
            bootstrap_servers=self._settings.bootstrap,
            transactional_id=f"{self._settings.group}.{self._settings.topic_prefix}{self.name}",
            acks="all",
            # A record that came compressed may be far larger than what its topic takes: as a dead letter it has to
            # fit again. It also spares the brokers most of the decision log.
            compression_type="zstd",
            max_batch_size=1_000_000,
            max_request_size=4 * 1024 * 1024,
            transaction_timeout_ms=60_000,
        )
        try:
            await producer.start()
        except BaseException:
            await producer.stop()
            raise
        return producer

    async def _stop_producer(self) -> None:
        producer, self._producer = self._producer, None
        if producer is None:
            return
        try:
            await asyncio.wait_for(producer.stop(), _STOP_SECONDS)
        except Exception as error:
            # Its transaction ends with the next owner's start or by its time-out; nothing of it counts.
            log.debug("partition %s: the producer did not stop cleanly: %r", self.name, error)
