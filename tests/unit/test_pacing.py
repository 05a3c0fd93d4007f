"""When the next unit begins: brokers are not asked too often, and nothing waits without need."""

import asyncio

import pytest

from klean_stream.runtime.pacing import Pacing


async def is_paused(pacing: Pacing, took: float) -> bool:
    """Say whether the next unit has to wait, after one that took so many seconds."""
    pausing = asyncio.create_task(pacing.pause(took))
    _, waiting = await asyncio.wait({pausing}, timeout=0.05)
    pausing.cancel()
    return bool(waiting)


@pytest.mark.parametrize(("took", "paused"), [(0.0, True), (1_000.0, True), (1_801.0, False)])
async def test_units_begin_half_the_interval_apart_or_when_the_last_one_has_ended(took: float, paused: bool) -> None:
    assert await is_paused(Pacing(3_600.0), took) is paused


async def test_a_pause_ends_where_much_is_waiting() -> None:
    pacing = Pacing(3_600.0)
    pausing = asyncio.create_task(pacing.pause(0.0))
    await asyncio.sleep(0)
    pacing.hurry()
    await asyncio.wait_for(pausing, 10)


async def test_what_waited_in_the_past_does_not_shorten_the_next_pause() -> None:
    pacing = Pacing(3_600.0)
    pacing.hurry()
    assert await is_paused(pacing, 0.0)


async def test_without_an_interval_units_follow_each_other_at_once() -> None:
    assert not await is_paused(Pacing(0.0), 0.0)
