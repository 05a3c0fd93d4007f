"""The state folder is lost or spoilt, and workers are killed while they recover."""

import asyncio
import random
import shutil
import sys
from pathlib import Path

from klean_stream.sample import day
from tests.faults.conftest import KILLING_WORKER, MarketOracle
from tests.kafka.cluster import Kafka


def spoil(folder: Path, suffix: str, rng: random.Random) -> int:
    """Overwrite a stretch in the middle of each file of a kind; give how many files were hit."""
    files = [path for path in folder.rglob(f"*{suffix}") if path.stat().st_size > 200]
    for path in files:
        content = bytearray(path.read_bytes())
        at = len(content) // 3
        content[at : at + 64] = rng.randbytes(64)
        path.write_bytes(content)
    return len(files)


async def test_the_state_folder_is_deleted_or_spoilt_between_runs(kafka: Kafka, oracle_on: MarketOracle) -> None:
    rng = random.Random(1)
    events = list(day(3_000, seed=4))
    async with oracle_on(kafka) as oracle:
        worker = await oracle.market.worker()

        async def next_part(first: int, *, killed: bool = False) -> None:
            await oracle.publish(events[first : first + 600])
            await oracle.until_absorbed(first + 600)
            # RocksDB writes its log out at an orderly end.
            if killed:
                worker.kill()
            else:
                assert await asyncio.to_thread(worker.terminate) == 0

        await next_part(0)
        shutil.rmtree(worker.data)
        for first, suffix in ((600, ".log"), (1_200, ".sst"), (1_800, "MANIFEST*")):
            worker.start()
            await next_part(first, killed=suffix == ".log")
            assert spoil(worker.data, suffix, rng), f"there are files like {suffix}"
        worker.start()
        await oracle.publish(events[2_400:])
        await oracle.settle()
        await oracle.check()


async def test_killed_in_the_middle_of_recovery(kafka: Kafka, oracle_on: MarketOracle) -> None:
    async with oracle_on(kafka) as oracle:
        market = oracle.market
        worker = await market.worker()
        events = list(day(4_300, seed=5))
        await oracle.publish(events[:4_000])
        await oracle.settle()
        worker.kill()
        # Each with an empty folder of its own, and more rows of it written than the last one.
        for passing in (1, 2, 4):
            command = (sys.executable, str(KILLING_WORKER), "recovering", str(passing), "worker")
            victim = market.start_worker(f"recovering-{passing}", command=command)
            assert await asyncio.to_thread(victim.wait_ended, 30)
            assert victim.exit_code == -9
        # And on with what the last of them has left.
        await market.worker("recovered", data_dir=victim.data)
        await oracle.publish(events[4_000:])
        await oracle.settle()
        await oracle.check()
