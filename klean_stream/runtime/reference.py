"""The reference log: ``brands``, ``control``, ``images`` and ``taken-down-fingerprints``, read whole by every worker.

Not through the consumer group, which gives a partition to one worker only, and not through Faust's GlobalTable,
whose several-instance problem is open. Each of these topics has one partition, so that "which version" is one
number, the offset. The group's owner of that partition gives each record its decision or dead letter
(``agents/brands.py`` and its like), but for fingerprints, which workers write; here what is not valid is passed over in
silence.
"""

import asyncio
import gc
import logging
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from mode import Service

from klean_stream.likeness import Known
from klean_stream.processing import ReferenceView
from klean_stream.processing.routes import FINGERPRINTS, REFERENCE_TOPICS
from klean_stream.runtime import metrics
from klean_stream.runtime.in_force import InForce
from klean_stream.runtime.settings import Settings
from klean_stream.runtime.topic_identity import TopicIdentities, TopicIdentity, remade_topic

log = logging.getLogger(__name__)

_RETRY_SECONDS = (1.0, 2.0, 5.0)
_PROGRESS_SECONDS = 5.0
# Of topics that may be a million records long, so many are put together at a time: for about half a second.
_LONG = ("images", FINGERPRINTS)
_PART = 50_000


class ReferenceLog(Service):
    """Follows the topics; ``view`` gives what is in force.

    Nothing changes under a unit that is being decided, so that a decision's versions are true; and a change that
    has come goes before every unit that has not begun.
    """

    def __init__(self, settings: Settings, identities: TopicIdentities) -> None:
        super().__init__()
        self._settings = settings
        self._topics = {settings.topic(topic): topic for topic in (*REFERENCE_TOPICS, FINGERPRINTS)}
        self._identities = identities
        self._ids: dict[str, str] = {}
        self._state = InForce()
        self._changed = asyncio.Condition()
        self._turn = asyncio.Lock()
        self._no_change_waits = asyncio.Event()
        self._no_change_waits.set()

    def view(self) -> ReferenceView:
        """Give what is in force, with its versions."""
        state = self._state
        known = Known(state.taken_down, state.taken_down_version, state.images, state.images_version)
        return ReferenceView(state.registry, state.registry_version, state.policy, state.control_version, known)

    @property
    def change_waits(self) -> bool:
        """Whether a change waits for the unit at hand, which had better end."""
        return not self._no_change_waits.is_set()

    @asynccontextmanager
    async def deciding(self) -> AsyncIterator[ReferenceView]:
        """Give what is in force, unchanged until the end of the block; one block at a time in a worker."""
        while True:
            await self._no_change_waits.wait()
            async with self._turn:
                # The lock is fair: who queued for it before the change came lets the change go first.
                if self._no_change_waits.is_set():
                    yield self.view()
                    return

    def compare(self, found: Mapping[str, TopicIdentity]) -> bool:
        """Say whether a topic is another one than was read; all are then read anew before the next unit.

        ``found`` are topics as they are now, by their full names.
        """
        remade = remade_topic(self._ids, found)
        if remade is None:
            return False
        log.error("topic %s was deleted and made again: it is read anew", remade)
        self._no_change_waits.clear()
        return True

    async def wait_for(self, registry_version: int, control_version: int, unless: Callable[[], bool]) -> None:
        """Wait until at least these versions are in force here: a partition never goes back to an older one.

        ``unless`` is asked at each change of the log: it ends the waiting.
        """
        async with self._changed:
            await self._changed.wait_for(
                lambda: (
                    unless()
                    or (
                        self._state.registry_version >= registry_version
                        and self._state.control_version >= control_version
                    )
                )
            )

    async def on_start(self) -> None:
        """Read the topics to the end that they have now; only then does the worker join its group."""
        await self._connect()
        await self._read_whole()

    async def _connect(self) -> None:
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=self._settings.bootstrap,
            isolation_level="read_committed",
            auto_offset_reset="earliest",
            enable_auto_commit=False,
            check_crcs=not self._settings.embedded_broker,
            max_partition_fetch_bytes=8 * 1024 * 1024,
        )
        await self._consumer.start()
        tps = [TopicPartition(topic, 0) for topic in self._topics]
        self._consumer.assign(tps)

    async def _read_whole(self) -> None:
        """Build what is in force from all that the topics hold now; nothing is decided before all of it is there.

        Records are put together in a thread, so that the event loop goes on meanwhile.
        """
        self._no_change_waits.clear()
        # Before anything is read: a topic that is made anew meanwhile is noticed.
        self._ids = {topic: found.id for topic, found in (await self._identities.read(self._topics)).items()}
        tps = list(self._consumer.assignment())
        ends = await self._consumer.end_offsets(tps)
        await self._consumer.seek_to_beginning(*tps)
        state = InForce()
        gathered: dict[TopicPartition, list[ConsumerRecord]] = {tp: [] for tp in tps}
        said = time.monotonic()
        while behind := {tp: place for tp in tps if (place := await self._consumer.position(tp)) < ends[tp]}:
            if time.monotonic() - said > _PROGRESS_SECONDS:
                said = time.monotonic()
                log.info("reading %s", ", ".join(f"{tp.topic} ({at:,} of {ends[tp]:,})" for tp, at in behind.items()))
            for tp, records in (await self._consumer.getmany(timeout_ms=200)).items():
                gathered[tp].extend(records)
                if self._topics[tp.topic] in _LONG and len(gathered[tp]) >= _PART:
                    part, gathered[tp] = gathered[tp], []
                    await asyncio.to_thread(self._add, state, {tp: part})
        # One build of the registry for all of it, not one for each fetch.
        await asyncio.to_thread(self._add, state, gathered)
        if self.compare(await self._identities.read(self._topics)):
            return
        async with self._turn:
            self._put_in_force(state)
        self._no_change_waits.set()
        async with self._changed:
            self._changed.notify_all()
        # The registry stays; the garbage collector need not walk through it again and again.
        gc.freeze()
        view = self.view()
        log.info(
            "registry of %d brands at version %d, policy %s (%s) at version %d, %d titles taken down, %d pictures",
            len(view.registry),
            view.registry_version,
            view.policy.hash,
            view.policy.mode,
            view.control_version,
            len(view.known.taken_down),
            len(view.known.images),
        )

    async def on_stop(self) -> None:
        """Leave the brokers."""
        await self._consumer.stop()

    @Service.task
    async def _follow(self) -> None:
        failures = 0
        while not self.should_stop:
            try:
                if self.change_waits:
                    # One of the topics was made anew, or what was fetched last has not come into force.
                    await self._read_whole()
                fetched = await self._consumer.getmany(timeout_ms=500)
                if went_back := self._went_back(fetched):
                    # To what was in force, its records would only be added.
                    log.error("topic %s was deleted and made again, or truncated: it is read anew", went_back)
                    self._no_change_waits.clear()
                elif fetched:
                    await self._apply(fetched)
                failures = 0
            except asyncio.CancelledError:
                raise
            except Exception as error:
                if self._stopped.is_set():
                    return
                # What was fetched along with the failure is gone, so nothing is decided until all is read again.
                self._no_change_waits.clear()
                log.warning("the reference log cannot be read, trying again: %r", error)
                await asyncio.sleep(_RETRY_SECONDS[min(failures, len(_RETRY_SECONDS) - 1)])
                failures += 1

    def _went_back(self, fetched: Mapping[TopicPartition, list[ConsumerRecord]]) -> str | None:
        """Give a topic of which something comes again that is in force already; None if there is none."""
        state = self._state
        versions = {
            "brands": state.registry_version,
            "control": state.control_version,
            "images": state.images_version,
            FINGERPRINTS: state.taken_down_version,
        }
        return next(
            (
                tp.topic
                for tp, records in fetched.items()
                if records and records[0].offset < versions[self._topics[tp.topic]]
            ),
            None,
        )

    async def _apply(self, fetched: Mapping[TopicPartition, list[ConsumerRecord]]) -> None:
        # Every takedown anywhere comes by here: units need not end early for what another seller's listing looks like.
        urgent = any(self._topics[tp.topic] != FINGERPRINTS for tp in fetched)
        if urgent:
            self._no_change_waits.clear()
        try:
            # A new log that is longer than the old one was goes on where that ended, and would be added to it.
            if urgent and self.compare(await self._identities.read(self._topics)):
                return
            async with self._turn:
                self._add(self._state, fetched)
                self._put_in_force(self._state)
        except BaseException:
            # Nothing is decided until it has been tried again.
            self._no_change_waits.clear()
            raise
        if urgent:
            self._no_change_waits.set()
        async with self._changed:
            self._changed.notify_all()

    def _add(self, state: InForce, fetched: Mapping[TopicPartition, list[ConsumerRecord]]) -> None:
        for tp, records in fetched.items():
            if records:
                # By the last record, not by the position: markers of transactions are no versions.
                state.apply(self._topics[tp.topic], records, records[-1].offset + 1, self._settings.max_event_bytes)

    def _put_in_force(self, state: InForce) -> None:
        self._state = state
        metrics.REFERENCE_VERSION.labels("brands").set(state.registry_version)
        metrics.REFERENCE_VERSION.labels("control").set(state.control_version)
        metrics.REFERENCE_VERSION.labels("images").set(state.images_version)
        metrics.REFERENCE_VERSION.labels(FINGERPRINTS).set(state.taken_down_version)
        metrics.REVIEW_ONLY.set(state.policy.mode == "review_only")
