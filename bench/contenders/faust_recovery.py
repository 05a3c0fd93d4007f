"""Stock Faust as a worker whose table lies in its changelog: from its partitions' assignment until it is recovered.

Tuned as `stock_faust.py` is. The changelog holds no transactions: at the end of such a one it would wait for a record
that never comes.
"""

import sys
from typing import Any

import mode.loop

from bench.contenders.protocol import Clock, Task, read_task
from bench.workloads.seller_rows import right_rows


def main(task: Task) -> None:
    """Run a worker until every row is there; the harness ends it."""
    mode.loop.use("uvloop")
    # Faust chooses its event loop on import; uvloop has to be in place before.
    import faust

    clock = Clock()
    app = faust.App(
        task.group,
        broker=f"kafka://{task.bootstrap}",
        datadir=str(task.folder),
        store="rocksdb://",
        cython_optimizations=True,
        topic_partitions=len(task.expected),
        topic_disable_leader=True,
        topic_allow_declare=False,
        web_enabled=False,
        broker_max_poll_records=4_000,
        stream_buffer_maxsize=16_384,
        stream_wait_empty=False,
    )
    raw: Any = faust.Schema(key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw")
    listings = app.topic(task.topic("listings"), schema=raw, internal=False)
    # Bytes make the serializers of its changelog raw ones.
    table: Any = app.Table(
        "rows",
        partitions=len(task.expected),
        key_type=bytes,
        value_type=bytes,
        changelog_topic=app.topic(
            task.topic("state"), key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw"
        ),
    )

    @app.agent(listings)
    async def decide(stream: Any) -> None:
        async for value in stream:
            table[value] = value

    async def begin(*_: Any, **__: Any) -> None:
        clock.begin()

    app.on_partitions_assigned.connect(begin)

    @table.on_recover  # type: ignore[untyped-decorator]
    async def recovered() -> None:
        clock.stop()
        found = dict(table.items())
        clock.report(right_rows(task.records, len(task.expected), lambda _, key: found.get(key)))

    worker = faust.Worker(app, loglevel="warning", quiet=True, redirect_stdouts=False)
    # It writes control characters even where nobody looks at a terminal.
    worker.spinner = None
    worker.execute_from_commandline()


if __name__ == "__main__":
    sys.exit(main(read_task()))  # type: ignore[func-returns-value]
