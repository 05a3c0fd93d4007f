"""Which rule fires on a listing, and what it leads to."""

from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from klean_stream.decision import Outcome
from klean_stream.decision.evidence import MAX_FINDINGS, counting, grounds, kept
from klean_stream.events import (
    Brand,
    Case,
    Escalation,
    Finding,
    Money,
    ReferencePrice,
    RiskChange,
    SellerVerdict,
    Takedown,
)
from klean_stream.listings.rules import rule_on
from klean_stream.listings.weigh import weigh_text
from klean_stream.moderation.korean import is_korean_matter
from klean_stream.policy import default_policy, load_policy
from tests.unit.marketplace import NIKE, Marketplace, of

POLICY = default_policy()


@pytest.fixture
def market() -> Marketplace:
    """A marketplace on which seller s1 is approved."""
    market = Marketplace()
    market.sign_up()
    return market


def test_a_clean_listing_is_allowed_without_a_word(market: Marketplace) -> None:
    outcome = market.list("Cotton shirt")
    assert (outcome.verdict, outcome.rule, outcome.score) == ("allow", "nothing_found", 0)
    assert outcome.outputs == ()
    assert outcome.state.case is None
    assert market.listing().status == "live"
    assert market.seller().listings == 1


def test_a_mark_beside_a_counterfeit_word_is_taken_down_with_reasons_in_two_languages(
    market: Marketplace,
) -> None:
    outcome = market.list("나이키 미러급 운동화")
    assert (outcome.verdict, outcome.rule, outcome.score) == ("takedown", "counterfeit_offer", 120)
    [takedown] = of(outcome, Takedown)
    assert takedown.brand_ids == ("nike",)
    assert takedown.listing_version == 1
    assert takedown.case_id == outcome.case_id == "s1/l1/1"
    assert set(takedown.reasons.text) == {"en", "ko"}
    for text in takedown.reasons.text.values():
        assert "나이키" in text
        assert "미러급" in text
    assert takedown.reasons.automated_decision
    assert market.listing().status == "taken_down"
    assert market.case().status == "taken_down"
    assert market.seller().takedowns == 1
    assert [signal.name for signal in market.seller().ledger] == ["listing_taken_down"]


def test_a_plain_mark_alone_of_an_approved_seller_is_let_pass(market: Marketplace) -> None:
    """Most such listings resell genuine goods."""
    outcome = market.list("Nike running shoes")
    assert (outcome.verdict, outcome.rule) == ("allow", "below_threshold")
    assert outcome.score == POLICY.weights.mark
    assert market.listing().status == "live"
    assert outcome.state.case is None


def test_a_plain_mark_alone_of_a_seller_who_is_not_approved_is_escalated() -> None:
    outcome = Marketplace().list("Nike running shoes")
    assert (outcome.verdict, outcome.rule) == ("escalate", "suspicious_offer")
    assert _points(outcome) == {"mark": 40, "unverified_seller": 10}


def test_a_plain_mark_alone_of_an_elevated_seller_is_escalated(market: Marketplace) -> None:
    market.report("Nike shoes", listing_id="struck", reporter_id="nike-legal")
    assert market.seller().level == "elevated", "one confirmed infringement"
    outcome = market.list("Nike running shoes")
    assert (outcome.verdict, outcome.rule) == ("escalate", "suspicious_offer")
    assert _points(outcome) == {"mark": 40, "elevated_seller": 10}


def test_one_confirmed_infringement_elevates_two_make_high_and_the_third_suspends(market: Marketplace) -> None:
    levels = []
    for number in range(3):
        market.report("Nike shoes", listing_id=f"struck-{number}", reporter_id="nike-legal")
        levels.append(market.seller().level)
    assert levels == ["elevated", "high", "suspended"]


def test_a_plain_mark_at_a_price_far_too_low_is_escalated(market: Marketplace) -> None:
    outcome = market.list("Nike running shoes", price=Money(amount=1, currency="KRW"))
    assert (outcome.verdict, _points(outcome)) == ("escalate", {"mark": 40, "low_price": 20})


@pytest.mark.parametrize(
    "title", ["N1ke dunk", "N.I.K.E dunk", "Nik\u0435 dunk", "Ni\u200bke dunk", "ㄴㅏㅇㅣㅋㅣ 양말", "나 이 키 양말"]
)
def test_a_disguised_mark_alone_is_escalated_whoever_lists_it(market: Marketplace, title: str) -> None:
    outcome = market.list(title)
    assert (outcome.verdict, outcome.rule) == ("escalate", "suspicious_offer")
    assert _points(outcome) == {"mark": 40, "disguised_mark": 40}
    unverified = market.list(title, seller_id="s2")
    assert (unverified.verdict, unverified.score) == ("escalate", 90)


@pytest.mark.parametrize("title", ["ＮＩＫＥ dunk", "나이 키 양말", "NIKE dunk"])
def test_what_honest_sellers_write_too_weighs_as_a_plain_mark(market: Marketplace, title: str) -> None:
    assert _points(market.list(title)) == {"mark": 40}


def test_a_disguise_weighs_once_beside_plain_marks(market: Marketplace) -> None:
    assert _points(market.list("Nike N1ke N.I.K.E G.u.c.c.i")) == {"mark": 40, "disguised_mark": 40}


def test_a_disguised_mark_beside_a_counterfeit_word_is_taken_down(market: Marketplace) -> None:
    outcome = market.list("N1ke 미러급")
    assert (outcome.verdict, outcome.rule, outcome.score) == ("takedown", "counterfeit_offer", 160)


def test_a_disguised_mark_and_a_counterfeit_word_are_taken_down_wherever_they_stand(market: Marketplace) -> None:
    outcome = market.list("N1ke shoes", description="x" * (POLICY.listing.near_code_points + 1) + " replica")
    assert (outcome.verdict, outcome.score) == ("takedown", 130)


def test_a_disguised_mark_that_does_not_count_weighs_nothing(market: Marketplace) -> None:
    market.sign_up(seller_id="nike-store")
    assert market.list("N1ke dunk", seller_id="nike-store").weights == ()


def test_what_is_escalated_has_a_deadline(market: Marketplace) -> None:
    outcome = market.list("N1ke running shoes")
    [escalation] = of(outcome, Escalation)
    assert escalation.deadline == market.now + POLICY.deadlines.escalation * 3_600_000
    assert escalation.case_version == market.case().version == 1
    assert [case.status for case in of(outcome, Case)] == ["open"]
    assert market.listing().status == "escalated"


def _points(outcome: Outcome) -> dict[str, int]:
    return {weight.name: weight.points for weight in outcome.weights}


def test_a_counterfeit_word_far_from_the_mark_is_not_beside_it(market: Marketplace) -> None:
    far = "x" * (POLICY.listing.near_code_points + 1)
    outcome = market.list("Nike shoes", description=f"{far} replica")
    assert outcome.verdict == "escalate"
    assert "near_counterfeit_word" not in [weight.name for weight in outcome.weights]
    assert of(outcome, Escalation)[0].priority == POLICY.priority.listing


def test_a_word_that_is_a_part_of_a_registered_name_says_nothing_of_its_own() -> None:
    market = Marketplace(brands=[Brand(brand_id="mm", name="Maison Sample", aliases=("Maison Sample Replica",))])
    assert _points(market.list("Maison Sample Replica eau de toilette")) == {"mark": 40, "unverified_seller": 10}
    assert "counterfeit_word" in _points(market.list("Replica Maison Sample bag", version=2))


def test_an_authorised_seller_is_never_taken_down_for_that_mark(market: Marketplace) -> None:
    market.sign_up(seller_id="nike-store")
    plain = market.list("Nike running shoes", seller_id="nike-store")
    assert (plain.verdict, plain.rule) == ("allow", "rights_permit")
    loud = market.list(
        "나이키 미러급 replica", seller_id="nike-store", version=2, price=Money(amount=1, currency="KRW")
    )
    assert (loud.verdict, loud.rule) == ("escalate", "authorised_seller")


def test_authority_for_one_mark_is_none_for_another(market: Marketplace) -> None:
    market.sign_up(seller_id="nike-store")
    assert market.list("Gucci replica bag", seller_id="nike-store").verdict == "takedown"


def test_a_suspended_seller_is_taken_down_whatever_it_lists(market: Marketplace) -> None:
    market.suspend()
    outcome = market.list("Cotton shirt")
    assert (outcome.verdict, outcome.rule) == ("takedown", "seller_suspended")
    assert "Art. 23" in of(outcome, Takedown)[0].reasons.text["en"]
    assert len(market.seller().ledger) == POLICY.risk.strikes_to_suspend, "no points for a clean listing"


def test_suspension_outranks_authority(market: Marketplace) -> None:
    market.sign_up(seller_id="nike-store")
    for number in range(POLICY.risk.strikes_to_suspend):
        market.report(
            "Gucci bag",
            seller_id="nike-store",
            listing_id=f"l{number}",
            brand_id="gucci",
            reporter_id="gucci-legal",
        )
    assert market.list("Nike shoes", seller_id="nike-store", listing_id="new").rule == "seller_suspended"


def test_review_only_turns_every_machine_takedown_into_an_urgent_escalation(market: Marketplace) -> None:
    market.policy = market.policy.with_mode("review_only")
    outcome = market.list("나이키 미러급 운동화")
    assert (outcome.verdict, outcome.rule) == ("escalate", "held_for_review")
    assert of(outcome, Takedown) == []
    assert of(outcome, Escalation)[0].priority == POLICY.priority.held_takedown
    assert market.listing().status == "escalated"


def test_review_only_spares_a_suspended_seller_too(market: Marketplace) -> None:
    market.suspend()
    market.policy = market.policy.with_mode("review_only")
    assert of(market.list("Cotton shirt"), Takedown) == []


def test_a_price_far_below_the_genuine_one_adds_points(market: Marketplace) -> None:
    limit = 100_000 * POLICY.listing.low_price_thousandths // 1000

    def weights(amount: int, currency: str, version: int) -> list[str]:
        price = Money(amount=amount, currency=currency)
        return [w.name for w in market.list("Nike shoes", version=version, price=price).weights]

    assert "low_price" in weights(limit - 1, "KRW", 1)
    assert "low_price" not in weights(limit, "KRW", 2)
    assert "low_price" not in weights(1, "USD", 3), "prices in another currency are not compared"


@pytest.mark.parametrize(
    ("category", "low"),
    [("Bags", True), ("bags > Totes", True), ("Wallets", False), ("Baguettes", False), (None, False)],
)
def test_a_reference_price_is_for_its_category_and_those_below(category: str | None, *, low: bool) -> None:
    prices = (
        ReferencePrice(price=Money(amount=1_000_000, currency="KRW"), category="Bags"),
        ReferencePrice(price=Money(amount=10_000, currency="KRW")),
    )
    market = Marketplace(brands=[Brand(brand_id="x", name="Xyzzy", reference_prices=prices)])
    outcome = market.list("Xyzzy", price=Money(amount=50_000, currency="KRW"), category=category)
    assert ("low_price" in _points(outcome)) is low


def test_an_unverified_seller_weighs_more_but_only_where_something_is_found() -> None:
    market = Marketplace()
    assert market.list("Cotton shirt").weights == ()
    assert "unverified_seller" in [weight.name for weight in market.list("Nike", version=2).weights]


def test_a_seller_of_high_risk_is_escalated_first(market: Marketplace) -> None:
    market.suspend()
    market.moderate("reinstate", case=market.case("struck-0"))
    level = market.seller().level
    assert level in ("elevated", "high"), "strikes are left"
    outcome = market.list("Nike running shoes")
    assert f"{level}_seller" in [weight.name for weight in outcome.weights]
    assert of(outcome, Escalation)[0].priority < POLICY.priority.listing


def test_levels_that_move_are_published_once_with_their_cause(market: Marketplace) -> None:
    first = market.list("나이키 미러급", listing_id="a")
    second = market.list("나이키 미러급", listing_id="b")
    assert of(first, RiskChange) == []
    [change] = of(second, RiskChange)
    assert (change.before.level, change.after.level, change.cause) == ("normal", "elevated", "counterfeit_offer")
    assert of(market.list("Cotton shirt", listing_id="c"), RiskChange) == []


def test_a_level_that_faded_is_published_with_the_next_event(market: Marketplace) -> None:
    market.list("나이키 미러급", listing_id="a")
    market.list("나이키 미러급", listing_id="b")
    market.wait(days=60)
    [change] = of(market.list("Cotton shirt", listing_id="c"), RiskChange)
    assert (change.before.level, change.after.level) == ("elevated", "normal")
    assert change.before.points == change.after.points


def test_strikes_suspend_and_hold_the_payout(market: Marketplace) -> None:
    market.suspend()
    [verdict] = of(market.outcomes[-1], SellerVerdict)
    assert (verdict.verdict, verdict.payout_hold, verdict.reasons) == (
        "suspended",
        True,
        ("strikes_within_horizon",),
    )
    assert market.seller().level == "suspended"


@pytest.mark.parametrize(
    ("locale", "title", "country", "korean"),
    [
        ("ko-KR", "Nike", None, True),
        ("ko", "Nike", None, True),
        ("kok-IN", "Nike", None, False),
        (None, "나이키", "CN", True),
        (None, "ﾡ", None, True),
        ("en", "Nike", "KR", True),
        ("en", "耐克", "CN", False),
        (None, "Nike", None, False),
    ],
)
def test_korean_matters_have_their_own_channel(
    locale: str | None, title: str, country: str | None, *, korean: bool
) -> None:
    assert is_korean_matter(locale=locale, title=title, seller_country=country) is korean


def test_escalations_of_korean_matters_go_to_the_korean_channel() -> None:
    market = Marketplace()
    assert of(market.list("Nike shoes", listing_id="a"), Escalation)[0].channel == "escalations"
    assert of(market.list("나이키 운동화", listing_id="b"), Escalation)[0].channel == "escalations-kr"
    assert of(market.list("Nike", listing_id="c", locale="ko-KR"), Case)[0].channel == "escalations-kr"


DISPOSITIONS = st.sampled_from(["counts", "authorised_seller", "other_class", "not_in_force", "compatible"])
FINDINGS = st.lists(
    st.builds(
        Finding,
        kind=st.sampled_from(["mark", "counterfeit_word", "price"]),
        technique=st.sampled_from(["exact", "leet", "spacing"]),
        brand_id=st.sampled_from(["nike", "gucci"]),
        field=st.sampled_from(["title", "description"]),
        surface=st.sampled_from(["Nike", "NIKE", "replica", "구찌", "x" * 900]),
        start=st.integers(0, 50),
        end=st.integers(50, 60),
        tier=st.sampled_from(["act", "review"]),
        disposition=DISPOSITIONS,
    ),
    max_size=80,
).map(tuple)


@given(FINDINGS)
def test_no_takedown_without_a_sure_mark_that_counts(findings: tuple[Finding, ...]) -> None:
    policy = load_policy("[thresholds]\nescalate = 1\ntakedown = 1")
    weighed = weigh_text(findings, policy)
    ruling = rule_on(findings, weighed.score, suspended=False, cleared=(), policy=policy)
    sure = [f for f in findings if f.kind == "mark" and f.disposition == "counts" and f.tier == "act"]
    assert (ruling.verdict == "takedown") == bool(sure)


def _at(kind: Literal["mark", "counterfeit_word"], start: int, end: int, field: str = "title") -> Finding:
    return Finding(kind=kind, technique="exact", brand_id="nike", field=field, surface="x", start=start, end=end)


@pytest.mark.parametrize(
    ("word", "points"),
    [
        (_at("counterfeit_word", 1_005 + POLICY.listing.near_code_points, 1_200), 30),
        (_at("counterfeit_word", 1_006 + POLICY.listing.near_code_points, 1_200), 28),
        (_at("counterfeit_word", 10, 1_000 - POLICY.listing.near_code_points), 30),
        (_at("counterfeit_word", 10, 999 - POLICY.listing.near_code_points), 28),
        (_at("counterfeit_word", 1_005 + 2 * POLICY.listing.near_code_points, 1_200), 15),
        (_at("counterfeit_word", 1_002, 1_004), 30),
        (_at("counterfeit_word", 1_005, 1_010, "description"), 0),
    ],
)
def test_a_counterfeit_word_weighs_by_its_distance_on_both_sides_within_one_field(word: Finding, points: int) -> None:
    far = (_at("counterfeit_word", 0, 1), _at("counterfeit_word", 9_000, 9_010))
    weighed = weigh_text((_at("mark", 1_000, 1_005), *far, word), POLICY)
    assert sum(weight.points for weight in weighed.weights if weight.name == "near_counterfeit_word") == points


def test_repetition_crowds_nothing_distinct_out() -> None:
    word = _at("counterfeit_word", 5_000, 5_001)
    many = tuple(_at("mark", place, place + 1) for place in range(0, 400, 2))
    assert word in kept((*many, word), 64_000)


@given(FINDINGS)
def test_only_what_counts_weighs(findings: tuple[Finding, ...]) -> None:
    assert weigh_text(findings, POLICY) == weigh_text(counting(findings), POLICY)


@given(FINDINGS)
def test_repetition_adds_nothing(findings: tuple[Finding, ...]) -> None:
    assert weigh_text(findings * 3, POLICY) == weigh_text(findings, POLICY)


@given(FINDINGS, st.sampled_from([500, 8_000, 64_000]))
def test_kept_findings_are_bounded_in_order_and_distinct_ones_come_first(
    findings: tuple[Finding, ...], max_bytes: int
) -> None:
    few = kept(findings, max_bytes)
    assert len(few) <= MAX_FINDINGS
    places = iter(findings)
    assert all(finding in places for finding in few), "a subsequence"
    if max_bytes == 64_000:
        assert grounds(few) == grounds(findings), "nothing distinct was crowded out"


def test_a_brand_that_was_never_registered_weighs_nothing() -> None:
    market = Marketplace(brands=())
    assert market.list("나이키 운동화").rule == "nothing_found"
    market.registry.apply(NIKE.brand_id, NIKE, 1)
    assert market.list("나이키 운동화", version=2).verdict == "escalate"
