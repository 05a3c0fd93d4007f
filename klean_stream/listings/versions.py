"""Which version of a listing counts: the newest; of two events with one version, the removal."""

import hashlib

import orjson

from klean_stream.decision import ListingRow, Rejected
from klean_stream.events import Listing


def digest(event: Listing) -> str:
    """Give the SHA-256 (hex) of what a listing says, whoever serialised it and however it was announced."""
    price = None if event.price is None else (event.price.amount, event.price.currency)
    said = (
        event.title,
        event.description,
        event.category,
        price,
        event.attributes,
        event.image_hashes,
        event.locale,
    )
    return hashlib.sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).hexdigest()


def superseded_by(row: ListingRow, event: Listing) -> str | None:
    """Give the rule by which the row supersedes an event, or None if the event counts.

    Raises Rejected (``version_conflict``) for a version that the row knows with other content: one of the two
    is a publisher's fault, and nobody can tell which.
    """
    if event.version < row.version:
        return "older_version"
    if event.version > row.version:
        return None
    if row.status == "removed":
        return "same_version" if event.change == "removed" else "removal_outranks"
    if event.change == "removed":
        return None
    if digest(event) == row.content:
        return "same_version"
    raise Rejected("version_conflict", f"version {event.version} of this listing was taken with other content")
