"""A watch over what nobody else would notice: topics made anew or grown, partitions that stand still, garbage."""

import asyncio
import ctypes
import gc
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from collections.abc import Set as AbstractSet

from faust.types import TP
from mode import Service

from klean_stream.processing.routes import FINGERPRINTS, REFERENCE_TOPICS, SELLER_TOPICS
from klean_stream.runtime import metrics
from klean_stream.runtime.ownership import Ownership
from klean_stream.runtime.partition import STUCK_SECONDS, OwnedPartition
from klean_stream.runtime.reference import ReferenceLog
from klean_stream.runtime.settings import Settings
from klean_stream.runtime.topic_identity import TopicIdentities, TopicIdentity, remade_topic
from klean_stream.runtime.topics import TopicsError

log = logging.getLogger(__name__)

_EVERY_SECONDS = 5.0
# glibc's malloc_trim(3); other C libraries have no need of it, or nothing like it.
_give_back_free_memory: Callable[[int], int] = getattr(ctypes.CDLL(None), "malloc_trim", int)
_ENDS_SECONDS = 5.0


class Watch(Service):
    """Looks every five seconds. ``ends`` gives the ends of the inputs as the brokers tell them."""

    def __init__(
        self,
        settings: Settings,
        ownership: Ownership,
        reference: ReferenceLog,
        identities: TopicIdentities,
        ends: Callable[[set[TP]], Awaitable[Mapping[TP, int]]],
        give_up: Callable[[Exception], None],
    ) -> None:
        super().__init__()
        self._ownership = ownership
        self._reference = reference
        self._identities = identities
        self._ends = ends
        self._give_up = give_up
        seller = {settings.topic(topic): settings.partitions for topic in (*SELLER_TOPICS, "state")}
        single = {settings.topic(topic): 1 for topic in (*REFERENCE_TOPICS, FINGERPRINTS, "reference-state")}
        self._partitions = seller | single
        self._present: AbstractSet[str] = frozenset()
        # For each partition that is behind and idle: where it stands, and since when.
        self._standing: dict[str, tuple[Mapping[TP, int], float]] = {}

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
                self._find_standing(await self._ends_of_idle())
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

    async def _ends_of_idle(self) -> Mapping[TP, int]:
        """Give the ends of the inputs of idle partitions, or nothing where the brokers do not tell them."""
        partitions = self._ownership.partitions.values()
        idle = {tp for partition in partitions if partition.doing == "idle" for tp in partition.tps}
        try:
            return await asyncio.wait_for(self._ends(idle), _ENDS_SECONDS) if idle else {}
        except Exception as error:
            log.debug("the ends of the inputs are not known: %r", error)
            return {}

    def _find_standing(self, ends: Mapping[TP, int]) -> None:
        """Say which partitions stand still, and what each of them waits for."""
        owned = {str(partition.name): partition for partition in self._ownership.partitions.values()}
        self._standing = {name: standing for name, standing in self._standing.items() if name in owned}
        for name, partition in owned.items():
            seconds = self._idle_but_behind(name, partition, ends)
            stands = seconds > STUCK_SECONDS or partition.is_stuck
            metrics.STUCK.labels(partition.name.kind, partition.name.number).set(stands)
            if seconds > STUCK_SECONDS:
                log.warning("partition %s waits for records that lie there for %.0f s already", name, seconds)
            elif partition.is_stuck:
                log.warning("partition %s has been %s for %.0f s", name, partition.state, partition.busy_seconds)
        if (waited := self._ownership.rebalancing_seconds) > STUCK_SECONDS:
            log.warning("the consumer group has been rebalancing for %.0f s", waited)

    def _idle_but_behind(self, name: str, partition: OwnedPartition, ends: Mapping[TP, int]) -> float:
        """Give for how long a partition has been idle at the same positions although its inputs go on."""
        positions = partition.absorbed()
        behind = partition.doing == "idle" and any(ends.get(tp, 0) > offset for tp, offset in positions.items())
        if not behind:
            self._standing.pop(name, None)
            return 0.0
        stands_at, since = self._standing.get(name, (None, 0.0))
        if stands_at != positions:
            self._standing[name] = positions, time.monotonic()
            return 0.0
        return time.monotonic() - since
