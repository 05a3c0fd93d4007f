"""Folding ``cases``, taking dead letters apart, and a seller's explanation: what the commands show, without Kafka."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
import pytest
from rich.console import Console

from klean_stream.cli.cases import Case, fold, in_order
from klean_stream.cli.dead_letter_view import DeadLetter, hexdump
from klean_stream.cli.seller import explained
from klean_stream.processing import InputRecord
from klean_stream.processing.dead_letters import dead_letter

NOW = 1_700_000_000_000


@dataclass
class Fetched:
    """What a consumer gives of a record, as far as the commands look at it."""

    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes | None]]
    partition: int = 3
    offset: int = 17


def case(number: int, **changes: Any) -> dict[str, Any]:
    body: dict[str, Any] = {
        "case_id": f"S-1/L-{number}/1",
        "case_version": 1,
        "status": "open",
        "priority": 3,
        "deadline": NOW,
        "time": NOW,
    }
    return body | changes


def test_the_newest_record_of_a_case_counts_and_null_ends_it() -> None:
    cases: dict[str, Case] = {}
    fold(cases, b"a", orjson.dumps(case(1)))
    fold(cases, b"a", orjson.dumps(case(1, status="upheld")))
    fold(cases, b"b", orjson.dumps(case(2)))
    fold(cases, b"b", None)
    assert {key: found["status"] for key, found in cases.items()} == {"a": "upheld"}


def test_an_answer_about_no_case_makes_none_and_ends_none() -> None:
    cases: dict[str, Case] = {}
    fold(cases, b"a", orjson.dumps(case(1)))
    fold(cases, b"a", orjson.dumps(case(1, status="unknown", answer="unknown_case")))
    fold(cases, b"b", orjson.dumps(case(2, status="unknown", answer="unknown_case")))
    assert cases == {"a": case(1)}


def test_open_cases_come_first_by_priority_and_deadline() -> None:
    cases = [
        case(1, status="upheld", time=NOW - 1),
        case(2, priority=4, deadline=NOW - 5),
        case(3, status="need_more", priority=1, deadline=None),
        case(4, priority=1, deadline=NOW + 5),
        case(5, priority=1, deadline=NOW - 5),
        case(6, status="dismissed", deadline=None),
    ]
    assert [found["case_id"].split("/")[1] for found in in_order(cases)] == [
        "L-5",
        "L-4",
        "L-3",
        "L-2",
        "L-6",
        "L-1",
    ]


@pytest.mark.parametrize("key", [b"S-1", None, b"\xff\x00"])
@pytest.mark.parametrize("value", [b'{"seller_id"', None, b"\xff\xfe", b""])
def test_a_dead_letter_gives_back_the_record_that_went_wrong(key: bytes | None, value: bytes | None) -> None:
    given = (("ce_id", b"1"), ("klean_dl_topic", b"forged"), ("klean_dl_reason", None), ("x", None))
    record = InputRecord("listings", 5, 9, NOW, key, value, given)
    letter = dead_letter(record, "not_json", "what is wrong", personal_data=False)
    found = DeadLetter.of(Fetched(letter.key, letter.value, letter.headers))
    assert (found.place, found.topic, found.partition, found.offset) == ("3@17", "listings", 5, 9)
    assert (found.reason, found.detail, found.time) == ("not_json", "what is wrong", NOW)
    original = found.original()
    assert (original.topic, original.key, original.value, original.headers) == ("listings", key, value, given)
    # Without a key there is nothing that says where it belongs but where it was.
    assert original.partition == (5 if key is None else None)


def test_a_record_that_is_no_dead_letter_is_none_that_can_be_published_again() -> None:
    assert not DeadLetter.of(Fetched(b"k", b"v", [("x", b"y")])).comes_from_an_input()
    forged = [("klean_dl_topic", b"decisions"), ("klean_dl_partition", b"many")]
    assert not DeadLetter.of(Fetched(b"k", b"v", forged)).comes_from_an_input()


def test_a_hexdump_shows_sixteen_bytes_a_line_and_says_what_it_leaves_out() -> None:
    assert hexdump(b"abc\x1b[31m\xffdefghijk", 17) == [
        "00000000  61 62 63 1b 5b 33 31 6d ff 64 65 66 67 68 69 6a  abc.[31m.defghij",
        "00000010  6b                                               k",
    ]
    assert hexdump(b"x" * 40, 16)[-1] == "… 24 bytes more (--bytes)"


def test_a_sellers_table_explains_every_point_and_sums_up() -> None:
    def entry(name: str, points_now: int, **changes: Any) -> dict[str, Any]:
        signal = {
            "name": name,
            "points": 20,
            "at": NOW,
            "cause": "d-1",
            "listing_id": "L-[b]\u202e",
            "case_number": 1,
            "strike": False,
            "count": 1,
        }
        return {"signal": signal | changes, "points_now": points_now, "age_days": 2}

    answer = {
        "seller_id": "S-1",
        "at": NOW,
        "risk": {"points": 55, "level": "elevated", "strikes": 1},
        "row": {"status": "approved", "payout_hold": True, "shop_name": "[red]", "listings": 2, "takedowns": 1},
        "policy": "abc",
        "points": [
            entry("listing_taken_down", 15, strike=True),
            entry("verified_report", 40, count=3, cause="", listing_id=None, case_number=None),
        ],
    }
    console = Console(width=200, markup=False, color_system=None)
    with console.capture() as capture:
        console.print(explained(answer))
    shown = capture.get()
    assert "elevated  55 points  1 strikes" in shown
    assert "listing_taken_down (strike)" in shown
    assert "verified_report × 3" in shown
    assert "L-[b]<U+202E>" in shown
    assert "shop “[red]”" in shown
    (total,) = [line for line in shown.splitlines() if line.startswith("│ sum")]
    assert "55" in total
