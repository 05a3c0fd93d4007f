"""Making brands of rows: entries that are the same brand become one, names in every script united.

Entries are the same brand if they have the same id, or the same name (as the matcher folds it) and the same Wikidata
item. The same name alone is not enough: different owners use one name for different goods.
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TypeVar

import msgspec

from klean_stream.brands.importing.row import Refused, Row
from klean_stream.brands.names import names_of
from klean_stream.events import Brand

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Merged:
    """A brand that several entries make. ``differences`` says where they contradict each other; the first counts."""

    brand_id: str
    name: str
    places: tuple[str, ...]
    differences: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Import:
    """What came of all entries, ``read`` in number: brands in the order of their first entries."""

    read: int
    brands: tuple[Brand, ...]
    merged: tuple[Merged, ...]
    refused: tuple[Refused, ...]


def merge(entries: Iterable[Row | Refused]) -> Import:
    """Make brands of entries."""
    groups: dict[int, list[Row]] = {}
    by_key: dict[Hashable, int] = {}
    refused = []
    read = 0
    for entry in entries:
        read += 1
        if isinstance(entry, Refused):
            refused.append(entry)
            continue
        keys = _keys(entry)
        found = sorted({by_key[key] for key in keys if key in by_key})
        number = found[0] if found else read
        groups.setdefault(number, []).append(entry)
        # An entry may be what two groups have in common.
        for other in found[1:]:
            moved = groups.pop(other)
            groups[number] += moved
            by_key |= {key: number for row in moved for key in _keys(row)}
        by_key |= dict.fromkeys(keys, number)
    brands, merged = [], []
    for rows in groups.values():
        brand, differences = _unite(rows)
        try:
            msgspec.convert(msgspec.to_builtins(brand), Brand)
        except msgspec.ValidationError as error:
            refused.append(Refused(rows[0].place, brand.name, f"{len(rows)} entries together: {error}"))
            continue
        brands.append(brand)
        if len(rows) > 1:
            merged.append(Merged(brand.brand_id, brand.name, tuple(row.place for row in rows), differences))
    return Import(read, tuple(brands), tuple(merged), tuple(refused))


def _keys(row: Row) -> list[Hashable]:
    same_id: list[Hashable] = [row.brand.brand_id]
    return same_id if row.wikidata is None else [*same_id, (folded(row.brand.name), row.wikidata)]


@lru_cache(maxsize=65_536)
def folded(name: str) -> str:
    """Give a name as the matcher folds it; one without letters and digits as it is, in small letters."""
    names = names_of(Brand(brand_id="-", name=name))
    return names[0].folded if names else name.casefold()


def _unite(rows: Sequence[Row]) -> tuple[Brand, tuple[str, ...]]:
    brands = [row.brand for row in rows]
    counted = Counter(brand.name for brand in brands)
    # What most entries call it; of equals the first.
    name = max(counted, key=lambda known: counted[known])
    names = {folded(name): name}
    for brand in brands:
        for known in (brand.name, *brand.aliases):
            if known.strip():
                names.setdefault(folded(known), known)
    owners = [brand.owner for brand in brands if brand.owner is not None]
    differences = [f"id {brand.brand_id!r}" for brand in brands if brand.brand_id != brands[0].brand_id]
    differences += [f"owner {owner.name!r}" for owner in owners if owner.name != owners[0].name]
    owner = owners[0] if owners else None
    if owner is not None:
        same = [reporter for other in owners if other.name == owner.name for reporter in other.reporter_ids]
        owner = replace(owner, reporter_ids=_distinct(same))
    marks: dict[Hashable, object] = {}
    for mark in (mark for brand in brands for mark in brand.marks):
        known_mark = marks.setdefault((mark.jurisdiction, mark.number), mark)
        if known_mark != mark:
            differences.append(f"mark {mark.number}")
    united = Brand(
        brand_id=brands[0].brand_id,
        name=name,
        aliases=tuple(names.values())[1:],
        classes=tuple(sorted({number for brand in brands for number in brand.classes})),
        common_word=any(brand.common_word for brand in brands),
        marks=tuple(marks.values()),  # type: ignore[arg-type]  # what was put in
        owner=owner,
        agents=_distinct(agent for brand in brands for agent in brand.agents),
        authorised_sellers=_distinct(seller for brand in brands for seller in brand.authorised_sellers),
        reference_prices=_distinct(price for brand in brands for price in brand.reference_prices),
    )
    return united, tuple(dict.fromkeys(differences))


def _distinct(values: Iterable[T]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(values))
