"""Score the matcher over labelled titles: precision, recall and F1 of the act tier by kind of title.

    python bench/score_titles.py --titles FILE --brands FILE [--scorer FILE]

Titles: JSONL rows with ``id``, ``title``, ``description``?, ``kind``, ``brand_true`` and ``brand_ignore``?
(ids that count neither way). Brands: as ``klean-stream match`` takes them. With ``--scorer`` the given script
(``SCORER TITLES PREDICTIONS``) prints the table instead.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

from klean_stream.cli.jsonl import read_rows
from klean_stream.cli.match import match


def main() -> None:
    """Run the match command and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--titles", type=Path)
    parser.add_argument("--brands", type=Path)
    parser.add_argument("--scorer", type=Path)
    arguments = parser.parse_args()
    if arguments.titles is None or arguments.brands is None:
        sys.exit(
            "This measures on labelled data that is not part of the project: give --titles FILE and --brands FILE."
        )
    with tempfile.TemporaryDirectory() as folder:
        predictions = Path(folder) / "predictions.jsonl"
        started = time.perf_counter()
        match(brands=arguments.brands, input=arguments.titles, output=predictions, quiet=True)
        took = time.perf_counter() - started
        if arguments.scorer is not None:
            subprocess.run([sys.executable, arguments.scorer, arguments.titles, predictions], check=True)
        else:
            Console().print(table(score(arguments.titles, predictions)))
        titles = sum(1 for _ in read_rows(predictions))
        print(f"{titles} titles in {took:.1f} s, reading and building the index included")


def score(titles: Path, predictions: Path) -> dict[str, Counter[str]]:
    """Give the counts tp, fp, fn, rows, brandless and hit (brandless rows with a brand) by kind and for all."""
    predicted = {row["id"]: set(row["brands"]) for _, row in read_rows(predictions)}
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for _, row in read_rows(titles):
        true = set(row["brand_true"])
        found = predicted.get(row["id"], set()) - (set(row.get("brand_ignore") or ()) - true)
        for group in ("all", row["kind"]):
            counts[group].update(
                rows=1,
                tp=len(true & found),
                fp=len(found - true),
                fn=len(true - found),
                brandless=not true,
                hit=bool(found and not true),
            )
    return counts


def table(counts: dict[str, Counter[str]]) -> Table:
    """Lay the counts out as precision, recall, F1 and the share of brandless rows with a hit."""
    laid_out = Table("kind", "rows", "P", "R", "F1", "brandless hit")
    for group, count in sorted(counts.items()):
        precision = _share(count["tp"], count["tp"] + count["fp"])
        recall = _share(count["tp"], count["tp"] + count["fn"])
        f1 = _share(2 * count["tp"], 2 * count["tp"] + count["fp"] + count["fn"])
        laid_out.add_row(group, str(count["rows"]), precision, recall, f1, _share(count["hit"], count["brandless"]))
    return laid_out


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.3f}" if whole else "-"


if __name__ == "__main__":
    main()
