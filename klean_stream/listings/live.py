"""The live listings that use one mark, found among the rows of the state: what a rescan is to decide again."""

from collections.abc import Iterator
from urllib.parse import unquote

import msgspec

from klean_stream.brands import Registry
from klean_stream.decision import ListingRow
from klean_stream.events import Brand, Rescan

_LISTING = b"listing/"


class LiveListings:
    """Folds rows, each the newest of its key so far, into the listings on offer and those that use the mark.

    ``brand`` is looked for alone, so what is found is at least what the whole registry finds; ``registry_version`` is
    the version from which on it stands there as it is. ``now`` (ms) says which rights are in force.
    """

    def __init__(self, brand: Brand, registry_version: int, now: int) -> None:
        self._brand_id = brand.brand_id
        self._registry_version = registry_version
        self._now = now
        self._registry = Registry()
        self._registry.apply(brand.brand_id, brand, registry_version)
        self._decided: dict[bytes, int] = {}
        self._using: dict[bytes, Rescan] = {}

    def take(self, key: bytes, value: bytes | None) -> None:
        """Take a row of the state, or its removal; rows that are no listings are passed over.

        Raises msgspec.ValidationError for a listing row that is none.
        """
        if not key.startswith(_LISTING):
            return
        row = None if value is None else msgspec.json.decode(value, type=ListingRow)
        self._using.pop(key, None)
        if row is None or row.version < 0 or row.status not in ("live", "escalated"):
            self._decided.pop(key, None)
            return
        self._decided[key] = row.updated
        seller_id, listing_id = (unquote(part) for part in key[len(_LISTING) :].decode().split("/"))
        found = self._registry.marks_used(row, seller_id=seller_id, category=row.category, now=self._now)
        if any(finding.disposition == "counts" for finding in found):
            self._using[key] = Rescan(
                seller_id=seller_id,
                listing_id=listing_id,
                version=row.version,
                brand_id=self._brand_id,
                registry_version=self._registry_version,
            )

    def __len__(self) -> int:
        return len(self._decided)

    @property
    def span(self) -> tuple[int, int] | None:
        """When the one that was decided longest ago was decided, and the newest, in ms; None without listings."""
        times = self._decided.values()
        return (min(times), max(times)) if times else None

    def using_the_mark(self) -> Iterator[Rescan]:
        """Give what is to be asked for, in the order of sellers and listings."""
        for key in sorted(self._using):
            yield self._using[key]

    @property
    def count_using(self) -> int:
        """How many listings use the mark."""
        return len(self._using)
