"""Events that cannot be decided: what a publisher's faults, or an attacker, put on a topic.

Each way takes a good event and its record and gives a record that must end in dead letters. All of them keep
headers with an id of their own: two null values would be one event otherwise.
"""

from collections.abc import Callable, Mapping
from random import Random
from typing import Any

import orjson

from klean_stream.sample.event import Headers

# Key, value and headers.
Record = tuple[bytes | None, bytes | None, Headers]
_OVERSIZED = 620 * 1024


def random_bytes(rng: Random, key: bytes, value: bytes, headers: Headers) -> Record:
    """Send no JSON, not even text: the first byte begins no UTF-8 sequence."""
    del value
    return key, b"\xff" + rng.randbytes(rng.randint(15, 200)), headers


def truncated(rng: Random, key: bytes, value: bytes, headers: Headers) -> Record:
    """Break off in the middle."""
    return key, value[: rng.randrange(1, len(value))], headers


def bad_utf8(rng: Random, key: bytes, value: bytes, headers: Headers) -> Record:
    """Put half a character into the text."""
    del rng
    return key, value.replace(b'":"', b'":"\xc3\x28', 1), headers


def lone_surrogate(rng: Random, key: bytes, value: bytes, headers: Headers) -> Record:
    """Put in an escape that stands for half a character."""
    del rng
    return key, value.replace(b'":"', b'":"\\ud800', 1), headers


def null_value(rng: Random, key: bytes, value: bytes, headers: Headers) -> Record:
    """Send a tombstone to a topic that has none."""
    del rng, value
    return key, None, headers


def empty_value(rng: Random, key: bytes, value: bytes, headers: Headers) -> Record:
    """Send a body of no bytes."""
    del rng, value
    return key, b"", headers


def not_an_object(rng: Random, key: bytes, value: bytes, headers: Headers) -> Record:
    """Send JSON that is no event."""
    del value
    return key, rng.choice((b"[]", b"42", b"null", b'"listing"', b"[{}]")), headers


def wrong_types(rng: Random, key: bytes, value: bytes, headers: Headers) -> Record:
    """Put something into a field that is not of its type."""
    body = _load(value)
    name = rng.choice([name for name in _REQUIRED if name in body])
    body[name] = rng.choice((["a", "b"], {"value": 1}, 1.5, True))
    return key, orjson.dumps(body), headers


def missing_field(rng: Random, key: bytes, value: bytes, headers: Headers) -> Record:
    """Leave a required field out."""
    body = _load(value)
    del body[rng.choice([name for name in _REQUIRED if name in body])]
    return key, orjson.dumps(body), headers


def bad_identifier(rng: Random, key: bytes, value: bytes, headers: Headers) -> Record:
    """Use a seller id that is no identifier; the key agrees with it."""
    del key
    seller_id = rng.choice(("s 000 001", "", "s-" + "9" * 200, "s-\t7"))
    return seller_id.encode(), orjson.dumps(_load(value) | {"seller_id": seller_id}), headers


def wrong_key(rng: Random, key: bytes, value: bytes, headers: Headers) -> Record:
    """Key the record by something else than the body's seller."""
    return rng.choice((b"s-999999", key + b"0", key.upper(), b"\xfe" + key)), value, headers


def no_key(rng: Random, key: bytes, value: bytes, headers: Headers) -> Record:
    """Do not key the record at all."""
    del rng, key
    return None, value, headers


def unknown_type(rng: Random, key: bytes, value: bytes, headers: Headers) -> Record:
    """Name a CloudEvents type that nobody knows, over a body that would do."""
    name = rng.choice((b"klean.listing.teleported", b"com.example.ping"))
    return key, value, tuple((header, name if header == "ce_type" else old) for header, old in headers)


def oversized(rng: Random, key: bytes, value: bytes, headers: Headers) -> Record:
    """Send more than any event may hold, though every broker takes it."""
    del rng
    return key, orjson.dumps(_load(value) | {"note": "x" * _OVERSIZED}), headers


_REQUIRED = ("seller_id", "listing_id", "version", "change", "shop_name", "report_id", "case_id", "action")

Break = Callable[[Random, bytes, bytes, Headers], Record]
WAYS: Mapping[str, Break] = {
    way.__name__: way
    for way in (
        random_bytes,
        truncated,
        bad_utf8,
        lone_surrogate,
        null_value,
        empty_value,
        not_an_object,
        wrong_types,
        missing_field,
        bad_identifier,
        wrong_key,
        no_key,
        unknown_type,
        oversized,
    )
}


def _load(value: bytes) -> dict[str, Any]:
    body: dict[str, Any] = orjson.loads(value)
    return body
