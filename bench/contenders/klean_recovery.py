"""klean-stream as a worker whose rows lie in the changelog: from its partitions' assignment until all are served."""

import asyncio
import sys
from typing import Any

from bench.contenders.protocol import Clock, Task, read_task
from bench.workloads.seller_rows import right_rows
from klean_stream.agents import register_all
from klean_stream.runtime.application import KleanApp
from klean_stream.runtime.settings import Settings
from klean_stream.runtime.worker import run_worker
from tests.kafka.child_process import free_ports


def main(task: Task) -> int:
    """Run a worker until every row is there; the harness ends it."""
    clock = Clock()
    settings = Settings(
        bootstrap=task.bootstrap,
        topic_prefix=task.prefix,
        group=task.group,
        partitions=len(task.expected),
        data_dir=str(task.folder),
        http_port=free_ports(1)[0],
        # As short as brokers allow: a restart after kill -9 waits for as long to be given its partitions.
        session_timeout_ms=6_000,
        log_level="warning",
    )

    def register(app: KleanApp) -> None:
        register_all(app)

        async def begin(*_: Any, **__: Any) -> None:
            clock.begin()

        app.on_partitions_assigned.connect(begin)

        @app.task  # type: ignore[untyped-decorator]
        async def watch() -> None:
            while not (app.ownership.partitions and app.ownership.ready):
                await asyncio.sleep(0.01)
            clock.stop()

            def read(number: int, key: bytes) -> bytes | None:
                return app.ownership.partitions["seller", number].read(key)

            clock.report(right_rows(task.records, len(task.expected), read))

    return run_worker(settings, register)


if __name__ == "__main__":
    sys.exit(main(read_task()))
