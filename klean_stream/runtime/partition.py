"""An owned partition: from its assignment to its loss, the one place where its rows are read and written.

Opening it (fence, recover, seek), serving it (units of work) and starting over after a failure are one loop: what
a failed unit leaves behind is whatever the changelog says, and opening is how that is found out.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from aiokafka import AIOKafkaProducer
from aiokafka.errors import ProducerFenced
from faust.types import TP

from klean_stream.processing import Absorbs, Route
from klean_stream.processing.absorb import FATES
from klean_stream.processing.routes import REFERENCE_TOPICS
from klean_stream.processing.rows import RowsError
from klean_stream.runtime import metrics
from klean_stream.runtime.backlog import Backlog, Limits
from klean_stream.runtime.compressed import CompressedBatch
from klean_stream.runtime.epochs import begin_epochs, begin_versions
from klean_stream.runtime.fetched import FetchedBatch
from klean_stream.runtime.flood import DeadLetterFlood
from klean_stream.runtime.gathering import Gathering
from klean_stream.runtime.inputs import Inputs
from klean_stream.runtime.left_open import StillOpen
from klean_stream.runtime.pacing import Pacing
from klean_stream.runtime.positions import PositionRow, load_position
from klean_stream.runtime.producer import stop_producer
from klean_stream.runtime.recovery import StoreAhead, recover
from klean_stream.runtime.reference import ReferenceLog
from klean_stream.runtime.seen import SeenSweep
from klean_stream.runtime.settings import Settings, SettingsError
from klean_stream.runtime.store import Store, open_store
from klean_stream.runtime.succession import Succession
from klean_stream.runtime.unit import Destination, Unit, commit

log = logging.getLogger(__name__)

_BACKOFF_SECONDS = (0.2, 0.5, 1.0, 2.0, 5.0)
_SETTLE_SECONDS = 4.0
_MEMBERSHIP_SECONDS = 1.0
_CANCEL_SECONDS = 1.0
_REFETCH_SECONDS = 2.0
STUCK_SECONDS = 30.0
"""A partition that has come no further for longer stands still."""


@dataclass(frozen=True, slots=True)
class PartitionName:
    """Which partition: the set of co-partitioned topics that it belongs to, and its number."""

    kind: Literal["seller", "reference"]
    number: int
    topics: tuple[str, ...]
    changelog: str

    def __str__(self) -> str:
        return f"{self.kind}-{self.number}"


class TopicRemade(Exception):  # noqa: N818 - it says what was found
    """A topic that this partition reads or writes was deleted and made again: it is opened anew."""


class OwnedPartition:
    """The rows of one partition, while this worker owns it.

    ``topic_ids`` are those of the topics that it reads and writes, as they were when it was opened.

    ``give_up`` ends the worker: for what no other try mends.
    """

    def __init__(
        self,
        name: PartitionName,
        settings: Settings,
        inputs: Inputs,
        processor: Absorbs,
        reference: ReferenceLog,
        give_up: Callable[[Exception], None],
    ) -> None:
        self.name = name
        self.doing = "opening"
        self.doing_since = time.monotonic()
        self.waiting_for = ""
        self.position = PositionRow()
        self.topic_ids: Mapping[str, str] = {}
        self._settings = settings
        self._inputs = inputs
        self._reference = reference
        self._give_up = give_up
        self._topics = {settings.topic(topic): topic for topic in name.topics}
        self.tps = {TP(topic, name.number) for topic in self._topics}
        self._destination = Destination(name.number, name.changelog, settings.topic_prefix)
        self._succession = Succession(settings, str(name), self._destination)
        self._store: Store | None = None
        self._open_now = False
        self._failures = 0
        self._failing_since: float | None = None
        self._remaining: float | None = None
        self._producer: AIOKafkaProducer | None = None
        self._backlog = Backlog(
            Limits(settings.backlog_max_records, settings.backlog_max_bytes),
            lambda: inputs.pause(self.tps),
            lambda: inputs.resume(self.tps),
        )
        self._gathering = Gathering(
            name.number, self._topics, settings, inputs, processor, self._backlog, self._must_end
        )
        self._pacing = Pacing(settings.commit_interval_ms / 1000)
        self._remade: str | None = None
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

    @property
    def busy_seconds(self) -> float:
        """For how long it has come no further: it waits for one thing, or fails over and over.

        0 while it has nothing to do. A recovery that goes on comes further with each record.
        """
        now = time.monotonic()
        if self.doing == "idle" and not self._tries_again(now - self.doing_since):
            return 0.0
        since = self.doing_since
        if self._failing_since is not None and self.doing != "recovering":
            since = min(since, self._failing_since)
        return now - since

    def _tries_again(self, idle_seconds: float) -> bool:
        """Whether what has failed is to be tried again: opened anew, a partition is idle until its records come."""
        return self._failing_since is not None and idle_seconds < (STUCK_SECONDS if self._backlog else _REFETCH_SECONDS)

    @property
    def is_stuck(self) -> bool:
        """Whether it has come no further for too long."""
        return self.busy_seconds > STUCK_SECONDS

    def read(self, key: bytes) -> bytes | None:
        """Give a durable row. Raises LookupError while the partition is not serving: no partial state is shown."""
        if self._store is None or not self.serving:
            raise LookupError(f"partition {self.name} is {self.doing}")
        return self._store.get(key)

    def offer(self, batch: FetchedBatch, route: Route) -> None:
        """Take a fetched batch; pauses the inputs while too much is waiting."""
        self._backlog.put(batch, route)
        self._wake.set()
        if self._has_enough():
            self._pacing.hurry()

    def reopen(self, topic: str) -> None:
        """Open anew, after the unit at hand, because this topic was deleted and made again."""
        self._remade = topic
        self._wake.set()

    async def settle(self) -> None:
        """Finish the unit at hand and begin no other until ``resume``: what a rebalance needs."""
        self._may_run.clear()
        try:
            # Not `wait_for`: up to Python 3.11 it may swallow the cancellation of who waits.
            async with asyncio.timeout(_SETTLE_SECONDS):
                await self._idle.wait()
        except TimeoutError:
            log.warning("partition %s: a unit is still %s; its fate is decided on opening", self.name, self.state)

    def resume(self) -> None:
        """Go on after ``settle``; what was waiting is fetched anew."""
        self._backlog.clear()
        self._may_run.set()

    async def close(self) -> None:
        """Let go of everything. What was not committed counts for nothing."""
        if self._task is not None:
            # Again where a library has swallowed it: aiokafka's `close` waits for tasks that it has itself cancelled.
            while not self._task.done():
                self._task.cancel()
                await asyncio.wait([self._task], timeout=_CANCEL_SECONDS)
        await self._stop_producer()
        if self._store is not None:
            self._store.close()
            self._store = None
        metrics.forget_partition(self.name.kind, self.name.number, self.name.topics)

    def next_offsets(self) -> dict[TP, int]:
        """Give where each input is to be read from; empty while opening."""
        return {TP(topic, self.name.number): offset for topic, offset in self._backlog.expected.items()}

    def absorbed(self) -> dict[TP, int]:
        """Give the durable positions, for the consumer group's lag; empty while opening."""
        return self._positions() if self.serving else {}

    @property
    def state(self) -> str:
        """What the partition is doing, and what it is waiting for if there is something."""
        return f"{self.doing}: {self.waiting_for}" if self.waiting_for else self.doing

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
            except TopicRemade as remade:
                log.warning("partition %s is opened anew: %s", self.name, remade)
            except DeadLetterFlood as flood:
                self._open_now = False
                self._now("stopped", "somebody to look into a flood of dead letters")
                self._give_up(flood)
                return
            except SettingsError as wrong:
                self._now("stopped", "another setting")
                self._give_up(wrong)
                return
            except Exception as error:
                self._failures += 1
                self._failing_since = self._failing_since or time.monotonic()
                metrics.UNIT_FAILURES.labels(self.name.kind, self.name.number, type(error).__name__).inc()
                log.warning(
                    "partition %s: %s while %s, trying again (failure %d in a row): %s",
                    self.name,
                    type(error).__name__,
                    self.state,
                    self._failures,
                    error,
                )
                self._open_now = False
                self._now("fenced" if isinstance(error, ProducerFenced) else "retrying", repr(error))
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
        self._remade = None
        self._backlog.expected = {}
        # This resumes inputs that a full backlog has paused; while the partition is opened nothing is to be fetched.
        self._backlog.clear()
        self._inputs.pause(self.tps)
        await self._stop_producer()
        self._producer = await self._succession.take_over(lambda what: self._now("opening", what))
        self._now("recovering", "the changelog")
        began = time.monotonic()
        reference_topics = {self._settings.topic(topic): topic for topic in REFERENCE_TOPICS}
        identities = await self._inputs.identities([*self._topics, *reference_topics, self.name.changelog])
        self.topic_ids = ids = {name: identity.id for name, identity in identities.items()}
        store, applied = await self._complete_rows(ids.get(self.name.changelog, ""))
        seconds = time.monotonic() - began
        metrics.RECOVERED_ROWS.labels(self.name.kind, self.name.number).inc(applied)
        metrics.RECOVERY_SECONDS.labels(self.name.kind, self.name.number).set(seconds)
        self.position = load_position(store)
        begin_epochs(self.position, self.name.number, self._topics, ids)
        begin_versions(self.position, str(self.name), reference_topics, ids)
        self.topic_ids = self._known_ids(reference_topics) | ids
        self._now("opening", "the registry and the policy")
        versions = self.position.registry_version, self.position.control_version
        await self._reference.wait_for(*versions, unless=lambda: self._remade is not None)
        self._backlog.expected = {
            topic: self.position.of(logical).next_offset for topic, logical in self._topics.items()
        }
        self._now("opening", "the consumer to seek")
        await self._inputs.seek(self.next_offsets())
        self._inputs.resume(self.tps)
        self._open_now = True
        self._now("idle")
        self._wake.set()
        log.info("partition %s: open, %d changelog records in %.2f s", self.name, applied, seconds)

    async def _complete_rows(self, changelog_id: str) -> tuple[Store, int]:
        """Give the store, complete, and how many records of the changelog it was behind."""
        store = self._store = self._store or open_store(self._folder())
        if changelog_id and not store.is_copy_of(changelog_id):
            log.error("changelog %s was made anew: rows of %s begin anew with it", self.name.changelog, self.name)
            store = self._begin_store_anew(store, changelog_id)
        try:
            return store, await self._recover(store)
        except StoreAhead:
            store = self._begin_store_anew(store, changelog_id)
            return store, await self._recover(store)

    def _known_ids(self, reference_topics: Mapping[str, str]) -> dict[str, str]:
        """Give the ids that the position row knows: of a topic that is gone now, too, for when it is made anew."""
        known = {topic: self.position.of(logical).topic_id for topic, logical in self._topics.items()}
        known |= {topic: self.position.reference_ids.get(logical, "") for topic, logical in reference_topics.items()}
        return {topic: known_id for topic, known_id in known.items() if known_id}

    def _begin_store_anew(self, store: Store, changelog_id: str) -> Store:
        store.destroy()
        self._store = made = open_store(self._folder())
        if changelog_id:
            made.is_copy_of(changelog_id)
        return made

    async def _serve(self) -> None:
        while True:
            await self._wake.wait()
            await self._may_run.wait()
            if self.doing == "idle" and time.monotonic() - self.doing_since > STUCK_SECONDS:
                # It opened, and for long there was nothing to do: what failed before is over.
                self._failing_since = None
            if self._remade is not None:
                raise TopicRemade(f"{self._remade} was deleted and made again")
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
            if not (unit.left_over or self._has_enough()):
                await self._pacing.pause(time.monotonic() - began)

    async def _gather(self) -> Unit:
        """Decide what is waiting, up to the unit's bounds, all of it under the same registry and policy."""
        self._now("deciding", "its turn")
        assert self._store is not None
        assert self._producer is not None
        async with self._reference.deciding() as reference:
            self._now("deciding")
            return await self._gathering.gather(self._store, self.position, reference, CompressedBatch)

    def _has_enough(self) -> bool:
        """Whether so much is waiting that a larger unit would save next to nothing."""
        return self._backlog.records >= self._settings.unit_max_records // 8

    def _must_end(self) -> bool:
        """Whether the unit at hand has to end with what it has."""
        return self._reference.change_waits or not self._may_run.is_set()

    async def _finish(self, unit: Unit) -> None:
        assert self._store is not None
        assert self._producer is not None
        self._sweep.step(unit.rows, self._store, self._reference.view().policy, unit.records)
        try:
            await commit(
                unit, self._store, self._producer, self._destination, lambda what: self._now("committing", what)
            )
        except StillOpen:
            # It counts, and is found in the changelog.
            self._count(unit)
            raise
        self._count(unit)
        self.position = unit.position
        # Only a unit that came through says that the trouble is over.
        self._failures = 0
        self._failing_since = None

    def _count(self, unit: Unit) -> None:
        self._count_records(unit.position)
        metrics.UNITS.inc()
        unit.tally.publish()

    def _count_records(self, after: PositionRow) -> None:
        """Tell Prometheus what the books say became of the unit's records, and of those that it should have had."""
        for topic, position in after.inputs.items():
            before = self.position.of(topic)
            for fate in FATES:
                if more := getattr(position, fate) - getattr(before, fate):
                    metrics.EVENTS.labels(topic, fate).inc(more)
            if lost := position.lost_to_retention - before.lost_to_retention:
                metrics.LOST_TO_RETENTION.labels(topic).inc(lost)

    def _positions(self) -> dict[TP, int]:
        return {
            TP(topic, self.name.number): self.position.of(logical).next_offset
            for topic, logical in self._topics.items()
        }

    # -- parts -------------------------------------------------------------------------------------------------

    def _now(self, doing: str, waiting_for: str = "") -> None:
        if (doing, waiting_for) != (self.doing, self.waiting_for):
            self.doing, self.waiting_for = doing, waiting_for
            self.doing_since = time.monotonic()

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
            remaining=self._comes_further,
            check_crcs=not self._settings.embedded_broker,
        )

    def _comes_further(self, remaining: float) -> None:
        metrics.RECOVERY_REMAINING.labels(self.name.kind, self.name.number).set(remaining)
        if remaining != self._remaining:
            self._remaining, self.doing_since = remaining, time.monotonic()

    async def _stop_producer(self) -> None:
        producer, self._producer = self._producer, None
        if producer is not None:
            await stop_producer(producer, str(self.name))
