"""The Faust app: agents, batch transport, and the owned partitions behind them."""

import logging
import os
import signal
import threading
from collections.abc import AsyncIterator, Mapping
from typing import Any, TypeAlias, cast

import faust
from faust.types import TP
from yarl import URL

from klean_stream.brands import COMPILED
from klean_stream.processing import Absorbs
from klean_stream.runtime.fetched import FetchedBatch
from klean_stream.runtime.http import HttpServer
from klean_stream.runtime.inputs import Inputs
from klean_stream.runtime.ownership import Ownership
from klean_stream.runtime.reference import ReferenceLog
from klean_stream.runtime.settings import Settings
from klean_stream.runtime.topic_identity import TopicIdentities
from klean_stream.runtime.transport import BatchConsumer, BatchTransport
from klean_stream.runtime.watch import Watch

log = logging.getLogger(__name__)

# The answer to a heartbeat tells that the group begins anew: meanwhile the partitions of one who has left stand still.
_HEARTBEAT_SECONDS = 0.5
_STOP_SECONDS = 8.0
# The command line's code for brokers that do not answer (cli/exit_codes.py).
_ENDED_BY_FORCE = 3

# Faust's stream of partition-batches; its classes are not typed strictly enough to name them further.
BatchStream: TypeAlias = Any


class BatchSchema(faust.Schema[bytes, bytes]):
    """Gives an agent the fetched batch as it is: records are decoded in the core, from their raw bytes."""

    def __init__(self) -> None:
        super().__init__(key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw")

    def loads_value(  # type: ignore[override]  # a batch, where Faust expects a value's bytes
        self, app: Any, message: Any, **kwargs: Any
    ) -> FetchedBatch:
        """Give the message's value, a FetchedBatch, untouched."""
        del app, kwargs
        batch: FetchedBatch = message.value
        return batch


class KleanApp(faust.App):
    """A Faust app whose agents hand batches to the partitions that this worker owns."""

    def __init__(self, settings: Settings, processor: Absorbs | None = None) -> None:
        self.settings = settings
        super().__init__(
            settings.group,
            broker=[URL(f"kafka://{address}") for address in settings.bootstrap.split(",")],
            datadir=settings.data_dir,
            canonical_url=settings.own_url,
            broker_session_timeout=settings.session_timeout_ms / 1000,
            broker_heartbeat_interval=min(_HEARTBEAT_SECONDS, settings.session_timeout_ms / 3000),
            broker_request_timeout=max(40.0, settings.session_timeout_ms / 1000 + 5),
            broker_rebalance_timeout=60.0,
            broker_commit_interval=1.0,
            broker_check_crcs=not settings.embedded_broker,
            consumer_metadata_max_age_ms=30_000,
            # A few batches between fetch and partition; the partitions' own backlog does the pacing.
            stream_buffer_maxsize=64,
            stream_wait_empty=False,
            topic_allow_declare=False,
            topic_disable_leader=True,
            web_enabled=False,
        )
        self.identities = TopicIdentities(settings.bootstrap, known=not settings.embedded_broker)
        self.reference = ReferenceLog(settings, self.identities)
        self.ownership = Ownership(settings, self.reference, self._inputs, self.give_up, processor)
        self.watch = Watch(
            settings, self.ownership, self.reference, self.identities, self._ends, self._refused, self.give_up
        )
        self.failed: Exception | None = None
        self.http = HttpServer(settings, self.ownership, self.reference)
        self.on_partitions_revoked.connect(self._settle)  # type: ignore[arg-type]  # mode wants *args
        self.on_partitions_assigned.connect(self._reassign)  # type: ignore[arg-type]  # the same

    def _new_transport(self) -> BatchTransport:
        return BatchTransport(self.conf.broker_consumer, self)

    def input_topic(self, name: str) -> Any:
        """Give the Faust topic of an input's logical name, delivering batches."""
        return self.topic(self.settings.topic(name), schema=BatchSchema(), internal=False)

    async def batches(self, stream: BatchStream) -> AsyncIterator[FetchedBatch]:
        """Yield the batches of an agent's stream.

        Nothing is acknowledged to Faust: what is absorbed is written with the rows.
        """
        async for event in stream.noack().events():
            yield event.value

    # -- life cycle --------------------------------------------------------------------------------------------

    async def on_start(self) -> None:
        """Read the reference log before the worker joins its group: nothing is decided without a registry."""
        if not COMPILED:
            log.warning("the matcher is not compiled and takes about 1.7 times as long: install with a C compiler")
        await super().on_start()
        await self.add_runtime_dependency(self.http)
        await self.add_runtime_dependency(self.watch)
        await self.add_runtime_dependency(self.reference)

    async def on_stop(self) -> None:
        """Finish the units at hand, publish the positions, leave the group, let go of the partitions.

        Brokers that do not answer hold up each of these; but what was not committed counts for nothing, so an end
        by force costs nothing either.
        """
        deadline = threading.Timer(_STOP_SECONDS, self._end_by_force)
        deadline.daemon = True
        deadline.start()
        await self.ownership.settle()
        await self.consumer.commit()
        await super().on_stop()
        await self.ownership.close()

    async def _settle(self, app: Any, revoked: set[TP], **kwargs: Any) -> None:
        del app, revoked, kwargs
        await self.ownership.settle()
        await self.consumer.commit()

    async def _reassign(self, app: Any, assigned: set[TP], **kwargs: Any) -> None:
        del app, kwargs
        await self.ownership.reassign(assigned)

    def give_up(self, error: Exception) -> None:
        """End the worker in order, because of what no other try mends; ``run_worker`` raises it then."""
        if self.failed is None:
            self.failed = error
            log.error("%s", error)
            signal.raise_signal(signal.SIGTERM)

    @staticmethod
    def _end_by_force() -> None:
        log.error("the brokers did not answer within %.0f s; ended without leaving the group", _STOP_SECONDS)
        logging.shutdown()
        os._exit(_ENDED_BY_FORCE)

    # -- what the consumer asks of the state, and the state of the consumer ------------------------------------

    async def seek_owned(self) -> None:
        """Seek the open partitions; those still opening are sought when they are open."""
        await self._batch_consumer.seek_to(self.ownership.next_offsets())

    def absorbed_positions(self) -> Mapping[TP, int]:
        """Give the durable positions, for the consumer group's lag."""
        return self.ownership.absorbed()

    @property
    def _batch_consumer(self) -> BatchConsumer:
        return cast(BatchConsumer, self.consumer)

    def _inputs(self) -> Inputs:
        consumer = self._batch_consumer
        return Inputs(
            consumer.seek_to,
            consumer.pause_partitions,
            consumer.resume_partitions,
            consumer.begins,
            consumer.publish_positions,
            self.identities.read,
        )

    async def _ends(self, tps: set[TP]) -> Mapping[TP, int]:
        return await self._batch_consumer.ends(tps)

    async def _refused(self) -> Exception | None:
        return await self._batch_consumer.refused()
