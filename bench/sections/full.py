"""The full path: listings decided by the real core under a registry of the size of a marketplace's."""

from bench.contest import Input, compete, table
from bench.inputs import real
from bench.roster import Size
from bench.section import Context, Section, Target
from bench.workloads.listings import BRANDS

_LISTINGS = 24_000
_QUICK = 1_000


def run(context: Context) -> Section:
    """Run the contenders of this workload."""
    count = _QUICK if context.quick else _LISTINGS
    entries = context.folder / "registry.jsonl"

    def make_input(size: Size) -> Input:
        return real(context, f"bench.full.{size}.", count, entries)

    results = compete(context, "full", make_input, entries)
    brands = f"the brands of {context.brands.name}" if context.brands else f"{BRANDS:,} brands, most of them made up"
    titles = f"titles of {context.titles.name}" if context.titles else "made-up titles"
    body = (
        f"{count:,} listings with {titles} are matched against {brands}, weighed and decided by klean-stream's core, "
        f"in each contender alike; outputs and rows are equal byte for byte. (Only the flood breaker's counts, a row "
        "for a partition and a brand, are others in Quix Streams, whose state is that of a message's key.)\n\n"
        f"{table(results, 'full')}"
    )
    ratio = results.ratio("klean", "bare")
    targets = () if ratio is None else (Target("full: klean-stream / bare", ratio, 0.7),)
    return Section("Full: match, weigh, decide", body, targets)
