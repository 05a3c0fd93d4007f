"""The identity of an event, and the ids of what follows from it (``docs/concepts.md``)."""

import hashlib
import uuid
from collections.abc import Iterable
from dataclasses import dataclass

_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:klean-stream:output")


@dataclass(frozen=True, slots=True)
class Identity:
    """Who an event is, whatever its position: a retry or a replay has the same identity.

    ``text`` is the SHA-256 (64 hex digits) of CloudEvents' (``ce_source``, ``ce_id``), or of key and value
    where a record has no such headers.
    """

    text: str

    @classmethod
    def of(cls, key: bytes | None, value: bytes | None, headers: Iterable[tuple[str, bytes | None]]) -> "Identity":
        """Give the identity of a record, from its raw key, value and headers."""
        source = event_id = None
        for name, content in headers:
            if name == "ce_id":
                event_id = content
            elif name == "ce_source":
                source = content
        parts = (b"ce", source, event_id) if source and event_id else (b"kv", key, value)
        digest = hashlib.sha256()
        for part in parts:
            # A length before each part keeps ("ab", "c") and ("a", "bc") apart; -1 stands for null.
            digest.update((-1 if part is None else len(part)).to_bytes(8, "big", signed=True))
            digest.update(part or b"")
        return cls(digest.hexdigest())

    def output_id(self, kind: str, ordinal: int = 0) -> str:
        """Give the UUIDv5 of the ``ordinal``-th output of a kind that this event causes."""
        return str(uuid.uuid5(_NAMESPACE, f"{self.text}/{kind}/{ordinal}"))
