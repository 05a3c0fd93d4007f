"""Transactions that lie open in a partition although they have ended, and how they are ended there too.

Kafka (4.4.0) leaves the marker of a transaction out of partitions that have no leader when it ends, as it is when the
brokers that hold them come back. What was written there then goes the way of the producer's next transaction: an
aborted unit shows, or a committed one is gone.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, Final

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError, NodeNotReadyError, UnknownTopicOrPartitionError, for_code
from aiokafka.protocol.metadata import MetadataRequest
from aiokafka.protocol.offset import OffsetRequest, OffsetResetStrategy

# Longer than it takes to replace a broker that died, and shorter than what counts as stuck.
_SECONDS: Final = 20.0
_FIRST_PAUSE_SECONDS: Final = 0.002
_LONGEST_PAUSE_SECONDS: Final = 0.2
NO_LEADER: Final = -1
_UNCOMMITTED: Final = 0
_COMMITTED: Final = 1


class StillOpen(Exception):  # noqa: N818 - it says what was found
    """A transaction has ended, and a partition does not show it."""


async def leaders(client: AIOKafkaClient, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, int | None]:
    """Give the brokers that lead these partitions: -1 where nobody does, None where the topic is not there.

    Raises KafkaErrors.
    """
    asked = list(partitions)
    topics = sorted({partition.topic for partition in asked})
    # To ask for a topic by its name may create it otherwise.
    request = MetadataRequest(topics, allow_auto_topic_creation=False)
    node = client.get_random_node()
    answer: Any = None if node is None else await client.send(node, request)
    if answer is None or not answer.brokers:
        raise NodeNotReadyError("no broker serves")
    found: dict[TopicPartition, int | None] = dict.fromkeys(asked, NO_LEADER)
    for error_code, topic, *_, states in answer.topics:
        if error_code == UnknownTopicOrPartitionError.errno:
            found |= {partition: None for partition in asked if partition.topic == topic}
        found |= {at: leader for _, number, leader, *_ in states if (at := TopicPartition(topic, number)) in found}
    return found


async def left_open(client: AIOKafkaClient, led_by: Mapping[TopicPartition, int | None]) -> dict[TopicPartition, int]:
    """Give those of the partitions that have a leader in which somebody's transaction is open, and their ends.

    Raises KafkaErrors.
    """
    # In this order, so that what is committed in between does not look as if it were open.
    written = await _last_offsets(client, led_by, _UNCOMMITTED)
    stable = await _last_offsets(client, led_by, _COMMITTED)
    return {partition: end for partition, end in written.items() if stable[partition] < end}


async def until_stable(client: AIOKafkaClient, ends: Mapping[TopicPartition, int]) -> None:
    """Wait until readers of committed data read up to these offsets. Raises StillOpen where they do not within 20 s."""
    waiting, pause, error = dict(ends), _FIRST_PAUSE_SECONDS, ""
    try:
        async with asyncio.timeout(_SECONDS):
            while True:
                try:
                    leading = {partition: client.cluster.leader_for_partition(partition) for partition in waiting}
                    stable = await _last_offsets(client, leading, _COMMITTED)
                    waiting = {partition: end for partition, end in waiting.items() if stable.get(partition, -1) < end}
                except KafkaError as refusal:
                    error = f" ({refusal!r})"
                if not waiting:
                    return
                await asyncio.sleep(pause)
                if pause >= _LONGEST_PAUSE_SECONDS:
                    await client.force_metadata_update()
                pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
    except TimeoutError:
        named = ", ".join(f"{topic} {number} to {end}" for (topic, number), end in sorted(waiting.items()))
        raise StillOpen(f"readers of committed data do not read {named}{error}") from None


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
    client: AIOKafkaClient, led_by: Mapping[TopicPartition, int | None], isolation: int
) -> dict[TopicPartition, int]:
    """Give the ends, for one isolation level, of those partitions that have a leader."""
    asked: defaultdict[int, defaultdict[str, list[tuple[int, int]]]] = defaultdict(lambda: defaultdict(list))
    for partition, leader in led_by.items():
        if leader is None or leader == NO_LEADER:
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
