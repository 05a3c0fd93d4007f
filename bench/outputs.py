"""What a contender has written, read as a consumer of committed data sees it, and what it should have written."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import orjson
from confluent_kafka import Consumer, TopicPartition

from bench.section import WrongOutputError

_READ_SECONDS = 60.0


@dataclass(slots=True)
class Wanted:
    """What a workload has to give: ids by topic, and the totals (listings, amount) of each seller's row."""

    ids: dict[str, set[str]] = field(default_factory=dict)
    totals: dict[str, tuple[int, int]] = field(default_factory=dict)


def committed(bootstrap: str, topic: str) -> Iterator[tuple[bytes | None, bytes | None]]:
    """Yield key and value of every committed record of a topic, partition by partition in their order."""
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": "bench-reads",
            "enable.auto.commit": False,
            "isolation.level": "read_committed",
            "enable.partition.eof": True,
            "auto.offset.reset": "earliest",
            "log_level": 0,
        }
    )
    try:
        partitions = sorted(consumer.list_topics(topic, timeout=30).topics[topic].partitions)
        for number in partitions:
            consumer.assign([TopicPartition(topic, number, 0)])
            yield from _partition(consumer)
    finally:
        consumer.close()


def _partition(consumer: Consumer) -> Iterator[tuple[bytes | None, bytes | None]]:
    deadline = time.monotonic() + _READ_SECONDS
    while time.monotonic() < deadline:
        # It waits until there are as many as are asked for, also at the end of the partition.
        for message in consumer.consume(10_000, timeout=0.05):
            if message.error() is not None:
                # The end of the partition is all that is told this way.
                return
            key, value = message.key(), message.value()
            yield (key.encode() if isinstance(key, str) else key), (value.encode() if isinstance(value, str) else value)
    raise TimeoutError(f"A partition could not be read to its end within {_READ_SECONDS:g} s.")


def require(bootstrap: str, prefix: str, wanted: Wanted, changelog: str | None) -> None:
    """Raise WrongOutputError unless what was written under ``prefix`` is what is wanted."""
    for topic, ids in wanted.ids.items():
        written = [orjson.loads(value) for _, value in committed(bootstrap, prefix + topic) if value is not None]
        found = {body["id"] for body in written}
        if found != ids or len(written) != len(ids):
            raise WrongOutputError(
                f"{topic}: {len(written)} records, {len(found)} ids; {len(ids - found)} of {len(ids)} missing, "
                f"{len(found - ids)} unknown"
            )
        if topic == "decisions" and wanted.totals:
            _require_totals(
                "decisions", {body["seller_id"]: (body["listings"], body["amount"]) for body in written}, wanted
            )
    if changelog is not None and wanted.totals:
        rows = {}
        for _, value in committed(bootstrap, changelog):
            # The position row and the like are the contender's own.
            if value is not None and value.startswith(b'{"seller_id"'):
                body = orjson.loads(value)
                rows[body["seller_id"]] = body["listings"], body["amount"]
        _require_totals(f"rows of {changelog}", rows, wanted)


def _require_totals(where: str, found: dict[str, tuple[int, int]], wanted: Wanted) -> None:
    if found != wanted.totals:
        wrong = [seller for seller in wanted.totals if found.get(seller) != wanted.totals[seller]]
        raise WrongOutputError(f"{where}: {len(wrong)} of {len(wanted.totals)} sellers have wrong totals")
