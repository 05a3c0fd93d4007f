"""A decision raises: for good on one record, or for a while and on no account of the record's."""

import re
import sys
from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import orjson
import pytest

from klean_stream.events import Listing
from klean_stream.processing.dead_letters import PREFIX
from klean_stream.runtime.ownership import partition_of
from klean_stream.sample import SampleEvent, day
from tests.faults.conftest import MarketOracle
from tests.kafka.cluster import Kafka

_FAULTY_WORKER = str(Path(__file__).with_name("worker_with_faulty_handler.py"))
_MARK = "cursed"
_PAUSES = (0.2, 0.5, 1.0, 2.0, 5.0)


def cursed(event: SampleEvent) -> SampleEvent:
    """Give the event with a title on which the handler fails."""
    body = orjson.loads(event.value or b"")
    return replace(event, value=orjson.dumps(body | {"title": f"{body['title']} {_MARK}"}), expect="dead_lettered")


async def test_a_record_on_which_the_handler_always_fails_is_a_dead_letter_and_its_batch_goes_on(
    kafka: Kafka, oracle_on: MarketOracle
) -> None:
    async with oracle_on(kafka) as oracle:
        events = list(day(1_500, seed=7))
        chosen = [number for number, event in enumerate(events) if event.kind == "honest" and number % 20 == 0]
        for number in chosen:
            events[number] = cursed(events[number])
        await oracle.market.worker(command=(sys.executable, _FAULTY_WORKER, "permanent", _MARK, "worker"))
        await oracle.publish(events)
        await oracle.settle()
        # Without those listings, later events about them fare differently than the day expects.
        await oracle.check(fates=False)
        letters = await oracle.market.records("dead-letters")
        reasons = [
            dict(letter.headers)[PREFIX + "reason"] for letter in letters if _MARK.encode() in (letter.value or b"")
        ]
        assert reasons == [b"processing_error"] * len(chosen)


@pytest.mark.parametrize("fault", ["memory", "rows", "disk"])
async def test_a_failure_that_passes_costs_no_record(fault: str, kafka: Kafka, oracle_on: MarketOracle) -> None:
    async with oracle_on(kafka) as oracle:
        worker = await oracle.market.worker(command=(sys.executable, _FAULTY_WORKER, fault, "4", "worker"))
        await oracle.publish(day(1_500, seed=8))
        await oracle.settle()
        await oracle.check()
        assert "trying again" in worker.log


def pauses(log: str) -> list[float]:
    """Give the seconds between a partition's failures in a row, as a log tells their times."""
    times = [
        datetime.fromisoformat(time.replace(",", "."))
        for time in re.findall(r"(?m)^(\S+ \S+) WARNING .* \(failure \d in a row\)", log)
    ]
    return [(later - sooner).total_seconds() for sooner, later in pairwise(times)]


@pytest.mark.long
async def test_a_partition_that_fails_pauses_longer_each_time_while_the_others_go_on(
    kafka: Kafka, oracle_on: MarketOracle
) -> None:
    async with oracle_on(kafka) as oracle:
        market = oracle.market
        failing = partition_of(b"s-0", market.settings.partitions)
        # Before the worker starts, so that they are one unit: its tenth decision fails each time that it is made.
        listings = [
            Listing(seller_id="s-0", listing_id=f"l-{number}", version=1, change="created", title="cotton sheet")
            for number in range(10)
        ]
        await market.publish("listings", *listings)
        worker = market.start_worker(command=(sys.executable, _FAULTY_WORKER, "memory", "6", "worker"))
        await oracle.until(lambda: "(failure 5 in a row)" in worker.log, said="five failures in a row")
        signups = [event for event in day(300, seed=38) if event.kind == "signup"]
        await oracle.publish(signups)
        elsewhere = [
            event for event in signups if partition_of(event.key or b"", market.settings.partitions) != failing
        ]
        await oracle.until_absorbed(len(elsewhere))
        assert 0 < len(elsewhere) < len(signups)
        assert failing not in {record.partition for record in await market.records("decisions")}
        said = f"seller-{failing} retrying: MemoryError()"
        await oracle.until(lambda: said in worker.get("/ready")[1], said=said)
        assert worker.log.count("trying again") == worker.log.count(f"partition seller-{failing}: MemoryError")
        await oracle.settle()
        await oracle.check(fates=False)
        assert all(pause >= wanted for pause, wanted in zip(pauses(worker.log), _PAUSES, strict=True))
