"""Transactions that lie open in a partition although they have ended, and how they are ended there too.

Kafka (4.4.0) leaves the marker of a transaction out of partitions that have no leader when it ends, as none has one
where every broker was killed and comes back. What was written there then goes the way of the producer's next
transaction: an aborted unit shows, or a committed one is gone.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Iterable
from typing import Final

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError, LeaderNotAvailableError, for_code
from aiokafka.protocol.offset import OffsetRequest, OffsetResetStrategy

_SECONDS: Final = 5.0
_AGAIN_SECONDS: Final = 0.002
_UNCOMMITTED: Final = 0
_COMMITTED: Final = 1


class StillOpen(Exception):  # noqa: N818 - it says what was found
    """A transaction has ended, and a partition does not show it."""


async def left_open(client: AIOKafkaClient, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
    """Give the partitions in which somebody's transaction is open, and their ends. A topic that is not there has none.

    Raises KafkaErrors, and TimeoutError where brokers do not answer within 5 s.
    """
    asked = list(partitions)
    async with asyncio.timeout(_SECONDS):
        await asyncio.gather(*(client.add_topic(partition.topic) for partition in asked))
        # In this order, so that what is committed in between does not look as if it were open.
        written = await _ends(client, asked, _UNCOMMITTED)
        stable = await _ends(client, asked, _COMMITTED)
    return {partition: end for partition, end in written.items() if stable.get(partition, end) < end}


async def until_stable(client: AIOKafkaClient, partition: TopicPartition, end: int) -> None:
    """Wait until readers of committed data read up to this offset.

    Raises StillOpen where they do not within 5 s, KafkaErrors, and TimeoutError where brokers do not answer.
    """
    gives_up = time.monotonic() + _SECONDS
    async with asyncio.timeout(2 * _SECONDS):
        while (await _ends(client, [partition], _COMMITTED)).get(partition, end) < end:
            if time.monotonic() > gives_up:
                raise StillOpen(f"{partition.topic} {partition.partition} is not to be read up to offset {end}")
            await asyncio.sleep(_AGAIN_SECONDS)


async def end_in(producer: AIOKafkaProducer, partitions: Iterable[TopicPartition], *, commit: bool) -> None:
    """End in these partitions what this transactional id has left open there, by a transaction that writes nothing.

    A marker ends whatever its producer has open in the partition, whichever transaction that was of.
    """
    await producer.begin_transaction()
    for partition in partitions:
        # aiokafka adds a partition to the transaction on the first record; there is none here.
        producer._txn_manager.maybe_add_partition_to_txn(partition)  # noqa: SLF001
    await (producer.commit_transaction() if commit else producer.abort_transaction())


async def _ends(client: AIOKafkaClient, partitions: list[TopicPartition], isolation: int) -> dict[TopicPartition, int]:
    """Give the ends of those partitions that are there, for one isolation level."""
    asked: defaultdict[int, defaultdict[str, list[tuple[int, int]]]] = defaultdict(lambda: defaultdict(list))
    for partition in partitions:
        leader = client.cluster.leader_for_partition(partition)
        if leader == -1:
            raise LeaderNotAvailableError(partition)
        if leader is not None:
            asked[leader][partition.topic].append((partition.partition, OffsetResetStrategy.LATEST))
    requests = [client.send(leader, OffsetRequest(-1, isolation, list(of.items()))) for leader, of in asked.items()]
    ends = {}
    for answer in await asyncio.gather(*requests):
        for topic, states in answer.topics:
            for number, error_code, _, offset, *_ in states:
                if error_code:
                    error: KafkaError = for_code(error_code)(f"the end of {topic} {number}")
                    raise error
                ends[TopicPartition(topic, number)] = offset
    return ends
