"""From a line of a file to the record that is published: checked as a worker will check it, keyed, with an id."""

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson

from klean_stream.cli.jsonl import BadLine, open_bytes
from klean_stream.decision import Rejected
from klean_stream.events import Control
from klean_stream.policy import PolicyError, policy_of
from klean_stream.processing import InputRecord, Route
from klean_stream.processing.decoding import decode
from klean_stream.processing.record import Headers

SOURCE = "/klean-stream/publish"
_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:klean-stream:publish")
_ENVELOPE: Final = frozenset({"value", "key", "headers", "timestamp"})
# The last millisecond of the year 9999, the last that calendars can show.
_LAST_TIMESTAMP = 253_402_300_799_999


@dataclass(frozen=True, slots=True)
class Publication:
    """A record to be published. ``topic`` is the logical name; without ``partition`` the key says where to."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers = ()
    timestamp: int | None = None
    partition: int | None = None


class BadEvent(ValueError):  # noqa: N818 - it names the event, not a fault of the code
    """A line's object cannot be published; the message says why."""


def read_publications(path: Path, route: Route, max_bytes: int) -> Iterator[tuple[int, Publication | BadLine]]:
    """Give for each line its number and the record to be published, or what is wrong; empty lines are skipped.

    Reading goes on after a bad line, so that all of them can be named at once. Raises OSError if the file
    cannot be opened; one that cannot be unpacked further ends with a bad line.
    """
    number = 0
    with open_bytes(path) as lines:
        while True:
            number += 1
            try:
                line = lines.readline()
            except (EOFError, OSError) as error:
                yield number, BadLine(path, number, f"cannot be unpacked ({error})")
                return
            if not line:
                return
            if line.strip():
                try:
                    yield number, publication_of(orjson.loads(line), route, max_bytes)
                except orjson.JSONDecodeError as error:
                    yield number, BadLine(path, number, f"not valid JSON ({error})")
                except BadEvent as error:
                    yield number, BadLine(path, number, str(error))


def publication_of(row: object, route: Route, max_bytes: int) -> Publication:
    """Give the record of a line's object: a bare body, or an envelope around one. Raises BadEvent.

    An envelope is an object that has a ``value`` and nothing but ``value``, ``key``, ``headers`` and
    ``timestamp``: no body of any topic looks like that. Its ``value`` is the body, or null where the topic takes
    null as a removal. An integer ``timestamp`` in a bare body is taken for the record's too.
    """
    if not isinstance(row, dict):
        raise BadEvent("not a JSON object")
    if "value" in row and row.keys() <= _ENVELOPE:
        body = row["value"]
        if not isinstance(body, dict | None):
            raise BadEvent("`value` must be an object (or null, to remove a brand or a picture)")
        headers, timestamp = _given_headers(row), _given_timestamp(row)
        key = row.get("key")
        if not isinstance(key, str | None):
            raise BadEvent("`key` must be a string")
    else:
        body, headers, key = row, {}, None
        timestamp = row.get("timestamp") if type(row.get("timestamp")) is int else None
        if timestamp is not None:
            _check_timestamp(timestamp)
    if key is None and body is not None:
        key = body.get(route.key_field)
        if not isinstance(key, str):
            raise BadEvent(f"`{route.key_field}` is missing or no string")
    return _record(route, key, body, headers, timestamp, max_bytes)


def event_record(route: Route, body: Mapping[str, Any], max_bytes: int) -> Publication:
    """Give the record of an event that happens now: its id is its own, not its content's. Raises BadEvent."""
    headers = {"ce_id": str(uuid.uuid4())}
    return _record(route, str(body.get(route.key_field)), body, headers, None, max_bytes)


def removal_record(route: Route, key: str, max_bytes: int) -> Publication:
    """Give the record that removes what has this key. Raises BadEvent where the topic takes no removals."""
    return _record(route, key, None, {"ce_id": str(uuid.uuid4())}, None, max_bytes)


def _record(
    route: Route,
    key: str | None,
    body: Mapping[str, Any] | None,
    headers: Mapping[str, str],
    timestamp: int | None,
    max_bytes: int,
) -> Publication:
    value = None if body is None else orjson.dumps(body)
    all_headers = {
        "ce_specversion": "1.0",
        "ce_id": headers.get("ce_id") or _content_id(route, key, body),
        "ce_source": SOURCE,
        "ce_type": _ce_type(route, body),
        "content-type": "application/json",
        **headers,
    }
    record = Publication(
        topic=route.topic,
        key=None if key is None else key.encode(),
        value=value,
        headers=tuple((name, content.encode()) for name, content in all_headers.items()),
        timestamp=timestamp,
    )
    _check(record, route, max_bytes)
    return record


def _check(record: Publication, route: Route, max_bytes: int) -> None:
    """Decode the record as a worker will: what passes here is no dead letter there."""
    try:
        event = decode(InputRecord(route.topic, 0, 0, 0, record.key, record.value, record.headers), route, max_bytes)
        if isinstance(event, Control) and event.policy is not None:
            policy_of(event.policy)
    except Rejected as rejected:
        raise BadEvent(f"{rejected.reason}: {rejected.detail}") from None
    except PolicyError as error:
        raise BadEvent(str(error)) from None


def _content_id(route: Route, key: str | None, body: Mapping[str, Any] | None) -> str:
    """Give the id that the same content always has: a file that is published twice is decided once."""
    content = orjson.dumps(body if body is not None else key, option=orjson.OPT_SORT_KEYS).decode()
    return str(uuid.uuid5(_NAMESPACE, f"{route.topic}\n{content}"))


def _ce_type(route: Route, body: Mapping[str, Any] | None) -> str:
    if len(route.ce_types) == 1:
        return next(iter(route.ce_types))
    if route.null_removes:
        (removed,) = (name for name in route.ce_types if name.endswith(".removed"))
        return removed if body is None else next(iter(route.ce_types - {removed}))
    # The change that the body names, if it is one that the topic takes; `decode` says what else is wrong.
    change = "" if body is None else body.get("change")
    matching = [name for name in route.ce_types if name.endswith(f".{change}")]
    return matching[0] if matching else min(route.ce_types)


def _given_headers(row: Mapping[str, Any]) -> dict[str, str]:
    headers = row.get("headers") or {}
    if not isinstance(headers, dict) or not all(isinstance(content, str) for content in headers.values()):
        raise BadEvent("`headers` must be an object of strings")
    return headers


def _given_timestamp(row: Mapping[str, Any]) -> int | None:
    timestamp = row.get("timestamp")
    if timestamp is not None and type(timestamp) is not int:
        raise BadEvent("`timestamp` must be a whole number of milliseconds")
    if timestamp is not None:
        _check_timestamp(timestamp)
    return timestamp


def _check_timestamp(timestamp: int) -> None:
    if not 0 <= timestamp <= _LAST_TIMESTAMP:
        raise BadEvent("`timestamp` must be milliseconds since 1970, up to the year 9999")
