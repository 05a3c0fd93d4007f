"""The limit: aiokafka and orjson in a loop, without state, outputs and guarantees."""

import orjson
import uvloop
from aiokafka import AIOKafkaConsumer

from bench.contenders.protocol import Clock, Task, read_task


async def main(task: Task) -> None:
    """Read, decode and count."""
    consumer = AIOKafkaConsumer(
        task.topic("listings"),
        bootstrap_servers=task.bootstrap,
        group_id=task.group,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
    )
    await consumer.start()
    clock, records, amount, loads = Clock(), 0, 0, orjson.loads
    while records < task.records:
        for batch in (await consumer.getmany(timeout_ms=1_000, max_records=8_000)).values():
            clock.begin()
            for record in batch:
                amount += loads(record.value)["price"]
            records += len(batch)
    clock.report(records, digest=amount)
    await consumer.stop()


if __name__ == "__main__":
    uvloop.run(main(read_task()))
