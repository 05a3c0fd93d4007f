"""A decision raises: for good on one record, or for a while and on no account of the record's."""

import sys
from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from klean_stream.processing.dead_letters import PREFIX
from klean_stream.sample import SampleEvent, day
from tests.faults.conftest import MarketOracle
from tests.kafka.cluster import Kafka

_FAULTY_WORKER = str(Path(__file__).with_name("worker_with_faulty_handler.py"))
_MARK = "cursed"


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
