"""Gathering a unit of work: the records that wait are decided, in order, up to the unit's bounds."""

import asyncio
import time
from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Final

from faust.types import TP

from klean_stream.processing import Absorbs, Overlay, ReferenceView, Route
from klean_stream.processing.absorb import Fate
from klean_stream.processing.rows import ReadableRows
from klean_stream.runtime import metrics
from klean_stream.runtime.backlog import Backlog
from klean_stream.runtime.fetched import Part, Unreadable
from klean_stream.runtime.flood import check_flood
from klean_stream.runtime.inputs import Inputs
from klean_stream.runtime.losses import look_for_losses
from klean_stream.runtime.outbox import CreateBatch, Outbox
from klean_stream.runtime.positions import InputPosition, PositionRow
from klean_stream.runtime.records import KafkaRecord, input_record
from klean_stream.runtime.settings import Settings
from klean_stream.runtime.unit import Unit

# How long the event loop may be kept from everything else (heartbeats run in a thread of their own).
_SLICE_SECONDS: Final = 0.004
# Whether it is over is looked up after so many records, where those before took no longer than this: a look costs as
# much as all that is put around a record.
_QUICK_RECORDS: Final = 8
_QUICK_SECONDS: Final = 0.0005
# How many turns everything else then has: a fetch takes dozens from the request to the backlog.
_TURNS: Final = 8
# How long a unit may gather: the emergency stop, and the next partition, wait for it.
_GATHER_SECONDS: Final = 0.5


class Gathering:
    """Turns the backlog of one partition into units.

    ``topics`` gives the logical names of the inputs by their full ones. ``must_end`` is asked now and then, and ends a
    unit with what it has.
    """

    def __init__(
        self,
        partition: int,
        topics: Mapping[str, str],
        settings: Settings,
        inputs: Inputs,
        processor: Absorbs,
        backlog: Backlog,
        must_end: Callable[[], bool],
    ) -> None:
        self._partition = partition
        self._topics = topics
        self._settings = settings
        self._inputs = inputs
        self._processor = processor
        self._backlog = backlog
        self._must_end = must_end
        self._slice_ends = 0.0

    async def gather(
        self, rows: ReadableRows, position: PositionRow, reference: ReferenceView, create_batch: CreateBatch
    ) -> Unit:
        """Decide what is waiting, over durable rows and positions, all of it under the same registry and policy.

        Outputs go into batches that ``create_batch`` makes.

        Raises DeadLetterFlood, RowsError, Unreadable, and what asking the brokers where a topic begins raises.
        """
        unit = Unit(Overlay(rows), deepcopy(position), Outbox(create_batch))
        unit.position.registry_version = reference.registry_version
        unit.position.control_version = reference.control_version
        began = time.monotonic()
        ends, self._slice_ends = began + _GATHER_SECONDS, began + _SLICE_SECONDS
        while self._backlog and not self._must_end():
            try:
                part, route = self._backlog.take()
            except Unreadable:
                if not unit.records:
                    raise
                # What comes before it counts; the next unit begins with it.
                unit.left_over = True
                break
            continuation, part = self._backlog.continues(part)
            if continuation == "gap":
                # The backlog holds other topics' batches too, and nobody fetches those again of himself.
                metrics.REWINDS.labels(self._topics[part.topic]).inc()
                self._backlog.clear()
                await self._inputs.seek(
                    {TP(topic, self._partition): offset for topic, offset in self._backlog.expected.items()}
                )
            elif continuation == "next":
                if part.begins_fetch:
                    absorbed = unit.position.of(self._topics[part.topic])
                    await look_for_losses(part, absorbed, self._inputs.log_start)
                    # What is missing was looked for, and if it was lost it is counted.
                    part.start, part.begins_fetch = part.first, False
                rest = await self._absorb(part, route, unit, reference, ends)
                self._backlog.expected[part.topic] = part.end if rest is None else rest.start
                if rest is not None:
                    self._backlog.put_back(rest, route)
                    unit.left_over = True
                    break
            elif time.monotonic() > self._slice_ends:
                await self._let_others_run()
        return unit

    async def _absorb(self, part: Part, route: Route, unit: Unit, reference: ReferenceView, ends: float) -> Part | None:
        """Decide records into the unit; gives what the unit's bounds leave over, or None.

        However late it is, a unit has one record at least: what comes before may take any time.
        """
        position = unit.position.of(route.topic)
        room = self._settings.unit_max_records - unit.records
        wanted = part.records if len(part.records) <= room else part.records[:room]
        taken = 0
        while taken < len(wanted) and self._has_room(unit):
            if time.monotonic() > self._slice_ends:
                if unit.records and (time.monotonic() > ends or self._must_end()):
                    break
                await self._let_others_run()
            in_slice = self._absorb_slice(wanted, taken, route, unit, position, reference)
            taken += in_slice
            unit.records += in_slice
        if taken < len(part.records):
            rest = part.rest(taken)
            position.next_offset = rest.start
            return rest
        position.next_offset = part.end
        metrics.LAG.labels(route.topic, self._partition).set(max(0, part.highwater - part.end))
        return None

    def _has_room(self, unit: Unit) -> bool:
        return unit.outputs.bytes + unit.rows.bytes_put < self._settings.unit_max_bytes

    def _absorb_slice(
        self,
        records: list[KafkaRecord],
        first: int,
        route: Route,
        unit: Unit,
        position: InputPosition,
        reference: ReferenceView,
    ) -> int:
        """Decide records from the ``first`` on, one at least, until the slice or the unit is over; tells how many.

        It is no coroutine: that would keep all that it uses in memory, and look for it there for each record.
        """
        topic, partition, epoch = route.topic, self._partition, position.epoch
        rows, outputs, tally = unit.rows, unit.outputs, unit.tally
        absorb, clock = self._processor.absorb, time.monotonic
        most_bytes, slice_ends = self._settings.unit_max_bytes, self._slice_ends
        fate: Fate = "decided"
        same_fate = 0
        at, looked, look_at = first, clock(), first + 1
        while at < len(records):
            absorbed = absorb(input_record(records[at], topic, partition, epoch=epoch), route, rows, reference)
            at += 1
            outputs.add(absorbed.outputs)
            if absorbed.decision is not None or absorbed.reason is not None:
                tally.add(topic, absorbed)
            if absorbed.fate == fate and fate != "dead_lettered":
                same_fate += 1
            else:
                position.count(fate, same_fate)
                fate, same_fate = absorbed.fate, 1
                if fate == "dead_lettered":
                    position.count(fate)
                    same_fate = 0
                    check_flood(topic, partition, position, self._settings)
            if outputs.bytes + rows.bytes_put >= most_bytes:
                break
            if at == look_at:
                now = clock()
                if now > slice_ends:
                    break
                look_at += _QUICK_RECORDS if now - looked < _QUICK_SECONDS else 1
                looked = now
        position.count(fate, same_fate)
        return at - first

    async def _let_others_run(self) -> None:
        for _ in range(_TURNS):
            await asyncio.sleep(0)
        self._slice_ends = time.monotonic() + _SLICE_SECONDS
