"""What was taken down and comes back, and pictures of known counterfeits."""

import pytest

from klean_stream.decision import Outcome
from klean_stream.events import Escalation, Finding, FingerprintRemoval, Takedown, TakenDownFingerprint
from klean_stream.likeness import BankImage
from klean_stream.policy import policy_of
from tests.unit.marketplace import DAY, Marketplace, of

FAKE = "나이키 미러급 에어맥스 97 운동화 남녀공용 260 270"
REWORDED = "에어맥스 97 운동화 남녀공용 270 260 N.I 미러급 특가"
HONEST = "Cotton shirt for men with long sleeves and a blue collar"
HASH = "f8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22"
NEAR = "f8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9bdd"


@pytest.fixture
def market() -> Marketplace:
    market = Marketplace()
    for seller_id in ("s1", "s2", "s3", "nike-store"):
        market.sign_up(seller_id=seller_id)
    taken = market.list(FAKE)
    assert taken.verdict == "takedown"
    assert len(of(taken, TakenDownFingerprint)) == 1
    return market


def of_kind(outcome: Outcome, kind: str) -> list[Finding]:
    return [finding for finding in outcome.findings if finding.kind == kind]


def test_a_relisting_from_another_account_is_escalated_and_names_the_case(market: Marketplace) -> None:
    again = market.list(REWORDED, seller_id="s2", listing_id="l9")
    (finding,) = of_kind(again, "relisting")
    assert (again.verdict, again.rule) == ("escalate", "repeats_takedown")
    assert (finding.refers_to, finding.technique) == ("s1/l1/1", "near_duplicate")
    assert 600 <= finding.confidence < 1_000
    assert finding in of(again, Escalation)[0].findings


def test_a_relisting_with_a_sure_mark_is_taken_down(market: Marketplace) -> None:
    again = market.list(f"{FAKE} 새상품 당일발송", seller_id="s2", listing_id="l9")
    assert (again.verdict, again.rule) == ("takedown", "counterfeit_offer")
    assert {"mark", "relisting"} <= {weight.name for weight in again.weights}
    assert of(again, TakenDownFingerprint)[0].case_id == "s2/l9/1"


def test_a_title_that_is_nearly_a_remembered_one_is_not_remembered_once_more(market: Marketplace) -> None:
    again = market.list(FAKE, seller_id="s2", listing_id="l9")
    assert again.verdict == "takedown"
    assert of_kind(again, "relisting")
    assert not of(again, TakenDownFingerprint)


def test_a_relisting_by_an_authorised_seller_is_never_taken_down(market: Marketplace) -> None:
    again = market.list(FAKE, seller_id="nike-store", listing_id="l9")
    assert (again.verdict, again.rule) == ("escalate", "authorised_seller")
    assert not of(again, Takedown)


def test_a_listing_does_not_repeat_itself(market: Marketplace) -> None:
    assert not of_kind(market.list(REWORDED, version=2), "relisting")


def test_an_honest_listing_repeats_nothing(market: Marketplace) -> None:
    assert market.list(HONEST, seller_id="s2", listing_id="l9").rule == "nothing_found"


def test_after_a_reinstatement_the_title_is_nobodys(market: Marketplace) -> None:
    back = market.moderate("reinstate")
    assert [removal.case_id for removal in of(back, FingerprintRemoval)] == ["s1/l1/1"]
    assert not of_kind(market.list(REWORDED, seller_id="s2", listing_id="l9"), "relisting")


def test_a_listing_that_was_put_in_order_leaves_its_old_title_known(market: Marketplace) -> None:
    market.list(HONEST, version=2)
    assert not of(market.moderate("dismiss"), FingerprintRemoval)
    assert of_kind(market.list(REWORDED, seller_id="s2", listing_id="l9"), "relisting")


def test_a_title_is_forgotten_after_the_days_of_the_policy(market: Marketplace) -> None:
    market.now += market.policy.relisting.days * DAY
    assert not of_kind(market.list(REWORDED, seller_id="s2", listing_id="l9"), "relisting")


def test_what_a_suspended_seller_offered_is_nobodys(market: Marketplace) -> None:
    market.suspend("s3")
    taken = market.list(HONEST, seller_id="s3", listing_id="l9")
    assert taken.rule == "seller_suspended"
    assert not of(taken, TakenDownFingerprint)


def test_what_a_moderator_has_cleared_is_not_asked_again(market: Marketplace) -> None:
    market.list(REWORDED, seller_id="s2", listing_id="l9")
    market.moderate("dismiss", case=market.case("l9", "s2"))
    assert market.list(f"{REWORDED}!", seller_id="s2", listing_id="l9", version=2).rule == "cleared_by_moderator"


def test_the_picture_of_a_known_counterfeit_is_escalated_and_named(market: Marketplace) -> None:
    market.add_image(BankImage("img-1", "counterfeit", "nike"), HASH)
    seen = market.list(HONEST, seller_id="s2", listing_id="l9", image_hashes=("0" * 64, NEAR))
    (finding,) = of_kind(seen, "image")
    assert (seen.verdict, seen.rule) == ("escalate", "known_image")
    assert (finding.refers_to, finding.technique, finding.brand_id) == ("img-1", "counterfeit_image", "nike")


def test_a_counterfeits_picture_with_a_sure_mark_is_taken_down(market: Marketplace) -> None:
    market.add_image(BankImage("img-1", "counterfeit", "nike"), HASH)
    assert market.list("Nike shoes", seller_id="s2", listing_id="l9", image_hashes=(HASH,)).verdict == "takedown"


def test_a_rights_holders_picture_counts_unless_the_seller_is_authorised(market: Marketplace) -> None:
    market.add_image(BankImage("img-2", "brand", "nike"), HASH)
    other = market.list("Nike shoes", seller_id="s2", listing_id="l9", image_hashes=(HASH,))
    own = market.list("Nike shoes", seller_id="nike-store", listing_id="l9", image_hashes=(HASH,))
    assert (other.verdict, other.score) == ("escalate", 70)
    assert (own.verdict, of_kind(own, "image")[0].disposition) == ("allow", "authorised_seller")


def test_the_policy_says_how_near_a_picture_is(market: Marketplace) -> None:
    market.add_image(BankImage("img-1", "counterfeit", None), HASH)
    far = HASH[:-8] + format(int(HASH[-8:], 16) ^ 0xFFFFFFFF, "08x")
    assert not of_kind(market.list(HONEST, seller_id="s2", listing_id="l9", image_hashes=(far,)), "image")


def test_a_policy_may_remember_nothing() -> None:
    market = Marketplace(policy=policy_of({"relisting": {"days": 0}}))
    market.sign_up()
    taken = market.list(FAKE)
    assert taken.verdict == "takedown"
    assert not of(taken, TakenDownFingerprint)
