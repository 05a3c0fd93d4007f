"""Quix Streams with state in RocksDB, changelog on, exactly once: the same promises as klean-stream's."""

import sys
from typing import Any

from bench.contenders.protocol import Clock, Task, read_task
from bench.workloads.core import Event, Written, core_of


def main(task: Task) -> None:
    """Run an application until the last of its records is durable."""
    from quixstreams import Application
    from quixstreams.state.rocksdb import RocksDBOptions

    # Rows are bytes already; Quix Streams would make JSON of them.
    options: Any = RocksDBOptions(dumps=bytes, loads=bytes)
    app = Application(
        broker_address=task.bootstrap,
        consumer_group=task.group,
        auto_offset_reset="earliest",
        processing_guarantee="exactly-once" if task.workload != "transport" else "at-least-once",
        state_dir=task.folder,
        rocksdb_options=options,
        producer_extra_config={"linger.ms": 10, "queue.buffering.max.messages": 1_000_000},
        loglevel="WARNING",
    )
    clock = Clock()
    listings = app.topic(task.topic("listings"), key_deserializer="bytes", value_deserializer="bytes")
    frame = app.dataframe(listings)
    if task.workload == "transport":
        _count(app, frame, task, clock)
    else:
        _decide(app, frame, task, clock)


def _count(app: Any, frame: Any, task: Task, clock: Clock) -> None:
    import orjson

    records, amount, loads = 0, 0, orjson.loads

    def count(value: bytes) -> None:
        nonlocal records, amount
        clock.begin()
        amount += loads(value)["price"]
        records += 1
        if records == task.records:
            clock.report(records, digest=amount)

    frame.update(count)
    app.run()


class StateRows:
    """Rows in the state of the message's key."""

    def __init__(self, state: Any) -> None:
        self._state = state

    def get(self, key: bytes) -> bytes | None:
        """Give the row's bytes, or None."""
        row: bytes | None = self._state.get(key)
        return row

    def put(self, key: bytes, value: bytes | None) -> None:
        """Write the row, or delete it."""
        if value is None:
            self._state.delete(key)
        else:
            self._state.set(key, value)


def _decide(app: Any, frame: Any, task: Task, clock: Clock) -> None:
    from quixstreams import message_context
    from quixstreams.models import Serializer

    class ValueOf(Serializer):
        """Takes the value out of a record to be written."""

        def __call__(self, value: Written, ctx: Any) -> bytes:
            del ctx
            return value.value

    core = core_of(task)
    names = ("decisions", "takedowns", "escalations", "escalations-kr", "cases", "risk-changes")
    topics = {
        name: app.topic(task.topic(name), key_serializer="bytes", value_serializer=ValueOf())
        for name in (names if task.workload == "full" else names[:2])
    }
    records = 0

    def decide(value: bytes, key: bytes, timestamp: int, headers: Any, state: Any) -> list[Written]:
        nonlocal records
        del headers
        clock.begin()
        context = message_context()
        event = Event(context.partition, context.offset, timestamp, key, value)
        written = core.decide(event, StateRows(state))
        records += 1
        if records == task.records:
            app.stop()
        return written

    def with_headers(value: Written, key: Any, timestamp: int, headers: Any) -> Any:
        del key, timestamp, headers
        return list(value.headers)

    decided = frame.apply(decide, stateful=True, metadata=True, expand=True)
    if task.workload == "full":
        decided = decided.set_headers(with_headers)
    decided.to_topic(lambda value, *_: topics[value.topic], key=lambda value: value.key)
    # Stopping commits: outputs, changelog and offsets are in one transaction then.
    app.run()
    changelog = f"changelog__{task.group}--{task.topic('listings')}--default"
    clock.report(records, changelog=changelog, keys_follow_message_key=True)


if __name__ == "__main__":
    sys.exit(main(read_task()))  # type: ignore[func-returns-value]
