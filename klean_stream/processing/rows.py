"""Where rows are read and written during a unit of work, and how they look as bytes.

A row's key says what it is: ``seller/<seller>``, ``listing/<seller>/<listing>``, ``case/<seller>/<listing>``
(``case/<seller>/`` for a sign-up), ``breaker/<partition>`` and ``breaker/<partition>/<brand>`` (the only ones that are
not about a seller; they name the partition because a replay has the rows of all partitions in one place),
``seen/<identity>``, ``position``. Ids are percent-encoded, so that a
``/`` in an id never makes two keys one.
"""

from typing import Any, Final, Protocol, TypeVar
from urllib.parse import quote

import msgspec
import orjson

from klean_stream.processing.trimmed import trimmed

T = TypeVar("T")

POSITION: Final = b"position"


class RowsError(Exception):
    """Rows cannot be read or written: no fault of the record that is being decided."""


class Rows(Protocol):
    """Rows by key. Absent rows are None; putting None deletes."""

    def get(self, key: bytes) -> bytes | None:
        """Give the row's bytes, or None."""

    def put(self, key: bytes, value: bytes | None) -> None:
        """Write the row, or delete it."""


class MemoryRows:
    """Rows in a dictionary: the state of a replay and of the tests."""

    def __init__(self) -> None:
        self.rows: dict[bytes, bytes] = {}

    def get(self, key: bytes) -> bytes | None:
        """Give the row's bytes, or None."""
        return self.rows.get(key)

    def put(self, key: bytes, value: bytes | None) -> None:
        """Write the row, or delete it."""
        if value is None:
            self.rows.pop(key, None)
        else:
            self.rows[key] = value


# Told from every row by its identity, and shorter to look up than to ask first if there is one.
_UNCHANGED: Final = b"unchanged"


class Overlay:
    """The rows that a unit of work has changed, over those that are durable.

    Nothing under it changes until the unit is committed; dropping the overlay is the whole of a rollback.
    ``bytes_put`` is how much was written into it, overwritten rows included: a bound for the unit's size.
    """

    def __init__(self, below: "ReadableRows") -> None:
        self._below = below
        self.changed: dict[bytes, bytes | None] = {}
        self.bytes_put = 0

    def get(self, key: bytes) -> bytes | None:
        """Give the row's bytes as this unit sees it, or None."""
        changed = self.changed.get(key, _UNCHANGED)
        return self._below.get(key) if changed is _UNCHANGED else changed

    def put(self, key: bytes, value: bytes | None) -> None:
        """Write the row, or delete it, in this unit."""
        self.changed[key] = value
        self.bytes_put += len(key) + (0 if value is None else len(value))


class ReadableRows(Protocol):
    """Anything that rows can be read from."""

    def get(self, key: bytes) -> bytes | None:
        """Give the row's bytes, or None."""


def seller_key(seller_id: str) -> bytes:
    """Give the key of a seller's row."""
    return f"seller/{quote(seller_id, safe='')}".encode()


def listing_key(seller_id: str, listing_id: str) -> bytes:
    """Give the key of a listing's row."""
    return f"listing/{quote(seller_id, safe='')}/{quote(listing_id, safe='')}".encode()


def case_key(seller_id: str, listing_id: str | None) -> bytes:
    """Give the key of the case of a listing, or of a sign-up where ``listing_id`` is None."""
    return f"case/{quote(seller_id, safe='')}/{quote(listing_id or '', safe='')}".encode()


def seen_key(identity: str) -> bytes:
    """Give the key under which an identity was seen; 128 bits of the SHA-256 are kept."""
    return b"seen/" + bytes.fromhex(identity[:32])


def breaker_key(partition: int, brand_id: str | None = None) -> bytes:
    """Give the key of the flood breaker's counts of a partition's listings, or of one brand in them."""
    return (
        f"breaker/{partition}".encode()
        if brand_id is None
        else f"breaker/{partition}/{quote(brand_id, safe='')}".encode()
    )


def load_row(data: bytes | None, row_type: type[T]) -> T | None:
    """Read a row; None stays None. Raises msgspec.ValidationError if it is not of that type."""
    return None if data is None else msgspec.convert(orjson.loads(data), row_type)


def dump_row(row: Any) -> bytes | None:
    """Write a row; None stays None. Equal rows give equal bytes."""
    return None if row is None else trimmed(orjson.dumps(row))
