"""A watch over what nobody else would notice: topics made anew or grown, partitions that stand still, garbage."""

import asyncio
import ctypes
import gc
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from collections.abc import Set as AbstractSet

from aiokafka.errors import (
    GroupAuthorizationFailedError,
    InconsistentGroupProtocolError,
    InvalidGroupIdError,
    InvalidSessionTimeoutError,
)
from faust.types import TP
from mode import Service

from klean_stream.processing.routes import FINGERPRINTS, REFERENCE_TOPICS, SELLER_TOPICS
from klean_stream.runtime import metrics
from klean_stream.runtime.ownership import Ownership
from klean_stream.runtime.partition import STUCK_SECONDS, OwnedPartition
from klean_stream.runtime.reference import ReferenceLog
from klean_stream.runtime.settings import Settings, SettingsError
from klean_stream.runtime.topic_identity import TopicIdentities, TopicIdentity, remade_topic
from klean_stream.runtime.topics import TopicsError

log = logging.getLogger(__name__)

_EVERY_SECONDS = 5.0
# glibc's malloc_trim(3); other C libraries have no need of it, or nothing like it.
_give_back_free_memory: Callable[[int], int] = getattr(ctypes.CDLL(None), "malloc_trim", int)
_ANSWER_SECONDS = 5.0
_FOR_GOOD = (GroupAuthorizationFailedError, InconsistentGroupProtocolError, InvalidGroupIdError)


class Watch(Service):
    """Looks every five seconds.

    ``ends`` gives the ends of the inputs as the brokers tell them, ``refused`` why the group does not take this worker.
    """

    def __init__(
        self,
        settings: Settings,
        ownership: Ownership,
        reference: ReferenceLog,
        identities: TopicIdentities,
        ends: Callable[[set[TP]], Awaitable[Mapping[TP, int]]],
        refused: Callable[[], Awaitable[Exception | None]],
        give_up: Callable[[Exception], None],
    ) -> None:
        super().__init__()
        self._ownership = ownership
        self._reference = reference
        self._identities = identities
        self._ends = ends
        self._refused = refused
        self._settings = settings
        self._give_up = give_up
        seller = {settings.topic(topic): settings.partitions for topic in (*SELLER_TOPICS, "state")}
        single = {settings.topic(topic): 1 for topic in (*REFERENCE_TOPICS, FINGERPRINTS, "reference-state")}
        self._partitions = seller | single
        self._present: AbstractSet[str] = frozenset()
        self._inputs = {settings.topic(topic): topic for topic in (*SELLER_TOPICS, *REFERENCE_TOPICS)}
        # For each input that an idle partition is behind with: where it stands, and since when.
        self._standing: dict[TP, tuple[int, float]] = {}

    @Service.task
    async def _look(self) -> None:
        while not self.should_stop:
            await self.sleep(_EVERY_SECONDS)
            # By its own measure the collector runs too seldom for a worker with little to do (runtime/worker.py).
            gc.collect()
            # Units free what they gathered between rows that stay, and of itself glibc gives back no such holes.
            _give_back_free_memory(0)
            try:
                self._compare(await self._identities.read(self._partitions))
            except Exception as error:
                # Brokers that do not answer are noticed, and said, by who needs them.
                log.debug("nothing was seen: %r", error)
            try:
                await self._ask_the_group()
                self._find_standing(await self._ends_of_inputs())
            except Exception:
                log.exception("the watch failed, and looks again")

    def _compare(self, found: Mapping[str, TopicIdentity]) -> None:
        for topic, identity in found.items():
            if identity.partitions != self._partitions[topic]:
                self._give_up(
                    TopicsError(
                        f"Topic {topic} has {identity.partitions} partitions and needs {self._partitions[topic]} "
                        "(setting `partitions`): the worker stops, since a seller's events would no longer meet in one "
                        "partition. Partitions cannot be taken back; make new topics under another `topic_prefix`."
                    )
                )
                return
        self._reference.compare(found)
        for owned in self._ownership.partitions.values():
            if remade := remade_topic(owned.topic_ids, found):
                owned.reopen(remade)
        for topic in sorted(self._present - found.keys()):
            log.error("topic %s is gone; what it held and was not absorbed is lost", topic)
        self._present = found.keys()

    async def _ask_the_group(self) -> None:
        """End the worker where the group will not have it: only another setting, or another broker, mends that."""
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                refused = await self._refused()
        except Exception as error:
            log.debug("nothing is known of the group: %r", error)
            return
        if isinstance(refused, InvalidSessionTimeoutError):
            self._give_up(
                SettingsError(
                    f"The setting session_timeout_ms is {self._settings.session_timeout_ms}, which is not within what "
                    "the brokers allow (their group.min.session.timeout.ms and group.max.session.timeout.ms)."
                )
            )
        elif isinstance(refused, _FOR_GOOD):
            self._give_up(refused)
        elif refused is not None:
            log.warning("the consumer group refused this worker, which tries again: %r", refused)

    async def _ends_of_inputs(self) -> Mapping[TP, int]:
        """Give the ends of the inputs, or nothing where the brokers do not tell them."""
        tps = {tp for partition in self._ownership.partitions.values() for tp in partition.tps}
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                return await self._ends(tps) if tps else {}
        except Exception as error:
            log.debug("the ends of the inputs are not known: %r", error)
            return {}

    def _find_standing(self, ends: Mapping[TP, int]) -> None:
        """Say which partitions stand still, and what each of them waits for."""
        owned = {str(partition.name): partition for partition in self._ownership.partitions.values()}
        tps = {tp for partition in owned.values() for tp in partition.tps}
        self._standing = {tp: standing for tp, standing in self._standing.items() if tp in tps}
        for name, partition in owned.items():
            self._tell_lag(partition, ends)
            seconds = self._idle_but_behind(partition, ends)
            stands = seconds > STUCK_SECONDS or partition.is_stuck
            metrics.STUCK.labels(partition.name.kind, partition.name.number).set(stands)
            if seconds > STUCK_SECONDS:
                log.warning("partition %s waits for records that lie there for %.0f s already", name, seconds)
            elif partition.is_stuck:
                log.warning(
                    "partition %s has come no further for %.0f s: %s", name, partition.busy_seconds, partition.state
                )
        if (waited := self._ownership.rebalancing_seconds) > STUCK_SECONDS:
            log.warning("the consumer group has been rebalancing for %.0f s", waited)

    def _tell_lag(self, partition: OwnedPartition, ends: Mapping[TP, int]) -> None:
        """Tell how far behind an input is that nothing comes of: who absorbs records tells it of the others."""
        for tp, offset in partition.absorbed().items():
            if tp in ends:
                metrics.LAG.labels(self._inputs[tp.topic], tp.partition).set(max(0, ends[tp] - offset))

    def _idle_but_behind(self, partition: OwnedPartition, ends: Mapping[TP, int]) -> float:
        """Give for how long a partition has been idle where an input of it goes on, the longest of its inputs."""
        if partition.doing != "idle":
            return 0.0
        now, longest = time.monotonic(), 0.0
        for tp, offset in partition.absorbed().items():
            if tp not in ends:
                continue
            stands_at, since = self._standing.get(tp, (None, now))
            if ends[tp] <= offset:
                self._standing.pop(tp, None)
            elif stands_at == offset:
                longest = max(longest, now - since)
            else:
                self._standing[tp] = offset, now
        return longest
