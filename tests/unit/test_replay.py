"""Journal and replay: the same core over a file of events."""

from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from klean_stream.cli.journal import dump_line, read_journal
from klean_stream.cli.jsonl import BadLine
from klean_stream.processing import InputRecord
from klean_stream.processing.replay import JournalError, JournalLine, Replay, Under

_BYTES = st.none() | st.binary(max_size=30) | st.text(max_size=10).map(str.encode)
_LINES = st.builds(
    JournalLine,
    st.builds(
        InputRecord,
        st.sampled_from(["listings", "brands", "control"]),
        st.integers(0, 9),
        st.integers(0, 2**60),
        st.integers(0, 2**41),
        _BYTES,
        _BYTES,
        st.lists(st.tuples(st.text(max_size=5), _BYTES), max_size=3).map(tuple),
        st.integers(0, 9),
    ),
    st.none() | st.builds(Under, st.integers(0, 99), st.integers(0, 99)),
    st.booleans(),
)


@given(st.lists(_LINES, max_size=4))
def test_a_journal_gives_back_every_byte(lines: list[JournalLine]) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "journal.jsonl"
        file.write_bytes(b"".join(dump_line(line) + b"\n" for line in lines))
        assert list(read_journal(file)) == lines


def test_a_hand_written_line_needs_only_topic_and_value(tmp_path: Path) -> None:
    body = {"seller_id": "s-1", "listing_id": "l-1", "version": 1, "change": "created", "title": "x"}
    file = tmp_path / "events.jsonl"
    file.write_bytes(orjson.dumps({"topic": "listings", "value": body}) + b"\n")
    (line,) = read_journal(file)
    assert line.record == InputRecord("listings", 0, 0, 0, b"s-1", orjson.dumps(body))


def test_a_line_that_is_none_is_named_by_its_number(tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    file.write_text('{"topic": "brands", "value": null, "key": "x"}\n{"topic": "nonsense", "value": {}}\n')
    with pytest.raises(BadLine, match="2"):
        list(read_journal(file))


def brand(offset: int, brand_id: str, name: str | None) -> JournalLine:
    """Give a record of the registry; without a name it removes the brand."""
    value = None if name is None else orjson.dumps({"brand_id": brand_id, "name": name})
    return JournalLine(InputRecord("brands", 0, offset, offset, brand_id.encode(), value))


def offer(offset: int, title: str, under: Under | None = None) -> JournalLine:
    """Give a new listing."""
    body = {"seller_id": "s-1", "listing_id": f"l-{offset}", "version": 1, "change": "created", "title": title}
    return JournalLine(InputRecord("listings", 0, offset, offset, b"s-1", orjson.dumps(body)), under)


def test_brands_count_from_where_they_stand_in_the_journal() -> None:
    lines = [
        offer(0, "Zorvane replica"),
        brand(0, "zorvane", "Zorvane"),
        offer(1, "Zorvane replica"),
        brand(1, "zorvane", None),
        offer(2, "Zorvane replica"),
    ]
    found = [
        (absorbed.decision.registry_version, any(finding.brand_id for finding in absorbed.decision.findings))
        for absorbed in Replay().run(lines)
        if absorbed.decision is not None and absorbed.decision.topic == "listings"
    ]
    assert found == [(0, False), (1, True), (2, False)]


def test_a_journal_that_lacks_the_registry_of_its_decisions_is_refused() -> None:
    with pytest.raises(JournalError, match="registry version 2"):
        list(Replay().run([brand(0, "zorvane", "Zorvane"), offer(0, "x", Under(2, 0))]))
    with pytest.raises(JournalError, match="control version 1"):
        list(Replay().run([offer(0, "x", Under(0, 1))]))
