"""Filling a stage with the synthetic events, and telling from them what has to come out."""

import zlib
from collections.abc import Iterator
from pathlib import Path

import orjson

from bench.contest import Input
from bench.outputs import Wanted, committed
from bench.section import Context
from bench.stage import Stage
from bench.workloads.core import DictRows, Event
from bench.workloads.events import SELLERS, events, seller_ids
from bench.workloads.full import POLICY, FullCore
from bench.workloads.listings import listings, registry
from bench.workloads.state import StateCore
from klean_stream.events import Control


def synthetic(
    context: Context,
    prefix: str,
    count: int,
    *,
    sellers: int = SELLERS,
    zipf: bool = True,
    partitions: int = 4,
    decided: bool = True,
    rows: dict[bytes, bytes] | None = None,
) -> Input:
    """Publish ``count`` events on a stage of their own.

    ``decided`` says that the state workload is run on them, ``rows`` are those that there are before.
    """
    stage = Stage(context.bootstrap, prefix, partitions)
    stage.open()
    core, kept, wanted = StateCore(), DictRows(rows), Wanted()
    total = 0

    def watched() -> Iterator[tuple[bytes, bytes]]:
        nonlocal total
        for key, value in events(seller_ids(count, sellers, zipf=zipf)):
            total += orjson.loads(value)["price"]
            if decided:
                # The reference: one event after the other, a seller's in their order.
                wanted.expect(core.decide(Event(0, 0, 0, key, value), kept))
            yield key, value

    stage.fill(watched())
    wanted.rows = kept.rows
    return Input(stage, wanted, total)


def real(context: Context, prefix: str, count: int, entries: Path) -> Input:
    """Publish ``count`` listings and the registry on a stage of their own, and write the registry to ``entries``."""
    stage = Stage(context.bootstrap, prefix)
    stage.open()
    brands = list(registry(context.brands))
    entries.write_bytes(b"".join(value + b"\n" for _, value in brands))
    stage.publish("brands", ((key, value, 0) for key, value in brands))
    stage.publish("control", [(b"policy", orjson.dumps(Control(kind="policy", policy=POLICY)), 0)])
    stage.fill(listings(context.titles, count))
    # The reference is read back: the time of a decision is the broker's, its position the record's.
    core, rows, wanted, digest = FullCore(entries), DictRows(), Wanted(), 0
    for record in committed(context.bootstrap, prefix + "listings"):
        outputs = core.decide(record, rows)
        wanted.expect(outputs)
        digest += sum(zlib.crc32(output.value) for output in outputs)
    wanted.rows = rows.rows
    wanted.shared = frozenset(key for key in rows.rows if key.startswith(b"breaker/"))
    return Input(stage, wanted, digest)
