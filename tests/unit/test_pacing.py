"""When the next unit begins: what waits is durable within the interval, and brokers are not asked too often."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from klean_stream.runtime.pacing import Pacing

_times = st.floats(min_value=0.0, max_value=10.0)


@given(interval=_times, took=_times)
def test_a_record_waits_and_is_committed_within_the_interval_where_units_are_short(
    interval: float, took: float
) -> None:
    period = Pacing(interval).period(took)
    # A record that just missed a unit waits for a whole period, and then for its own unit's end.
    if 4 * took <= interval:
        assert period + 2 * took <= interval + 1e-9
    else:
        assert period == interval / 2


@given(interval=_times, took=_times)
def test_units_that_take_long_do_not_follow_each_other_more_often(interval: float, took: float) -> None:
    assert Pacing(interval).period(took) >= interval / 2


async def test_a_pause_ends_where_much_is_waiting() -> None:
    pacing = Pacing(3_600.0)
    pausing = asyncio.create_task(pacing.pause(0.0))
    await asyncio.sleep(0)
    pacing.hurry()
    await asyncio.wait_for(pausing, 10)


async def test_what_waited_in_the_past_does_not_shorten_the_next_pause() -> None:
    pacing = Pacing(3_600.0)
    pacing.hurry()
    pausing = asyncio.create_task(pacing.pause(0.0))
    _, waiting = await asyncio.wait({pausing}, timeout=0.05)
    pausing.cancel()
    assert waiting == {pausing}


async def test_without_an_interval_units_follow_each_other_at_once() -> None:
    await asyncio.wait_for(Pacing(0.0).pause(0.0), 10)
