"""What the guide for moderators says of the matcher is what the matcher does: its tables are executed."""

import re
import typing
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from klean_stream.brands import DISGUISES, BrandMatcher
from klean_stream.brands.context import Reason
from klean_stream.brands.explain import explain
from klean_stream.sample import sample_brands

GUIDE = (Path(__file__).resolve().parents[2] / "docs" / "moderators.md").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Text:
    title: str
    description: str = ""


@cache
def matcher() -> BrandMatcher:
    return BrandMatcher.build(sample_brands())


def rows(name: str) -> Iterator[list[str]]:
    """Give the cells of each row of a table of the guide, code without its ticks."""
    table = GUIDE.split(f"<!-- {name}: begin -->")[1].split(f"<!-- {name}: end -->", maxsplit=1)[0]
    for line in table.strip().splitlines()[2:]:
        cells = [cell.strip().strip("`") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        yield [cell.replace("\\|", "|").replace("\\u200b", "\u200b") for cell in cells]


@pytest.mark.parametrize(("technique", "example", "tier", "disguise"), [row[:4] for row in rows("techniques")])
def test_each_technique_reads_its_example(technique: str, example: str, tier: str, disguise: str) -> None:
    (found,) = matcher().match(Text(example))
    assert (found.technique, found.tier) == (technique, tier)
    assert (technique in DISGUISES) is (disguise == "yes")


def test_every_disguise_is_in_the_guide() -> None:
    assert {row[0] for row in rows("techniques")} >= DISGUISES


@pytest.mark.parametrize(("reason", "example", "outcome"), [row[:3] for row in rows("reasons")])
def test_each_reason_holds_of_its_example(reason: str, example: str, outcome: str) -> None:
    assert (reason, outcome) in {(place.reason, place.outcome) for place in explain(matcher(), Text(example)).places}


def test_every_reason_of_context_is_in_the_guide() -> None:
    in_prose_alone = {"part_of_a_word", "in_prose", "number"}
    assert {row[0] for row in rows("reasons")} >= set(typing.get_args(Reason)) - in_prose_alone
    assert all(f"`{reason}`" in GUIDE for reason in in_prose_alone)


@pytest.mark.parametrize("example", [row[1] for row in rows("not caught")])
def test_what_is_said_not_to_be_caught_is_not(example: str) -> None:
    assert [match for match in matcher().match(Text(example)) if match.tier == "act"] == []


@pytest.mark.parametrize(("example", "brand"), [row[1:3] for row in rows("mistaken")])
def test_what_is_said_to_be_mistaken_is(example: str, brand: str) -> None:
    assert [match.brand_id for match in matcher().match(Text(example)) if match.tier == "act"] == [brand]
