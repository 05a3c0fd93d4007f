"""What a moderator's decision changes: the first on a case version wins, and reinstatement undoes exactly."""

from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from klean_stream.decision import Outcome
from klean_stream.events import (
    Brand,
    Case,
    Escalation,
    Reinstatement,
    ReportOutcome,
    RiskChange,
    SellerVerdict,
    Takedown,
)
from klean_stream.moderation import case_id, parse_case_id
from klean_stream.policy import default_policy, load_policy
from klean_stream.processing import Absorbed
from klean_stream.runtime.metrics import REPORTS_CLOSED, Tally
from tests.unit.marketplace import HOUR, Marketplace, of

POLICY = default_policy()
FAKE = "나이키 미러급 운동화"
Action = Literal["uphold", "dismiss", "need_more", "reassign", "reinstate"]
ACTIONS: tuple[Action, ...] = ("uphold", "dismiss", "need_more", "reassign", "reinstate")


@pytest.fixture
def market() -> Marketplace:
    """A marketplace on which seller s1 is approved."""
    market = Marketplace()
    market.sign_up()
    return market


def test_uphold_takes_the_listing_down_strikes_and_answers(market: Marketplace) -> None:
    market.list("N1ke shoes")
    market.report()
    outcome = market.moderate("uphold")
    [takedown] = of(outcome, Takedown)
    assert not takedown.reasons.automated_decision
    assert takedown.brand_ids == ("nike",)
    assert [out.result for out in of(outcome, ReportOutcome)] == ["taken_down"]
    assert (market.case().status, market.case().moderator_id) == ("upheld", "mod-1")
    assert market.listing().status == "taken_down"
    assert [signal.name for signal in market.seller().ledger if signal.strike] == ["infringement_confirmed"]


def test_uphold_of_a_machine_takedown_confirms_it_without_a_second_command(market: Marketplace) -> None:
    market.list(FAKE)
    outcome = market.moderate("uphold")
    assert of(outcome, Takedown) == []
    assert market.case().status == "upheld"
    assert sum(signal.strike for signal in market.seller().ledger) == 1
    market.moderate("uphold")
    assert sum(signal.strike for signal in market.seller().ledger) == 1, "one listing, one strike"


def test_dismiss_puts_the_listing_live_and_takes_the_machines_points_back(market: Marketplace) -> None:
    before = market.seller()
    market.list("N1ke shoes")
    market.report()
    outcome = market.moderate("dismiss")
    assert market.listing().status == "live"
    assert market.seller().ledger == before.ledger == ()
    assert of(outcome, Reinstatement) == [], "it was never down"
    assert [out.result for out in of(outcome, ReportOutcome)] == ["no_infringement"]
    assert [case.status for case in of(outcome, Case)] == ["dismissed"]


@pytest.mark.parametrize("action", ["dismiss", "reinstate"])
def test_a_wrong_takedown_is_taken_back_exactly(market: Marketplace, action: str) -> None:
    market.list(FAKE, listing_id="other")
    before = market.seller()
    market.wait(hours=3)
    market.list("N1ke shoes")
    market.report(reporter_id="nike-legal")
    assert market.seller().ledger != before.ledger
    outcome = market.moderate(action)
    [reinstatement] = of(outcome, Reinstatement)
    assert (reinstatement.listing_id, reinstatement.listing_version) == ("l1", 1)
    assert reinstatement.reasons.restriction == "reinstatement"
    assert market.listing().status == "live"
    assert market.case().status == "reinstated"
    after = market.seller()
    assert (after.ledger, after.takedowns, after.level) == (before.ledger, before.takedowns, before.level)
    assert [out.result for out in of(outcome, ReportOutcome)] == ["no_infringement"]
    assert of(outcome, ReportOutcome)[0].within_deadline is None, "a correction is not measured"


def test_a_reinstatement_that_takes_the_last_strike_back_lifts_the_suspension(market: Marketplace) -> None:
    market.suspend()
    assert market.seller().status == "suspended"
    outcome = market.moderate("reinstate", case=market.case("struck-1"))
    [verdict] = of(outcome, SellerVerdict)
    assert (verdict.verdict, verdict.payout_hold, verdict.reasons) == (
        "approved",
        False,
        ("suspension_lifted",),
    )
    assert [change.before.level for change in of(outcome, RiskChange)] == ["suspended"]
    assert market.list("Cotton shirt", listing_id="new").verdict == "allow"


def test_a_suspension_is_not_lifted_while_enough_strikes_stand(market: Marketplace) -> None:
    market.suspend()
    market.list("Cotton shirt")
    market.moderate("dismiss")
    assert market.seller().status == "suspended"


def test_a_suspension_does_not_end_because_strikes_fade(market: Marketplace) -> None:
    """How long it lasts is for people to say; a machine only counts."""
    market.suspend()
    market.wait(days=POLICY.risk.horizon_days + 1)
    assert market.list("Cotton shirt").rule == "seller_suspended"
    assert market.seller().status == "suspended"


def test_a_takedown_ends_what_was_cleared_before_it(market: Marketplace) -> None:
    market.list("N1ke shoes")
    market.moderate("dismiss")
    market.list("N1ke shoes, replica", version=2)
    market.list("Running shoes", version=3)
    market.moderate("dismiss")
    assert market.list("N1ke shoes", version=4).rule == "suspicious_offer"


def test_the_first_decision_on_a_case_version_wins(market: Marketplace) -> None:
    market.list("N1ke shoes")
    seen = market.case()
    market.moderate("dismiss", case=seen)
    rows = (market.seller(), market.listing(), market.case())
    outcome = market.moderate("uphold", case=seen, moderator_id="mod-2")
    assert (outcome.verdict, outcome.superseded) == ("conflict", True)
    [answer] = of(outcome, Case)
    assert (answer.answer, answer.status, answer.case_version) == ("conflict", "dismissed", 2)
    assert len(outcome.outputs) == 1
    assert (market.seller(), market.listing(), market.case()) == rows


@pytest.mark.parametrize("named", ["s1/l1/7", "s1/other/1", "s1//1", "nonsense", "s2/l1/1"])
def test_an_unknown_case_is_answered_so(market: Marketplace, named: str) -> None:
    market.list("N1ke shoes")
    rows = (market.seller(), market.listing(), market.case())
    if named == "nonsense":
        with pytest.raises(ValueError, match="three parts"):
            parse_case_id(named)
        return
    outcome = market.moderate("uphold", case_id=named)
    assert (outcome.verdict, outcome.rule) == ("unknown_case", "unknown_case")
    assert [case.answer for case in of(outcome, Case)] == ["unknown_case"]
    assert (market.seller(), market.listing(), market.case()) == rows


def test_need_more_asks_the_reporters_and_moves_the_deadline(market: Marketplace) -> None:
    market.report()
    outcome = market.moderate("need_more")
    [asked] = of(outcome, ReportOutcome)
    assert (asked.result, asked.within_deadline) == ("more_information_needed", True)
    later = market.now + POLICY.deadlines.need_more * HOUR
    assert (market.case().status, market.case().deadline) == ("need_more", later)
    market.wait(hours=POLICY.deadlines.need_more)
    [answered] = of(market.moderate("dismiss"), ReportOutcome)
    assert (answered.result, answered.within_deadline) == ("no_infringement", True)


def test_reassign_names_the_assignee_and_outdates_other_decisions(market: Marketplace) -> None:
    market.list("N1ke shoes")
    seen = market.case()
    outcome = market.moderate("reassign")
    assert [(case.assignee, case.status, case.case_version) for case in of(outcome, Case)] == [("mod-2", "open", 2)]
    assert market.moderate("uphold", case=seen).verdict == "conflict"


def test_a_listing_put_in_order_may_come_back_while_its_takedown_stands(market: Marketplace) -> None:
    market.list(FAKE)
    market.moderate("uphold")
    points = market.seller().ledger
    market.list("Running shoes", version=2)
    outcome = market.moderate("dismiss")
    [reinstatement] = of(outcome, Reinstatement)
    assert reinstatement.listing_version == 2
    assert "stands as it was" in reinstatement.reasons.text["en"]
    assert market.listing().status == "live"
    assert market.seller().ledger == points, "the takedown was right"
    market.moderate("reinstate")
    assert market.seller().ledger == (), "until a person says that it was not"


def test_uphold_of_a_relisting_question_leaves_the_listing_down(market: Marketplace) -> None:
    market.list(FAKE)
    market.list("Running shoes", version=2)
    market.moderate("uphold")
    assert (market.listing().status, market.case().status) == ("taken_down", "upheld")


def test_a_dismissed_case_may_be_upheld_after_all(market: Marketplace) -> None:
    market.list("N1ke shoes")
    market.report()
    market.moderate("dismiss")
    outcome = market.moderate("uphold")
    assert len(of(outcome, Takedown)) == 1
    assert market.case().number == 1
    assert [out.result for out in of(outcome, ReportOutcome)] == ["taken_down"]
    assert market.list("N1ke shoes", version=2).verdict == "escalate", "nothing is cleared any more"


def test_uphold_after_the_seller_removed_the_listing_binds_it_should_it_come_back(
    market: Marketplace,
) -> None:
    market.list("N1ke shoes")
    market.report()
    market.remove(version=2)
    outcome = market.moderate("uphold")
    assert len(of(outcome, Takedown)) == 1
    assert market.listing().status == "removed"
    assert sum(signal.strike for signal in market.seller().ledger) == 1
    assert market.list("Cotton shirt", version=3).rule == "relisting_after_takedown"


def test_a_rejected_sign_up_is_one_that_a_person_upheld(market: Marketplace) -> None:
    market.sign_up("Nike official", seller_id="s2")
    outcome = market.moderate("uphold", case=market.case(None, "s2"))
    [verdict] = of(outcome, SellerVerdict)
    assert (verdict.verdict, verdict.payout_hold) == ("rejected", True)
    assert market.seller("s2").status == "rejected"


def test_an_approved_sign_up_is_one_that_a_person_dismissed(market: Marketplace) -> None:
    market.sign_up("Nike official", seller_id="s2")
    outcome = market.moderate("dismiss", case=market.case(None, "s2"))
    [verdict] = of(outcome, SellerVerdict)
    assert (verdict.verdict, verdict.payout_hold) == ("approved", False)
    assert market.seller("s2").ledger == ()
    again = market.sign_up("Nike official", seller_id="s2", change="details_changed")
    assert again.verdict == "approved", "the shop name was cleared"


def test_a_moderator_may_ask_a_seller_for_more(market: Marketplace) -> None:
    market.sign_up("Nike official", seller_id="s2")
    outcome = market.moderate("need_more", case=market.case(None, "s2"))
    assert [verdict.verdict for verdict in of(outcome, SellerVerdict)] == ["documents_needed"]
    assert market.case(None, "s2").status == "need_more"


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("moderate"), st.sampled_from(ACTIONS)),
        st.tuples(st.just("list"), st.sampled_from([FAKE, "N1ke shoes", "Gucci bag", "Cotton shirt"])),
        st.tuples(st.just("report"), st.sampled_from(["nike-legal", "buyer", "gucci-legal"])),
        st.just(("remove", "")),
    ),
    max_size=12,
)


def _take(step: str, detail: str, version: int, market: Marketplace) -> Outcome | None:
    """Take a step; None if there is no case yet to decide on."""
    if step == "list":
        return market.list(detail, version=version)
    if step == "remove":
        return market.remove(version=version)
    if step == "report":
        outcome = market.report(report_id=f"r{version}", reporter_id=detail)
        received = [told.report_id for told in of(outcome, ReportOutcome) if told.kind == "acknowledgement"]
        assert received == [f"r{version}"]
        return outcome
    before = market.cases.get(("s1", "l1"))
    if before is None:
        return None
    outcome = market.moderate(detail)
    assert outcome.verdict == detail, "no state of a case refuses a moderator"
    assert market.case().version == before.version + 1
    return outcome


@given(STEPS)
def test_whatever_happens_every_reporter_is_answered_and_rows_agree(steps: list[tuple[str, str]]) -> None:
    market = Marketplace()
    down = False
    told: dict[str, str] = {}
    for version, (step, detail) in enumerate(steps):
        outcome = _take(step, detail, version, market)
        if outcome is None:
            continue
        for output in outcome.outputs:
            if isinstance(output, Takedown | Reinstatement):
                down = isinstance(output, Takedown)
            if isinstance(output, ReportOutcome) and output.kind == "outcome":
                told[output.report_id] = output.result
        assert len(of(outcome, Escalation)) <= 1
        assert market.seller().takedowns == int(down)
        case = market.cases.get(("s1", "l1"))
        is_open = case is not None and case.status in ("open", "need_more")
        row = market.listings.get(("s1", "l1"))
        if row is not None and row.status != "removed":
            assert row.status == ("taken_down" if down else "escalated" if is_open else "live")
        if case is not None:
            assert case.down == down, "what was commanded last is what stands"
            assert (case.deadline is not None) == is_open
            # The case's copies are what stands in the ledger: that is what a reinstatement takes back.
            assert set(case.signals) <= set(market.seller().ledger)
            for entry in case.reports:
                assert is_open or entry.outcome is not None, "a closed case leaves nobody waiting"
                assert entry.outcome in (None, told.get(entry.report_id))


@given(
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=128),
    st.none() | st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=128),
    st.integers(1, 10**6),
)
def test_a_case_id_says_whose_case_it_is(seller_id: str, listing_id: str | None, number: int) -> None:
    text = case_id(seller_id, listing_id, number)
    assert parse_case_id(text) == (seller_id, listing_id, number)
    assert len(text) <= 3_200, "it fits into a moderator's decision"
    assert text.isascii()


@given(st.text(max_size=30) | st.from_regex(r"[a%/\d]{0,12}", fullmatch=True))
def test_no_two_texts_are_one_case_id(text: str) -> None:
    try:
        parsed = parse_case_id(text)
    except ValueError:
        return
    assert case_id(*parsed) == text


@pytest.mark.parametrize("text", ["", "s", "s/l", "s/l/1/2", "/l/1", "s/l/", "s/l/x", "s/l/01", "%41/l/1", "s/%ff/1"])
def test_what_is_no_case_id_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_case_id(text)


def test_the_largest_rows_stay_under_64_kib() -> None:
    """The marketplace of these tests measures each row that it keeps."""
    wide = "\U0001f575" * 126
    names = [f"Zorblax{chr(97 + number)}quon" for number in range(14)]
    brands = [Brand(brand_id=f"{wide}{name[7]}", name=name) for name in names]
    policy = load_policy("[limits]\nkept_description = 4000\nkept_title = 500\n[risk]\nelevated = 1")
    market = Marketplace(policy, brands)
    ids: dict[str, Any] = {"seller_id": wide, "listing_id": wide}
    title = " ".join(names) + "\x01" * 700
    market.list(title, description="\x01" * 9_000, category="\x02" * 1_000, **ids)
    for number in range(99):
        market.report(title, report_id=f"{wide}{number}", reporter_id=f"{wide}{number}", **ids)
    case = market.cases[wide, wide]
    outcome = market.moderate("reassign", case=case, moderator_id=wide, assignee=wide)
    assert outcome.verdict == "reassign"
    assert len(case.brand_ids) == 10
    assert market.moderate("dismiss", case=market.cases[wide, wide], moderator_id=wide).verdict == "dismiss"
    assert market.list(title, version=2, **ids).verdict == "escalate", "what no row could hold is not cleared"


def test_the_metric_of_the_promise_counts_a_report_once_although_more_was_asked_for(market: Marketplace) -> None:
    def closed() -> float:
        return float(sum(REPORTS_CLOSED.labels(within)._value.get() for within in ("true", "false")))

    before, tally = closed(), Tally()
    market.list("N1ke shoes")
    market.report()
    for action in ("need_more", "dismiss"):
        tally.add("moderator-decisions", Absorbed("decided", published=tuple(market.moderate(action).outputs)))
        tally.publish()
        tally = Tally()
    assert [out.result for outcome in market.outcomes for out in of(outcome, ReportOutcome)] == [
        "received",
        "more_information_needed",
        "no_infringement",
    ]
    assert closed() - before == 1
