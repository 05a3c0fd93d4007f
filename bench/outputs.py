"""What a contender has written, read as a consumer of committed data sees it, and what it should have written."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from confluent_kafka import Consumer, TopicPartition

from bench.contenders.protocol import Report
from bench.section import WrongOutputError
from bench.workloads.core import Event, Written

_READ_SECONDS = 60.0


@dataclass(slots=True)
class Wanted:
    """What a workload has to give: the hashes of the values of each topic, and the rows at the end.

    ``shared`` are the keys of rows that records with different keys change: a contender that gives each key of a
    message a state of its own cannot have them.
    """

    values: dict[str, set[int]] = field(default_factory=dict)
    rows: dict[bytes, bytes] = field(default_factory=dict)
    shared: frozenset[bytes] = frozenset()

    def expect(self, outputs: Iterable[Written]) -> None:
        """Add what one event gives."""
        for output in outputs:
            self.values.setdefault(output.topic, set()).add(hash(output.value))


def committed(bootstrap: str, topic: str) -> Iterator[Event]:
    """Yield every committed record of a topic, each partition's in their order; no key, no value is empty."""
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": "bench-reads",
            "enable.auto.commit": False,
            "isolation.level": "read_committed",
            "enable.partition.eof": True,
            "auto.offset.reset": "earliest",
            # The end of a partition is only told with an answer, and the broker answers late if there is nothing.
            "fetch.wait.max.ms": 10,
            "log_level": 0,
        }
    )
    deadline = time.monotonic() + _READ_SECONDS
    try:
        unread = set(consumer.list_topics(topic, timeout=30).topics[topic].partitions)
        consumer.assign([TopicPartition(topic, number, 0) for number in unread])
        while unread:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{topic} could not be read to its end within {_READ_SECONDS:g} s.")
            # It waits until there are as many as are asked for, also at the end of the topic.
            for message in consumer.consume(10_000, timeout=0.05):
                partition = message.partition() or 0
                if message.error() is not None:
                    # The end of a partition is all that is told this way.
                    unread.discard(partition)
                    continue
                timestamp = message.timestamp()[1]
                yield Event(partition, message.offset() or 0, timestamp, message.key() or b"", message.value() or b"")
    finally:
        consumer.close()


def require(bootstrap: str, prefix: str, wanted: Wanted, report: Report) -> None:
    """Raise WrongOutputError unless what was written under ``prefix`` is what is wanted, byte for byte.

    A changelog may hold rows of the contender's own too.
    """
    for topic, values in wanted.values.items():
        written = [hash(record.value) for record in committed(bootstrap, prefix + topic)]
        found = set(written)
        if found != values or len(written) != len(values):
            raise WrongOutputError(
                f"{topic}: {len(written)} records, {len(found)} of them different; {len(values - found)} of "
                f"{len(values)} are missing, {len(found - values)} should not be there"
            )
    if report.changelog is not None:
        rows = {
            record.key.partition(b"|")[2] if report.keys_follow_message_key else record.key: record.value
            for record in committed(bootstrap, report.changelog)
        }
        left_out = wanted.shared if report.keys_follow_message_key else frozenset()
        wrong = sum(rows.get(key) != value for key, value in wanted.rows.items() if key not in left_out)
        if wrong:
            raise WrongOutputError(f"{report.changelog}: {wrong} of {len(wanted.rows)} rows are missing or wrong")
