"""Bytewax: rows in its own state with snapshots to SQLite, outputs flushed batch by batch; at least once."""

import sys
from typing import Any

import bytewax.operators as op
from bytewax.connectors.kafka import KafkaSink, KafkaSinkMessage, KafkaSource
from bytewax.dataflow import Dataflow
from bytewax.recovery import RecoveryConfig, init_db_dir
from bytewax.run import cli_main

from bench.contenders.protocol import Clock, Task, read_task
from bench.workloads.core import DictRows, Event, core_of


def main(task: Task) -> None:
    """Run a dataflow to the end of its input."""
    clock = Clock()
    flow = Dataflow("bench")
    source = KafkaSource([task.bootstrap], [task.topic("listings")], tail=False, batch_size=10_000)
    records = op.input("listings", flow, source)
    if task.workload == "transport":
        _count(records, task, clock)
        cli_main(flow)
        return
    _decide(records, task, clock)
    recovery = task.folder / "recovery"
    recovery.mkdir()
    init_db_dir(recovery, 1)
    # The end of the input ends the dataflow: sinks flushed, state written.
    cli_main(flow, recovery_config=RecoveryConfig(str(recovery)))
    clock.report(task.records)


def _count(stream: Any, task: Task, clock: Clock) -> None:
    import orjson
    from bytewax.connectors.stdio import StdOutSink

    records, amount, loads = 0, 0, orjson.loads

    def count(batch: list[Any]) -> list[Any]:
        nonlocal records, amount
        clock.begin()
        for message in batch:
            amount += loads(message.value)["price"]
        records += len(batch)
        if records == task.records:
            clock.report(records, digest=amount)
        return []

    op.output("nothing", op.flat_map_batch("count", stream, count), StdOutSink())


def _decide(stream: Any, task: Task, clock: Clock) -> None:
    core = core_of(task)

    def keyed(message: Any) -> tuple[str, Any]:
        clock.begin()
        return message.key.decode(), message

    def decide(rows: dict[bytes, bytes] | None, message: Any) -> tuple[dict[bytes, bytes], list[Any]]:
        kept = DictRows(rows)
        event = Event(message.partition, message.offset, message.timestamp[1], message.key, message.value)
        outputs = [
            KafkaSinkMessage(written.key, written.value, task.topic(written.topic), list(written.headers))
            for written in core.decide(event, kept)
        ]
        return kept.rows, outputs

    decided = op.stateful_flat_map("decide", op.map("keyed", stream, keyed), decide)
    sink = KafkaSink([task.bootstrap], None, {"linger.ms": "10", "acks": "all"})
    op.output("outputs", op.map("unkeyed", decided, lambda pair: pair[1]), sink)


if __name__ == "__main__":
    sys.exit(main(read_task()))  # type: ignore[func-returns-value]
