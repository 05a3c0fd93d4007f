"""A flood of dead letters stops the worker before the input is emptied into them."""

import asyncio

from klean_stream.sample import day
from tests.faults.conftest import MarketOracle
from tests.faults.test_events import poisoned
from tests.kafka.cluster import Kafka

_RUN = 50
_HELD = 5


async def test_a_flood_of_dead_letters_stops_the_worker_and_holds_the_offset(
    kafka: Kafka, oracle_on: MarketOracle
) -> None:
    async with oracle_on(kafka) as oracle:
        market = oracle.market
        worker = await market.worker(dead_letter_flood_run=_RUN)
        await oracle.publish(day(600, seed=31))
        await oracle.settle()
        assert worker.running
        before = (await oracle.books())["listings"]["dead_lettered"]
        await oracle.publish(poisoned(event, number) for number, event in enumerate(day(1_200, seed=32)))
        for _ in range(2):
            # The second time without a new one in memory: what was counted stands in the rows.
            assert await asyncio.to_thread(worker.wait_ended, 30)
            assert worker.exit_code == _HELD
            assert "KLEAN_DEAD_LETTER_FLOOD_RUN" in worker.log
            passed = (await oracle.books())["listings"]["dead_lettered"] - before
            assert passed < _RUN * market.settings.partitions
            worker.start()
        assert await asyncio.to_thread(worker.wait_ended, 30)
        await market.worker("patient", data_dir=worker.data, dead_letter_flood_run=0, dead_letter_flood_ratio=1)
        await oracle.settle()
        await oracle.check()
