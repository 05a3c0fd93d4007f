"""The few things that tests ask of topics, with errors raised instead of returned in response codes.

Administration goes through librdkafka: aiokafka's admin client can neither ask for the broker's own
replication factor nor does it raise when the broker refuses. Reading goes through aiokafka, the client that
the workers use.
"""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Final, Literal

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from confluent_kafka import KafkaException, TopicCollection
from confluent_kafka import TopicPartition as LibrdkafkaPartition
from confluent_kafka.admin import AdminClient, ConfigResource, NewTopic  # type: ignore[attr-defined]

from tests.kafka.child_process import wait_until

Isolation = Literal["read_committed", "read_uncommitted"]
ADMIN_SECONDS: Final = 30.0
READ_SECONDS: Final = 60.0


async def create_topics(bootstrap: str, topics: Mapping[str, tuple[int, Mapping[str, str]]]) -> None:
    """Create topics, each with its number of partitions and configuration; return when all have leaders.

    They get the cluster's own replication factor: as many replicas as it has brokers.
    """
    new = [
        NewTopic(name, num_partitions=partitions, replication_factor=-1, config=dict(config))
        for name, (partitions, config) in topics.items()
    ]

    def create() -> None:
        admin = _admin(bootstrap)
        for future in admin.create_topics(new, operation_timeout=ADMIN_SECONDS).values():
            future.result()

        def led() -> bool:
            found = admin.list_topics(timeout=ADMIN_SECONDS).topics
            return all(
                name in found
                and len(found[name].partitions) == partitions
                and all(partition.leader >= 0 for partition in found[name].partitions.values())
                for name, (partitions, _) in topics.items()
            )

        # The controller answers before every broker has heard of the topic; a client that comes in between is
        # told that there is no such topic.
        if not wait_until(led, timeout=ADMIN_SECONDS):
            message = f"Not all of {sorted(topics)} had leaders {ADMIN_SECONDS:g} s after they were created."
            raise TimeoutError(message)

    await asyncio.to_thread(create)


async def delete_topics(bootstrap: str, names: Iterable[str]) -> None:
    """Delete topics; return when the cluster no longer lists them, so that they can be created anew."""
    gone = sorted(names)

    def delete() -> None:
        admin = _admin(bootstrap)
        for future in admin.delete_topics(gone, operation_timeout=ADMIN_SECONDS).values():
            future.result()
        if not wait_until(
            lambda: not set(gone) & set(admin.list_topics(timeout=ADMIN_SECONDS).topics),
            timeout=ADMIN_SECONDS,
        ):
            message = f"{gone} were still listed {ADMIN_SECONDS:g} s after they were deleted."
            raise TimeoutError(message)

    await asyncio.to_thread(delete)


async def delete_records(bootstrap: str, before: Mapping[TopicPartition, int]) -> None:
    """Delete a partition's records before an offset, as retention would."""

    def delete() -> None:
        admin = _admin(bootstrap)
        offsets = [LibrdkafkaPartition(tp.topic, tp.partition, offset) for tp, offset in before.items()]
        for future in admin.delete_records(offsets, operation_timeout=ADMIN_SECONDS).values():
            future.result()

    await asyncio.to_thread(delete)


async def topic_config(bootstrap: str, name: str) -> dict[str, str]:
    """Return a topic's configuration as it is in force, the broker's defaults included."""

    def describe() -> dict[str, str]:
        resource = ConfigResource(ConfigResource.Type.TOPIC, name)
        # The answer never comes if the client is collected before it.
        admin = _admin(bootstrap)
        (future,) = admin.describe_configs([resource]).values()
        return {key: str(entry.value) for key, entry in future.result(timeout=ADMIN_SECONDS).items()}

    return await asyncio.to_thread(describe)


async def topic_id(bootstrap: str, name: str) -> str:
    """Return a topic's id, which one that is made anew under the same name does not have."""

    def describe() -> str:
        admin = _admin(bootstrap)
        (future,) = admin.describe_topics(TopicCollection([name]), request_timeout=ADMIN_SECONDS).values()
        return str(future.result(timeout=ADMIN_SECONDS).topic_id)

    return await asyncio.to_thread(describe)


async def partitions_of(bootstrap: str, topic: str) -> list[TopicPartition]:
    """List a topic's partitions; a topic that does not exist is an error, not an empty list."""

    def describe() -> list[int]:
        found = _admin(bootstrap).list_topics(topic, timeout=ADMIN_SECONDS).topics[topic]
        if found.error is not None:
            raise KafkaException(found.error)
        return sorted(found.partitions)

    return [TopicPartition(topic, number) for number in await asyncio.to_thread(describe)]


async def end_offsets(bootstrap: str, topic: str, isolation: Isolation = "read_committed") -> dict[TopicPartition, int]:
    """Return where each partition ends: for read_committed, before the oldest transaction still open."""
    partitions = await partitions_of(bootstrap, topic)
    async with _consumer(bootstrap, isolation) as consumer:
        return dict(await consumer.end_offsets(partitions))


async def until_shown(bootstrap: str, topics: Iterable[str]) -> None:
    """Wait until no transaction is open in those of the topics that exist.

    Kafka confirms an end before readers see it everywhere. Raises TimeoutError after 60 s.
    """
    found = (await asyncio.to_thread(_admin(bootstrap).list_topics, timeout=ADMIN_SECONDS)).topics
    tps = [TopicPartition(topic, number) for topic in topics if topic in found for number in found[topic].partitions]
    async with (
        _consumer(bootstrap, "read_committed") as committed,
        _consumer(bootstrap, "read_uncommitted") as everything,
        asyncio.timeout(READ_SECONDS),
    ):
        while await committed.end_offsets(tps) != await everything.end_offsets(tps):
            await asyncio.sleep(0.05)


async def read_all(bootstrap: str, topic: str, isolation: Isolation = "read_committed") -> list[ConsumerRecord]:
    """Read a topic from its beginning to where it ended when this was called, by partition and offset."""
    partitions = await partitions_of(bootstrap, topic)
    records: list[ConsumerRecord] = []
    async with _consumer(bootstrap, isolation) as consumer, asyncio.timeout(READ_SECONDS):
        consumer.assign(partitions)
        ends: dict[TopicPartition, int] = await consumer.end_offsets(partitions)
        await consumer.seek_to_beginning(*partitions)
        waiting = set(partitions)
        while True:
            # By position, not by records: a partition may end in markers, aborted or compacted records, for
            # which nothing is returned.
            for partition in list(waiting):
                if await consumer.position(partition) >= ends[partition]:
                    waiting.discard(partition)
            if not waiting:
                break
            for batch in (await consumer.getmany(*waiting, timeout_ms=200)).values():
                records += batch
    # A fetch may return more than was there at the call.
    inside = [r for r in records if r.offset < ends[TopicPartition(r.topic, r.partition)]]
    return sorted(inside, key=lambda record: (record.partition, record.offset))


def _admin(bootstrap: str) -> AdminClient:
    # Silent, or it would write to standard error about brokers that a test has killed.
    return AdminClient({"bootstrap.servers": bootstrap, "log_level": 0})


def _consumer(bootstrap: str, isolation: Isolation) -> AIOKafkaConsumer:
    return AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        group_id=None,
        isolation_level=isolation,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        # Dead letters may be larger than the default of 1 MiB a partition.
        max_partition_fetch_bytes=16 * 1024 * 1024,
    )
