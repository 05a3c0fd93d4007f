"""The state folder is lost or spoilt, and workers are killed while they recover."""

import asyncio
import random
import re
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

import orjson

from klean_stream.decision import SellerRow
from klean_stream.processing.rows import load_row
from klean_stream.sample import day
from tests.faults.conftest import KILLING_WORKER, MarketOracle
from tests.kafka.child_process import wait_until
from tests.kafka.cluster import Kafka
from tests.kafka.marketplace import TOKEN
from tests.kafka.processes import WorkerProcess

# Said of files that cannot be opened, and of rows that cannot be read.
DELETED = r"(?:/seller-\d cannot be read, are|seller-\d: its rows are) deleted and come back from the changelog"
REMAINING = "klean_recovery_remaining_records"
TOKEN_HEADER = {"Authorization": f"Bearer {TOKEN}"}


def spoil(folder: Path, suffix: str, stretch: slice, rng: random.Random) -> None:
    """Overwrite a stretch of each file of a kind."""
    files = [path for path in folder.rglob(f"*{suffix}") if path.stat().st_size > 200]
    assert files, f"there are files like {suffix}"
    for path in files:
        content = bytearray(path.read_bytes())
        content[stretch] = rng.randbytes(len(content[stretch]))
        path.write_bytes(content)


async def test_the_state_folder_is_deleted_or_spoilt_between_runs(kafka: Kafka, oracle_on: MarketOracle) -> None:
    rng = random.Random(1)
    events = list(day(3_000, seed=4))
    found = []
    async with oracle_on(kafka) as oracle:
        worker = await oracle.market.worker()

        async def next_part(first: int, *, killed: bool = False) -> None:
            await oracle.publish(events[first : first + 500])
            await oracle.until_absorbed(first + 500)
            # RocksDB writes its log out at an orderly end.
            if killed:
                worker.kill()
            else:
                assert await asyncio.to_thread(worker.terminate) == 0

        await next_part(0)
        shutil.rmtree(worker.data)
        # A table is opened by its end, and its beginning has what is read first: the offset that the rows stand for.
        for first, suffix, stretch in (
            (500, ".log", slice(8_000, 8_064)),
            (1_000, ".sst", slice(-160, -60)),
            (1_500, ".sst", slice(64)),
            (2_000, "MANIFEST*", slice(100, -60)),
        ):
            worker.start()
            await next_part(first, killed=suffix == ".log")
            found.append(len(re.findall(DELETED, worker.log)))
            spoil(worker.data, suffix, stretch, rng)
        worker.start()
        await oracle.publish(events[2_500:])
        await oracle.settle()
        found.append(len(re.findall(DELETED, worker.log)))
        await oracle.check()
    # RocksDB reads its own log up to what is spoilt: a crash may have ended it there.
    every = oracle.market.settings.partitions
    assert found == [0, 0, every, 2 * every, 3 * every]


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


async def test_nothing_but_the_newest_row_is_shown_while_recovery_says_how_far_it_is(
    kafka: Kafka, oracle_on: MarketOracle
) -> None:
    async with oracle_on(kafka) as oracle:
        market = oracle.market
        worker = await market.worker()
        events = list(day(3_000, seed=8))
        for first in (0, 1_000, 2_000):
            await oracle.publish(events[first : first + 1_000])
            await oracle.settle()
        assert await asyncio.to_thread(worker.terminate) == 0
        shutil.rmtree(worker.data)
        sellers = {key.decode(): row for key, row in (await market.rows()).items() if key.startswith(b"seller/")}
        command = (sys.executable, str(KILLING_WORKER), "recovering-slowly", "25", "worker")
        recovering = market.start_worker("recovering", command=command, data_dir=worker.data)
        answers, remaining = await asyncio.to_thread(ask_until_all_are_shown, recovering, sellers)
        assert answers >= {200, 503}
        assert max(remaining) > remaining[-1] == 0
        said = re.findall(r"recovering \S+\.state (\d+): at (\d+) of (\d+)", recovering.log)
        assert {int(partition) for partition, *_ in said} == set(range(market.settings.partitions))
        assert all(0 < int(at) <= int(end) for _, at, end in said)


def ask_until_all_are_shown(worker: WorkerProcess, rows: Mapping[str, bytes]) -> tuple[set[int], list[float]]:
    """Check that a row is shown as it is here or not at all; give the answers, and what there was still to recover."""
    newest = {key: orjson.loads(orjson.dumps(load_row(row, SellerRow))) for key, row in rows.items()}
    answers, remaining = set[int](), list[float]()

    def all_are_shown() -> bool:
        found = [worker.get(key.replace("seller/", "/sellers/"), TOKEN_HEADER) for key in newest]
        answers.update(status for status, _ in found)
        for (status, body), row in zip(found, newest.values(), strict=True):
            # 421: it owns nothing before the group has given its word.
            assert orjson.loads(body)["row"] == row if status == 200 else status in {421, 503}, f"{status}: {body}"
        remaining.append(sum(value for (name, _), value in worker.metrics().items() if name == REMAINING))
        return {status for status, _ in found} == {200}

    def all_are_shown_if_it_listens() -> bool:
        try:
            return all_are_shown()
        except OSError:
            return False

    assert wait_until(all_are_shown_if_it_listens, timeout=60)
    return answers, remaining
