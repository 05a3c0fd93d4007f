"""Filling a stage with the synthetic events, and telling from them what has to come out."""

from collections.abc import Iterator

import orjson

from bench.contest import Input
from bench.outputs import Wanted
from bench.section import Context
from bench.stage import Stage
from bench.workloads.core import DictRows, Event
from bench.workloads.events import SELLERS, events, seller_ids
from bench.workloads.state import StateCore


def synthetic(
    context: Context,
    prefix: str,
    count: int,
    *,
    sellers: int = SELLERS,
    zipf: bool = True,
    partitions: int = 4,
    decided: bool = True,
) -> Input:
    """Publish ``count`` events on a stage of their own; ``decided`` says that the state workload is run on them."""
    stage = Stage(context.bootstrap, prefix, partitions)
    stage.open()
    core, rows, wanted = StateCore(), DictRows(), Wanted()
    total = 0

    def watched() -> Iterator[tuple[bytes, bytes]]:
        nonlocal total
        for key, value in events(seller_ids(count, sellers, zipf=zipf)):
            total += orjson.loads(value)["price"]
            if decided:
                # The reference: one event after the other, a seller's in their order.
                wanted.expect(core.decide(Event(0, 0, 0, key, value), rows))
            yield key, value

    stage.fill(watched())
    wanted.rows = rows.rows
    return Input(stage, wanted, total)
