"""The bank of pictures at 1,000,000 hashes: ``python -m bench.images`` writes bench/images.md.

Recall: each query is a hash of the bank with a number of its bits turned over, 0 to 31, all distances alike often; and
random ones. What the index finds is compared with a linear scan of all hashes by numpy, in the same run: one as it is
usually written, and one that adds the counts as the index does. Times are of the processor.
"""

import argparse
import os
import resource
import sys
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from klean_stream.likeness import BankImage, Change, ImageBank
from klean_stream.likeness.images import MOST_DISTANCE

_REPORT = Path(__file__).parent / "images.md"
_LINEAR = 64  # queries that are also scanned for: each of them passes over the whole bank


def main() -> None:
    """Measure, print and write the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hashes", type=int, default=1_000_000)
    parser.add_argument("--queries", type=int, default=3_200)
    options = parser.parse_args()
    chance = np.random.default_rng(20260302)
    hashes = chance.integers(0, 2**64, (options.hashes, 4), dtype=np.uint64)
    before = _resident()
    began = time.thread_time()
    bank = ImageBank()
    bank.apply(
        Change(f"i-{number}", number + 1, row.tobytes(), BankImage(f"i-{number}", "counterfeit", None))
        for number, row in enumerate(hashes)
    )
    build = time.thread_time() - began
    memory = _resident() - before
    version = options.hashes
    planted, wanted = _planted(hashes, options.queries, chance)
    random = [row.tobytes().hex() for row in chance.integers(0, 2**64, (options.queries, 4), dtype=np.uint64)]
    began = time.thread_time()
    answers = [bank.find(query, version) for query in planted]
    seconds = time.thread_time() - began
    missed = sum(
        (distance, f"i-{source}") not in {(near, image.image_id) for near, image in found}
        for found, (source, distance) in zip(answers, wanted, strict=True)
    )
    random_hits = sum(bool(bank.find(query, version)) for query in random)
    compared = [*planted[:: len(planted) // _LINEAR][:_LINEAR], *random[:_LINEAR]]
    began = time.thread_time()
    scanned = [_scan(hashes, query) for query in compared]
    linear = len(compared) / (time.thread_time() - began)
    began = time.thread_time()
    for query in compared:
        _quick_scan(hashes, query)
    quick = len(compared) / (time.thread_time() - began)
    different = sum(
        [(near, int(image.image_id[2:])) for near, image in bank.find(query, version)] != found
        for query, found in zip(compared, scanned, strict=True)
    )
    indexed = len(planted) / seconds
    head = (
        f"`python -m bench.images`: {options.hashes:,} hashes of 256 bits, {len(planted):,} queries planted at "
        f"distances 0 to {MOST_DISTANCE}, {len(random):,} random ones; Python {sys.version.split()[0]}, numpy "
        f"{np.__version__}."
    )
    load = "The machine's load was {:.1f}, {:.1f} and {:.1f} (1, 5 and 15 minutes).".format(*os.getloadavg())
    lines = [
        "# The bank of pictures",
        "",
        f"{head} Times are of the processor. {load}",
        "",
        "| | |",
        "|---|---|",
        f"| recall within distance {MOST_DISTANCE} | {1 - missed / len(planted):.4f} ({missed} missed) |",
        f"| answers that differ from a linear scan's | {different} of {len(compared)} |",
        f"| random queries with a hit | {random_hits} of {len(random):,} |",
        f"| queries/s, index | {indexed:,.0f} |",
        f"| queries/s, linear numpy scan | {linear:,.0f} |",
        f"| ratio | {indexed / linear:,.0f} |",
        f"| queries/s, linear numpy scan that adds the counts as the index does | {quick:,.0f} |",
        f"| ratio | {indexed / quick:,.0f} |",
        f"| load and build | {build:.1f} s |",
        f"| memory, ids and pictures' data included | {memory / 2**20:,.0f} MiB |",
        "",
    ]
    _REPORT.write_text("\n".join(lines), encoding="utf-8")
    print("\n".join(lines))
    if missed or different:
        sys.exit("the index does not find all that a linear scan finds")


def _planted(
    hashes: NDArray[np.uint64], queries: int, chance: np.random.Generator
) -> tuple[list[str], list[tuple[int, int]]]:
    """Give queries, and for each the number of the hash that it comes from and its distance from it."""
    made, wanted = [], []
    for number in range(queries):
        distance = number % (MOST_DISTANCE + 1)
        source = int(chance.integers(len(hashes)))
        bits = np.unpackbits(hashes[source].view(np.uint8))
        bits[chance.choice(256, distance, replace=False)] ^= 1
        made.append(np.packbits(bits).tobytes().hex())
        wanted.append((source, distance))
    return made, wanted


def _scan(hashes: NDArray[np.uint64], query: str) -> list[tuple[int, int]]:
    distances = np.bitwise_count(hashes ^ np.frombuffer(bytes.fromhex(query), np.uint64)).sum(axis=1)
    return sorted((int(distances[slot]), int(slot)) for slot in np.flatnonzero(distances <= MOST_DISTANCE))


def _quick_scan(hashes: NDArray[np.uint64], query: str) -> NDArray[np.int64]:
    counts = np.bitwise_count(hashes ^ np.frombuffer(bytes.fromhex(query), np.uint64)).view(np.uint32)
    return np.flatnonzero(counts.reshape(-1) * np.uint32(0x01010101) >> np.uint32(24) <= MOST_DISTANCE)


def _resident() -> int:
    """Give the most memory that the process has had so far, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


if __name__ == "__main__":
    main()
