"""From a record's bytes to a typed event, or to a reason why not.

The reasons are stable codes; ``docs/publishers.md`` lists them: oversized, null_value, unknown_type, not_json,
invalid, wrong_key.
"""

from typing import Any

import msgspec
import orjson

from klean_stream.decision import Rejected
from klean_stream.processing.record import InputRecord
from klean_stream.processing.routes import Route


def decode(record: InputRecord, route: Route, max_bytes: int) -> Any:
    """Give the typed event of a record; None for a null value where the topic takes null as a removal.

    ``max_bytes`` bounds the value's length. Raises Rejected with a reason code and a detail for people.
    """
    if record.value is None:
        if route.null_removes:
            _require_key(record)
            return None
        raise Rejected("null_value", f"a record of {route.topic} needs a body")
    if len(record.value) > max_bytes:
        raise Rejected("oversized", f"{len(record.value)} bytes, the limit is {max_bytes}")
    for name, content in record.headers:
        if name == "ce_type":
            ce_type = (content or b"").decode("utf-8", "replace")
            if ce_type not in route.ce_types:
                raise Rejected("unknown_type", f"{route.topic} takes no event of type {ce_type[:200]!r}")
    try:
        body = orjson.loads(record.value)
    except orjson.JSONDecodeError as error:
        raise Rejected("not_json", str(error)) from None
    try:
        event: Any = msgspec.convert(body, route.event)
    except msgspec.ValidationError as error:
        raise Rejected("invalid", str(error)) from None
    expected = route.key_of(event)
    if record.key != expected.encode():
        raise Rejected("wrong_key", f"the key must be {expected!r} in UTF-8")
    return event


def _require_key(record: InputRecord) -> None:
    if not record.key:
        raise Rejected("wrong_key", "a removal needs the key of what it removes")
    try:
        record.key.decode()
    except UnicodeDecodeError:
        raise Rejected("wrong_key", "the key is not UTF-8") from None
