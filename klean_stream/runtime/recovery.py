"""Completing a partition's store from its changelog, before anything is served or decided from it.

Faust's own recovery is not used: it reads up to an end that it takes before the last owner is barred from
writing, and it waits for the record at the last offset, which in a transactional log is a commit marker.
"""

import logging
import time
from collections.abc import Callable
from contextlib import nullcontext

from aiokafka import AIOKafkaConsumer, TopicPartition

from klean_stream.runtime.store import Store

log = logging.getLogger(__name__)

_PROGRESS_SECONDS = 5.0
# From how many offsets on it is worth to prepare the store for them, which writes a file.
_MANY = 10_000


async def recover(
    store: Store,
    topic: str,
    partition: int,
    *,
    bootstrap: str,
    remaining: Callable[[int], None],
    check_crcs: bool = True,
) -> int:
    """Apply what the changelog has beyond the store; give the number of records applied.

    ``remaining`` is told how many offsets are still to go.

    To be called only after the partition's producer was initialised: from then on nobody else can write to the
    changelog, so that its end is its end. Reads committed records only.
    """
    tp = TopicPartition(topic, partition)
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        isolation_level="read_committed",
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        max_partition_fetch_bytes=8 * 1024 * 1024,
        check_crcs=check_crcs,
    )
    await consumer.start()
    try:
        consumer.assign([tp])
        first = (await consumer.beginning_offsets([tp]))[tp]
        end = (await consumer.end_offsets([tp]))[tp]
        position = store.next_offset()
        if position > end:
            # The changelog is shorter than what the store has read of it: it was recreated. It is the truth.
            log.error("changelog %s %d ends at %d, the store is at %d: starting anew", topic, partition, end, position)
            raise StoreAhead(f"{topic} {partition}")
        position = max(position, first)
        consumer.seek(tp, position)
        remaining(max(0, end - position))
        applied, last_said = 0, time.monotonic()
        with store.loading() if end - position > _MANY else nullcontext():
            while position < end:
                records = (await consumer.getmany(tp, timeout_ms=100)).get(tp, [])
                position = await consumer.position(tp)
                store.apply([(record.key, record.value) for record in records], position)
                applied += len(records)
                remaining(end - position)
                if time.monotonic() - last_said > _PROGRESS_SECONDS:
                    last_said = time.monotonic()
                    log.info("recovering %s %d: at %d of %d", topic, partition, position, end)
        return applied
    finally:
        await consumer.stop()


class StoreAhead(Exception):  # noqa: N818 - it says what was found
    """The store has read more of the changelog than there is; it has to be deleted."""
