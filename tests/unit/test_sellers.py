"""Sign-ups: what is checked, what is needed, and who decides."""

from typing import Any

import pytest
import stdnum.cn.uscc
import stdnum.kr.brn
from hypothesis import given
from hypothesis import strategies as st

from klean_stream.events import Case, Escalation, Finding, SellerVerdict
from klean_stream.policy import load_policy
from klean_stream.sellers.registration import MODULES, is_valid, scheme_of
from tests.unit.marketplace import DAY, START, Marketplace, of

NO_DOCUMENTS: dict[str, Any] = {"documents": []}


def _verdict(market: Marketplace) -> SellerVerdict:
    [verdict] = of(market.outcomes[-1], SellerVerdict)
    return verdict


def test_a_sign_up_in_order_is_approved_and_the_risk_row_starts() -> None:
    market = Marketplace()
    outcome = market.sign_up("Daily shop")
    assert (outcome.verdict, outcome.rule) == ("approved", "signup_complete")
    verdict = _verdict(market)
    assert (verdict.verdict, verdict.payout_hold, verdict.missing_documents) == ("approved", False, ())
    row = market.seller()
    assert (row.status, row.country, row.signed_up, row.ledger) == ("approved", "KR", START, ())


@pytest.mark.parametrize(
    ("country", "number", "valid"),
    [
        ("KR", "116-82-00276", True),
        ("KR", "1168200276", True),
        ("KR", "124-81-00998", True),
        ("KR", "120-81-47521", True),
        ("KR", "116-82-00275", False),
        ("KR", "nonsense", False),
        ("CN", "91110000600037341L", True),
        ("CN", "91110000600037342L", False),
        ("JP", "5835678256246", True),
        ("US", "91-1144442", True),
        ("DE", "DE136695976", True),
        ("DE", "DE136695977", False),
        ("TW", "00501503", True),
    ],
)
def test_registration_numbers_are_checked_for_their_country(country: str, number: str, *, valid: bool) -> None:
    scheme = scheme_of(country)
    assert scheme is not None
    assert is_valid(number, scheme) is valid


@pytest.mark.parametrize("country", sorted(MODULES))
@given(number=st.text(max_size=40) | st.from_regex(r"[A-Z0-9 ./-]{0,24}", fullmatch=True))
def test_no_number_breaks_a_check(country: str, number: str) -> None:
    assert is_valid(number, MODULES[country]) in (True, False)


@given(st.integers(0, 10**10 - 1))
def test_a_korean_number_with_a_wrong_check_digit_is_invalid(digits: int) -> None:
    """Of ten numbers that differ in the check digit only, at most one is valid."""
    stem = f"{digits:010}"[:9]
    assert sum(is_valid(f"{stem}{digit}", "kr.brn") for digit in range(10)) <= 1


def test_a_missing_number_and_phone_wait_for_details() -> None:
    market = Marketplace()
    outcome = market.sign_up(registration_number=None, phone=" ")
    assert (outcome.verdict, outcome.rule) == ("documents_needed", "signup_incomplete")
    assert _verdict(market).reasons == ("signup_incomplete", "registration_number_missing", "phone_missing")
    assert _verdict(market).payout_hold


def test_an_invalid_number_waits_and_with_an_invalid_phone_is_rejected() -> None:
    market = Marketplace()
    assert market.sign_up(registration_number="123").verdict == "documents_needed"
    assert "identity" in _verdict(market).missing_documents
    outcome = market.sign_up(registration_number="123", phone="12")
    assert (outcome.verdict, outcome.rule) == ("rejected", "signup_facts_reject")
    assert [signal.name for signal in market.seller().ledger] == ["signup_rejected"]
    market.sign_up(registration_number="1234", phone="12")
    assert len(market.seller().ledger) == 1, "wrong details sent again add nothing"


def test_the_policy_says_what_rejects() -> None:
    never = Marketplace(load_policy("[signup]\nreject_when = []"))
    assert never.sign_up(registration_number="123", phone="12").verdict == "documents_needed"
    strict = Marketplace(load_policy('[signup]\nreject_when = ["phone_missing"]'))
    assert strict.sign_up(phone=None).verdict == "rejected"


def test_documents_needed_are_those_of_the_country() -> None:
    market = Marketplace()
    market.sign_up(**NO_DOCUMENTS)
    assert _verdict(market).missing_documents == ("business_registration", "bank_account")
    market.sign_up(**NO_DOCUMENTS, country="CN", registration_number="91110000600037341L", phone="010 6552 9988")
    assert _verdict(market).missing_documents == ("business_registration", "identity", "bank_account")


def test_a_country_whose_numbers_cannot_be_checked_needs_documents_instead() -> None:
    market = Marketplace()
    assert scheme_of("KP") is None
    outcome = market.sign_up(**NO_DOCUMENTS, country="KP", registration_number="1", phone="+82 2 312 3456")
    assert outcome.verdict == "documents_needed"
    assert "registration_number_unchecked" in _verdict(market).reasons
    documents = [{"kind": kind, "document_id": kind} for kind in ("business_registration", "identity", "bank_account")]
    outcome = market.sign_up(documents=documents, country="KP", registration_number="1", phone="+82 2 312 3456")
    assert outcome.verdict == "approved"


@pytest.mark.parametrize(
    ("phone", "country", "valid"),
    [
        ("02-312-3456", "KR", True),
        ("010-2345-6789", "KR", True),
        ("+82 10 2345 6789", "DE", True),
        ("010-2345-6789", "US", False),
        ("call me", "KR", False),
        ("1" * 500, "KR", False),
    ],
)
def test_phones_are_read_as_those_of_the_sellers_country(phone: str, country: str, *, valid: bool) -> None:
    market = Marketplace()
    market.sign_up(phone=phone, country=country)
    assert ("phone_invalid" not in _verdict(market).reasons) is valid


def test_a_shop_name_that_uses_a_mark_is_escalated_as_a_sign_up() -> None:
    market = Marketplace()
    outcome = market.sign_up("Nike Official Korea", seller_id="s2")
    assert (outcome.verdict, outcome.rule) == ("escalated", "shop_name_uses_mark")
    [escalation] = of(outcome, Escalation)
    assert (escalation.subject, escalation.listing_id, escalation.case_id) == ("signup", None, "s2//1")
    assert escalation.channel == "escalations-kr"
    assert [case.subject for case in of(outcome, Case)] == ["signup"]
    assert _verdict(market).case_id == "s2//1"
    assert [signal.name for signal in market.seller("s2").ledger] == ["signup_escalated"]
    [mark] = [finding for finding in outcome.findings if finding.kind == "mark"]
    assert (mark.field, mark.surface) == ("shop_name", "Nike")


def test_a_plain_mark_in_a_shop_name_goes_to_a_person_although_in_a_listing_it_would_not() -> None:
    market = Marketplace()
    market.sign_up()
    assert market.list("Nike shoes").verdict == "allow"
    outcome = market.sign_up("Nike house", change="details_changed")
    assert outcome.verdict == "escalated"
    assert [(weight.name, weight.points) for weight in outcome.weights] == [("mark", 40), ("unverified_seller", 10)]


def test_an_authorised_seller_may_use_the_mark_in_its_name() -> None:
    assert Marketplace().sign_up("Nike Store", seller_id="nike-store").verdict == "approved"


def test_a_shop_name_that_says_counterfeit_is_escalated() -> None:
    outcome = Marketplace().sign_up("레플리카 하우스")
    assert (outcome.verdict, outcome.rule) == ("escalated", "shop_name_counterfeit_word")


def test_a_change_of_details_is_judged_again() -> None:
    market = Marketplace()
    market.sign_up(**NO_DOCUMENTS)
    market.wait(days=2)
    assert market.sign_up(change="details_changed").verdict == "approved"
    assert market.seller().signed_up == market.now - 2 * DAY
    outcome = market.sign_up("Nike house", change="details_changed")
    assert outcome.verdict == "escalated"
    outcome = market.sign_up("Daily house", change="details_changed")
    assert outcome.verdict == "approved"
    assert [case.status for case in of(outcome, Case)] == ["withdrawn"]


def test_what_a_moderator_rejected_no_change_of_details_approves() -> None:
    market = Marketplace()
    market.sign_up("Nike house")
    market.moderate("uphold", case=market.case(None))
    outcome = market.sign_up("Daily house", change="details_changed")
    assert (outcome.verdict, outcome.rule) == ("escalated", "rejected_by_moderator")
    assert of(outcome, Escalation)[0].case_id == "s1//1"
    market.moderate("dismiss", case=market.case(None))
    assert market.seller().status == "approved"


def test_a_suspended_seller_stays_suspended_and_becomes_what_the_details_deserve_when_it_ends() -> None:
    market = Marketplace()
    market.sign_up()
    market.suspend()
    outcome = market.sign_up(**NO_DOCUMENTS, change="details_changed")
    assert (outcome.verdict, outcome.rule) == ("suspended", "signup_incomplete")
    assert (_verdict(market).verdict, _verdict(market).payout_hold) == ("suspended", True)
    market.moderate("reinstate", case=market.case("struck-0"))
    assert (market.seller().status, market.seller().payout_hold) == ("documents_needed", True)


def test_no_personal_data_leaves_the_sign_up() -> None:
    """Decisions, verdicts and escalations go to topics that are not restricted."""
    market = Marketplace()
    outcome = market.sign_up(
        "Nike house", legal_name="Hong Gildong", email="hong@example.com", payout_account="110-123-456789"
    )
    said = repr((outcome.outputs, outcome.findings, outcome.state))
    for secret in ("116-82-00276", "02-312-3456", "Hong", "example.com", "110-123"):
        assert secret not in said
    assert (
        Finding(kind="identity", technique="kr.brn", field="registration_number", disposition="valid")
        in outcome.findings
    )


def test_the_tests_numbers_are_those_that_stdnum_gives_as_examples() -> None:
    assert "116-82-00276" in (stdnum.kr.brn.__doc__ or "")
    assert "91110000600037341L" in (stdnum.cn.uscc.__doc__ or "")
