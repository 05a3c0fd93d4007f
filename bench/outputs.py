"""What a contender has written, read as a consumer of committed data sees it, and what it should have written."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from confluent_kafka import Consumer, TopicPartition

from bench.section import WrongOutputError
from bench.workloads.core import Written

_READ_SECONDS = 60.0


@dataclass(slots=True)
class Wanted:
    """What a workload has to give: the hashes of the values of each topic, and the rows at the end."""

    values: dict[str, set[int]] = field(default_factory=dict)
    rows: dict[bytes, bytes] = field(default_factory=dict)

    def expect(self, outputs: Iterable[Written]) -> None:
        """Add what one event gives."""
        for output in outputs:
            self.values.setdefault(output.topic, set()).add(hash(output.value))


def committed(bootstrap: str, topic: str) -> Iterator[tuple[bytes | None, bytes | None]]:
    """Yield key and value of every committed record of a topic, partition by partition in their order."""
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": "bench-reads",
            "enable.auto.commit": False,
            "isolation.level": "read_committed",
            "enable.partition.eof": True,
            "auto.offset.reset": "earliest",
            "log_level": 0,
        }
    )
    try:
        partitions = sorted(consumer.list_topics(topic, timeout=30).topics[topic].partitions)
        for number in partitions:
            consumer.assign([TopicPartition(topic, number, 0)])
            yield from _partition(consumer)
    finally:
        consumer.close()


def _partition(consumer: Consumer) -> Iterator[tuple[bytes | None, bytes | None]]:
    deadline = time.monotonic() + _READ_SECONDS
    while time.monotonic() < deadline:
        # It waits until there are as many as are asked for, also at the end of the partition.
        for message in consumer.consume(10_000, timeout=0.05):
            if message.error() is not None:
                # The end of the partition is all that is told this way.
                return
            key, value = message.key(), message.value()
            yield (key.encode() if isinstance(key, str) else key), (value.encode() if isinstance(value, str) else value)
    raise TimeoutError(f"A partition could not be read to its end within {_READ_SECONDS:g} s.")


def require(bootstrap: str, prefix: str, wanted: Wanted, changelog: str | None) -> None:
    """Raise WrongOutputError unless what was written under ``prefix`` is what is wanted, byte for byte.

    ``changelog`` is the topic of the rows, for contenders that have one; they may have rows of their own in it.
    """
    for topic, values in wanted.values.items():
        written = [hash(value) for _, value in committed(bootstrap, prefix + topic)]
        found = set(written)
        if found != values or len(written) != len(values):
            raise WrongOutputError(
                f"{topic}: {len(written)} records, {len(found)} of them different; {len(values - found)} of "
                f"{len(values)} are missing, {len(found - values)} should not be there"
            )
    if changelog is not None:
        rows = {_row_key(key or b""): value for key, value in committed(bootstrap, changelog)}
        wrong = sum(rows.get(key) != value for key, value in wanted.rows.items())
        if wrong:
            raise WrongOutputError(f"{changelog}: {wrong} of {len(wanted.rows)} rows are missing or wrong")


def _row_key(key: bytes) -> bytes:
    # Quix Streams puts the message's key before the row's.
    return key.rpartition(b"|")[2]
