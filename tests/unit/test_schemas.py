"""The published contract says what the code does: schemas, AsyncAPI document, examples."""

import json
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import orjson
import pytest
from asyncapi3 import AsyncAPI3  # type: ignore[import-untyped]
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from klean_stream import schemas
from klean_stream.decision import Rejected
from klean_stream.events import FingerprintRemoval
from klean_stream.events.channels import CHANNELS, DEAD_LETTER_HEADERS, DEAD_LETTERS, PARTITIONS, PREFIX
from klean_stream.events.json_schema import contract_files
from klean_stream.events.json_schema import main as schemas_main
from klean_stream.processing import ROUTES, InputRecord
from klean_stream.processing.dead_letters import dead_letter
from klean_stream.processing.decoding import decode
from klean_stream.processing.examples import example_files
from klean_stream.processing.examples import main as examples_main
from klean_stream.processing.outputs import _SHAPES
from klean_stream.runtime.settings import Settings
from klean_stream.runtime.topics import TOPICS

CHANNEL = {channel.topic: channel for channel in CHANNELS}
RECORD_TOPICS = sorted(CHANNEL)
INPUT_TOPICS = sorted(topic for topic in CHANNEL if CHANNEL[topic].direction == "input")
FOLDER = Path(str(resources.files(schemas)))

# JSON Schema takes 1.0 for an integer, klean-stream does not (schemas/README.md says so).
STRICT = jsonschema.validators.extend(  # type: ignore[no-untyped-call]
    jsonschema.Draft202012Validator,
    type_checker=jsonschema.Draft202012Validator.TYPE_CHECKER.redefine(
        "integer", lambda _, value: isinstance(value, int) and not isinstance(value, bool)
    ),
)
VALIDATORS = {topic: STRICT(schemas.load_schema(topic)) for topic in [*CHANNEL, *DEAD_LETTERS]}


def example_records(topic: str) -> list[dict[str, Any]]:
    records: list[dict[str, Any]] = json.loads((FOLDER / "examples" / f"{topic}.json").read_text("utf-8"))
    return records


def msgspec_accepts(topic: str, body: object) -> bool:
    try:
        msgspec.convert(body, CHANNEL[topic].record)
    except msgspec.ValidationError:
        return False
    return True


# -- the files are what the code says ----------------------------------------------------------------------


def test_the_generated_files_are_current() -> None:
    assert schemas_main([str(FOLDER), "--check"]) == 0, "run `make schemas`"
    assert examples_main([str(FOLDER / "examples"), "--check"]) == 0, "run `make schemas`"


def test_no_generated_file_is_left_over() -> None:
    assert {path.name for path in FOLDER.glob("*.json")} == set(contract_files())
    assert {path.name for path in (FOLDER / "examples").iterdir()} == set(example_files())


def test_check_names_the_stale_files_and_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert schemas_main([str(tmp_path)]) == 0
    (tmp_path / "listings.schema.json").write_text("{}", encoding="utf-8")
    (tmp_path / "cases.schema.json").unlink()
    assert schemas_main([str(tmp_path), "--check"]) == 1
    said = capsys.readouterr().err
    assert "listings.schema.json" in said
    assert "cases.schema.json" in said
    assert "brands.schema.json" not in said
    assert (tmp_path / "listings.schema.json").read_text(encoding="utf-8") == "{}"


def test_the_channels_are_those_that_the_code_reads_writes_and_creates() -> None:
    made = {spec.name: spec for spec in TOPICS if spec.direction != "internal"}
    assert made.keys() == CHANNEL.keys() | DEAD_LETTERS.keys()
    assert Settings().topic_prefix == PREFIX
    assert Settings().partitions == PARTITIONS
    for channel in CHANNELS:
        spec = made[channel.topic]
        assert (spec.direction, spec.single, spec.compacted) == (
            channel.direction,
            channel.single,
            channel.compacted,
        )
    assert ROUTES.keys() == set(INPUT_TOPICS)
    for topic, route in ROUTES.items():
        channel = CHANNEL[topic]
        assert route.event is channel.record
        assert route.key_field == channel.key
        assert route.ce_types == set(channel.ce_types)
        assert route.personal_data == channel.personal_data
        assert route.null_removes == (channel.removal is not None)
    for record, (topic, ce_type, key) in _SHAPES.items():
        channel = CHANNEL[topic]
        assert (channel.ce_types, channel.key) == ((ce_type.decode(),), key)
        # A record that is a null value is told by the channel's `removal`.
        assert channel.record is record or (record is FingerprintRemoval and channel.removal)


def test_a_dead_letter_has_the_headers_that_are_published() -> None:
    record = InputRecord("listings", 3, 17, 1_772_409_600_000, b"s-1", b"\xff", (("x", None),))
    letter = dead_letter(record, "not_json", "unexpected byte", personal_data=False)
    assert [name for name, _ in letter.headers] == ["x", *DEAD_LETTER_HEADERS]
    headers = {name: (content or b"").decode() for name, content in letter.headers}
    assert not list(VALIDATORS["dead-letters"].iter_errors(headers))


# -- the schemas -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("topic", [*RECORD_TOPICS, *DEAD_LETTERS])
def test_each_topic_has_a_valid_schema(topic: str) -> None:
    schema = schemas.load_schema(topic)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$id"].startswith("urn:klean-stream:schema:")
    assert schema["title"]
    assert schema["description"]
    assert "``" not in json.dumps(schema)


def test_a_topic_without_schema_is_a_lookup_error() -> None:
    with pytest.raises(LookupError, match="no-such-topic"):
        schemas.load_schema("no-such-topic")


def test_no_schema_forbids_fields_that_it_does_not_know() -> None:
    for topic in RECORD_TOPICS:
        assert '"additionalProperties": false' not in json.dumps(schemas.load_schema(topic))


# -- the examples ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("topic", RECORD_TOPICS)
def test_examples_are_valid_for_both_validators(topic: str) -> None:
    records = example_records(topic)
    assert records
    for record in records:
        assert not list(VALIDATORS[topic].iter_errors(record["value"]))
        typed: Any = msgspec.convert(record["value"], CHANNEL[topic].record)
        assert record["key"] == getattr(typed, CHANNEL[topic].key)
        assert record["headers"]["ce_type"] in CHANNEL[topic].ce_types
        # A newer publisher may say more than this version knows.
        assert not list(VALIDATORS[topic].iter_errors(record["value"] | {"of_version_2": [1]}))
        assert msgspec_accepts(topic, record["value"] | {"of_version_2": [1]})


@pytest.mark.parametrize("topic", DEAD_LETTERS)
def test_dead_letters_have_examples(topic: str) -> None:
    records = example_records(topic)
    assert records
    for record in records:
        assert not list(VALIDATORS[topic].iter_errors(record["headers"]))


@pytest.mark.parametrize("topic", INPUT_TOPICS)
def test_example_inputs_are_taken(topic: str) -> None:
    for offset, record in enumerate(example_records(topic)):
        headers = tuple((name, text.encode()) for name, text in record["headers"].items())
        value = orjson.dumps(record["value"])
        decode(InputRecord(topic, 0, offset, 0, record["key"].encode(), value, headers), ROUTES[topic], 524_288)


# -- both validators agree on what is broken ---------------------------------------------------------------

BROKEN: list[tuple[str, dict[str, Any]]] = [
    ("listings", {"title": ""}),
    ("listings", {"title": "\u3000 \t"}),
    ("listings", {"title": None}),
    ("listings", {"title": "x" * 1_001}),
    ("listings", {"version": -1}),
    ("listings", {"version": "1"}),
    ("listings", {"version": 1.0}),
    ("listings", {"version": True}),
    ("listings", {"change": "renamed"}),
    ("listings", {"seller_id": ""}),
    ("listings", {"seller_id": "a b"}),
    ("listings", {"seller_id": "a\x7fb"}),
    ("listings", {"listing_id": "x" * 129}),
    ("listings", {"price": {"amount": -1, "currency": "KRW"}}),
    ("listings", {"price": {"amount": 1, "currency": "krw"}}),
    ("listings", {"price": {"amount": 1}}),
    ("listings", {"attributes": {"size": 9}}),
    ("listings", {"attributes": {str(number): "" for number in range(101)}}),
    ("listings", {"image_hashes": ["zz"]}),
    ("listings", {"schema_version": 0}),
    ("seller-signups", {"shop_name": ""}),
    ("seller-signups", {"country": "kr"}),
    ("seller-signups", {"documents": [{"kind": "poem", "document_id": "d-1"}]}),
    ("ip-reports", {"listing": {"title": ""}}),
    ("ip-reports", {"listing": None}),
    ("ip-reports", {"ground": "envy"}),
    ("moderator-decisions", {"action": "reassign", "assignee": None}),
    ("moderator-decisions", {"case_version": 0}),
    ("moderator-decisions", {"case_id": ""}),
    ("brands", {"classes": [46]}),
    ("brands", {"marks": [{"number": "1", "jurisdiction": "Korea"}]}),
    ("brands", {"marks": [{"number": "1", "valid_from": "2026-3-2"}]}),
    ("control", {"kind": "mode", "mode": None}),
    ("control", {"kind": "mode", "mode": "off"}),
    ("control", {"kind": "policy", "policy": None}),
    ("control", {"kind": "policy", "policy": []}),
    ("takedowns", {"reasons": {}}),
    ("escalations", {"channel": "escalations-jp"}),
    ("cases", {"status": "lost"}),
]


@pytest.mark.parametrize(("topic", "change"), BROKEN)
def test_what_is_broken_is_refused_by_both(topic: str, change: dict[str, Any]) -> None:
    body = example_records(topic)[0]["value"] | change
    assert list(VALIDATORS[topic].iter_errors(body))
    assert not msgspec_accepts(topic, body)


@pytest.mark.parametrize("topic", RECORD_TOPICS)
def test_a_missing_field_is_judged_alike(topic: str) -> None:
    for record in example_records(topic):
        for field in record["value"]:
            body = {name: value for name, value in record["value"].items() if name != field}
            assert msgspec_accepts(topic, body) == VALIDATORS[topic].is_valid(body), field


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5)
    | st.sampled_from(["", " ", "KR", "removed", "reassign", "mode", "policy", "2026-03-02", "a" * 1_001]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def paths_of(body: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Give the way to each value in a body, and to the body."""
    inner: list[tuple[Any, Any]] = []
    if isinstance(body, dict):
        inner = list(body.items())
    elif isinstance(body, list):
        inner = list(enumerate(body))
    return [path, *(found for name, value in inner for found in paths_of(value, (*path, name)))]


@settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow])
@given(topic=st.sampled_from(RECORD_TOPICS), data=st.data())
def test_both_validators_agree_on_anything(topic: str, data: st.DataObject) -> None:
    """An example with one or two of its values replaced, whatever by, is judged alike."""
    body = json.loads(json.dumps(data.draw(st.sampled_from(example_records(topic)))["value"]))
    for _ in range(data.draw(st.integers(1, 2))):
        path = data.draw(st.sampled_from(paths_of(body)))
        value = data.draw(JSON)
        if not path:
            body = value
            continue
        place = body
        for name in path[:-1]:
            place = place[name]
        place[path[-1]] = value
    assert msgspec_accepts(topic, body) == VALIDATORS[topic].is_valid(body), body


def test_an_event_that_the_schema_refuses_goes_to_dead_letters() -> None:
    body = {"seller_id": "s-1", "listing_id": "l-1", "version": 1, "change": "created"}
    record = InputRecord("listings", 0, 0, 0, b"s-1", orjson.dumps(body))
    with pytest.raises(Rejected, match="invalid"):
        decode(record, ROUTES["listings"], 524_288)


# -- the AsyncAPI document ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    read: dict[str, Any] = json.loads((FOLDER / "asyncapi.json").read_text("utf-8"))
    return read


def test_the_asyncapi_document_is_valid(document: dict[str, Any]) -> None:
    AsyncAPI3.model_validate(document)


def test_the_asyncapi_document_holds_every_topic(document: dict[str, Any]) -> None:
    addresses = {channel["address"] for channel in document["channels"].values()}
    assert addresses == {PREFIX + topic for topic in [*CHANNEL, *DEAD_LETTERS]}
    actions = {
        document["channels"][operation["channel"]["$ref"].removeprefix("#/channels/")]["address"]: operation["action"]
        for operation in document["operations"].values()
    }
    assert actions == {
        **{PREFIX + t: "receive" if CHANNEL[t].direction == "input" else "send" for t in CHANNEL},
        **{PREFIX + topic: "send" for topic in DEAD_LETTERS},
    }


def test_every_reference_of_the_asyncapi_document_leads_somewhere(document: dict[str, Any]) -> None:
    references = _references(document)
    assert references
    for reference in references:
        file, _, pointer = reference.partition("#")
        node = document if not file else json.loads((FOLDER / file).read_text("utf-8"))
        for part in pointer.split("/")[1:]:
            node = node[part]


def _references(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return own + [found for value in node.values() for found in _references(value)]
    if isinstance(node, list):
        return [found for value in node for found in _references(value)]
    return []


def test_examples_have_the_headers_that_the_document_tells(document: dict[str, Any]) -> None:
    for channel in document["channels"].values():
        topic = channel["address"].removeprefix(PREFIX)
        if topic in DEAD_LETTERS:
            continue
        name = next(iter(channel["messages"]))
        headers = STRICT(document["components"]["messages"][name]["headers"])
        for record in example_records(topic):
            assert not list(headers.iter_errors(record["headers"]))
