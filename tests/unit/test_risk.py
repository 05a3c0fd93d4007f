"""The risk ledger: every point is explained, fades, and can be taken back."""

from dataclasses import replace

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from klean_stream.decision import SellerRow, Signal
from klean_stream.policy import default_policy, load_policy
from klean_stream.risk import (
    add,
    explain,
    level,
    lifted_if_due,
    points,
    strikes,
    suspended_if_due,
    take_back,
    view,
    with_status,
)
from klean_stream.risk.ledger import MAX_ENTRIES
from tests.unit.marketplace import DAY, START, strike

POLICY = default_policy()
HORIZON = POLICY.risk.horizon_days
WIDEST = "\U0001f575" * 128  # an id of 128 characters of four bytes each

SIGNALS = st.lists(
    st.builds(
        Signal,
        name=st.sampled_from(["listing_escalated", "listing_taken_down", "infringement_confirmed"]),
        points=st.integers(0, 40),
        at=st.integers(START - 400 * DAY, START),
        cause=st.uuids().map(str),
        listing_id=st.sampled_from([None, "l1", "l2", WIDEST]),
        case_number=st.integers(1, 3),
        strike=st.booleans(),
    ),
    max_size=30,
)


def _ledger(signals: list[Signal], now: int = START) -> SellerRow:
    row = SellerRow()
    for signal in signals:
        row = add(row, signal, now, POLICY)
    return row


@given(SIGNALS, st.integers(START - 500 * DAY, START + 500 * DAY))
def test_the_explained_points_sum_to_the_score_at_any_moment(signals: list[Signal], now: int) -> None:
    row = _ledger(signals)
    explained = explain(row, now, POLICY)
    assert sum(entry.points for entry in explained) == points(row, now, POLICY) == view(row, now, POLICY).points
    assert all(entry.points >= 0 for entry in explained)
    counted = [entry for entry in explained if entry.signal.strike and entry.age_days < HORIZON]
    assert strikes(row, now, POLICY) == sum(entry.signal.count for entry in counted)


@given(SIGNALS)
def test_a_score_only_falls_while_nothing_happens(signals: list[Signal]) -> None:
    row = _ledger(signals)
    scores = [points(row, START + days * DAY, POLICY) for days in range(HORIZON + 1)]
    assert scores == sorted(scores, reverse=True)
    assert scores[-1] == 0


def test_points_fade_linearly_by_calendar_day_and_are_gone_at_the_horizon() -> None:
    row = _ledger([strike(30, START)])
    midnight = START // DAY * DAY + DAY
    assert points(row, midnight - 1, POLICY) == 30
    assert points(row, midnight, POLICY) == 30 * (HORIZON - 1) // HORIZON
    assert points(row, START + HORIZON // 2 * DAY, POLICY) == 15
    assert points(row, START + (HORIZON - 1) * DAY, POLICY) == 30 // HORIZON
    assert points(row, START + HORIZON * DAY, POLICY) == 0
    assert strikes(row, START + (HORIZON - 1) * DAY, POLICY) == 1
    assert strikes(row, START + HORIZON * DAY, POLICY) == 0


def test_a_record_from_before_a_signal_sees_it_in_full() -> None:
    """Kafka's CreateTime may run backwards; nothing becomes more than it was given."""
    assert points(_ledger([strike(30, START)]), START - 90 * DAY, POLICY) == 30


@given(SIGNALS, SIGNALS)
def test_what_is_taken_back_leaves_the_ledger_as_it_was(before: list[Signal], added: list[Signal]) -> None:
    row = _ledger(before)
    after = row
    for signal in added:
        after = add(after, signal, START, POLICY)
    fresh = [signal for signal in row.ledger if START // DAY - signal.at // DAY < HORIZON]
    expected = replace(row, ledger=tuple(fresh)) if added else row
    back = take_back(after, added)
    assert back == expected
    assert take_back(back, added) == expected


def test_a_signal_that_was_given_again_is_taken_back_once() -> None:
    first, second = strike(30, START, 1), strike(30, START, 2)
    assert take_back(_ledger([first, second]), [first]).ledger == (second,)


@given(st.integers(MAX_ENTRIES + 1, 600), st.integers(1, 30), st.integers(0, 2 * HORIZON))
@settings(max_examples=20, deadline=None)
def test_folding_changes_no_score_on_any_day(count: int, days: int, later: int) -> None:
    signals = [strike(7, START - number % days * DAY, number) for number in range(count)]
    row = _ledger(signals)
    everything = replace(SellerRow(), ledger=tuple(signals))
    assert len(row.ledger) <= MAX_ENTRIES
    assert points(row, START + later * DAY, POLICY) == points(everything, START + later * DAY, POLICY)
    assert strikes(row, START + later * DAY, POLICY) == strikes(everything, START + later * DAY, POLICY)


def test_what_was_folded_can_still_be_taken_back_exactly() -> None:
    signals = [strike(7, START - number % 5 * DAY, number) for number in range(500)]
    row = take_back(_ledger(signals), signals[::2])
    assert points(row, START, POLICY) == sum(points(_ledger([signal]), START, POLICY) for signal in signals[1::2])
    assert take_back(row, signals[1::2]).ledger == ()


def test_a_row_stays_under_64_kib_with_the_longest_ids() -> None:
    row = SellerRow(shop_name="\x01" * POLICY.limits.kept_title)
    for number in range(1_000):
        signal = Signal(
            name="infringement_confirmed",
            points=30,
            at=START - number % HORIZON * DAY,
            cause=f"{number:036}",
            listing_id=WIDEST,
            case_number=number,
            strike=True,
        )
        row = add(row, signal, START, POLICY)
        assert len(orjson.dumps(row)) < 64 * 1024
    assert strikes(row, START, POLICY) == 1_000


def test_a_ledger_full_of_folded_days_drops_the_oldest_and_keeps_the_newest() -> None:
    row = SellerRow()
    policy = load_policy("[risk]\nhorizon_days = 1000")
    for day in range(999):
        row = add(row, strike(30, START + day * DAY, day), START + day * DAY, policy)
    assert len(row.ledger) == MAX_ENTRIES
    assert row.ledger[-1].cause == "cause-998"


def test_spent_entries_are_dropped_when_one_is_added() -> None:
    row = _ledger([strike(30, START, 1)])
    later = START + HORIZON * DAY
    assert [entry.cause for entry in add(row, strike(30, later, 2), later, POLICY).ledger] == ["cause-2"]


def test_levels_follow_the_thresholds() -> None:
    risk = POLICY.risk
    for score, expected in [
        (0, "normal"),
        (risk.elevated - 1, "normal"),
        (risk.elevated, "elevated"),
        (risk.high - 1, "elevated"),
        (risk.high, "high"),
    ]:
        assert level(_ledger([strike(score, START)]), START, POLICY) == expected
    assert level(SellerRow(status="suspended"), START, POLICY) == "suspended"


def test_enough_strikes_suspend_and_one_taken_back_lifts_it() -> None:
    limit = POLICY.risk.strikes_to_suspend
    given_strikes = [strike(30, START, number) for number in range(limit)]
    free = replace(_ledger(given_strikes[:-1]), status="approved")
    assert suspended_if_due(free, START, POLICY) is free
    held = suspended_if_due(add(free, given_strikes[-1], START, POLICY), START, POLICY)
    assert (held.status, held.payout_hold, held.status_if_lifted) == ("suspended", True, "approved")
    assert lifted_if_due(held, START, POLICY) is held
    lifted = lifted_if_due(take_back(held, given_strikes[-1:]), START, POLICY)
    assert lifted == free


def test_a_sign_up_status_waits_for_the_end_of_a_suspension() -> None:
    held = SellerRow(status="suspended", status_if_lifted="approved", payout_hold=True)
    held = with_status(held, "documents_needed", POLICY)
    assert (held.status, held.status_if_lifted, held.payout_hold) == ("suspended", "documents_needed", True)
    lifted = lifted_if_due(held, START, POLICY)
    assert (lifted.status, lifted.payout_hold) == ("documents_needed", True)
