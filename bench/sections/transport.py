"""Transport alone: read, decode and count."""

from bench.contest import Input, compete, table
from bench.inputs import synthetic
from bench.roster import Size
from bench.section import Context, Section, Target

_SIZES: dict[Size, int] = {"large": 2_000_000, "medium": 600_000, "small": 150_000}
_QUICK: dict[Size, int] = {"large": 200_000, "medium": 200_000, "small": 10_000}


def run(context: Context) -> Section:
    """Run the contenders of this workload."""
    sizes = _QUICK if context.quick else _SIZES

    def make_input(size: Size) -> Input:
        return synthetic(context, f"bench.transport.{size}.", sizes[size], decided=False)

    results = compete(context, "transport", make_input)
    ratio = results.ratio("klean", "bare")
    body = (
        f"Records of about 250 bytes in 4 partitions are decoded and counted: {sizes['large']:,} of them, "
        f"{sizes['medium']:,} or {sizes['small']:,} for slower ones.\n\n{table(results, 'transport')}"
    )
    targets = () if ratio is None else (Target("transport: klean-stream / bare", ratio, 0.6),)
    return Section("Transport: decode and count", body, targets)
