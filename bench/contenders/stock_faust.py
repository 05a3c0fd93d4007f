"""Stock Faust, event by event, tuned: uvloop, Cython, RocksDB, lingering producer, deliveries awaited in groups.

Every event is acknowledged after its outputs were delivered, which Faust does not do by itself. What Faust leaves
open stays open: rows and outputs are not atomic, a row's changelog record is sent after the fact, and a crash
counts the events of the last commit interval twice.
"""

import asyncio
import sys
from typing import Any

import mode.loop

from bench.contenders.protocol import Clock, Task, read_task

_GROUP = 500


def main(task: Task) -> None:
    """Run a worker until the last of its records is durable."""
    mode.loop.use("uvloop")
    # Faust chooses its event loop on import; uvloop has to be in place before.
    import faust

    app = faust.App(
        task.group,
        broker=f"kafka://{task.bootstrap}",
        datadir=str(task.folder),
        store="rocksdb://",
        cython_optimizations=True,
        topic_partitions=len(task.expected),
        topic_disable_leader=True,
        web_enabled=False,
        broker_max_poll_records=4_000,
        broker_commit_interval=1.0,
        broker_commit_every=100_000,
        stream_buffer_maxsize=16_384,
        stream_wait_empty=False,
        producer_acks=-1,
        producer_linger=0.01,
        producer_max_batch_size=131_072,
    )
    raw: Any = faust.Schema(key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw")
    listings = app.topic(task.topic("listings"), schema=raw, internal=False)
    clock = Clock()
    if task.workload == "transport":
        _count(app, listings, task, clock)
    else:
        _decide(app, listings, raw, task, clock)
    worker = faust.Worker(app, loglevel="warning", quiet=True, redirect_stdouts=False)
    # It writes control characters even where nobody looks at a terminal.
    worker.spinner = None
    worker.execute_from_commandline()


def _count(app: Any, listings: Any, task: Task, clock: Clock) -> None:
    import orjson

    @app.agent(listings)  # type: ignore[untyped-decorator]
    async def count(stream: Any) -> None:
        records, amount, loads = 0, 0, orjson.loads
        async for value in stream:
            clock.begin()
            amount += loads(value)["price"]
            records += 1
            if records == task.records:
                clock.report(records, digest=amount)


class TableRows:
    """Rows in a Faust table; a changed row goes to the changelog topic by itself."""

    def __init__(self, table: Any) -> None:
        self._table = table

    def get(self, key: bytes) -> bytes | None:
        """Give the row's bytes, or None."""
        row: bytes | None = self._table.get(key)
        return row

    def put(self, key: bytes, value: bytes | None) -> None:
        """Write the row, or delete it."""
        if value is None:
            self._table.pop(key, None)
        else:
            self._table[key] = value


def _decide(app: Any, listings: Any, raw: Any, task: Task, clock: Clock) -> None:
    from bench.workloads.core import Event, core_of

    core = core_of(task)
    # Bytes make the serializers of its changelog raw ones.
    table = app.Table("rows", partitions=len(task.expected), key_type=bytes, value_type=bytes)
    rows = TableRows(table)
    topics: dict[str, Any] = {}

    @app.agent(listings)  # type: ignore[untyped-decorator]
    async def decide(stream: Any) -> None:
        records = 0
        deliveries: list[Any] = []
        events: list[Any] = []

        async def settle() -> None:
            await asyncio.gather(*deliveries)
            deliveries.clear()
            for event in events:
                event.ack()
            events.clear()

        async for event in stream.noack().events():
            clock.begin()
            message = event.message
            taken = Event(
                message.partition, message.offset, round(message.timestamp * 1000), message.key, message.value
            )
            for written in core.decide(taken, rows):
                topic = topics.get(written.topic)
                if topic is None:
                    topic = topics[written.topic] = app.topic(task.topic(written.topic), schema=raw)
                deliveries.append(
                    await topic.send(
                        key=written.key,
                        value=written.value,
                        partition=message.partition,
                        headers=dict(written.headers) or None,
                    )
                )
            events.append(event)
            records += 1
            if len(events) == _GROUP or records == task.records:
                await settle()
            if records == task.records:
                await app.producer.flush()
                await app.consumer.commit()
                clock.report(records, changelog=f"{task.group}-rows-changelog")


if __name__ == "__main__":
    sys.exit(main(read_task()))  # type: ignore[func-returns-value]
