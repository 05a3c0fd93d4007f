"""The limit for latency: read, decide with the real core, write takedowns; no state on disk, no guarantees.

    python -m bench.contenders.bare_takedowns BOOTSTRAP PREFIX

Prints ``ready`` when it has its partitions.
"""

import asyncio
import sys

import uvloop
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord

from klean_stream.brands import Registry
from klean_stream.policy import default_policy
from klean_stream.processing import ROUTES, MemoryRows, Processor, ReferenceView
from klean_stream.runtime.records import input_record
from klean_stream.sample import sample_brands


async def main(bootstrap: str, prefix: str) -> None:
    """Run until killed."""
    registry = Registry()
    registry.apply_many([(brand.brand_id, brand) for brand in sample_brands()], 0)
    reference = ReferenceView(registry, 0, default_policy(), 0)
    processor, rows, route = Processor(), MemoryRows(), ROUTES["listings"]
    consumer = AIOKafkaConsumer(
        prefix + "listings", bootstrap_servers=bootstrap, group_id=prefix + "bare", auto_offset_reset="earliest"
    )
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", linger_ms=0, compression_type="zstd")
    await consumer.start()
    await producer.start()
    while not consumer.assignment():
        await asyncio.sleep(0.1)
    sys.stdout.write("ready\n")
    sys.stdout.flush()

    async def decide(record: ConsumerRecord) -> None:
        absorbed = processor.absorb(input_record(record, "listings", record.partition), route, rows, reference)
        for output in absorbed.outputs:
            if output.topic == "takedowns":
                await producer.send(
                    prefix + output.topic, output.value, key=output.key, partition=record.partition,
                    headers=list(output.headers),
                )  # fmt: skip

    while True:
        for batch in (await consumer.getmany(timeout_ms=1_000, max_records=8_000)).values():
            for record in batch:
                await decide(record)


if __name__ == "__main__":
    uvloop.run(main(*sys.argv[1:]))
