import importlib
from collections import Counter
from pathlib import Path

import orjson
import pytest

from bench.__main__ import _judge
from bench.environments import requirements
from bench.report import update_readme
from bench.roster import ROSTER
from bench.section import Section, Target
from bench.sections import SECTIONS, SPIKES
from bench.workloads.core import DictRows, Event
from bench.workloads.events import events, seller_ids
from bench.workloads.listings import BRANDS, listings, registry
from bench.workloads.state import StateCore

ROOT = Path(__file__).parents[2]


def test_the_events_are_the_same_at_each_run_and_of_the_size_that_is_told() -> None:
    sellers = seller_ids(1_000)
    assert sellers == seller_ids(1_000)
    values = [value for _, value in events(sellers)]
    assert values == [value for _, value in events(sellers)]
    assert 220 <= sum(map(len, values)) / len(values) <= 320


def test_a_decision_carries_the_totals_of_its_sellers_row_and_each_tenth_event_takes_down() -> None:
    core, rows = StateCore(), DictRows()
    totals: dict[str, tuple[int, int]] = {}
    written: Counter[str] = Counter()
    for number, (key, value) in enumerate(events(seller_ids(500, sellers=20))):
        event = orjson.loads(value)
        listings_before, amount = totals.get(event["seller_id"], (0, 0))
        totals[event["seller_id"]] = expected = listings_before + 1, amount + event["price"]
        decision, *takedowns = core.decide(Event(0, number, 0, key, value), rows)
        body = orjson.loads(decision.value)
        assert (body["listings"], body["amount"]) == expected
        written.update(output.topic for output in (decision, *takedowns))
    assert written == {"decisions": 500, "takedowns": 50}
    assert {
        row["seller_id"]: (row["listings"], row["amount"]) for row in map(orjson.loads, rows.rows.values())
    } == totals


def test_the_registry_of_the_full_workload_has_the_size_that_is_told_and_no_brand_twice() -> None:
    keys = [key for key, _ in registry(None)]
    assert len(keys) == len(set(keys)) == BRANDS


def test_made_up_listings_are_the_same_at_each_run() -> None:
    assert list(listings(None, 50)) == list(listings(None, 50))


def test_every_peer_is_pinned_in_the_extra() -> None:
    for contender in ROSTER.values():
        if contender.package is not None:
            assert requirements(contender.package).startswith(f"{contender.package}==")


def test_every_section_can_be_run() -> None:
    for name in (*SECTIONS, *SPIKES):
        assert callable(importlib.import_module(f"bench.sections.{name}").run)


@pytest.mark.parametrize(
    ("target", "code"),
    [
        (Target("quick enough", 0.6, 0.6), 0),
        (Target("too slow", 0.59, 0.6), 1),
        (Target("cheap enough", 1.2, 1.2, at_most=True), 0),
        (Target("too dear", 1.21, 1.2, at_most=True), 1),
    ],
)
def test_a_missed_target_ends_with_exit_code_1(target: Target, code: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert _judge([target], quick=False) == code
    assert target.what in capsys.readouterr().out


def test_a_run_changes_the_readme_between_its_marks_only(tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    readme.write_text((ROOT / "README.md").read_text())
    for wanted in (2.0, 3.0):
        update_readme([Section("", "", (Target("a ratio", 2.5, wanted),))], readme)
    begin, end = "<!-- bench", "<!-- end of bench -->"
    written, original = readme.read_text(), (ROOT / "README.md").read_text()
    assert written.count("| a ratio | 2.5 | ≥ 3 | **missed** |") == written.count("a ratio") == 1
    assert written.partition(begin)[0] == original.partition(begin)[0]
    assert written.partition(end)[2] == original.partition(end)[2]
