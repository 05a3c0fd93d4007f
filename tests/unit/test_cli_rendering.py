"""What commands print: nothing that a seller wrote can move a cursor, turn a line around or pass for markup."""

import unicodedata

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console, RenderableType

from klean_stream.cli.escaping import visible, visible_in_json
from klean_stream.cli.record_view import block
from klean_stream.cli.render import MATCHED, highlighted, json_text, moment, seller_text, span, table

NOW = 1_700_000_000_000
HOUR = 3_600_000
HIDDEN_CATEGORIES = {"Cc", "Cf", "Cs", "Zl", "Zp"}


def printed(renderable: RenderableType, *, width: int = 200) -> str:
    console = Console(width=width, markup=False, highlight=False, emoji=False, color_system=None)
    with console.capture() as capture:
        console.print(renderable)
    return capture.get()


def mark(start: int, end: int, surface: str, field: str = "title") -> dict[str, object]:
    return {"field": field, "start": start, "end": end, "surface": surface}


def test_every_control_and_format_character_of_unicode_is_shown() -> None:
    everything = [chr(code) for code in range(0x110000)]
    hidden = [char for char in everything if unicodedata.category(char) in HIDDEN_CATEGORIES]
    assert [char for char in hidden if visible(char) == char] == []


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred", "<U+001B>[31mred"),
        ("a\u202eb", "a<U+202E>b"),
        ("ni\u200bke", "ni<U+200B>ke"),
        ("나\u3164이키", "나<U+3164>이키"),
        ("tab\tnew\nline", "tab<U+0009>new<U+000A>line"),
        ("\U000e0041", "<U+E0041>"),
        ("[bold]나이키[/bold] :smile:", "[bold]나이키[/bold] :smile:"),
        ("emoji \u2764\ufe0f stays", "emoji \u2764\ufe0f stays"),
    ],
)
def test_hidden_characters_are_shown_by_their_code_point(text: str, shown: str) -> None:
    assert visible(text) == shown
    assert printed(seller_text(text)).rstrip("\n") == shown


@given(st.text())
def test_json_is_safe_to_print_and_means_the_same(text: str) -> None:
    line = json_text({"title": text})
    assert visible(line) == line
    assert orjson.loads(line) == {"title": text}


def test_json_escapes_what_lies_beyond_the_basic_plane_as_a_surrogate_pair() -> None:
    assert visible_in_json("\U000e0041") == "\\udb40\\udc41"


def test_matched_characters_are_set_off_in_the_original_text() -> None:
    text = highlighted("나이키 미러급", [mark(0, 3, "나이키"), mark(4, 7, "미러급")])
    assert text.plain == "나이키 미러급"
    assert [(one.start, one.end) for one in text.spans if one.style == MATCHED] == [(0, 3), (4, 7)]


def test_without_colour_matched_characters_stand_in_brackets() -> None:
    found = [mark(0, 3, "나이키"), mark(2, 5, "키 미")]
    assert highlighted("나이키 미러급", found, brackets=("⟦", "⟧")).plain == "⟦나이키 미⟧러급"


def test_a_hidden_character_within_a_match_is_shown_and_set_off() -> None:
    text = highlighted("ni\u200bke x", [mark(0, 5, "ni\u200bke")])
    assert text.plain == "ni<U+200B>ke x"
    assert (text.spans[0].start, text.spans[0].end) == (0, len("ni<U+200B>ke"))


@pytest.mark.parametrize(
    "finding",
    [
        mark(0, 4, "Nike", field="description"),
        mark(0, 4, "Puma"),
        mark(-2, 4, "Nike"),
        mark(2, 99, "ke"),
        mark(3, 3, ""),
        {"field": "title", "start": None, "end": None, "surface": None},
        {"kind": "price"},
    ],
)
def test_a_finding_that_does_not_fit_the_text_is_passed_over(finding: dict[str, object]) -> None:
    assert highlighted("Nike shoes", [finding], brackets=("⟦", "⟧")).plain == "Nike shoes"


def test_no_cell_of_a_table_is_cut() -> None:
    shown = printed(table(("id", "n#"), [(seller_text("x" * 100), seller_text(7))]), width=40)
    assert shown.count("x") == 100


def test_moments_that_no_calendar_holds_are_shown_as_numbers() -> None:
    assert moment(NOW) == "2023-11-14 22:13:20Z"
    assert moment(10**18) == f"{10**18} ms"
    assert moment(None) == "–"
    assert [span(5 * 60_000), span(25 * HOUR), span(-3 * HOUR)] == ["5 min", "1 d 1 h", "3 h 0 min"]


def takedown(**changes: object) -> bytes:
    body: dict[str, object] = {
        "seller_id": "S-1",
        "listing_id": "L-1",
        "listing_version": 3,
        "case_id": "S-1/L-1/1",
        "title": "나이키 [red]미러급\u202e",
        "rule": "counterfeit_offer",
        "findings": [
            {**mark(0, 3, "나이키"), "kind": "mark", "brand_id": "nike", "technique": "exact", "confidence": 900},
            {"kind": "claim", "technique": "registry", "field": "reporter_id", "disposition": "not_verified"},
        ],
        "time": NOW,
    }
    return orjson.dumps(body | changes)


def shown_block(topic: str, value: bytes | None) -> str:
    return printed(block(topic, "klean.x 1@2", value, NOW, now=NOW, brackets=("⟦", "⟧")))


def test_a_takedown_reads_as_a_block() -> None:
    shown = shown_block("takedowns", takedown())
    assert shown.splitlines()[0] == "TAKEDOWN  2023-11-14 22:13:20Z  klean.x 1@2"
    assert "⟦나이키⟧ [red]미러급<U+202E>" in shown
    assert "L-1  version 3" in shown
    assert "mark nike “나이키” in title 0–3 by exact (90 %, act)" in shown
    assert "does not count: not_verified" in shown


@pytest.mark.parametrize(("deadline", "said"), [(NOW + 2 * HOUR, "in 2 h 0 min"), (NOW - HOUR, "OVERDUE by 1 h 0 min")])
def test_an_escalation_says_how_long_there_is(deadline: int, said: str) -> None:
    risk = {"points": 40, "level": "elevated", "strikes": 1}
    shown = shown_block("escalations-kr", takedown(deadline=deadline, priority=2, risk=risk))
    assert shown.startswith("ESCALATION KR")
    assert said in shown
    assert "S-1  elevated, 40 points, 1 strikes" in shown


@pytest.mark.parametrize("value", [None, b"\xff\x1b[31m", b"[1]", b"{", b'{"title": 1, "x": {"y": "\\u202e"}}'])
def test_a_record_of_any_shape_has_a_block(value: bytes | None) -> None:
    shown = shown_block("decisions", value)
    assert visible(shown.replace("\n", "")) == shown.replace("\n", "")
