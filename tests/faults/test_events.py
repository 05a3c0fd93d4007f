"""What publishers get wrong: poison, repeats, late and shuffled events, wrong clocks, fields of another version."""

import asyncio
import random
import time
from collections import Counter
from dataclasses import replace

import orjson
import pytest

from klean_stream.events import Listing
from klean_stream.processing.routes import SELLER_TOPICS
from klean_stream.sample import SampleEvent, day
from tests.faults.conftest import MarketOracle
from tests.kafka.cluster import Kafka
from tests.kafka.topics import create_topics, delete_topics, end_offsets

_WEEK = 7 * 86_400_000
_HOUR = 3_600_000


def poisoned(event: SampleEvent, number: int) -> SampleEvent:
    """Give an event that nobody can read, with an identity of its own."""
    return replace(event, value=b"\x00poison %d" % number, headers=(), expect="dead_lettered")


@pytest.mark.parametrize("share", [0.01, 1.0])
async def test_poison_lies_in_dead_letters_and_nothing_else_does(
    share: float, kafka: Kafka, oracle_on: MarketOracle
) -> None:
    rng = random.Random(12)
    async with oracle_on(kafka) as oracle:
        worker = await oracle.market.worker(dead_letter_flood_run=0, dead_letter_flood_ratio=1)
        events = list(day(1_500, seed=12))
        spiked = [
            event
            for number, event in enumerate(events)
            for event in ([event] if share < 1 else []) + ([poisoned(event, number)] if rng.random() < share else [])
        ]
        await oracle.publish(spiked)
        await oracle.settle()
        await oracle.check()
        assert worker.running


async def test_events_repeated_shuffled_and_of_a_newer_schema(kafka: Kafka, oracle_on: MarketOracle) -> None:
    rng = random.Random(13)
    async with oracle_on(kafka) as oracle:
        await oracle.market.worker()
        events = list(day(1_200, seed=13))
        for number, event in enumerate(events):
            if event.expect == "decided" and number % 3 == 0 and event.value is not None:
                body = orjson.loads(event.value)
                events[number] = replace(event, value=orjson.dumps(body | {"not_known_yet": {"at": number}}))
        events += rng.sample(events, 400)
        rng.shuffle(events)
        await oracle.publish(events)
        await oracle.settle()
        # The fates depend on the order; that it is the same for one thread as for the worker does not.
        await oracle.check(fates=False)
        assert (await oracle.books())["listings"]["duplicate"] > 100


async def test_events_a_week_late_and_publishers_whose_clocks_are_wrong_by_hours(
    kafka: Kafka, oracle_on: MarketOracle
) -> None:
    rng = random.Random(14)
    async with oracle_on(kafka) as oracle:
        market = oracle.market
        # A topic whose timestamps the publishers set: the one way in which their clocks come to matter at all.
        listings = market.settings.topic("listings")
        await delete_topics(kafka.bootstrap, [listings])
        # By default a broker refuses what claims to come from more than an hour ahead.
        config = {
            "message.timestamp.type": "CreateTime", "message.timestamp.after.max.ms": str(_WEEK), "retention.ms": "-1",
        }  # fmt: skip
        await create_topics(kafka.bootstrap, {listings: (market.settings.partitions, config)})
        await market.worker()
        events = list(day(1_200, seed=14))
        for event in events + rng.sample(events, 300):
            # A repeat is one for seven days by Kafka's time: no two of these are further apart than that.
            skew = rng.choice((0, 0, -3 * _HOUR, 5 * _HOUR, -_WEEK + 6 * _HOUR, -_WEEK + 8 * _HOUR))
            await oracle.publish_raw(event.topic, event.key, event.value, event.headers, skew_ms=skew)
        await market.flush()
        await oracle.settle()
        await oracle.check(fates=False)


async def test_publishers_whose_clocks_are_wrong_by_hours_change_the_time_of_no_decision(
    kafka: Kafka, oracle_on: MarketOracle
) -> None:
    rng = random.Random(37)
    async with oracle_on(kafka) as oracle:
        began = time.time() * 1000
        await oracle.market.worker()
        for event in day(600, seed=37):
            skew = rng.choice((0, -3 * _HOUR, 5 * _HOUR))
            await oracle.publish_raw(event.topic, event.key, event.value, event.headers, skew_ms=skew)
        await oracle.market.flush()
        await oracle.settle()
        times = [body["time"] for body in await oracle.market.bodies("decisions") if body["topic"] in SELLER_TOPICS]
        assert began <= min(times)
        assert max(times) <= time.time() * 1000
        await oracle.check(fates=False)


async def test_gaps_of_aborted_transactions_are_no_loss(kafka: Kafka, oracle_on: MarketOracle) -> None:
    async with oracle_on(kafka) as oracle:
        market = oracle.market
        worker = await market.worker()
        events = list(day(900, seed=15))
        listings = [
            Listing(seller_id=f"s-{number % 7}", listing_id=f"a-{number}", version=1, change="created", title="aborted")
            for number in range(60)
        ]
        for part in range(3):
            await oracle.publish(events[300 * part : 300 * (part + 1)])
            await market.publish_in_transaction("listings", listings[20 * part : 20 * (part + 1)], commit=False)
        await oracle.settle()
        await oracle.check()
        ends = await end_offsets(kafka.bootstrap, market.settings.topic("listings"))
        assert sum(ends.values()) > len(await market.records("listings")), "there are gaps"
        assert "deleted by retention" not in worker.log


@pytest.mark.long
async def test_what_lies_behind_a_publishers_open_transaction_waits_for_its_end(
    kafka: Kafka, oracle_on: MarketOracle
) -> None:
    async with oracle_on(kafka) as oracle:
        market = oracle.market
        worker = await market.worker()
        # In every partition.
        listings = [
            Listing(seller_id=f"o-{number}", listing_id="o", version=1, change="created", title="cotton sheet")
            for number in range(60)
        ]
        behind: Counter[str] = Counter()

        async def while_open() -> None:
            await oracle.publish(day(900, seed=24))
            await asyncio.sleep(3)
            behind.update((await oracle.books())["listings"])

        await market.publish_in_transaction("listings", listings, commit=True, while_open=while_open)
        assert not +behind
        await oracle.settle()
        await oracle.check(fates=False)
        assert (await oracle.books())["listings"]["decided"] >= len(listings)
        assert "deleted by retention" not in worker.log


async def test_gaps_of_compaction_in_the_registry_are_no_loss(kafka: Kafka, oracle_on: MarketOracle) -> None:
    async with oracle_on(kafka) as oracle:
        market = oracle.market
        brands = market.settings.topic("brands")
        await delete_topics(kafka.bootstrap, [brands])
        config = {
            "cleanup.policy": "compact", "min.cleanable.dirty.ratio": "0.001", "segment.ms": "100",
            "min.compaction.lag.ms": "0", "max.compaction.lag.ms": "200",
        }  # fmt: skip
        await create_topics(kafka.bootstrap, {brands: (1, config)})
        for _ in range(4):
            await oracle.load_registry()
            # A segment is closed by the first record that comes when it is old; the newest is never compacted.
            await asyncio.sleep(0.5)
        await oracle.until_compacted("brands", below=4 * 290)
        worker = await market.worker()
        await oracle.publish(day(600, seed=16))
        await oracle.settle()
        await oracle.check(fates=False)
        assert "deleted by retention" not in worker.log
