"""Absorbing records: identity, duplicates, dead letters, rows, outputs."""

import dataclasses
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from klean_stream.brands import Registry
from klean_stream.decision import Context, Outcome, SellerRow, State
from klean_stream.events import Brand, Listing
from klean_stream.events.identity import Identity
from klean_stream.policy import default_policy
from klean_stream.processing import ROUTES, InputRecord, MemoryRows, Overlay, Processor, ReferenceView
from klean_stream.processing.absorb import Absorbed
from klean_stream.processing.rows import case_key, listing_key, seller_key

_DAY = 86_400_000
_ROUTE = ROUTES["listings"]


def reference() -> ReferenceView:
    """Give a registry of one brand under the default policy."""
    registry = Registry()
    registry.apply_many([("nike", Brand(brand_id="nike", name="Nike", aliases=("나이키",)))], 1)
    return ReferenceView(registry, 1, default_policy(), 0)


def record(body: Any, **changes: Any) -> InputRecord:
    """Give a listings record; the body as bytes, or as what becomes JSON."""
    value = body if isinstance(body, bytes | None) else orjson.dumps(body)
    made = InputRecord("listings", 0, 0, 1_000 * _DAY, b"s-1", value)
    return replace(made, **changes)


def listing(**changes: Any) -> dict[str, Any]:
    """Give the body of a listing of seller s-1."""
    body = {"seller_id": "s-1", "listing_id": "l-1", "version": 1, "change": "created", "title": "나이키 미러급"}
    return body | changes


def absorb(given: InputRecord, rows: MemoryRows | None = None, route: Any = _ROUTE) -> Absorbed:
    """Absorb one record."""
    return Processor().absorb(given, route, MemoryRows() if rows is None else rows, reference())


def test_a_decided_event_has_one_decision_that_says_where_it_stood_and_under_what() -> None:
    rows = MemoryRows()
    absorbed = absorb(record(listing(), partition=3, offset=17), rows)
    assert absorbed.fate == "decided"
    decision = absorbed.decision
    assert decision is not None
    assert (decision.position.partition, decision.position.offset) == (3, 17)
    assert (decision.registry_version, decision.control_version) == (1, 0)
    assert decision.policy == default_policy().hash
    assert [output.topic for output in absorbed.outputs].count("decisions") == 1
    assert seller_key("s-1") in rows.rows
    assert listing_key("s-1", "l-1") in rows.rows


def test_every_output_carries_cloudevents_headers_and_an_id_that_only_the_event_determines() -> None:
    first = absorb(record(listing()))
    again = absorb(record(listing(), offset=9))
    assert len(first.outputs) > 1
    for one, other in zip(first.outputs, again.outputs, strict=True):
        headers = dict(one.headers)
        assert headers["ce_specversion"] == b"1.0"
        body = orjson.loads(one.value or b"")
        assert headers["ce_id"] == body["id"].encode()
        assert dict(other.headers)["ce_id"] == headers["ce_id"]
        assert one.key is not None


def test_the_same_event_again_changes_nothing_within_the_window_and_is_new_after_it() -> None:
    rows = MemoryRows()
    given = record(listing(), headers=(("ce_source", b"/p"), ("ce_id", b"1")))
    absorb(given, rows)
    before = dict(rows.rows)
    window = default_policy().seen_window_days * _DAY
    within = replace(given, offset=1, timestamp=given.timestamp + window)
    assert absorb(within, rows) == Absorbed("duplicate")
    assert rows.rows == before
    after = replace(given, offset=2, timestamp=given.timestamp + window + 1)
    assert absorb(after, rows).fate != "duplicate"


@pytest.mark.parametrize(
    ("reason", "given"),
    [
        ("null_value", record(None)),
        ("oversized", record(b'{"title": "' + b"x" * 600_000 + b'"}')),
        ("unknown_type", record(listing(), headers=(("ce_type", b"klean.listing.sold"),))),
        ("not_json", record(b"{")),
        ("not_json", record(b'{"title": "\xff"}')),
        ("not_json", record(b'{"version": NaN}')),
        ("invalid", record(listing(version="1"))),
        ("invalid", record(listing(title=""))),
        ("invalid", record({"seller_id": "s-1"})),
        ("invalid", record([])),
        ("wrong_key", record(listing(), key=b"s-2")),
        ("wrong_key", record(listing(), key=None)),
    ],
)
def test_what_cannot_be_processed_is_a_dead_letter_with_its_bytes_and_its_place(
    reason: str, given: InputRecord
) -> None:
    rows = MemoryRows()
    given = replace(given, partition=2, offset=5, epoch=3, headers=(*given.headers, ("trace", b"\xff")))
    absorbed = absorb(given, rows)
    assert (absorbed.fate, absorbed.reason, absorbed.decision) == ("dead_lettered", reason, None)
    (letter,) = absorbed.outputs
    assert (letter.topic, letter.key, letter.value) == ("dead-letters", given.key, given.value)
    assert letter.headers[: len(given.headers)] == given.headers
    further = dict(letter.headers[len(given.headers) :])
    assert further["klean_dl_reason"] == reason.encode()
    place = [further[f"klean_dl_{part}"] for part in ("topic", "partition", "offset", "epoch")]
    assert place == [b"listings", b"2", b"5", b"3"]
    assert further["klean_dl_time"] == str(given.timestamp).encode()
    assert not rows.rows


def test_unknown_fields_are_ignored() -> None:
    assert absorb(record(listing(schema_version=2, colour="red"))).fate == "decided"


def test_a_fault_of_the_code_on_one_record_is_a_dead_letter_and_changes_no_row() -> None:
    def faulty(event: Listing, context: Context, state: State) -> Outcome:
        raise ZeroDivisionError

    rows = MemoryRows()
    absorbed = absorb(record(listing()), rows, dataclasses.replace(_ROUTE, decide=faulty))
    assert (absorbed.fate, absorbed.reason) == ("dead_lettered", "processing_error")
    assert not rows.rows


def test_an_outcome_that_kafka_would_refuse_is_a_dead_letter_and_does_not_stop_the_partition() -> None:
    def endless(event: Listing, context: Context, state: State) -> Outcome:
        return Outcome(verdict="allow", rule="x", state=State(seller=SellerRow(shop_name="x" * 70_000)))

    absorbed = absorb(record(listing()), MemoryRows(), dataclasses.replace(_ROUTE, decide=endless))
    assert (absorbed.fate, absorbed.reason) == ("dead_lettered", "outcome_too_large")


def test_an_overlay_hides_what_it_changed_and_nothing_under_it_moves() -> None:
    below = MemoryRows()
    below.put(b"a", b"1")
    below.put(b"b", b"2")
    overlay = Overlay(below)
    overlay.put(b"a", None)
    overlay.put(b"c", b"3")
    assert [overlay.get(key) for key in (b"a", b"b", b"c")] == [None, b"2", b"3"]
    assert below.rows == {b"a": b"1", b"b": b"2"}


@given(*(st.text(min_size=1, max_size=10) for _ in range(4)))
def test_row_keys_never_collide(seller: str, listing_id: str, other_seller: str, other_listing: str) -> None:
    same = (seller, listing_id) == (other_seller, other_listing)
    assert (listing_key(seller, listing_id) == listing_key(other_seller, other_listing)) is same
    assert (case_key(seller, listing_id) == case_key(other_seller, other_listing)) is same


@given(
    st.none() | st.binary(max_size=200),
    st.none() | st.binary(max_size=20),
    st.lists(st.tuples(st.text(max_size=8), st.none() | st.binary(max_size=8)), max_size=3),
)
def test_no_record_makes_it_raise(
    value: bytes | None, key: bytes | None, headers: list[tuple[str, bytes | None]]
) -> None:
    for route in ROUTES.values():
        given = InputRecord(route.topic, 0, 0, 0, key, value, tuple(headers))
        absorbed = Processor().absorb(given, route, MemoryRows(), reference())
        assert absorbed.reason != "processing_error"


def test_identity_is_in_the_decision() -> None:
    given = record(listing())
    decision = absorb(given).decision
    assert decision is not None
    assert decision.identity == Identity.of(given.key, given.value, given.headers).text
