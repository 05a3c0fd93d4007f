"""The state workload without state or guarantees: aiokafka in a loop, each record decided, what is decided written.

Rows are in a dictionary, deliveries are awaited at the end only. It writes as klean-stream does: encoded as it comes,
in large batches, compressed by zstd (by aiokafka's level 3; klean-stream's is 1). Beside it one sees what Python and
aiokafka leave to a runtime.
"""

import asyncio
from collections.abc import Awaitable

import uvloop
from aiokafka import AIOKafkaProducer, ConsumerRecord

from bench.contenders.bare import consumer_of
from bench.contenders.protocol import Clock, Task, read_task
from bench.workloads.state import decide
from klean_stream.processing.trimmed import trimmed
from klean_stream.runtime.outbox import Outbox

_MOST_RECORDS = 16_000


async def main(task: Task) -> None:
    """Read, decide and write; report when the last output is delivered."""
    consumer = consumer_of(task)
    producer = AIOKafkaProducer(
        bootstrap_servers=task.bootstrap, acks=1, compression_type="zstd", max_batch_size=1_000_000
    )
    await consumer.start()
    await producer.start()
    clock, records = Clock(), 0
    rows: dict[bytes, bytes] = {}
    deliveries: list[Awaitable[object]] = []
    while records < task.records:
        for at, batch in (await consumer.getmany(timeout_ms=1_000, max_records=_MOST_RECORDS)).items():
            clock.begin()
            outputs = Outbox(producer.create_batch)
            _decide(batch, rows, outputs)
            records += len(batch)
            for topic, encoded in outputs.batches():
                encoded.close()
                deliveries.append(await producer.send_batch(encoded, task.topic(topic), partition=at.partition))
    await asyncio.gather(*deliveries)
    clock.report(records)
    await consumer.stop()
    await producer.stop()


def _decide(batch: list[ConsumerRecord], rows: dict[bytes, bytes], outputs: Outbox) -> None:
    for record in batch:
        row, decision, takedown = decide(record.value, rows.get(record.key))
        rows[record.key] = trimmed(row)
        outputs.put("decisions", record.key, decision)
        if takedown is not None:
            outputs.put("takedowns", record.key, takedown)


if __name__ == "__main__":
    uvloop.run(main(read_task()))
