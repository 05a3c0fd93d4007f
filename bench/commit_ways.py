"""The two ways in which a unit of work could become durable as a whole, side by side, on made-up units.

    python -m bench.commit_ways WAY BOOTSTRAP PREFIX GENERATION RECORDS SECONDS PAUSE_MS

Opens the partition as the owner of this generation, commits units of so many records each for so long, and prints
what it measured as lines of JSON. `bench/sections/commit_ways.py` runs, kills and freezes it.

``transaction`` is what `klean_stream/runtime/unit.py` does. ``batch`` is the other way: rows, position and an outbox
in one record batch, which Kafka appends as a whole; then the outputs, which the next owner sends again from the outbox.
Nothing at Kafka bars a former owner from writing, so each row carries the generation of its owner, and readers drop a
row that comes after one of a newer generation.
"""

import asyncio
import sys
import time
from collections.abc import Sequence
from typing import Any, Protocol

import orjson
import uvloop
from aiokafka import AIOKafkaProducer
from aiokafka.errors import ProducerFenced

from tests.kafka.topics import read_all

CHANGELOG, OUTPUTS = "changelog", ("decisions", "takedowns")
SELLERS = 10_000
_TAKEDOWN_EVERY = 10
_LARGEST_BATCH = 15_000_000

Records = Sequence[tuple[bytes, bytes]]


class Way(Protocol):
    """One way to commit."""

    async def open(self) -> int:
        """Make the partition this process's own; give the number of the next unit."""

    async def commit(self, unit: int, rows: Records, outputs: dict[str, Records]) -> None:
        """Make a unit durable. Raises ProducerFenced where another owner bars this one."""

    async def close(self) -> None:
        """Let go."""


class ByTransaction:
    """Rows, position and outputs in one transaction of the partition's own producer."""

    def __init__(self, bootstrap: str, prefix: str, generation: int) -> None:
        self._bootstrap, self._prefix = bootstrap, prefix
        self._producer = AIOKafkaProducer(transactional_id=prefix, **_producer_options(bootstrap))
        del generation

    async def open(self) -> int:
        """Bar the last owner, then read the changelog's committed records."""
        await self._producer.start()
        records = await read_all(self._bootstrap, self._prefix + CHANGELOG, "read_committed")
        return max((int(record.value) + 1 for record in records if record.key == b"position"), default=0)

    async def commit(self, unit: int, rows: Records, outputs: dict[str, Records]) -> None:
        """Send all of it in one transaction."""
        await self._producer.begin_transaction()
        content = {**outputs, CHANGELOG: [*rows, (b"position", str(unit).encode())]}
        await asyncio.gather(
            *[await _send(self._producer, self._prefix + topic, records) for topic, records in content.items()]
        )
        await self._producer.commit_transaction()

    async def close(self) -> None:
        """Let go."""
        await self._producer.stop()


class ByBatch:
    """Rows, position and outbox in one record batch, then the outputs."""

    def __init__(self, bootstrap: str, prefix: str, generation: int) -> None:
        self._bootstrap, self._prefix = bootstrap, prefix
        self._stamp = [("generation", str(generation).encode())]
        self._producer = AIOKafkaProducer(enable_idempotence=True, **_producer_options(bootstrap))

    async def open(self) -> int:
        """Read the changelog, send the last outbox again, and claim the partition by a batch of this generation."""
        await self._producer.start()
        records = await read_all(self._bootstrap, self._prefix + CHANGELOG, "read_uncommitted")
        newest, rows = 0, dict[bytes, bytes]()
        for record in records:
            newest = max(newest, generation := int(record.headers[0][1]))
            if generation == newest:
                rows[record.key] = record.value
        position, outbox = rows.get(b"position", b"-1"), rows.get(b"outbox", b"{}")
        await self._deliver(
            {topic: [(k.encode(), v.encode()) for k, v in found] for topic, found in orjson.loads(outbox).items()}
        )
        await (await _send(self._producer, self._prefix + CHANGELOG, [(b"position", position)], self._stamp))
        return int(position) + 1

    async def commit(self, unit: int, rows: Records, outputs: dict[str, Records]) -> None:
        """Append the batch, then send the outputs; the next unit's outbox takes the place of this one's."""
        outbox = orjson.dumps({topic: [(k.decode(), v.decode()) for k, v in sent] for topic, sent in outputs.items()})
        batch = [*rows, (b"outbox", outbox), (b"position", str(unit).encode())]
        await (await _send(self._producer, self._prefix + CHANGELOG, batch, self._stamp))
        await self._deliver(outputs)

    async def _deliver(self, outputs: dict[str, Records]) -> None:
        await asyncio.gather(
            *[await _send(self._producer, self._prefix + topic, records) for topic, records in outputs.items()]
        )

    async def close(self) -> None:
        """Let go."""
        await self._producer.stop()


WAYS: dict[str, type[ByTransaction] | type[ByBatch]] = {"transaction": ByTransaction, "batch": ByBatch}


def _producer_options(bootstrap: str) -> dict[str, Any]:
    return {
        "bootstrap_servers": bootstrap,
        "acks": "all",
        "compression_type": "zstd",
        "max_batch_size": _LARGEST_BATCH,
        "max_request_size": _LARGEST_BATCH,
    }


async def _send(
    producer: AIOKafkaProducer, topic: str, records: Records, headers: Sequence[tuple[str, bytes]] = ()
) -> "asyncio.Future[Any]":
    """Send records as one record batch; give its delivery."""
    batch = producer.create_batch()
    for key, value in records:
        if batch.append(key=key, value=value, timestamp=None, headers=list(headers)) is None:
            raise ValueError(f"{len(records)} records are more than one batch takes")
    batch.close()
    delivery: asyncio.Future[Any] = await producer.send_batch(batch, topic, partition=0)
    return delivery


def unit_content(unit: int, records: int, generation: int) -> tuple[Records, dict[str, Records]]:
    """Give rows and outputs of a unit: a row of 250 bytes and a decision for each record, some takedowns."""
    first = unit * records
    rows = {}
    decisions, takedowns = [], []
    for number in range(first, first + records):
        seller = f"s-{number * 7919 % SELLERS}"
        rows[f"seller/{seller}".encode()] = orjson.dumps(
            {
                "by": generation,
                "last": number,
                "status": "approved",
                "shop_name": f"Shop {seller}" * 4,
                "ledger": seller * 20,
            }
        )
        decision = {"id": number, "by": generation, "seller_id": seller, "verdict": "allow", "why": f"{number:0100}"}
        decisions.append((seller.encode(), orjson.dumps(decision)))
        if number % _TAKEDOWN_EVERY == 0:
            takedowns.append((seller.encode(), orjson.dumps(decision)))
    outputs: dict[str, Records] = {"decisions": decisions}
    if takedowns:
        outputs["takedowns"] = takedowns
    return list(rows.items()), outputs


async def main(way: str, bootstrap: str, prefix: str, *numbers: str) -> None:
    """Own the partition for a while."""
    generation, records, seconds, pause_ms = map(float, numbers)
    began = time.monotonic()
    owner: Way = WAYS[way](bootstrap, prefix, int(generation))
    unit = await owner.open()
    _say({"opened": time.monotonic() - began, "unit": unit})
    taken: list[float] = []
    cpu, began = 0.0, time.monotonic()
    try:
        while time.monotonic() - began < seconds:
            content = unit_content(unit, int(records), int(generation))
            started, cpu_before = time.monotonic(), time.process_time()
            await owner.commit(unit, *content)
            taken.append(time.monotonic() - started)
            cpu += time.process_time() - cpu_before
            unit += 1
            await asyncio.sleep(pause_ms / 1000)
    except ProducerFenced:
        _say({"fenced": unit})
        return
    _say({"unit": unit, "taken": taken, "cpu": cpu})
    await owner.close()


def _say(what: dict[str, Any]) -> None:
    sys.stdout.write(orjson.dumps(what).decode() + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    uvloop.run(main(*sys.argv[1:]))
