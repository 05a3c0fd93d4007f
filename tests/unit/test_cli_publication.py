"""From a line of a file to a record: what is refused, what is derived, what stays as it was given."""

import gzip
from pathlib import Path

import orjson
import pytest

from klean_stream.cli.jsonl import BadLine
from klean_stream.cli.publication import (
    BadEvent,
    Publication,
    event_record,
    publication_of,
    read_publications,
    removal_record,
)
from klean_stream.cli.publish import InputTopic
from klean_stream.processing import ROUTES
from klean_stream.sample import day, sample_brand_rows

LIMIT = 524_288
LISTING = {"seller_id": "S-1", "listing_id": "L-1", "version": 1, "change": "created", "title": "Socks"}
BRAND = {"brand_id": "nike", "name": "Nike"}


def of(row: object, topic: str = "listings") -> Publication:
    return publication_of(row, ROUTES[topic], LIMIT)


def headers(record: Publication) -> dict[str, str]:
    return {name: (content or b"").decode() for name, content in record.headers}


def test_a_bare_body_is_keyed_and_gets_cloud_event_headers() -> None:
    record = of(LISTING)
    assert (record.topic, record.key, record.timestamp, record.partition) == ("listings", b"S-1", None, None)
    assert orjson.loads(record.value or b"") == LISTING
    found = headers(record)
    assert found.pop("ce_id")
    assert found == {
        "ce_specversion": "1.0",
        "ce_source": "/klean-stream/publish",
        "ce_type": "klean.listing.created",
        "content-type": "application/json",
    }


def test_the_same_content_has_the_same_id_and_other_content_another() -> None:
    reordered = dict(reversed(LISTING.items()))
    assert headers(of(LISTING))["ce_id"] == headers(of({"value": reordered}))["ce_id"]
    assert headers(of(LISTING))["ce_id"] != headers(of({**LISTING, "version": 2}))["ce_id"]


def test_an_envelope_gives_key_headers_and_timestamp() -> None:
    given = {"ce_id": "42", "ce_source": "/platform", "trace": "abc"}
    record = of({"value": LISTING, "key": "S-1", "headers": given, "timestamp": 1_700_000_000_000})
    assert record.timestamp == 1_700_000_000_000
    assert headers(record).items() >= given.items()


def test_a_body_may_have_fields_named_like_an_envelopes() -> None:
    record = of({**LISTING, "value": 3, "headers": "unknown fields are ignored", "timestamp": 7})
    assert record.timestamp == 7
    assert orjson.loads(record.value or b"")["value"] == 3
    assert of({**LISTING, "timestamp": "yesterday"}).timestamp is None


def test_null_removes_a_brand_and_nothing_else() -> None:
    removal = of({"value": None, "key": "nike"}, "brands")
    assert (removal.key, removal.value) == (b"nike", None)
    assert headers(removal)["ce_type"] == "klean.brand.removed"
    with pytest.raises(BadEvent, match="wrong_key"):
        of({"value": None}, "brands")
    with pytest.raises(BadEvent, match="null_value"):
        of({"value": None, "key": "S-1"})


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ([1], "not a JSON object"),
        ({}, "`seller_id` is missing"),
        ({**LISTING, "seller_id": 7}, "`seller_id` is missing or no string"),
        ({**LISTING, "version": "1"}, r"invalid: .*\$\.version"),
        ({**LISTING, "title": ""}, "`title` is required"),
        ({**LISTING, "change": "sold"}, r"invalid: .*\$\.change"),
        ({**LISTING, "description": "x" * LIMIT}, "oversized"),
        ({**LISTING, "timestamp": -1}, "`timestamp`"),
        ({"value": LISTING, "key": "S-2"}, "wrong_key"),
        ({"value": LISTING, "key": 1}, "`key` must be a string"),
        ({"value": LISTING, "headers": {"a": 1}}, "`headers`"),
        ({"value": LISTING, "headers": {"ce_type": "klean.brand.removed"}}, "unknown_type"),
        ({"value": LISTING, "timestamp": "now"}, "`timestamp`"),
        ({"value": LISTING, "timestamp": True}, "`timestamp`"),
        ({"value": LISTING, "timestamp": 10**15}, "`timestamp`"),
        ({"value": "text"}, "`value` must be an object"),
    ],
)
def test_what_a_worker_would_not_take_is_refused(row: object, reason: str) -> None:
    with pytest.raises(BadEvent, match=reason):
        of(row)


def test_a_policy_that_is_not_valid_is_refused() -> None:
    with pytest.raises(BadEvent, match=r"no setting `weights\.marks`"):
        of({"kind": "policy", "policy": {"weights": {"marks": 1}}}, "control")


def test_an_event_of_now_has_an_id_of_its_own() -> None:
    mode = {"kind": "mode", "mode": "enforce"}
    first, second = (event_record(ROUTES["control"], mode, LIMIT) for _ in range(2))
    assert first.key == b"mode"
    assert headers(first)["ce_id"] != headers(second)["ce_id"]
    assert removal_record(ROUTES["brands"], "nike", LIMIT).value is None


def test_every_good_event_of_the_sample_day_can_be_published() -> None:
    for event in day(400, seed=3):
        if event.expect != "dead_lettered":
            record = of(orjson.loads(event.value or b""), event.topic)
            assert record.key == event.key
            expected = dict(event.headers).get("ce_type")
            assert expected is None or headers(record)["ce_type"] == expected.decode()
    for key, body in sample_brand_rows():
        assert of(orjson.loads(body), "brands").key == key


def test_there_is_a_topic_to_publish_to_for_each_that_takes_events() -> None:
    assert [topic.value for topic in InputTopic] == list(ROUTES)


@pytest.mark.parametrize("name", ["day.jsonl", "day.jsonl.gz"])
def test_reading_goes_on_after_a_bad_line(tmp_path: Path, name: str) -> None:
    content = b"\n".join([b"{", orjson.dumps(LISTING), b"", b"\xff\xfe", b"[]", orjson.dumps(LISTING)])
    path = tmp_path / name
    path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    found = list(read_publications(path, ROUTES["listings"], LIMIT))
    assert [(number, isinstance(line, BadLine)) for number, line in found] == [
        (1, True),
        (2, False),
        (4, True),
        (5, True),
        (6, False),
    ]


def test_a_file_that_breaks_off_ends_with_a_bad_line(tmp_path: Path) -> None:
    path = tmp_path / "day.jsonl.gz"
    path.write_bytes(gzip.compress(orjson.dumps(LISTING) + b"\n")[:-10])
    *_, (_, last) = read_publications(path, ROUTES["listings"], LIMIT)
    assert isinstance(last, BadLine)
    assert "unpacked" in last.reason
