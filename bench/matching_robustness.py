"""Print the recall of the homoglyph rows, with a random tenth of the table of look-alikes taken away.

    python -m bench.matching_robustness TITLES BRANDS [SEED]

The tables are made when they are imported, so this is a process of its own: it puts a poorer module of look-alikes in
the place of :mod:`klean_stream.text.confusables` before anything asks for it.
"""

import importlib
import random
import sys
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

_TAKEN = 0.1


def main() -> None:
    """Print the recall, or nothing but an error."""
    titles, brands = Path(sys.argv[1]), Path(sys.argv[2])
    if len(sys.argv) > 3:
        _impoverish(random.Random(int(sys.argv[3])))
    read_rows = importlib.import_module("klean_stream.cli.jsonl").read_rows
    cli = importlib.import_module("klean_stream.cli.match")
    text = importlib.import_module("bench.matching_texts").Text
    matcher = importlib.import_module("klean_stream.brands.matcher").BrandMatcher.build(cli.read_brands(brands))
    true = found = 0
    for _, row in read_rows(titles):
        if row.get("obfuscation") == "homoglyph":
            acted = {m.brand_id for m in matcher.match(text(row["title"])) if m.tier == "act"}
            true += len(row["brand_true"])
            found += len(acted.intersection(row["brand_true"]))
    print(found / true)


def _impoverish(dice: random.Random) -> None:
    package = find_spec("klean_stream")
    if package is None or package.origin is None:
        raise SystemExit("klean_stream is not installed")
    table = Path(package.origin).parent / "text" / "data" / "confusables.tsv"
    lines = table.read_text(encoding="ascii").splitlines()[1:]
    left = sorted(dice.sample(lines, len(lines) - round(_TAKEN * len(lines))))
    module = ModuleType("klean_stream.text.confusables")
    parts = (line.split("\t") for line in left)
    prototypes = {chr(int(c, 16)): "".join(chr(int(p, 16)) for p in prototype.split()) for c, prototype in parts}
    module.__dict__["PROTOTYPES"] = prototypes
    sys.modules[module.__name__] = module


if __name__ == "__main__":
    main()
