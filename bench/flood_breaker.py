"""Whom the flood breaker holds: nobody on a usual day, and a name that floods, by how many takedown candidates.

    python -m bench.flood_breaker --titles FILE --brands FILE [--flood WORD]

The titles (JSONL: ``title``, ``description``?, ``category``?) are taken twice, in six random orders, at several rates
for one partition, each by one of 3,000 sellers. Then ``--flood`` is registered as a brand in the middle of the day.
"""

import argparse
import random
import sys
from dataclasses import dataclass, field
from pathlib import Path

from klean_stream.brands import BrandMatcher
from klean_stream.brands.breaker import Traffic, Usage, count
from klean_stream.brands.goods import nice_classes
from klean_stream.cli.jsonl import read_rows
from klean_stream.cli.match import read_brands
from klean_stream.events import Brand, ListingSnapshot
from klean_stream.policy import default_policy

_HOUR = 3_600_000
_RATES = (500, 1_500, 4_000)
_ORDERS = 6
_SELLERS = 3_000


@dataclass
class Books:
    """The breaker's counts of one partition."""

    partition: int = 0
    all: Traffic | None = None
    usages: dict[str, Usage] = field(default_factory=dict)

    def traffic(self) -> Traffic | None:
        """Give the counts of all listings."""
        return self.all

    def usage(self, brand_id: str) -> Usage | None:
        """Give the counts of a brand."""
        return self.usages.get(brand_id)


def main() -> None:
    """Match the titles once, then play the days."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--titles", type=Path)
    parser.add_argument("--brands", type=Path)
    parser.add_argument("--flood", default="Wireless")
    arguments = parser.parse_args()
    if arguments.titles is None or arguments.brands is None:
        sys.exit("This measures on titles that are not part of the project: give --titles FILE and --brands FILE.")
    registry = BrandMatcher.build(read_brands(arguments.brands))
    flood = BrandMatcher.build([Brand(brand_id="flood", name=arguments.flood)])
    usual = sure(registry, arguments.titles)
    flooding = sure(flood, arguments.titles)
    print(f"{len(usual):,} titles; {arguments.flood!r} is surely found in {sum(map(bool, flooding)):,}")
    for rate in _RATES:
        held = []
        for seed in range(_ORDERS):
            order = shuffled(len(usual), seed)
            held += play([usual[place] for place in order], rate)[0]
        order = shuffled(len(usual), 0)
        middle = len(order) // 2
        day = [usual[place] + (flooding[place] if at >= middle else ()) for at, place in enumerate(order)]
        tripped, acted = play(day, rate)
        said = f"held after {acted} listings" if "flood" in tripped else f"never held, in {acted} listings"
        print(f"{rate:,} listings an hour: {len(held)} brands held in {_ORDERS} usual days; the flood is {said}")


def sure(matcher: BrandMatcher, titles: Path) -> list[tuple[str, ...]]:
    """Give the brands of tier ``act`` of each title."""
    found = []
    for _, row in read_rows(titles):
        text = ListingSnapshot(title=row["title"] or "-", description=row.get("description") or "")
        matches = matcher.match(text, nice_classes(row.get("category")))
        found.append(tuple(dict.fromkeys(match.brand_id for match in matches if match.tier == "act")))
    return found


def shuffled(titles: int, seed: int) -> list[int]:
    """Give the order of a day: every title twice."""
    order = list(range(titles)) * 2
    random.Random(seed).shuffle(order)
    return order


def play(day: list[tuple[str, ...]], rate: int) -> tuple[list[str], int]:
    """Give the brands that come to be held, and in how many listings the machine might act for the flood."""
    books, rules = Books(), default_policy().breaker
    held: list[str] = []
    acted = 0
    for place, brand_ids in enumerate(day):
        now = 480_000 * _HOUR + place * _HOUR // rate
        counted = count(brand_ids, f"s-{place % _SELLERS}", now=now, flow=books, rules=rules)
        books.all = counted.traffic
        books.usages |= dict(counted.usages)
        held += [hold.brand_id for hold in counted.begun]
        acted += "flood" in brand_ids and "flood" not in counted.held
    return held, acted


if __name__ == "__main__":
    main()
