"""The published contract as files: a JSON Schema (2020-12) for each topic's record, and an AsyncAPI document.

``python -m klean_stream.events.json_schema DIRECTORY`` writes them; with ``--check`` it writes nothing, names
the files that are stale and exits with 1.
"""

import argparse
import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec
import orjson

from klean_stream.events.asyncapi import asyncapi_document
from klean_stream.events.channels import CHANNELS, DEAD_LETTER_HEADERS, Channel
from klean_stream.events.inputs import Control, Listing, ModeratorDecision

Schema = dict[str, Any]

_DRAFT = "https://json-schema.org/draft/2020-12/schema"
# What Python's str.strip leaves: written out, because regular expressions disagree on what \s is.
_NOT_BLANK = r"[^\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]"


def _when(field: str, values: list[str], required: str, **must_be: Any) -> Schema:
    """Say that ``required`` has to be there, and what it must be, when ``field`` has one of these values."""
    return {
        "if": {"properties": {field: {"enum": values}}, "required": [field]},
        "then": {"required": [required], "properties": {required: must_be}},
    }


# What the records' ``__post_init__`` checks, as JSON Schema says it. A test proves that the two agree.
CONDITIONS: dict[type, tuple[Schema, ...]] = {
    Listing: (_when("change", ["created", "updated"], "title", pattern=_NOT_BLANK),),
    ModeratorDecision: (_when("action", ["reassign"], "assignee", type="string"),),
    Control: (
        _when("kind", ["policy"], "policy", type="object"),
        _when("kind", ["mode"], "mode", type="string"),
    ),
}


def record_schema(channel: Channel) -> Schema:
    """Give the JSON Schema of a topic's record."""
    _, components = msgspec.json.schema_components(
        [channel.record], schema_hook=_anything, ref_template="#/$defs/{name}"
    )
    body = components.pop(channel.record.__name__)
    schema: Schema = {
        "$schema": _DRAFT,
        "$id": f"urn:klean-stream:schema:{channel.topic}:1",
        **body,
        "description": f"{body['description']} Unknown fields are ignored.",
    }
    if channel.record in CONDITIONS:
        schema["allOf"] = list(CONDITIONS[channel.record])
    if components:
        schema["$defs"] = components
    readable: Schema = _in_markdown(schema)
    return readable


def dead_letter_schema() -> Schema:
    """Give the JSON Schema of a dead letter's headers, with each header's value read as UTF-8 text."""
    return {
        "$schema": _DRAFT,
        "$id": "urn:klean-stream:schema:dead-letters:1",
        "title": "DeadLetterHeaders",
        "description": "The headers of a record on `dead-letters` and `dead-letters-restricted`.\n\nKey, "
        "value and headers of the original record are unchanged; these stand behind them. Of several headers "
        "of one name, the last counts.",
        "type": "object",
        "properties": {
            name: {"type": "string", "description": text} | _digits(name) for name, text in DEAD_LETTER_HEADERS.items()
        },
        "required": list(DEAD_LETTER_HEADERS),
    }


def contract_files() -> dict[str, bytes]:
    """Give every generated file by name."""
    files = {f"{channel.topic}.schema.json": record_schema(channel) for channel in CHANNELS}
    files["dead-letters.schema.json"] = dead_letter_schema()
    files["asyncapi.json"] = asyncapi_document()
    return {name: as_file(content) for name, content in files.items()}


def main(arguments: Iterable[str] | None = None) -> int:
    """Write or check the files; give the exit code."""
    return write_or_check(contract_files(), __doc__, arguments)


def write_or_check(files: Mapping[str, bytes], description: str, arguments: Iterable[str] | None) -> int:
    """Write generated files into the directory that the arguments name, or (``--check``) compare them.

    Gives the exit code. Files of the directory that are not generated are none of its business.
    """
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("directory", type=Path, help="where the files are")
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 if a file is stale")
    options = parser.parse_args(None if arguments is None else list(arguments))
    if not options.check:
        options.directory.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (options.directory / name).write_bytes(content)
        return 0
    stale = [
        options.directory / name
        for name, content in files.items()
        if not (options.directory / name).is_file() or (options.directory / name).read_bytes() != content
    ]
    for path in stale:
        sys.stderr.write(f"{path} is stale; `make schemas` writes it.\n")
    return 1 if stale else 0


def as_file(content: object) -> bytes:
    """Give JSON as it stands in a file that people read."""
    return orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _anything(python_type: type) -> Schema:
    if python_type is object:
        # A policy's settings: they have a validation of their own, whose faults are dead letters too.
        return {"description": "A setting of the policy; `klean-stream policy check` validates it."}
    raise NotImplementedError


def _digits(header: str) -> Schema:
    numeric = header in {"klean_dl_partition", "klean_dl_offset", "klean_dl_epoch", "klean_dl_time"}
    return {"pattern": "^-?[0-9]+$"} if numeric else {}


def _in_markdown(node: Any) -> Any:
    """Turn docstrings into Markdown: single backticks, no line breaks within a paragraph."""
    if isinstance(node, dict):
        return {
            name: _text(value) if name == "description" and isinstance(value, str) else _in_markdown(value)
            for name, value in node.items()
        }
    if isinstance(node, list):
        return [_in_markdown(value) for value in node]
    return node


def _text(docstring: str) -> str:
    return re.sub(r"(?<!\n)\n(?!\n)\s*", " ", docstring.replace("``", "`")).strip()


if __name__ == "__main__":
    sys.exit(main())
