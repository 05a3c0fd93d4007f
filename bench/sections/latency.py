"""From the publication of a listing to its takedown being visible to a reader of committed data."""

import asyncio
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import orjson
import uvloop
from aiokafka import AIOKafkaConsumer, TopicPartition
from confluent_kafka import Producer

from bench.section import Context, Section, Target
from klean_stream.brands import Registry
from klean_stream.policy import default_policy
from klean_stream.processing import ROUTES, InputRecord, MemoryRows, Processor, ReferenceView
from klean_stream.runtime.settings import Settings
from klean_stream.sample import day, sample_brands
from tests.kafka.child_process import ChildProcess, wait_until
from tests.kafka.marketplace import Marketplace
from tests.kafka.processes import Workers

_RATE = 1_000
_PARTITIONS = 8
_EVERY = 25
"""One listing in so many is taken down."""
_WARM_SECONDS = 3.0
_LINGER_MS = 5
"""The publisher's: librdkafka's own default. Without it the broker's time goes into a thousand requests a second."""
_AT_ONCE = 5

Event = tuple[bytes, bytes]


def run(context: Context) -> Section:
    """Run both in turns; five runs each unless the run is a quick one."""
    seconds, runs = (4.0, 1) if context.quick else (15.0, 5)
    found: dict[str, list[tuple[float, float, float]]] = {"bare": [], "klean": []}
    for turn in range(runs):
        for name, samples in found.items():
            prefix = f"bench.latency.{name}.{turn}."
            delays = uvloop.run(_one_run(context, name, prefix, seconds))
            samples.append((_quantile(delays, 0.5), _quantile(delays, 0.95), _quantile(delays, 0.99)))
            context.say(f"{name}, run {turn + 1} of {runs}: p95 {samples[-1][1]:.1f} ms of {len(delays)} takedowns")
    middle = {name: [median(run[i] for run in samples) for i in range(3)] for name, samples in found.items()}
    interval = Settings().commit_interval_ms
    allowed = 2 * middle["bare"][1] + interval
    rows = "\n".join(
        f"| {title} | {middle[name][0]:.1f} | {middle[name][1]:.1f} | {middle[name][2]:.1f} | "
        f"{', '.join(f'{run[1]:.0f}' for run in found[name])} |"
        for name, title in (("bare", "bare loop, acks=all, no state, no transactions"), ("klean", "klean-stream"))
    )
    body = (
        f"{_RATE:,} listings a second on one worker, {_PARTITIONS} partitions, {seconds:g} s a run; one in "
        f"{_EVERY} is taken down. The publisher lingers for {_LINGER_MS} ms, as librdkafka does by itself. The reader "
        f"reads committed data. `commit_interval_ms` is {interval}, its default.\n\n"
        "| | p50, ms | p95, ms | p99, ms | p95 of the runs |\n|---|---:|---:|---:|---|\n"
        f"{rows}\n\nMedians of {runs} runs. Allowed for p95: twice that of the bare loop and the commit interval, "
        f"{allowed:.1f} ms."
    )
    target = Target("latency: p95 of klean-stream in ms", middle["klean"][1], round(allowed, 1), at_most=True)
    return Section("Latency: from listing to takedown", body, (target,))


async def _one_run(context: Context, name: str, prefix: str, seconds: float) -> list[float]:
    """Give the delay of each takedown in milliseconds."""
    folder = context.folder / prefix
    workers = Workers(folder)
    market = Marketplace(context.bootstrap, prefix, workers, partitions=_PARTITIONS)
    try:
        async with market:
            await market.publish("brands", *sample_brands())
            with _bare(context.bootstrap, prefix, folder) if name == "bare" else _nothing():
                if name == "klean":
                    await market.worker(log_level="warning")
                return await _measure(market, seconds)
    finally:
        workers.kill_all()


async def _measure(market: Marketplace, seconds: float) -> list[float]:
    topic = market.settings.topic("takedowns")
    reader = AIOKafkaConsumer(bootstrap_servers=market.settings.bootstrap, isolation_level="read_committed")
    await reader.start()
    reader.assign([TopicPartition(topic, number) for number in range(_PARTITIONS)])
    await reader.seek_to_end()
    published: dict[str, float] = {}
    delays: list[float] = []

    async def read() -> None:
        async for record in reader:
            now = time.monotonic()
            listing_id = orjson.loads(record.value)["listing_id"]
            if published[listing_id] >= counts_from:
                delays.append((now - published[listing_id]) * 1_000)

    reading = asyncio.create_task(read())
    total = int((seconds + _WARM_SECONDS) * _RATE)
    honest, fakes = _titles()
    # librdkafka's publishes from threads of its own: this process has to leave the machine to who is measured.
    producer = Producer(
        {
            "bootstrap.servers": market.settings.bootstrap,
            "acks": "all",
            "linger.ms": _LINGER_MS,
            "partitioner": "murmur2_random",
        }
    )
    listings = market.settings.topic("listings")
    began = time.monotonic()
    counts_from = began + _WARM_SECONDS
    wanted = 0
    for number in range(total):
        if number % _AT_ONCE == 0:
            await asyncio.sleep(max(0.0, began + number / _RATE - time.monotonic()))
        fake = number % _EVERY == 0
        body = fakes[number // _EVERY % len(fakes)] if fake else honest[number % len(honest)]
        seller, listing = f"s-{number % 5_000}", f"l-{number}"
        value = orjson.dumps({**body, "seller_id": seller, "listing_id": listing, "version": 1, "change": "created"})
        if fake:
            published[listing] = time.monotonic()
            wanted += published[listing] >= counts_from
        producer.produce(listings, value, seller.encode())
        producer.poll(0)
    await asyncio.to_thread(producer.flush)
    ends = time.monotonic() + 20
    while len(delays) < wanted and time.monotonic() < ends:
        await asyncio.sleep(0.05)
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    await reader.stop()
    if len(delays) != wanted:
        raise RuntimeError(f"{len(delays)} takedowns of {wanted} were seen")
    return delays


def _titles() -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    """Give bodies of the sample day that are let pass, and such that are taken down whoever lists them."""
    registry = Registry()
    registry.apply_many([(brand.brand_id, brand) for brand in sample_brands()], 0)
    reference = ReferenceView(registry, 0, default_policy(), 0)
    found: dict[str, list[dict[str, object]]] = {"allow": [], "takedown": []}
    for event in day(3_000, seed=5):
        if event.topic != "listings" or event.expect != "decided" or event.value is None:
            continue
        body = orjson.loads(event.value) | {"seller_id": "s-0", "listing_id": "l-0", "version": 1, "change": "created"}
        record = InputRecord("listings", 0, 0, 1_772_409_600_000, b"s-0", orjson.dumps(body))
        decided = Processor().absorb(record, ROUTES["listings"], MemoryRows(), reference).decision
        if decided is not None and decided.verdict in found and body.get("title"):
            found[decided.verdict].append(body)
    return found["allow"], found["takedown"]


@contextmanager
def _bare(bootstrap: str, prefix: str, folder: Path) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    child = ChildProcess(
        "bare", (sys.executable, "-m", "bench.contenders.bare_takedowns", bootstrap, prefix), log=folder / "bare.log"
    )
    child.start()
    try:
        if not wait_until(lambda: "ready" in child.log, timeout=30):
            raise RuntimeError(f"the bare loop did not start:\n{child.tail()}")
        yield
    finally:
        child.kill()


@contextmanager
def _nothing() -> Iterator[None]:
    yield


def _quantile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]
