"""A stage: topics under one prefix whose inputs are filled once, and whose outputs are made anew for each run."""

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from aiokafka.partitioner import murmur2
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient

from bench.contenders.protocol import Task
from klean_stream.runtime.settings import Settings
from klean_stream.runtime.topics import create_topics
from tests.kafka.topics import delete_topics

_FLUSH_EVERY = 20_000


@dataclass(slots=True)
class Stage:
    """Where contenders of one workload and size meet the same input."""

    bootstrap: str
    prefix: str
    partitions: int = 4
    expected: list[int] = field(default_factory=list)

    @property
    def records(self) -> int:
        """The number of input records."""
        return sum(self.expected)

    def task(self, workload: str, group: str, folder: Path, brands: Path | None = None) -> Task:
        """Give the task of a contender on this stage."""
        return Task(self.bootstrap, self.prefix, group, workload, tuple(self.expected), folder, brands)

    def open(self) -> None:
        """Make all topics."""
        asyncio.run(create_topics(self._settings()))

    def reset(self) -> None:
        """Delete what the last run wrote, reference topics and inputs excepted, and make the topics anew."""
        admin = AdminClient({"bootstrap.servers": self.bootstrap, "log_level": 0})
        kept = {self.prefix + name for name in ("listings", "brands", "control")}
        written = [name for name in admin.list_topics(timeout=30).topics if self.prefix in name and name not in kept]
        asyncio.run(delete_topics(self.bootstrap, written))
        asyncio.run(create_topics(self._settings()))

    def close(self) -> None:
        """Delete all topics."""
        admin = AdminClient({"bootstrap.servers": self.bootstrap, "log_level": 0})
        names = [name for name in admin.list_topics(timeout=30).topics if self.prefix in name]
        asyncio.run(delete_topics(self.bootstrap, names))

    def fill(self, records: Iterable[tuple[bytes, bytes]]) -> None:
        """Publish the input, each record in the partition of its key (murmur2), and count."""
        self.expected = [0] * self.partitions
        partition_of: dict[bytes, int] = {}

        def placed() -> Iterator[tuple[bytes, bytes, int]]:
            for key, value in records:
                partition = partition_of.get(key)
                if partition is None:
                    partition = partition_of[key] = murmur2_partition(key, self.partitions)
                self.expected[partition] += 1
                yield key, value, partition

        self.publish("listings", placed())

    def publish(self, name: str, records: Iterable[tuple[bytes, bytes, int]]) -> None:
        """Publish records (key, value, partition) to a topic by its logical name."""
        producer = _producer(self.bootstrap)
        for sent, (key, value, partition) in enumerate(records):
            producer.produce(self.prefix + name, value, key, partition)
            if sent % _FLUSH_EVERY == 0:
                producer.flush()
        if producer.flush(60):
            raise TimeoutError(f"The broker did not take what {self.prefix}{name} was to be filled with in a minute.")

    def _settings(self) -> Settings:
        return Settings(bootstrap=self.bootstrap, topic_prefix=self.prefix, partitions=self.partitions)


def murmur2_partition(key: bytes, partitions: int) -> int:
    """Give the partition of a key, as Kafka's Java producer chooses it."""
    return int((murmur2(key) & 0x7FFFFFFF) % partitions)


def _producer(bootstrap: str) -> Producer:
    return Producer(
        {
            "bootstrap.servers": bootstrap,
            "acks": "all",
            "linger.ms": 20,
            "log_level": 0,
            "batch.size": 131_072,
            "enable.idempotence": True,
            "queue.buffering.max.messages": 2 * _FLUSH_EVERY,
        }
    )
