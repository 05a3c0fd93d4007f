"""The limit: aiokafka and orjson in a loop, with the core where the workload is about it.

No outputs, no durable state, no guarantees.
"""

import zlib
from collections.abc import Callable

import orjson
import uvloop
from aiokafka import AIOKafkaConsumer, ConsumerRecord

from bench.contenders.protocol import Clock, Task, read_task
from bench.workloads.core import DictRows, Event, core_of


async def main(task: Task) -> None:
    """Read, and decode and count, or decide and forget."""
    await read(task, decider(task) if task.workload == "full" else decode_and_count)


async def read(task: Task, work: Callable[[list[ConsumerRecord]], int], rest: Callable[[], int] = int) -> None:
    """Read all records and report; the digest is the sum of what ``work`` gives of batches and ``rest`` at the end."""
    consumer = consumer_of(task)
    await consumer.start()
    clock, records, digest = Clock(), 0, 0
    while records < task.records:
        for batch in (await consumer.getmany(timeout_ms=1_000, max_records=8_000)).values():
            clock.begin()
            digest += work(batch)
            records += len(batch)
    clock.stop()
    clock.report(records, digest=digest + rest())
    await consumer.stop()


def consumer_of(task: Task) -> AIOKafkaConsumer:
    """Give the consumer of a loop that keeps no books, not yet started."""
    return AIOKafkaConsumer(
        task.topic("listings"),
        bootstrap_servers=task.bootstrap,
        group_id=task.group,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
    )


def decode_and_count(batch: list[ConsumerRecord]) -> int:
    """Give the sum of the prices."""
    loads, amount = orjson.loads, 0
    for record in batch:
        amount += loads(record.value)["price"]
    return amount


def decider(task: Task) -> Callable[[list[ConsumerRecord]], int]:
    """Give what decides a batch, with rows in a dictionary, and gives the sum of its outputs' checksums."""
    core, rows = core_of(task), DictRows()

    def decide(batch: list[ConsumerRecord]) -> int:
        return sum(
            zlib.crc32(written.value)
            for record in batch
            for written in core.decide(
                Event(record.partition, record.offset, record.timestamp, record.key, record.value), rows
            )
        )

    return decide


if __name__ == "__main__":
    uvloop.run(main(read_task()))
