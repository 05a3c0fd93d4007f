"""Filling a stage with the synthetic events, and telling from them what has to come out."""

from collections.abc import Iterator

import orjson

from bench.contest import Input
from bench.outputs import Wanted
from bench.section import Context
from bench.stage import Stage
from bench.workloads.events import SELLERS, events, seller_ids


def synthetic(
    context: Context, prefix: str, count: int, *, sellers: int = SELLERS, zipf: bool = True, partitions: int = 4
) -> Input:
    """Publish ``count`` events on a stage of their own."""
    stage = Stage(context.bootstrap, prefix, partitions)
    stage.open()
    wanted = Wanted()
    total = 0

    def watched() -> Iterator[tuple[bytes, bytes]]:
        nonlocal total
        for key, value in events(seller_ids(count, sellers, zipf=zipf)):
            price = orjson.loads(value)["price"]
            total += price
            seller = key.decode()
            listings, amount = wanted.totals.get(seller, (0, 0))
            wanted.totals[seller] = listings + 1, amount + price
            yield key, value

    stage.fill(watched())
    wanted.ids["decisions"] = {f"d-{number}" for number in range(count)}
    wanted.ids["takedowns"] = {f"t-{number}" for number in range(0, count, 10)}
    return Input(stage, wanted, total)
