"""IP reports: who is believed, what is confirmed, and what every reporter is told."""

import pytest

from klean_stream.events import (
    Brand,
    Case,
    Escalation,
    ListingSnapshot,
    ReportOutcome,
    RightsHolder,
    Takedown,
)
from klean_stream.moderation.reporters import MAX_REPORTS
from klean_stream.policy import default_policy
from tests.unit.marketplace import GUCCI, HOUR, NIKE, Marketplace, of

POLICY = default_policy()
FAKE = "나이키 미러급 운동화"


@pytest.fixture
def market() -> Marketplace:
    """A marketplace on which seller s1 is approved."""
    market = Marketplace()
    market.sign_up()
    return market


def test_a_verified_report_that_the_matcher_confirms_takes_the_listing_down(market: Marketplace) -> None:
    market.list("Nike shoes")
    outcome = market.report(reporter_id="nike-legal")
    assert (outcome.verdict, outcome.rule) == ("takedown", "verified_report")
    assert [takedown.brand_ids for takedown in of(outcome, Takedown)] == [("nike",)]
    told = of(outcome, ReportOutcome)
    assert [(out.kind, out.result, out.within_deadline) for out in told] == [
        ("acknowledgement", "received", None),
        ("outcome", "taken_down", True),
    ]
    assert market.listing().status == "taken_down"
    assert market.case().status == "upheld"
    assert [(signal.name, signal.strike) for signal in market.seller().ledger][-1] == (
        "infringement_confirmed",
        True,
    )


def test_an_agent_of_the_mark_is_as_good_as_its_owner(market: Marketplace) -> None:
    market.list("Nike shoes")
    assert market.report(reporter_id="nike-agent").verdict == "takedown"


@pytest.mark.parametrize("reporter_id", ["nike-legal-2", "NIKE-LEGAL", "gucci-legal", "nike"])
def test_a_forged_rights_holder_only_escalates(market: Marketplace, reporter_id: str) -> None:
    """The role that a report claims qualifies for nothing."""
    market.list(FAKE.replace("미러급", ""))
    before = market.seller().ledger
    outcome = market.report(reporter_id=reporter_id, reporter_role="rights_holder")
    assert (outcome.verdict, outcome.rule) == ("escalate", "reporter_not_verified")
    assert of(outcome, Takedown) == []
    assert market.listing().status == "escalated"
    assert market.seller().ledger == before, "nor does it write anyone's risk"


def test_a_verified_report_names_its_own_mark_or_nothing_is_verified(market: Marketplace) -> None:
    market.list("Gucci bag")
    assert market.report(reporter_id="nike-legal", brand_id="gucci").rule == "reporter_not_verified"
    assert market.report(reporter_id="nike-legal", brand_id=None).rule == "reporter_not_verified"
    assert market.report(reporter_id="nike-legal", brand_id="nike").rule == "mark_not_confirmed"


def test_the_listing_as_it_stands_outranks_what_the_reporter_says_of_it(market: Marketplace) -> None:
    market.list("Running shoes")
    outcome = market.report("Nike shoes", reporter_id="nike-legal")
    assert (outcome.verdict, outcome.rule) == ("escalate", "mark_not_confirmed")


def test_a_listing_that_was_never_seen_is_judged_by_the_snapshot(market: Marketplace) -> None:
    outcome = market.report("Nike shoes", reporter_id="nike-legal")
    assert outcome.verdict == "takedown"
    assert (market.listing().status, market.listing().version) == ("taken_down", -1)
    assert market.list("Running shoes", version=0).rule == "relisting_after_takedown"


def test_a_mark_in_the_description_or_late_in_the_title_is_confirmed(market: Marketplace) -> None:
    market.list("Running shoes", listing_id="a", description="As good as Nike.")
    market.list("Running shoes " * 70 + "Nike", listing_id="b")
    assert market.report(reporter_id="nike-legal", listing_id="a").verdict == "takedown"
    assert market.report(reporter_id="nike-legal", listing_id="b").verdict == "takedown"


def test_an_authorised_seller_is_at_most_escalated_even_on_its_owners_report(market: Marketplace) -> None:
    market.list("Nike shoes", seller_id="nike-store")
    outcome = market.report(reporter_id="nike-legal", seller_id="nike-store")
    assert (outcome.verdict, outcome.rule) == ("escalate", "authorised_seller")
    assert market.seller("nike-store").ledger == ()


def test_a_mark_that_the_rights_excuse_is_not_confirmed(market: Marketplace) -> None:
    market.list("Strap compatible with Nike watch")
    outcome = market.report(reporter_id="nike-legal")
    assert outcome.verdict == "escalate"


def test_a_near_miss_is_no_confirmation() -> None:
    """The tier ``review`` is for people only, whoever reports."""
    holder = RightsHolder(name="Balenciaga SAS", reporter_ids=("balenciaga-legal",))
    market = Marketplace(brands=(Brand(brand_id="balenciaga", name="Balenciaga", owner=holder),))
    listed = market.list("Balenciga bag")
    assert [finding.tier for finding in listed.findings] == ["review"], "what the test is about"
    outcome = market.report(reporter_id="balenciaga-legal", brand_id="balenciaga")
    assert (outcome.verdict, outcome.rule) == ("escalate", "mark_not_confirmed")


@pytest.mark.parametrize("ground", ["copyright", "design", "patent", "other"])
def test_a_mark_confirms_nothing_about_other_rights(market: Marketplace, ground: str) -> None:
    market.list("Nike shoes")
    outcome = market.report(reporter_id="nike-legal", ground=ground)
    assert (outcome.verdict, outcome.rule) == ("escalate", "ground_needs_a_person")


def test_review_only_holds_a_verified_report_for_a_person(market: Marketplace) -> None:
    market.policy = market.policy.with_mode("review_only")
    market.list("Nike shoes")
    outcome = market.report(reporter_id="nike-legal")
    assert (outcome.verdict, outcome.rule) == ("escalate", "held_for_review")
    assert of(outcome, Takedown) == []
    [escalation] = of(outcome, Escalation)
    assert escalation.priority == POLICY.priority.verified_report


def test_a_report_has_a_deadline_of_a_day_and_priority_by_who_reports(market: Marketplace) -> None:
    [unverified] = of(market.report("Shoes", listing_id="a"), Escalation)
    [verified] = of(market.report("Shoes", listing_id="b", reporter_id="nike-legal"), Escalation)
    assert unverified.deadline == verified.deadline == market.now + 24 * HOUR
    assert verified.priority < unverified.priority


def test_reports_on_one_listing_join_one_case(market: Marketplace) -> None:
    first = market.report("Nike shoes")
    second = market.report("Nike shoes", reporter_id="buyer-8")
    assert first.case_id == second.case_id
    assert of(second, Escalation) == [], "nothing new to know: no moderator's work is outdated"
    assert market.case().version == 1
    assert [case.reports for case in of(second, Case)] == [2]
    assert [out.result for out in of(second, ReportOutcome)] == ["received"]


def test_a_verified_report_raises_the_priority_of_an_open_case(market: Marketplace) -> None:
    market.report("Shoes")
    [escalation] = of(market.report("Shoes", reporter_id="nike-legal"), Escalation)
    assert escalation.case_version == 2
    assert escalation.deadline == market.now + 24 * HOUR


def test_a_takedown_answers_everyone_who_waits(market: Marketplace) -> None:
    market.list("Nike shoes")
    market.report(reporter_id="buyer-1")
    market.report(reporter_id="buyer-2")
    market.wait(hours=25)
    outcome = market.report(reporter_id="nike-legal")
    told = [out for out in of(outcome, ReportOutcome) if out.kind == "outcome"]
    assert [(out.reporter_id, out.result, out.within_deadline) for out in told] == [
        ("buyer-1", "taken_down", False),
        ("buyer-2", "taken_down", False),
        ("nike-legal", "taken_down", True),
    ]


def test_the_machines_own_takedown_answers_reporters_too(market: Marketplace) -> None:
    market.list("Nike shoes")
    market.report()
    outcome = market.list(FAKE, version=2)
    assert [out.result for out in of(outcome, ReportOutcome)] == ["taken_down"]


def test_a_report_on_a_listing_that_is_down_is_answered_at_once(market: Marketplace) -> None:
    market.list(FAKE)
    version = market.case().version
    outcome = market.report()
    assert (outcome.verdict, outcome.rule) == ("taken_down", "already_taken_down")
    assert [out.result for out in of(outcome, ReportOutcome)] == ["received", "taken_down"]
    assert of(outcome, Takedown) == []
    assert market.case().version == version


def test_a_suspended_sellers_listing_goes_down_on_any_report(market: Marketplace) -> None:
    market.list("Cotton shirt")
    market.suspend()
    assert market.report("Cotton shirt").rule == "seller_suspended"


def test_a_report_on_a_removed_listing_waits_for_a_person(market: Marketplace) -> None:
    """Buyers of a counterfeit are owed money whether or not it is still on offer."""
    market.list("Nike shoes")
    market.remove(version=2)
    outcome = market.report(reporter_id="nike-legal")
    assert (outcome.verdict, outcome.rule) == ("escalate", "listing_not_on_offer")


def test_a_rights_holder_does_not_outvote_a_moderator(market: Marketplace) -> None:
    market.list("N1ke shoes")
    market.moderate("dismiss")
    first = market.report(reporter_id="nike-legal")
    assert (first.verdict, first.rule) == ("escalate", "cleared_by_moderator")
    assert market.case().number == 2
    assert market.report(reporter_id="nike-agent").rule == "cleared_by_moderator"


def test_a_report_that_the_case_knows_changes_nothing(market: Marketplace) -> None:
    market.report(report_id="r")
    outcome = market.report(report_id="r", statement="the same, sent again with more words")
    assert (outcome.rule, outcome.superseded, outcome.outputs) == ("report_known", True, ())


@pytest.mark.parametrize("wide", [False, True])
def test_reports_beyond_what_a_case_holds_are_counted_and_answered(market: Marketplace, *, wide: bool) -> None:
    """The row stays under 64 KiB (the marketplace of the tests checks it), and nobody is left waiting."""
    pad = "\U0001f575" * 100 if wide else ""
    total = MAX_REPORTS + 20
    fate = []
    for number in range(total):
        outcome = market.report(report_id=f"{pad}r{number}", reporter_id=f"{pad}b{number}")
        fate.append([out.result for out in of(outcome, ReportOutcome)])
    case = market.case()
    assert len(case.reports) + case.reports_beyond == total
    assert of(outcome, Case)[0].reports == total
    assert fate == [["received"]] * len(case.reports) + [["received", "joined"]] * case.reports_beyond
    outcome = market.moderate("dismiss")
    assert len(of(outcome, ReportOutcome)) == len(case.reports)


def test_a_report_beyond_what_a_case_holds_on_a_listing_that_is_down_says_so(market: Marketplace) -> None:
    market.list(FAKE)
    results = [[out.result for out in of(market.report(), ReportOutcome)] for _ in range(MAX_REPORTS + 2)]
    assert results[-1] == ["received", "taken_down"]


def test_the_registry_in_force_says_who_is_verified(market: Marketplace) -> None:
    market.list("Nike shoes", listing_id="a")
    market.registry.apply(NIKE.brand_id, None, 3)
    assert market.report(listing_id="a", reporter_id="nike-legal").verdict == "escalate"


def test_what_a_reporter_is_told_is_told_in_two_languages(market: Marketplace) -> None:
    market.list("Gucci {bag} %s")
    outcome = market.report(reporter_id="gucci-legal", brand_id=GUCCI.brand_id, report_id="{r}%s")
    for out in of(outcome, ReportOutcome):
        assert set(out.text) == {"en", "ko"}
        assert all("{r}%s" in text for text in out.text.values())


def test_the_locale_of_the_reporter_may_make_it_a_korean_matter() -> None:
    market = Marketplace()
    snapshot = ListingSnapshot(title="Nike")
    assert of(market.report(listing=snapshot, locale="ko"), Escalation)[0].channel == "escalations-kr"
