"""Arroyo (sentry-arroyo): offsets are committed after the outputs were delivered. It has no state."""

import sys
from collections import deque
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from arroyo.backends.kafka import KafkaConsumer, KafkaPayload, KafkaProducer
from arroyo.backends.kafka.configuration import build_kafka_configuration, build_kafka_consumer_configuration
from arroyo.commit import ONCE_PER_SECOND
from arroyo.processing.processor import StreamProcessor
from arroyo.processing.strategies import CommitOffsets, ProcessingStrategy, ProcessingStrategyFactory, RunTask
from arroyo.processing.strategies.abstract import MessageRejected
from arroyo.types import Commit, Message, Partition, Topic

from bench.contenders.protocol import Clock, Task, read_task
from bench.workloads.core import DictRows, Event, Written, core_of

_IN_FLIGHT = 20_000
# Arroyo's times are naive, and in UTC.
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001


class ProduceAll(ProcessingStrategy[list[Written]]):
    """As Arroyo's Produce, for several records a message, each for a topic of its own."""

    def __init__(self, task: Task, producer: KafkaProducer, next_step: ProcessingStrategy[Any]) -> None:
        self._producer = producer
        self._next_step = next_step
        self._topics: dict[str, Topic] = {}
        self._task = task
        self._waiting: deque[tuple[Message[Any], list[Any]]] = deque()

    def submit(self, message: Message[Any]) -> None:
        """Produce a message's records, unless too many are on their way."""
        if len(self._waiting) >= _IN_FLIGHT:
            raise MessageRejected
        deliveries = []
        for written in message.payload:
            topic = self._topics.get(written.topic)
            if topic is None:
                topic = self._topics[written.topic] = Topic(self._task.topic(written.topic))
            deliveries.append(self._producer.produce(topic, KafkaPayload(written.key, written.value, written.headers)))
        self._waiting.append((message, deliveries))

    def poll(self) -> None:
        """Hand on the messages whose records were delivered, in their order."""
        while self._waiting and all(delivery.done() for delivery in self._waiting[0][1]):
            message, deliveries = self._waiting.popleft()
            for delivery in deliveries:
                delivery.result()
            self._next_step.submit(message)
        self._next_step.poll()

    def close(self) -> None:
        """Take no more."""

    def terminate(self) -> None:
        """Give up."""
        self._next_step.terminate()

    def join(self, timeout: float | None = None) -> None:
        """Wait for every delivery."""
        while self._waiting:
            self.poll()
        self._next_step.close()
        self._next_step.join(timeout)


class Factory(ProcessingStrategyFactory[KafkaPayload]):
    """Builds the chain of strategies of the task's workload."""

    def __init__(self, task: Task, clock: Clock) -> None:
        self._task = task
        self._clock = clock
        self._records = 0
        self._amount = 0
        self.done: Any = None
        if task.workload != "transport":
            self._core = core_of(task)
            self._rows = DictRows()
            self._producer = KafkaProducer(
                build_kafka_configuration(
                    {"linger.ms": 10, "acks": "all", "queue.buffering.max.messages": 1_000_000},
                    bootstrap_servers=[task.bootstrap],
                ),
                use_simple_futures=True,
            )

    def create_with_partitions(
        self, commit: Commit, partitions: Mapping[Partition, int]
    ) -> ProcessingStrategy[KafkaPayload]:
        """Build the chain."""
        del partitions
        last = CommitOffsets(commit)
        if self._task.workload == "transport":
            return RunTask(self._count, last)
        # Without better_backpressure it decides a message again that was refused further on: rows count it twice.
        return RunTask(self._decide, ProduceAll(self._task, self._producer, last), better_backpressure=True)

    def _count(self, message: Message[KafkaPayload]) -> None:
        import orjson

        self._clock.begin()
        self._amount += orjson.loads(message.payload.value)["price"]
        self._records += 1
        if self._records == self._task.records:
            self._clock.report(self._records, digest=self._amount)

    def _decide(self, message: Message[KafkaPayload]) -> list[Written]:
        self._clock.begin()
        value: Any = message.value
        payload = message.payload
        milliseconds = round((value.timestamp - _EPOCH).total_seconds() * 1000)
        event = Event(value.partition.index, value.offset, milliseconds, payload.key or b"", payload.value)
        written = self._core.decide(event, self._rows)
        self._records += 1
        if self._records == self._task.records:
            self.done()
        return written


def main(task: Task) -> None:
    """Run a processor until the last of its records is durable."""
    clock = Clock()
    consumer = KafkaConsumer(
        build_kafka_consumer_configuration(
            {}, bootstrap_servers=[task.bootstrap], group_id=task.group, auto_offset_reset="earliest"
        )
    )
    factory = Factory(task, clock)
    processor = StreamProcessor(
        consumer, Topic(task.topic("listings")), factory, commit_policy=ONCE_PER_SECOND, join_timeout=60.0
    )
    factory.done = processor.signal_shutdown
    processor.run()
    clock.report(task.records)


if __name__ == "__main__":
    sys.exit(main(read_task()))  # type: ignore[func-returns-value]
