"""Field types that several events share, with their bounds.

The bounds are part of the published contract: they appear in the JSON Schemas, and a record outside of them
goes to dead letters. They keep every row of the state under 64 KiB (``docs/concepts.md``).
"""

from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta

# `$` also matches before a newline at the end, in Python and not in JavaScript; `(?!\n)` makes both say the same.
Identifier = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=128,
        pattern=r"^[^\x00-\x20\x7f]+$(?!\n)",
        description="An opaque identifier that the publisher chooses: no blanks, no control characters.",
    ),
]
ImageHash = Annotated[
    str, Meta(pattern=r"^[0-9a-f]{64}$(?!\n)", description="PDQ hash of a picture: 256 bits in hex digits.")
]
Line = Annotated[str, Meta(max_length=1_000)]
Prose = Annotated[str, Meta(max_length=100_000)]
Country = Annotated[str, Meta(pattern=r"^[A-Z]{2}$(?!\n)", description="ISO 3166-1 alpha-2 country code.")]
Locale = Annotated[str, Meta(max_length=35, description="BCP 47 language tag, such as ko-KR.")]
NiceClass = Annotated[int, Meta(ge=1, le=45, description="Class of the Nice Classification (WIPO), 1 to 45.")]
Date = Annotated[str, Meta(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$(?!\n)", description="ISO 8601 calendar date.")]
Milliseconds = Annotated[int, Meta(description="Milliseconds since 1970-01-01T00:00:00Z.")]
SchemaVersion = Annotated[
    int,
    Meta(
        ge=1,
        description="Version of the record's schema. A newer version only adds optional fields; readers "
        "ignore what they do not know.",
    ),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """An amount in minor units (cents, won) of an ISO 4217 currency."""

    amount: Annotated[int, Meta(ge=0, description="Amount in the currency's minor unit.")]
    currency: Annotated[str, Meta(pattern=r"^[A-Z]{3}$(?!\n)", description="ISO 4217 currency code.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Where an input record stood in Kafka."""

    topic: str
    partition: int
    offset: int
    epoch: Annotated[
        int, Meta(ge=0, description="How often the topic had been deleted and made again; offsets begin anew then.")
    ] = 0
