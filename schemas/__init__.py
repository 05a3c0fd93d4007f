"""The published contract: a JSON Schema for each topic's record, an AsyncAPI document, examples.

The files are data; ``load_schema`` is how code reads one.
"""

from importlib import resources
from typing import Any

import orjson


def load_schema(topic: str) -> dict[str, Any]:
    """Give the JSON Schema of a topic (logical name); of the dead-letter topics, that of their headers.

    Raises LookupError for a topic that has none.
    """
    # Both dead-letter topics have the same headers.
    name = "dead-letters" if topic == "dead-letters-restricted" else topic
    file = resources.files(__name__).joinpath(f"{name}.schema.json")
    if not file.is_file():
        raise LookupError(f"there is no schema of {topic!r}")
    schema: dict[str, Any] = orjson.loads(file.read_bytes())
    return schema
