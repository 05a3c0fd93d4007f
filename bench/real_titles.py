"""Real titles through real Kafka: every listing decided once, by two workers, one of them killed; and replayed.

    python -m bench.real_titles --titles FILE --brands FILE

Publishes the titles as listings with `klean-stream publish` against the registry loaded by `klean-stream brands
load`, lets two workers decide them, and checks

1. undisturbed: every listing has exactly one decision by id; `replay` of the `export` gives the same decisions
   byte for byte and the same rows;
2. the same day again on other topics, one of the two workers killed with SIGKILL in the middle: every listing
   accounted for, decisions and rows equal to those of the undisturbed run.

Prints the counts; exit code 1 if one of them is off. The input topics of both runs keep the publisher's timestamps
(the time of a decision is part of it). Starts its own broker, or uses KLEAN_TEST_BOOTSTRAP. Each title's seller is
one of 500, by its row id.
"""

import argparse
import asyncio
import gzip
import os
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import orjson

from klean_stream.events import Control
from klean_stream.processing.rows import POSITION
from tests.kafka.cluster import ExternalKafka, Kafka, KafkaCluster
from tests.kafka.marketplace import Marketplace
from tests.kafka.processes import Workers
from tests.kafka.topics import create_topics

_SELLERS = 500
_MORNING = 1_772_409_600_000
_STEP_MS = 5
_TIMEOUT = 600.0


def main() -> int:
    """Run both days and compare them; give the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--titles", type=Path, help="JSONL(.gz) rows {id, title, description?, category?, lang?}")
    parser.add_argument("--brands", type=Path, help="JSONL(.gz) rows {brand_id, name, aliases, ...}")
    arguments = parser.parse_args()
    if arguments.titles is None or arguments.brands is None:
        print("bench.real_titles needs --titles FILE and --brands FILE: labelled titles are not part of the project.")
        return 2
    with tempfile.TemporaryDirectory(prefix="klean-bench-") as folder, broker(Path(folder)) as kafka:
        return asyncio.run(both_days(kafka, Path(folder), arguments.titles, arguments.brands))


@contextmanager
def broker(folder: Path) -> Iterator[Kafka]:
    """Give the broker of KLEAN_TEST_BOOTSTRAP, or one that ends with the run."""
    address = os.environ.get("KLEAN_TEST_BOOTSTRAP")
    if address:
        yield ExternalKafka(address)
        return
    cluster = KafkaCluster(folder / "kafka")
    cluster.start()
    try:
        yield cluster
    finally:
        cluster.discard()


async def both_days(kafka: Kafka, folder: Path, titles: Path, brands: Path) -> int:
    """Run the undisturbed and the disturbed day; give the exit code."""
    listings = folder / "listings.jsonl"
    wanted = write_listings(titles, listings)
    registry = folder / "brands.jsonl"
    write_brands(brands, registry)
    print(f"{wanted} titles")
    calm = await one_day(kafka, folder / "calm", listings, registry, wanted, kill=False)
    rough = await one_day(kafka, folder / "rough", listings, registry, wanted, kill=True)
    checks = {
        "undisturbed: one decision for each listing": calm["unique"] == calm["decisions"] == wanted,
        "undisturbed: replay of the export gives the same decisions": calm["replayed"],
        "undisturbed: replay of the export gives the same rows": calm["replayed_rows"],
        "one worker killed: one decision for each listing": rough["unique"] == rough["decisions"] == wanted,
        "one worker killed: replay of the export gives the same decisions": rough["replayed"],
        "one worker killed: the same decisions as undisturbed": rough["by_id"] == calm["by_id"],
        "one worker killed: the same rows as undisturbed": rough["rows"] == calm["rows"],
    }
    for what, held in checks.items():
        print(f"{'yes' if held else 'NO ':3} {what}")
    return 0 if all(checks.values()) else 1


async def one_day(
    kafka: Kafka, folder: Path, listings: Path, brands: Path, wanted: int, *, kill: bool
) -> dict[str, Any]:
    """Publish and decide the day; give counts, decisions by id, rows, and whether the replay equals them."""
    folder.mkdir()
    workers = Workers(folder / "workers")
    prefix = f"bench.{os.getpid()}.{folder.name}."
    # The day's timestamps are of the past: retention must not take them for a reason to delete.
    timestamps = {"message.timestamp.type": "CreateTime", "retention.ms": "-1"}
    await create_topics(
        kafka.bootstrap,
        {
            f"{prefix}listings": (4, timestamps),
            f"{prefix}brands": (1, {**timestamps, "cleanup.policy": "compact", "min.compaction.lag.ms": "86400000"}),
        },
    )
    try:
        async with Marketplace(kafka.bootstrap, prefix, workers) as market:
            environment = os.environ | market.environment()
            await command(environment, "brands", "load", str(brands))
            # What is known of other sellers' takedowns depends on who was how far: two runs would differ in it.
            await market.publish("control", Control(kind="policy", policy={"relisting": {"days": 0}}))
            one, other = await asyncio.gather(market.worker("one"), market.worker("other"))
            began = time.monotonic()
            publishing = asyncio.create_task(command(environment, "publish", "listings", str(listings)))
            if kill:
                while (await market.tally())["listings"].total() < wanted // 4:
                    await asyncio.sleep(0.05)
                one.kill()
                print("killed a worker")
            await publishing
            tally = await market.settled("listings", wanted, timeout=_TIMEOUT)
            print(f"{folder.name}: {dict(tally)} in {time.monotonic() - began:.1f} s, verdicts of listings:")
            decisions = [record.value for record in await market.records("decisions")]
            bodies = [body for body in map(orjson.loads, decisions) if body["topic"] == "listings"]
            counts: dict[str, int] = {}
            for body in bodies:
                counts[body["verdict"]] = counts.get(body["verdict"], 0) + 1
            print(f"  {counts}")
            rows = {key.decode(): orjson.loads(row) for key, row in (await market.rows()).items()}
            journal, replayed, replayed_rows = folder / "day.jsonl.gz", folder / "again.jsonl", folder / "rows.jsonl"
            await command(environment, "export", "--output", str(journal))
            await command(
                environment,
                *("replay", "--input", str(journal), "--output", str(replayed), "--rows", str(replayed_rows)),
            )
            again = {line["key"]: line["row"] for line in map(orjson.loads, replayed_rows.read_bytes().splitlines())}
            again.pop(POSITION.decode(), None)
            assert other.running
            return {
                "decisions": len(bodies),
                "unique": len({body["id"] for body in bodies}),
                "replayed": sorted(decisions) == sorted(replayed.read_bytes().splitlines()),
                "replayed_rows": again == rows,
                "by_id": {body["id"]: comparable(body) for body in bodies},
                "rows": rows,
            }
    finally:
        workers.kill_all()


def comparable(decision: dict[str, Any]) -> dict[str, Any]:
    """Give a decision without what says only where its record lay."""
    return {name: value for name, value in decision.items() if name not in {"position", "registry_version"}}


def write_brands(brands: Path, target: Path) -> None:
    """Write the brands as registry entries."""
    with target.open("wb") as out:
        for entry in registry_entries(brands):
            out.write(orjson.dumps(entry) + b"\n")


def registry_entries(brands: Path) -> Iterator[dict[str, Any]]:
    """Yield registry entries; the `classes` of the file are shops' categories and no Nice classes."""
    with rows_of(brands) as source:
        for line in source:
            row = orjson.loads(line)
            yield {name: row[name] for name in ("brand_id", "name", "aliases", "common_word") if name in row}


def rows_of(path: Path) -> IO[bytes]:
    """Open a JSONL file, packed or not."""
    return gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb")  # type: ignore[return-value]


def write_listings(titles: Path, target: Path) -> int:
    """Write the titles as listings with their times, as `klean-stream publish` takes them; give their number."""
    count = 0
    with rows_of(titles) as source, target.open("wb") as out:
        for line in source:
            row = orjson.loads(line)
            body = {
                "seller_id": f"s-{zlib.crc32(row['id'].encode()) % _SELLERS}",
                "listing_id": row["id"],
                "version": 1,
                "change": "created",
                "title": row["title"],
                "description": row.get("description") or "",
                "category": row.get("category"),
                "locale": row.get("lang"),
            }
            out.write(orjson.dumps({"value": body, "timestamp": _MORNING + count * _STEP_MS}) + b"\n")
            count += 1
    return count


async def command(environment: dict[str, str], *arguments: str) -> None:
    """Run a klean-stream command; raises CalledProcessError with what it said."""
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "klean_stream", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"klean-stream {' '.join(arguments)} ended with {done.returncode}:\n{done.stderr[-4000:]}")


if __name__ == "__main__":
    sys.exit(main())
