"""What sellers and reporters are told."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from klean_stream.decision.replies import reply
from klean_stream.decision.statements import (
    TITLE_LENGTH,
    Facts,
    quoted,
    reinstatement_reasons,
    takedown_reasons,
)
from klean_stream.events import Finding


def _facts(title: str = "Nike replica", **changes: object) -> Facts:
    findings = (
        Finding(kind="mark", technique="exact", brand_id="nike", field="title", surface="Nike"),
        Finding(kind="mark", technique="exact", brand_id="nike", field="description", surface="Nike"),
        Finding(kind="mark", technique="exact", brand_id="puma", surface="Puma", disposition="authorised_seller"),
        Finding(kind="counterfeit_word", technique="exact", field="title", surface="replica"),
    )
    details: dict[str, object] = {
        "listing_id": "l1",
        "title": title,
        "brand_names": ("Nike",),
        "findings": findings,
        "rule": "counterfeit_offer",
        "on_notice": False,
        "automated_detection": True,
        "automated_decision": True,
        **changes,
    }
    return Facts(**details)  # type: ignore[arg-type]


def test_a_statement_holds_all_that_the_digital_services_act_asks_for() -> None:
    said = takedown_reasons(_facts())
    for part in (said.facts, said.ground, said.redress, "removed in all countries"):
        assert part in said.text["en"]
    assert "by automated means" in said.text["en"]
    assert "자동화된 수단" in said.text["ko"]
    assert "이의" in said.text["ko"]


def test_facts_quote_each_surface_that_counts_once_and_no_other() -> None:
    facts = takedown_reasons(_facts()).facts
    assert facts.count('"Nike"') == 1
    assert '"replica"' in facts
    assert "Puma" not in facts


def test_a_statement_says_who_decided_and_whether_there_was_a_notice() -> None:
    said = takedown_reasons(_facts(on_notice=True, automated_decision=False))
    assert "notice" in said.facts
    assert "by a person" in said.text["en"]
    assert "신고" in said.text["ko"]


def test_a_suspended_sellers_statement_names_the_suspension() -> None:
    said = takedown_reasons(_facts(rule="seller_suspended", findings=(), brand_names=()))
    assert "suspended" in said.ground
    assert "정지" in said.text["ko"]


@given(st.text(max_size=2_000))
def test_seller_text_in_a_statement_is_short_and_cannot_garble_it(title: str) -> None:
    shown = quoted(title, TITLE_LENGTH)
    assert len(shown) <= TITLE_LENGTH
    assert not any(unicodedata.category(character) == "Cc" for character in shown)
    assert not any(unicodedata.bidirectional(character) in ("RLO", "LRO", "RLI", "PDF") for character in shown)
    for text in takedown_reasons(_facts(title)).text.values():
        assert shown in text
        assert len(text) < 3_000


@given(st.text(max_size=50), st.text(max_size=50))
def test_ids_with_braces_are_told_as_they_are(report_id: str, listing_id: str) -> None:
    for text in reply("received", report_id=report_id, listing_id=listing_id, hours=24).values():
        assert report_id in text
        assert listing_id in text


def test_a_reinstatement_says_whether_the_removal_was_right() -> None:
    wrong = reinstatement_reasons(listing_id="l1", title="Shirt", infringement_stands=False)
    right = reinstatement_reasons(listing_id="l1", title="Shirt", infringement_stands=True)
    assert "taken back" in wrong.text["en"]
    assert "stands" in right.text["en"]
    assert set(wrong.text) == set(right.text) == {"en", "ko"}
