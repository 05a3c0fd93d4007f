"""Workers killed with SIGKILL: at every boundary between the steps of a commit, and wherever it strikes."""

import asyncio
import random
import sys
from collections import Counter
from pathlib import Path

import pytest
from aiokafka import ConsumerRecord

from klean_stream.sample import day
from tests.faults.conftest import KILLING_WORKER, MarketOracle
from tests.kafka.cluster import Kafka
from tests.kafka.marketplace import Marketplace

Copy = tuple[bytes, bytes, bytes]


@pytest.mark.parametrize(
    "keeps_rows", [True, pytest.param(False, marks=pytest.mark.long)], ids=["same_folder", "empty_folders"]
)
async def test_killed_at_every_step_boundary_of_a_commit(
    kafka: Kafka, oracle_on: MarketOracle, tmp_path: Path, keeps_rows: bool
) -> None:
    async with oracle_on(kafka) as oracle:
        publishing = asyncio.create_task(oracle.publish(day(4_000, seed=1), rate=150))
        market = oracle.market
        # Between steps 4 and 6 a store falls behind: who opens the same folder next has to complete it.
        folders = [tmp_path if keeps_rows else tmp_path / str(number) for number in range(8)]
        for step in range(7):
            command = (sys.executable, str(KILLING_WORKER), str(step), "3", "worker")
            victim = market.start_worker(f"step-{step}", command=command, data_dir=folders[step])
            assert await asyncio.to_thread(victim.wait_ended, 60), f"nothing was committed up to step {step}"
            assert victim.exit_code == -9
        await market.worker("survivor", data_dir=folders[7])
        await publishing
        await oracle.settle()
        await oracle.check()
        await compare_what_readers_of_everything_see(market)


async def compare_what_readers_of_everything_see(market: Marketplace) -> None:
    """Check that it is all that readers of committed data see, and aborted copies of some of it."""
    everything = Counter(map(copy_of, await market.records("decisions", "read_uncommitted")))
    committed = Counter(map(copy_of, await market.records("decisions")))
    assert not committed - everything
    # What the kills between steps 2 and 4 left behind lies in the log for those who read everything.
    aborted = everything - committed
    assert aborted
    assert {ce_id for ce_id, *_ in aborted} <= {ce_id for ce_id, *_ in committed}


def copy_of(record: ConsumerRecord) -> Copy:
    """Give what a reader knows a decision by: its id, key and content."""
    return dict(record.headers)["ce_id"], record.key, record.value


async def _kill_at_random(oracle_on: MarketOracle, kafka: Kafka, *, kills: int, seed: int) -> None:
    rng = random.Random(seed)
    async with oracle_on(kafka) as oracle:
        market = oracle.market
        survivors = list(await asyncio.gather(market.worker("one"), market.worker("two")))
        publishing = asyncio.create_task(oracle.publish(day(kills * 900, seed=seed), rate=180))
        for _ in range(kills):
            await asyncio.sleep(rng.uniform(0.5, 4.0))
            victim = survivors.pop(rng.randrange(2))
            victim.kill()
            # Beside the survivor, so that the kill may also fall into a rebalance or a recovery.
            victim.start()
            survivors.append(victim)
        await publishing
        await oracle.settle(timeout=90)
        await oracle.check()


async def test_killed_three_times_wherever_it_strikes(kafka: Kafka, oracle_on: MarketOracle) -> None:
    await _kill_at_random(oracle_on, kafka, kills=3, seed=3)


@pytest.mark.long
async def test_killed_twenty_times_wherever_it_strikes(kafka: Kafka, oracle_on: MarketOracle) -> None:
    await _kill_at_random(oracle_on, kafka, kills=20, seed=20)
