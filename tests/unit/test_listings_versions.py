"""Which version of a listing counts, and what its past makes of a new one."""

from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from klean_stream.decision import Rejected
from klean_stream.events import Case, Escalation, Listing, Money, Takedown
from klean_stream.listings.versions import digest
from tests.unit.marketplace import Marketplace, of

FAKE = "나이키 미러급 운동화"


@pytest.fixture
def market() -> Marketplace:
    """A marketplace on which seller s1 is approved."""
    market = Marketplace()
    market.sign_up()
    return market


def test_an_older_version_changes_nothing(market: Marketplace) -> None:
    market.list("Cotton shirt", version=5)
    before = market.listing()
    outcome = market.list(FAKE, version=4)
    assert (outcome.verdict, outcome.rule, outcome.superseded) == ("superseded", "older_version", True)
    assert outcome.outputs == ()
    assert market.listing() == before


def test_the_same_version_and_content_changes_nothing(market: Marketplace) -> None:
    market.list("Cotton shirt", attributes={"a": "1", "b": "2"})
    outcome = market.list("Cotton shirt", attributes={"b": "2", "a": "1"}, change="updated")
    assert (outcome.rule, outcome.superseded) == ("same_version", True)


def test_the_same_version_with_other_content_is_rejected(market: Marketplace) -> None:
    market.list("Cotton shirt")
    with pytest.raises(Rejected) as rejected:
        market.list("Linen shirt")
    assert rejected.value.reason == "version_conflict"


def test_a_removal_outranks_its_own_version_whichever_comes_first(market: Marketplace) -> None:
    market.list("Cotton shirt", listing_id="a")
    assert market.remove(version=1, listing_id="a").verdict == "removed"
    assert market.remove(version=1, listing_id="b").verdict == "removed"
    late = market.list("Cotton shirt", listing_id="b")
    assert (late.rule, late.superseded) == ("removal_outranks", True)
    assert market.listing("a") == replace(market.listing("b"), title="Cotton shirt")
    assert market.seller().listings == 0


def test_only_a_higher_version_recreates_a_removed_listing(market: Marketplace) -> None:
    market.list("Cotton shirt")
    market.remove(version=2)
    assert market.remove(version=2).superseded
    assert market.list("Cotton shirt", version=2).superseded
    assert market.list("Cotton shirt", version=3).verdict == "allow"
    assert market.seller().listings == 1


EVENTS = st.lists(st.tuples(st.integers(0, 4), st.booleans()), unique=True, min_size=1, max_size=8)


@given(EVENTS, st.randoms(use_true_random=False))
def test_events_in_any_order_end_with_the_same_listing(
    events: list[tuple[int, bool]],
    order: Random,
) -> None:
    """Retries and repartitioned publishers reorder: the newest version stands, and a removal stands over it."""

    def end(arrived: list[tuple[int, bool]]) -> tuple[int, bool, str, int]:
        market = Marketplace(brands=())
        for version, removed in arrived:
            if removed:
                market.remove(version=version)
            else:
                market.list(f"Shirt {version}", version=version)
        row = market.listing()
        return row.version, row.status == "removed", row.content, market.seller().listings

    shuffled = list(events)
    order.shuffle(shuffled)
    assert end(shuffled) == end(sorted(events))


PRICES = st.none() | st.builds(Money, amount=st.integers(0, 9), currency=st.sampled_from(["KRW", "USD"]))


@given(
    st.builds(
        Listing,
        seller_id=st.just("s"),
        listing_id=st.just("l"),
        version=st.integers(0, 3),
        change=st.sampled_from(["created", "updated"]),
        title=st.sampled_from(["a", "b"]),
        description=st.sampled_from(["", "a"]),
        category=st.sampled_from([None, "", "a"]),
        price=PRICES,
        attributes=st.dictionaries(st.sampled_from("ab"), st.sampled_from("ab"), max_size=2),
        locale=st.sampled_from([None, "a"]),
    ),
    st.data(),
)
def test_the_digest_is_that_of_the_content_alone(event: Listing, data: st.DataObject) -> None:
    assert digest(replace(event, version=9, change="updated", schema_version=2)) == digest(event)
    name = data.draw(st.sampled_from(["title", "description", "category", "price", "attributes", "locale"]))
    others: dict[str, Any] = {"price": Money(amount=77, currency="KRW"), "attributes": {"z": "z"}}
    assert digest(replace(event, **{name: others.get(name, "other")})) != digest(event)


def test_a_clean_update_withdraws_the_machines_question(market: Marketplace) -> None:
    market.list("N1ke shoes")
    outcome = market.list("Running shoes", version=2)
    assert outcome.verdict == "allow"
    assert [case.status for case in of(outcome, Case)] == ["withdrawn"]
    assert market.listing().status == "live"
    assert market.seller().ledger, "points stay: an edit is no judgement"


def test_a_clean_update_does_not_end_a_report(market: Marketplace) -> None:
    market.list("N1ke shoes")
    market.report()
    version = market.case().version
    outcome = market.list("Running shoes", version=2)
    assert market.case().status == "open"
    assert market.listing().status == "escalated"
    [escalation] = of(outcome, Escalation)
    assert escalation.case_version == version + 1, "a moderator has to know that the text has changed"


def test_an_update_of_no_substance_outdates_no_moderators_work(market: Marketplace) -> None:
    market.list("N1ke shoes, red")
    outcome = market.list("N1ke shoes, blue", version=2)
    assert outcome.verdict == "escalate"
    assert of(outcome, Escalation) == []
    assert (market.case().version, market.case().title) == (1, "N1ke shoes, blue")
    assert len(market.seller().ledger) == 1, "one question gives its points once"
    assert market.moderate("dismiss").verdict == "dismiss"


def test_an_update_that_adds_a_ground_is_escalated_anew_without_more_time(market: Marketplace) -> None:
    market.list("N1ke shoes")
    deadline = market.case().deadline
    market.wait(hours=5)
    outcome = market.list("N1ke and Gucci shoes", version=2)
    [escalation] = of(outcome, Escalation)
    assert (escalation.case_version, escalation.deadline) == (2, deadline)
    assert set(escalation.brand_ids) == {"nike", "gucci"}


def test_an_open_case_ends_with_a_takedown(market: Marketplace) -> None:
    market.list("N1ke shoes")
    outcome = market.list(FAKE, version=2)
    assert outcome.case_id == "s1/l1/1"
    assert (market.case().status, market.case().version, market.case().deadline) == ("taken_down", 2, None)


def test_a_listing_that_is_down_is_not_put_back_by_a_clean_update(market: Marketplace) -> None:
    market.list(FAKE)
    outcome = market.list("Running shoes", version=2)
    assert (outcome.verdict, outcome.rule) == ("escalate", "relisting_after_takedown")
    assert market.listing().status == "taken_down"
    assert market.case().status == "open"
    assert of(outcome, Escalation)[0].case_id == "s1/l1/1", "the takedown's own case asks"
    assert [signal.name for signal in market.seller().ledger] == ["listing_taken_down"]


def test_a_listing_that_is_down_and_infringes_again_is_commanded_down_in_its_new_version(
    market: Marketplace,
) -> None:
    market.list(FAKE)
    market.list("Running shoes", version=2)
    outcome = market.list(FAKE + " 270", version=3)
    assert [takedown.listing_version for takedown in of(outcome, Takedown)] == [3]
    assert market.case().status == "taken_down"
    assert market.seller().takedowns == 1
    assert len(market.seller().ledger) == 1, "one listing, one takedown's points"


def test_removing_and_recreating_does_not_wash_a_takedown_off(market: Marketplace) -> None:
    market.list(FAKE)
    market.remove(version=2)
    assert market.case().status == "taken_down"
    outcome = market.list("Running shoes", version=3)
    assert (outcome.verdict, outcome.rule) == ("escalate", "relisting_after_takedown")
    assert market.listing().status == "taken_down"


def test_review_only_takes_no_new_version_down_but_leaves_down_what_is_down(market: Marketplace) -> None:
    market.list(FAKE)
    market.policy = market.policy.with_mode("review_only")
    outcome = market.list(FAKE + " 270", version=2)
    assert of(outcome, Takedown) == []
    assert market.listing().status == "taken_down"
    assert market.case().status == "open"


def test_what_a_moderator_cleared_is_not_asked_again(market: Marketplace) -> None:
    market.list("N1ke shoes")
    market.moderate("dismiss")
    again = market.list("Shoes by N1ke, now cheaper", version=2)
    assert (again.verdict, again.rule, again.outputs) == ("allow", "cleared_by_moderator", ())
    other = market.list("N1ke shoes, replica", version=3)
    assert other.verdict == "takedown", "a new ground is judged"


def test_a_closed_case_is_followed_by_a_new_one(market: Marketplace) -> None:
    market.list("N1ke shoes")
    market.moderate("dismiss")
    outcome = market.list("Guccci shoes", version=2)
    assert outcome.case_id == "s1/l1/2"
    assert (market.case().number, market.case().version) == (2, 1)


def test_a_removed_listing_withdraws_the_machines_question_and_keeps_a_reports(market: Marketplace) -> None:
    market.list("N1ke shoes", listing_id="a")
    market.remove(version=2, listing_id="a")
    assert market.case("a").status == "withdrawn"
    market.list("N1ke shoes", listing_id="b")
    market.report(listing_id="b")
    market.remove(version=2, listing_id="b")
    assert market.case("b").status == "open"


@given(st.lists(st.sampled_from([FAKE, "N1ke shoes", "Gucci bag", "Cotton shirt", ""]), max_size=8))
def test_rows_and_case_never_contradict_each_other(titles: list[str]) -> None:
    market = Marketplace()
    for version, title in enumerate(titles):
        if title:
            market.list(title, version=version)
        else:
            market.remove(version=version)
        row, case = market.listing(), market.cases.get(("s1", "l1"))
        is_open = case is not None and case.status in ("open", "need_more")
        down = case is not None and case.down
        assert (row.status == "escalated") == (is_open and not down)
        assert row.status != "taken_down" or down
        assert (case is not None and case.deadline is not None) == is_open
        assert market.seller().takedowns == int(down)
