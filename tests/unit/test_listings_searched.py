"""Texts are searched up to the policy's limits, and the evidence says what was not."""

import msgspec
import orjson
import pytest

from klean_stream.decision import ListingRow
from klean_stream.decision.evidence import MAX_FINDINGS, MAX_RECORD_BYTES, kept
from klean_stream.events import Finding, ListingSnapshot
from klean_stream.policy import PolicyError, load_policy, policy_of
from tests.unit.marketplace import Marketplace
from tests.unit.test_rescan import Day, verdict

SMALL = load_policy("[limits]\nsearched_title = 20\nsearched_description = 40\nkept_description = 30")


def cuts(findings: tuple[Finding, ...]) -> list[tuple[str | None, int | None, int | None]]:
    return [(cut.field, cut.start, cut.end) for cut in findings if cut.kind == "cut"]


def test_what_is_as_long_as_the_limit_is_searched_whole() -> None:
    outcome = Marketplace(SMALL).list("s" * 20, description="d" * 40)
    assert (outcome.rule, outcome.findings) == ("nothing_found", ())


def test_a_cut_names_the_field_the_code_point_and_the_length() -> None:
    outcome = Marketplace(SMALL).list("짝" * 21, description="d" * 41)
    assert cuts(outcome.findings) == [("title", 20, 21), ("description", 40, 41)]
    assert {(cut.tier, cut.disposition) for cut in outcome.findings} == {("review", "not_searched")}


def test_a_cut_alone_is_nothing_found() -> None:
    outcome = Marketplace(SMALL).list("socks", description="soft " * 10)
    assert (outcome.verdict, outcome.rule, outcome.score) == ("allow", "nothing_found", 0)


def test_what_stands_behind_the_limit_is_not_found() -> None:
    outcome = Marketplace(SMALL).list("socks", description="Nike " + "soft " * 7 + "Gucci replica")
    assert [finding.brand_id for finding in outcome.findings if finding.kind == "mark"] == ["nike"]
    assert not [finding for finding in outcome.findings if finding.kind == "counterfeit_word"]


def test_the_limit_is_the_policys() -> None:
    text = "soft " * 4_000 + "replica"
    assert Marketplace().list("socks", description=text).rule == "nothing_found"
    wide = load_policy("[limits]\nsearched_description = 100000")
    assert Marketplace(wide).list("socks", description=text).rule == "counterfeit_word"


@pytest.mark.parametrize("setting", ["searched_title = 0", "searched_title = 1001", "searched_description = 100001"])
def test_a_limit_beyond_the_wires_is_refused(setting: str) -> None:
    with pytest.raises(PolicyError, match=setting.split(" ", maxsplit=1)[0]):
        load_policy(f"[limits]\n{setting}")


def test_many_findings_do_not_crowd_out_a_cut() -> None:
    marks = tuple(Finding(kind="mark", technique="exact", brand_id=str(n), surface=str(n)) for n in range(MAX_FINDINGS))
    cut = Finding(kind="cut", technique="length_limit", field="title", start=1, end=2, disposition="not_searched")
    assert kept((*marks, cut), MAX_RECORD_BYTES)[-1] == cut


def test_a_rescan_says_what_the_row_does_not_keep() -> None:
    day = Day()
    text = "soft " * 1_000
    day.list("Norda jacket", description=text)
    day.register()
    absorbed = day.rescan()
    assert verdict(absorbed) == ("escalate", "suspicious_offer")
    assert absorbed.decision is not None
    assert cuts(absorbed.decision.findings) == [("description", policy_of({}).limits.kept_description, len(text))]


def test_a_report_is_examined_up_to_the_limit_too() -> None:
    market = Marketplace(SMALL)
    outcome = market.report(listing=ListingSnapshot(title="socks", description="soft " * 10 + "Nike"))
    assert cuts(outcome.findings) == [("description", 40, 54)]


def test_a_row_of_an_older_version_says_of_no_cut() -> None:
    row = {"version": 1, "content": "", "status": "live", "title": "socks", "description": "soft", "updated": 1}
    assert msgspec.json.decode(orjson.dumps(row), type=ListingRow).description_length == 0
