"""Measure the matching engine, and write bench/matching.md.

    python -m bench.matching                                              names and titles made up here
    python -m bench.matching --titles FILE --brands FILE [--large FILE]   labelled titles, as for bench.score_titles

Without labelled titles it measures what disguises made from published descriptions (see :mod:`bench.disguises`) the
matcher undoes on made-up names. ``--large`` is a larger registry, for speed, memory and false hits. Speed is the ratio
of processor time to :mod:`bench.baseline_ac` on the same texts and names in this run, taken in turns.
"""

import argparse
import os
import random
from datetime import UTC, datetime
from pathlib import Path

from bench.matching_accuracy import accuracy, disguises, robustness
from bench.matching_cost import building, changes, long_texts, peers, speed
from bench.matching_texts import made_up_brands, made_up_titles, read_texts
from klean_stream.brands import COMPILED, BrandMatcher
from klean_stream.cli.match import read_brands

_REPORT = Path(__file__).with_name("matching.md")
_SYNTHETIC_BRANDS, _SYNTHETIC_TITLES = 24_000, 4_000


def main() -> None:
    """Measure and write the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--titles", type=Path)
    parser.add_argument("--brands", type=Path)
    parser.add_argument("--large", type=Path)
    parser.add_argument("--report", type=Path, default=_REPORT)
    arguments = parser.parse_args()
    dice = random.Random(7)
    brands = list(read_brands(arguments.brands)) if arguments.brands else made_up_brands(dice, _SYNTHETIC_BRANDS)
    texts = list(read_texts(arguments.titles)) if arguments.titles else made_up_titles(dice, brands, _SYNTHETIC_TITLES)
    busy = os.getloadavg()[0]
    head = (
        f"# Matching\n\n{len(brands)} brands, {len(texts)} texts; made by `make bench-matching`, "
        f"{datetime.now(UTC):%Y-%m-%d}, on {os.cpu_count()} cores; load {busy:.1f} when it began. The matcher is "
        f"{'compiled' if COMPILED else 'not compiled'}."
    )
    sections = [head]
    if arguments.titles and arguments.brands:
        sections.append(_sources(arguments.large))
        sections.append(accuracy(arguments.titles, arguments.brands, arguments.large))
        sections.append(robustness(arguments.titles, arguments.brands))
    matcher = BrandMatcher.build(brands)
    sections += [disguises(matcher, brands, dice), speed(brands, texts)]
    most = brands
    if arguments.large:
        most = list(read_brands(arguments.large))
        sections.append(speed(most, texts))
    sections.append(peers(brands, texts))
    if arguments.brands:
        sections.append(building([path for path in (arguments.brands, arguments.large) if path]))
    sections += [changes(most, texts), long_texts(matcher, texts)]
    arguments.report.write_text("\n\n".join(sections) + "\n", encoding="utf-8")
    print(f"written to {arguments.report}")


def _sources(large: Path | None) -> str:
    larger = f" (`{large.name.split('.')[0]}` is the larger one)" if large else ""
    return (
        f"The titles, their labels and the registries{larger} are not part of the repository; ids such as `d000182` "
        "are those of rows in the file of titles."
    )


if __name__ == "__main__":
    main()
