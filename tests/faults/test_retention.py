"""Records that retention deletes before a worker has absorbed them."""

import asyncio

import pytest

from klean_stream.sample import day
from tests.faults.conftest import MarketOracle
from tests.faults.oracle import LOST
from tests.kafka.cluster import Kafka

_LOST_METRIC = ("klean_lost_to_retention_total", frozenset({("topic", "listings")}))
_FETCH_ENDS_SECONDS = 1.0


@pytest.mark.parametrize("frozen", [False, True], ids=["while it is down", "while it is frozen"])
async def test_what_retention_deleted_before_it_was_absorbed_is_said_and_counted(
    frozen: bool, kafka: Kafka, oracle_on: MarketOracle
) -> None:
    # The group does not miss the frozen one: its reader goes on, and finds that the place where it stood is gone.
    async with oracle_on(kafka, session_timeout_ms=20_000) as oracle:
        worker = await oracle.market.worker()
        events = [event for event in day(2_400, seed=36) if event.kind != "duplicate"]
        part = len(events) // 3
        await oracle.publish(events[:part])
        await oracle.settle()
        if frozen:
            worker.pause()
            # Its last request must not be answered with what is deleted next.
            await asyncio.sleep(_FETCH_ENDS_SECONDS)
        else:
            assert await asyncio.to_thread(worker.terminate) == 0
        # While no worker reads, records come and go.
        await oracle.publish(events[part : 2 * part])
        await oracle.delete_as_retention_does("listings")
        if frozen:
            worker.resume()
        else:
            worker.start()
        await oracle.publish(events[2 * part :])
        await oracle.settle()
        # What became of later events about listings that are lost is not what the day expects.
        await oracle.check(fates=False)
        gone = sum(event.topic == "listings" for event in events[part : 2 * part])
        assert (await oracle.books())["listings"][LOST] == worker.metrics()[_LOST_METRIC] == gone
        assert "were deleted by retention before they were absorbed" in worker.log
