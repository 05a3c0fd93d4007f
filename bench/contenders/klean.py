"""klean-stream: the production worker, with the workload's core in the place of its own."""

import asyncio
import sys
from typing import Any

import orjson

from bench.contenders.protocol import Clock, Task, read_task
from bench.workloads.state import decide
from klean_stream.processing import (
    ROUTES,
    Absorbed,
    Absorbs,
    InputRecord,
    OutputRecord,
    ReferenceView,
    Route,
    Rows,
)
from klean_stream.processing.rows import seller_key
from klean_stream.processing.trimmed import trimmed
from klean_stream.runtime.application import KleanApp
from klean_stream.runtime.settings import Settings
from klean_stream.runtime.worker import run_worker
from tests.kafka.child_process import free_ports

_WATCH_SECONDS = 0.01


class StateProcessor:
    """The state workload for the runtime: one row, one decision, now and then a takedown."""

    def absorb(self, record: InputRecord, route: Route, rows: Rows, reference: ReferenceView) -> Absorbed:
        """Decide one record."""
        del route, reference
        assert record.key is not None
        assert record.value is not None
        key = b"seller/" + record.key
        row, value, takedown = decide(record.value, rows.get(key))
        rows.put(key, trimmed(row))
        decision = OutputRecord("decisions", record.key, value)
        if takedown is None:
            return Absorbed("decided", (decision,))
        return Absorbed("decided", (decision, OutputRecord("takedowns", record.key, takedown)))


def main(task: Task) -> int:
    """Run a worker until the last of its records is durable; the harness ends it."""
    clock = Clock()
    settings = Settings(
        bootstrap=task.bootstrap,
        topic_prefix=task.prefix,
        group=task.group,
        partitions=len(task.expected),
        data_dir=str(task.folder),
        http_port=free_ports(1)[0],
        log_level="warning",
    )
    assert seller_key("s-1") == b"seller/s-1"

    def register(app: KleanApp) -> None:
        if task.workload == "transport":
            _register_counting(app, task, clock)
        else:
            _register_deciding(app, task, clock)

    processor: Absorbs | None = StateProcessor() if task.workload == "state" else None
    return run_worker(settings, register, processor)


def _register_counting(app: KleanApp, task: Task, clock: Clock) -> None:
    @app.agent(app.input_topic("listings"), name="listings")
    async def listings(stream: Any) -> None:
        records, amount, loads = 0, 0, orjson.loads
        async for batch in app.batches(stream):
            clock.begin()
            for part in batch.parts():
                for record in part.records:
                    assert record.value is not None
                    amount += loads(record.value)["price"]
                records += len(part.records)
            if records == task.records:
                clock.report(records, digest=amount)


def _register_deciding(app: KleanApp, task: Task, clock: Clock) -> None:
    route = ROUTES["listings"]

    @app.agent(app.input_topic("listings"), name="listings")
    async def listings(stream: Any) -> None:
        async for batch in app.batches(stream):
            clock.begin()
            app.ownership.offer(batch, route)

    @app.task  # type: ignore[untyped-decorator]
    async def watch_positions() -> None:
        topic = app.settings.topic("listings")
        while True:
            await asyncio.sleep(_WATCH_SECONDS)
            absorbed = {tp.partition: offset for tp, offset in app.absorbed_positions().items() if tp.topic == topic}
            done = all(offset >= task.expected[number] for number, offset in absorbed.items())
            if absorbed and done and app.ownership.ready:
                # The group may have given this worker one part of the partitions and another worker the others.
                clock.report(sum(absorbed.values()), changelog=task.topic("state"))
                return


if __name__ == "__main__":
    sys.exit(main(read_task()))
