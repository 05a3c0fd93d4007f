"""The matcher on one core beside libraries that search for names exactly, or by likeness."""

import random

from bench.matching_cost import NEW_AND_MET, peer_rows, speed_rows, table
from bench.matching_texts import made_up_brands, made_up_titles, read_texts
from bench.section import Context, Section, Target
from klean_stream.cli.match import read_brands

_BRANDS, _TITLES, _QUICK_TITLES = 24_000, 12_000, 1_000


def run(context: Context) -> Section:
    """Search the same texts for the same names with each of them."""
    dice = random.Random(7)
    brands = list(read_brands(context.brands)) if context.brands else made_up_brands(dice, _BRANDS)
    count = _QUICK_TITLES if context.quick else _TITLES
    texts = list(read_texts(context.titles)) if context.titles else made_up_titles(dice, brands, count)
    context.say(f"matching: {len(texts):,} texts")
    rows = speed_rows(brands, texts)
    body = (
        f"{len(brands):,} brands, {len(set(texts)):,} different titles{'' if context.titles else ', made up'}. The "
        f"baseline is `bench/baseline_ac.py`. {NEW_AND_MET} Only klean-stream undoes disguises, keeps to the bounds of "
        "words in three languages, tells common words from marks, and says what it has found and where.\n\n"
        f"{table([*rows, *peer_rows(brands, texts)])}"
    )
    met = next(ratio for label, ratio, _ in rows if label.endswith("has met"))
    target = Target("matching: of the speed of exact search, titles that it has met", 1 / met, 0.2)
    return Section("Matching beside other libraries", body, (target,), block="matching")
