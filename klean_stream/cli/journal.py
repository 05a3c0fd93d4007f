"""The journal file: what ``export`` writes and ``replay`` reads, one JSON object a line.

``{"topic", "partition", "offset", "timestamp", "key", "value", "epoch", "headers", "under", "decided"}``. Key, value
and header values are strings (UTF-8 text, byte for byte), or ``{"base64": "…"}`` where the bytes are no UTF-8, or null.
A hand-written line needs ``topic`` and ``value`` (an object will do) and may leave out the rest: the key is taken
from the body, the offset counts lines of its topic, timestamp and epoch are 0.
"""

import base64
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import astuple
from pathlib import Path
from typing import Any

import orjson

from klean_stream.cli.jsonl import BadLine, read_rows
from klean_stream.processing import ROUTES, InputRecord
from klean_stream.processing.replay import JournalLine, Under
from klean_stream.processing.routes import FINGERPRINTS


def dump_line(line: JournalLine) -> bytes:
    """Give the line as JSON, without a newline."""
    record = line.record
    return orjson.dumps(
        {
            "topic": record.topic,
            "partition": record.partition,
            "offset": record.offset,
            "timestamp": record.timestamp,
            "key": _text(record.key),
            "value": _text(record.value),
            "epoch": record.epoch,
            "headers": [[name, _text(content)] for name, content in record.headers],
            "under": None if line.under is None else astuple(line.under),
            "decided": line.decided,
        }
    )


def read_journal(path: Path) -> Iterator[JournalLine]:
    """Yield the lines of a journal file (``.gz`` accepted). Raises BadLine."""
    count: dict[str, int] = defaultdict(int)
    for number, row in read_rows(path):
        try:
            line = _line(row, count[str(row.get("topic"))])
        except (KeyError, TypeError, ValueError) as error:
            raise BadLine(path, number, f"no journal line: {error}") from None
        count[line.record.topic] += 1
        yield line


def _line(row: dict[str, Any], ordinal: int) -> JournalLine:
    topic = row["topic"]
    if topic not in ROUTES and topic != FINGERPRINTS:
        raise ValueError(f"{topic!r} is no input topic")
    value = row["value"]
    body = value if isinstance(value, dict) and "base64" not in value else None
    key_field = "case_id" if topic == FINGERPRINTS else ROUTES[topic].key_field
    key = _bytes(row["key"]) if "key" in row else str((body or {})[key_field]).encode()
    under = row.get("under")
    return JournalLine(
        InputRecord(
            topic,
            int(row.get("partition", 0)),
            int(row.get("offset", ordinal)),
            int(row.get("timestamp", 0)),
            key,
            _bytes(value) if body is None else orjson.dumps(body),
            tuple((name, _bytes(content)) for name, content in row.get("headers", ())),
            int(row.get("epoch", 0)),
        ),
        None if under is None else Under(*under),
        bool(row.get("decided", topic != FINGERPRINTS)),
    )


def _text(data: bytes | None) -> object:
    if data is None:
        return None
    try:
        return data.decode()
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(data).decode()}


def _bytes(text: object) -> bytes | None:
    if text is None:
        return None
    if isinstance(text, dict):
        return base64.b64decode(text["base64"], validate=True)
    if not isinstance(text, str):
        raise TypeError('key and value are strings, {"base64": …} or null')
    return text.encode()
