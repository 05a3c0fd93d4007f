"""A flood of dead letters stops the worker before the input is emptied into them."""

import asyncio
import re
from typing import Any

import orjson
import pytest

from klean_stream.processing.rows import POSITION
from klean_stream.sample import day
from tests.faults.conftest import MarketOracle
from tests.faults.test_events import poisoned
from tests.kafka.cluster import Kafka
from tests.kafka.marketplace import Marketplace

_LIMIT = 50
_UNIT = 40
_HELD = 5


async def held_offset(market: Marketplace, topic: str, partition: int) -> int:
    """Give the offset of an input that the newest position row of a partition says."""
    rows = [row for row in await market.records("state") if (row.key, row.partition) == (POSITION, partition)]
    offset: int = orjson.loads(rows[-1].value)["inputs"][topic]["next_offset"]
    return offset


@pytest.mark.parametrize(
    ("limits", "good_between", "found", "setting"),
    [
        (
            {"dead_letter_flood_run": _LIMIT, "dead_letter_flood_ratio": 1},
            False,
            f"{_LIMIT} records in a row",
            f"KLEAN_DEAD_LETTER_FLOOD_RUN (now {_LIMIT})",
        ),
        pytest.param(
            {"dead_letter_flood_run": 0, "dead_letter_flood_ratio": _LIMIT / 1_000},
            True,
            f"{_LIMIT + 1} of the last SEEN records",
            f"KLEAN_DEAD_LETTER_FLOOD_RATIO (now {_LIMIT / 1_000:g})",
            marks=pytest.mark.long,
        ),
    ],
    ids=["in a row", "ratio"],
)
async def test_a_flood_of_dead_letters_stops_the_worker_and_holds_the_offset(
    limits: dict[str, Any], good_between: bool, found: str, setting: str, kafka: Kafka, oracle_on: MarketOracle
) -> None:
    said = re.escape(
        f"A flood of dead letters: {found} of TOPIC partition NUMBER cannot be decided, so the worker stops and holds "
        f"its offset. `klean-stream dead-letters list` says why; mend the publisher, or raise {setting} to let them "
        "pass.\n"
    )
    for name, pattern in {"SEEN": r"\d+", "TOPIC": r"([\w-]+)", "NUMBER": r"(\d)"}.items():
        said = said.replace(name, pattern)
    async with oracle_on(kafka) as oracle:
        market = oracle.market
        # Units smaller than the limit: only what the rows say of the ones before stops the next.
        worker = await market.worker(unit_max_records=_UNIT, **limits)
        events = list(day(1_200, seed=31))
        await oracle.publish(events[:600])
        await oracle.settle()
        assert worker.running
        before = (await oracle.books())["listings"]["dead_lettered"]
        await oracle.publish(
            spiked
            for number, event in enumerate(events[600:])
            if event.topic == "listings"
            for spiked in ([event] if good_between else []) + [poisoned(event, number)]
        )
        assert await asyncio.to_thread(worker.wait_ended, 30)
        stopped = re.search(said, worker.log)
        assert stopped is not None, worker.tail()
        topic, partition = stopped[1], int(stopped[2])
        held = await held_offset(market, topic, partition)
        for _ in range(2):
            assert worker.exit_code == _HELD
            passed = (await oracle.books())["listings"]["dead_lettered"] - before
            assert passed <= _LIMIT * market.settings.partitions
            # It begins with nothing in memory: what was counted stands in the rows.
            worker.start()
            assert await asyncio.to_thread(worker.wait_ended, 30)
            # The record that stopped it lay in the unit that was given up. Before it another unit may end elsewhere.
            assert held <= await held_offset(market, topic, partition) < held + _UNIT
        await market.worker("patient", data_dir=worker.data, dead_letter_flood_run=0, dead_letter_flood_ratio=1)
        await oracle.settle()
        await oracle.check()
