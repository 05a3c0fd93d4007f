"""The rights filter: whether a mark that a text uses counts against this seller, here, now, for these goods.

Pure: the brand, the seller, the classes of the goods and the day go in, the disposition comes out. Absent
rights data restricts nothing.
"""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, datetime

from klean_stream.events import Brand, Mark

# Where marks of more than one country hold, by WIPO standard ST.3: EM is the European Union's, BX that of Benelux.
_EUROPEAN_UNION = frozenset(
    {
        "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU",
        "IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
    }
)  # fmt: skip
_REGIONS = {"EM": _EUROPEAN_UNION, "BX": frozenset({"BE", "LU", "NL"})}
_LAST_MILLISECOND = 253_402_300_799_999
"""The end of year 9999, the last that a date can say."""


@dataclass(frozen=True, slots=True)
class Ruling:
    """What the rights say: a disposition, and the registered mark that it rests on, if there is one.

    Dispositions: ``counts``, ``authorised_seller``, ``other_territory``, ``not_in_force``, ``other_class``. Of several
    marks that do not count, the one that came nearest is named.
    """

    disposition: str
    mark: Mark | None = None


def rule_on(
    brand: Brand, *, seller_id: str, classes: AbstractSet[int] | None, now: int, territory: str = "KR"
) -> Ruling:
    """Give the ruling on one brand.

    ``classes`` are the Nice classes of the goods, None if unknown; ``now`` is in milliseconds since the epoch
    (days are days of UTC); ``territory`` is where the marketplace sells (ISO 3166-1 alpha-2).
    """
    if seller_id in brand.authorised_sellers:
        return Ruling("authorised_seller")
    if not brand.marks:
        return Ruling("counts" if _meets(brand.classes, classes) else "other_class")
    here = [mark for mark in brand.marks if _holds_in(mark, territory)]
    if not here:
        return Ruling("other_territory", brand.marks[0])
    in_force = [mark for mark in here if _in_force(mark, now)]
    if not in_force:
        return Ruling("not_in_force", here[0])
    for mark in in_force:
        if _meets(mark.classes or brand.classes, classes):
            return Ruling("counts", mark)
    return Ruling("other_class", in_force[0])


def _holds_in(mark: Mark, territory: str) -> bool:
    region = _REGIONS.get(mark.jurisdiction or "")
    return territory in region if region is not None else mark.jurisdiction in (None, "WO", territory)


def _in_force(mark: Mark, now: int) -> bool:
    day = datetime.fromtimestamp(min(max(now, 0), _LAST_MILLISECOND) // 1000, UTC).date().isoformat()
    return (mark.valid_from or "") <= day <= (mark.valid_until or "9999-12-31")


def _meets(registered: tuple[int, ...], goods: AbstractSet[int] | None) -> bool:
    return not registered or goods is None or not goods.isdisjoint(registered)
