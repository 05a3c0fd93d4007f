"""The state path: a constant decision, a row, a decision record, and a takedown for each tenth event."""

from bench.contest import Input, compete, table
from bench.inputs import synthetic
from bench.roster import Size
from bench.section import Context, Section, Target
from bench.workloads.events import SELLERS

_SIZES: dict[Size, int] = {"large": 1_000_000, "medium": 300_000, "small": 40_000}
_QUICK: dict[Size, int] = {"large": 100_000, "medium": 50_000, "small": 5_000}


def run(context: Context) -> Section:
    """Run the contenders of this workload."""
    sizes = _QUICK if context.quick else _SIZES

    def make_input(size: Size) -> Input:
        return synthetic(context, f"bench.state.{size}.", sizes[size])

    results = compete(context, "state", make_input)
    body = (
        f"Each record is decoded; it updates the row of one of {SELLERS:,} sellers (zipf) and gives a record of "
        "`decisions`, each tenth also one of `takedowns`. The clock stops when all of it is durable. "
        "*The same, and deciding* writes nothing: it shows what the decision alone leaves to a runtime. *The same, "
        "deciding and writing* writes the same outputs and promises nothing. "
        f"{sizes['large']:,} records in 4 partitions; {sizes['medium']:,} or {sizes['small']:,} for slower ones.\n\n"
        f"{table(results, 'state')}"
    )
    wanted = (("faust", 25.0), ("quix", 5.0), ("bare", 0.3))
    targets = []
    for peer, least in wanted:
        ratio = results.ratio("klean", peer)
        if ratio is not None:
            targets.append(Target(f"state: klean-stream / {peer}", ratio, least))
    return Section("State: a row and a decision for each event", body, tuple(targets))
