"""The policy: one file, checked as a whole, and the emergency stop."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from klean_stream.events import Control
from klean_stream.policy import Policy, PolicyError, apply_control, default_policy, load_policy


def test_the_packaged_policy_enforces() -> None:
    policy = default_policy()
    assert policy.mode == "enforce"
    assert policy.thresholds.escalate <= policy.thresholds.takedown
    assert policy.deadlines.report == 24


def test_the_default_weights_mean_what_the_comments_beside_them_say() -> None:
    weights, thresholds = default_policy().weights, default_policy().thresholds
    assert weights.mark < thresholds.escalate, "lawful resale is let pass"
    for more in (weights.unverified_seller, weights.elevated_seller, weights.high_seller, weights.low_price):
        assert thresholds.escalate <= weights.mark + more < thresholds.takedown
    assert thresholds.escalate <= weights.mark + weights.counterfeit_word < thresholds.takedown
    assert weights.mark + weights.counterfeit_word + weights.near_counterfeit_word >= thresholds.takedown
    assert weights.mark_review + weights.unverified_seller < thresholds.escalate


def test_a_disguise_alone_is_seen_by_a_person_and_with_a_counterfeit_word_it_is_taken_down() -> None:
    weights, thresholds = default_policy().weights, default_policy().thresholds
    disguised = weights.mark + weights.disguised_mark
    assert thresholds.escalate <= disguised
    assert disguised + weights.unverified_seller + weights.high_seller < thresholds.takedown
    assert disguised + weights.low_price + weights.unverified_seller < thresholds.takedown
    assert disguised + weights.low_price + weights.unverified_seller + weights.elevated_seller >= thresholds.takedown
    assert disguised + weights.counterfeit_word >= thresholds.takedown


def test_confirmed_infringements_climb_from_elevated_to_high_to_suspension() -> None:
    risk = default_policy().risk
    strike = risk.points.infringement_confirmed
    assert risk.elevated <= strike < risk.high <= 2 * strike
    assert risk.strikes_to_suspend == 3


def test_a_file_changes_only_what_it_names() -> None:
    policy = load_policy("[weights]\nmark = 7\n[signup.documents]\nDE = ['identity']\n")
    assert policy.weights.mark == 7
    assert policy.weights.mark_review == default_policy().weights.mark_review
    assert policy.signup.documents["DE"] == ("identity",)
    assert policy.signup.documents["KR"] == default_policy().signup.documents["KR"]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("wieghts = 1", "`wieghts`"),
        ("[weights]\nmrk = 1", "`weights.mrk`"),
        ("[risk.points]\nrumour = 1", "`risk.points.rumour`"),
        ('[weights]\nmark = "much"', "`weights.mark`"),
        ("[weights]\nmark = 1.0", "`weights.mark`"),
        ("[weights]\nmark = true", "`weights.mark`"),
        ("[weights]\nmark = -1", "`weights.mark`"),
        ("weights = 3", "`weights`"),
        ('mode = "off"', "`mode`"),
        ("[thresholds]\ntakedown = 2", "`takedown`"),
        ("[risk]\nelevated = 1000", "`high`"),
        ('[signup.documents]\nKOR = ["identity"]', "`signup.documents`"),
        ('[signup]\nreject_when = ["bad_mood"]', "`signup.reject_when"),
        ("mode_recorded = true", "`mode_recorded`"),
        ("mode = ", "not TOML"),
    ],
)
def test_a_wrong_setting_is_refused_in_one_sentence_that_names_it(text: str, named: str) -> None:
    with pytest.raises(PolicyError) as refused:
        load_policy(text)
    sentence = str(refused.value)
    assert named in sentence
    assert "\n" not in sentence
    assert "`$" not in sentence, "a path as people write it, not as JSONPath"


def test_the_hash_follows_what_is_in_force_and_nothing_else() -> None:
    policy = default_policy()
    assert load_policy("# no more than a comment\n").hash == policy.hash
    assert load_policy(f"[weights]\nmark = {policy.weights.mark}").hash == policy.hash
    assert load_policy("[weights]\nmark = 51").hash != policy.hash
    assert policy.with_mode("review_only").hash == load_policy('mode = "review_only"').hash != policy.hash
    assert policy.with_mode("enforce").hash == policy.hash
    assert len(policy.hash) == 16


def test_the_emergency_stop_holds_although_a_policy_says_enforce() -> None:
    policy = apply_control(default_policy(), Control(kind="mode", mode="review_only"))
    policy = apply_control(policy, Control(kind="policy", policy={"mode": "enforce", "weights": {"mark": 9}}))
    assert policy.mode == "review_only"
    assert policy.weights.mark == 9
    assert apply_control(policy, Control(kind="mode", mode="enforce")).mode == "enforce"


def test_the_mode_of_a_file_is_in_force_until_a_mode_record_comes() -> None:
    policy = apply_control(default_policy(), Control(kind="policy", policy={"mode": "review_only"}))
    assert policy.mode == "review_only"
    assert apply_control(policy, Control(kind="policy", policy={})).mode == "enforce"


def test_a_policy_record_is_laid_over_the_default_not_over_the_policy_before_it() -> None:
    first = apply_control(default_policy(), Control(kind="policy", policy={"weights": {"mark": 9}}))
    second = apply_control(first, Control(kind="policy", policy={"seen_window_days": 3}))
    assert second.weights.mark == default_policy().weights.mark


def test_a_policy_record_that_is_wrong_is_refused() -> None:
    with pytest.raises(PolicyError, match=r"weights\.mrk"):
        apply_control(default_policy(), Control(kind="policy", policy={"weights": {"mrk": 9}}))


RECORDS = st.lists(
    st.one_of(
        st.builds(Control, kind=st.just("mode"), mode=st.sampled_from(["enforce", "review_only"])),
        st.builds(
            Control,
            kind=st.just("policy"),
            policy=st.fixed_dictionaries(
                {"mode": st.sampled_from(["enforce", "review_only"])},
                optional={"seen_window_days": st.integers(1, 9)},
            ),
        ),
    ),
    max_size=6,
)


@given(RECORDS)
def test_a_compacted_topic_gives_what_the_whole_topic_gives(records: list[Control]) -> None:
    """Compaction keeps the last record of each kind, and a reader may meet either first."""
    whole = _fold(records)
    last = {record.kind: record for record in records}
    for order in itertools.permutations(last.values()):
        assert _fold(list(order)) == whole


def _fold(records: list[Control]) -> Policy:
    policy = default_policy()
    for record in records:
        policy = apply_control(policy, record)
    return policy
