"""The reference log: ``brands`` and ``control``, read whole by every worker.

Not through the consumer group, which gives a partition to one worker only, and not through Faust's GlobalTable,
whose several-instance problem is open. Each of the two topics has one partition, so that "which version" is one
number, the offset. The group's owner of that partition gives each record its decision or dead letter
(``agents/brands.py``, ``agents/control.py``); here what is not valid is passed over in silence.
"""

import asyncio
import logging
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from mode import Service

from klean_stream.brands import Registry
from klean_stream.decision import Rejected
from klean_stream.events import Brand
from klean_stream.policy import Policy, PolicyError, apply_control, default_policy
from klean_stream.processing import ROUTES, ReferenceView
from klean_stream.processing.decoding import decode
from klean_stream.runtime import metrics
from klean_stream.runtime.records import input_record
from klean_stream.runtime.settings import Settings

log = logging.getLogger(__name__)

_RETRY_SECONDS = 1.0


@dataclass(slots=True)
class _Versions:
    registry: int = 0
    control: int = 0


class ReferenceLog(Service):
    """Follows the two topics; ``view`` gives what is in force.

    ``held`` is to be held while a unit is decided: nothing changes under it, so that a decision's versions are
    true. It is a fair lock, so a change waits for one unit at the most.
    """

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._settings = settings
        self._topics = {settings.topic(topic): topic for topic in ("brands", "control")}
        self._registry = Registry()
        self._policy: Policy = default_policy()
        self._versions = _Versions()
        self._changed = asyncio.Condition()
        self.held = asyncio.Lock()

    def view(self) -> ReferenceView:
        """Give the registry and the policy in force, with their versions."""
        return ReferenceView(self._registry, self._versions.registry, self._policy, self._versions.control)

    async def wait_for(self, registry_version: int, control_version: int) -> None:
        """Wait until at least these versions are in force here: a partition never goes back to an older one."""
        async with self._changed:
            await self._changed.wait_for(
                lambda: self._versions.registry >= registry_version and self._versions.control >= control_version
            )

    async def on_start(self) -> None:
        """Read both topics to the end that they have now; only then does the worker join its group."""
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
        ends = await self._consumer.end_offsets(tps)
        await self._consumer.seek_to_beginning(*tps)
        gathered: dict[TopicPartition, list[ConsumerRecord]] = {tp: [] for tp in tps}
        while any([await self._consumer.position(tp) < ends[tp] for tp in tps]):
            for tp, records in (await self._consumer.getmany(timeout_ms=200)).items():
                gathered[tp].extend(records)
        # One index build for all of it, not one for each fetch.
        await self._apply(gathered)
        view = self.view()
        log.info(
            "registry of %d brands at version %d, policy %s (%s) at version %d",
            len(self._registry),
            view.registry_version,
            view.policy.hash,
            view.policy.mode,
            view.control_version,
        )

    async def on_stop(self) -> None:
        """Leave the brokers."""
        await self._consumer.stop()

    @Service.task
    async def _follow(self) -> None:
        while not self.should_stop:
            try:
                fetched = await self._consumer.getmany(timeout_ms=500)
                if fetched:
                    await self._apply(fetched)
            except asyncio.CancelledError:
                raise
            except Exception as error:
                if self._stopped.is_set():
                    return
                log.warning("the reference log cannot be read, trying again: %r", error)
                await asyncio.sleep(_RETRY_SECONDS)

    async def _apply(self, fetched: dict[TopicPartition, list[ConsumerRecord]]) -> None:
        async with self.held:
            for tp, records in fetched.items():
                if not records:
                    continue
                # By the last record, not by the position: markers of transactions are no versions.
                version = records[-1].offset + 1
                if self._topics[tp.topic] == "brands":
                    self._apply_brands(records, version)
                else:
                    self._apply_control(records, version)
        async with self._changed:
            self._changed.notify_all()

    def _apply_brands(self, records: list[ConsumerRecord], version: int) -> None:
        changes: list[tuple[str, Brand | None]] = []
        for record in records:
            try:
                brand = decode(input_record(record, "brands"), ROUTES["brands"], self._settings.max_event_bytes)
            except Rejected:
                continue
            changes.append((record.key.decode(), brand))
        self._registry.apply_many(changes, version)
        self._versions.registry = version
        metrics.REFERENCE_VERSION.labels("brands").set(version)

    def _apply_control(self, records: list[ConsumerRecord], version: int) -> None:
        for record in records:
            try:
                event = decode(input_record(record, "control"), ROUTES["control"], self._settings.max_event_bytes)
                self._policy = apply_control(self._policy, event)
            except (Rejected, PolicyError):
                continue
            log.warning("policy %s (%s) is in force", self._policy.hash, self._policy.mode)
        self._versions.control = version
        metrics.REFERENCE_VERSION.labels("control").set(version)
        metrics.REVIEW_ONLY.set(self._policy.mode == "review_only")
