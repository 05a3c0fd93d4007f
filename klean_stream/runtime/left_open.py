"""Transactions that lie open in a partition although they have ended, and how they are ended there too.

Kafka (4.4.0) leaves the marker of a transaction out of partitions that have no leader when it ends, as it is when the
brokers that hold them come back. What was written there then goes the way of the producer's next transaction: an
aborted unit shows, or a committed one is gone.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError, for_code
from aiokafka.protocol.offset import OffsetRequest, OffsetResetStrategy

_SECONDS: Final = 5.0
_FIRST_PAUSE_SECONDS: Final = 0.002
_LONGEST_PAUSE_SECONDS: Final = 0.064
_NO_LEADER: Final = -1
_UNCOMMITTED: Final = 0
_COMMITTED: Final = 1


class StillOpen(Exception):  # noqa: N818 - it says what was found
    """A transaction has ended, and a partition does not show it."""


@dataclass(frozen=True, slots=True)
class Seen:
    """Where somebody's transaction is open, with the partitions' ends; and which partitions could not be asked."""

    left_open: Mapping[TopicPartition, int]
    without_leader: AbstractSet[TopicPartition]
    absent: AbstractSet[TopicPartition]


async def look(client: AIOKafkaClient, partitions: Iterable[TopicPartition]) -> Seen:
    """Look for open transactions.

    Raises KafkaErrors, and TimeoutError where brokers do not answer within 5 s.
    """
    async with asyncio.timeout(_SECONDS):
        # All topics, since to ask for one by its name may create it.
        cluster = await client.fetch_all_metadata()
        leaders = {partition: cluster.leader_for_partition(partition) for partition in partitions}
        # In this order, so that what is committed in between does not look as if it were open.
        written = await _last_offsets(client, leaders, _UNCOMMITTED)
        stable = await _last_offsets(client, leaders, _COMMITTED)
    return Seen(
        {partition: end for partition, end in written.items() if stable[partition] < end},
        {partition for partition, leader in leaders.items() if leader == _NO_LEADER},
        {partition for partition, leader in leaders.items() if leader is None},
    )


async def until_stable(client: AIOKafkaClient, ends: Mapping[TopicPartition, int]) -> None:
    """Wait until readers of committed data read up to these offsets.

    Raises StillOpen where they do not within 5 s, and TimeoutError where brokers do not answer at all.
    """
    gives_up, pause = time.monotonic() + _SECONDS, _FIRST_PAUSE_SECONDS
    waiting, error = dict(ends), ""
    async with asyncio.timeout(2 * _SECONDS):
        while True:
            try:
                leaders = {partition: client.cluster.leader_for_partition(partition) for partition in waiting}
                stable = await _last_offsets(client, leaders, _COMMITTED)
                waiting = {partition: end for partition, end in waiting.items() if stable.get(partition, -1) < end}
            except KafkaError as refusal:
                error = f" ({refusal!r})"
            if not waiting:
                return
            if time.monotonic() > gives_up:
                named = ", ".join(f"{topic} {number} to {end}" for (topic, number), end in sorted(waiting.items()))
                raise StillOpen(f"readers of committed data do not read {named}{error}")
            await asyncio.sleep(pause)
            if pause >= _LONGEST_PAUSE_SECONDS:
                await client.force_metadata_update()
            pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)


async def end_in(producer: AIOKafkaProducer, partitions: Iterable[TopicPartition], *, commit: bool) -> None:
    """End in these partitions what this transactional id has left open there, by a transaction that writes nothing.

    A marker ends whatever its producer has open in the partition, whichever transaction that was of.
    """
    await producer.begin_transaction()
    for partition in partitions:
        # aiokafka adds a partition to the transaction on the first record; there is none here.
        producer._txn_manager.maybe_add_partition_to_txn(partition)  # noqa: SLF001
    await (producer.commit_transaction() if commit else producer.abort_transaction())


async def _last_offsets(
    client: AIOKafkaClient, leaders: Mapping[TopicPartition, int | None], isolation: int
) -> dict[TopicPartition, int]:
    """Give the ends, for one isolation level, of those partitions that have a leader."""
    asked: defaultdict[int, defaultdict[str, list[tuple[int, int]]]] = defaultdict(lambda: defaultdict(list))
    for partition, leader in leaders.items():
        if leader is None or leader == _NO_LEADER:
            continue
        asked[leader][partition.topic].append((partition.partition, OffsetResetStrategy.LATEST))
    requests = [client.send(leader, OffsetRequest(-1, isolation, list(of.items()))) for leader, of in asked.items()]
    offsets = {}
    for answer in await asyncio.gather(*requests):
        for topic, states in answer.topics:
            for number, error_code, _, offset, *_ in states:
                if error_code:
                    error: KafkaError = for_code(error_code)(f"the end of {topic} {number}")
                    raise error
                offsets[TopicPartition(topic, number)] = offset
    return offsets
