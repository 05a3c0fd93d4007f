"""Who reports, and does the matcher confirm it? What a report claims of its reporter plays no part."""

from dataclasses import dataclass

from klean_stream.brands import Registry
from klean_stream.decision import ListingRow
from klean_stream.decision.evidence import counting, grounds, marks
from klean_stream.events import Finding, IpReport
from klean_stream.listings.findings import find_in_text
from klean_stream.listings.searched import searched
from klean_stream.policy.settings import Limits

# A mark in a text says nothing about works, designs or inventions: those grounds need a person.
_GROUNDS_OF_MARKS = frozenset({"counterfeit", "trademark"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """What was found about a report.

    ``verified``: the registry has the reporter as owner or agent of the very mark that the report names.
    ``confirmed``: the sure matches (tier ``act``) of that mark in the text that the seller may not make.
    ``authorised``: the seller may use that mark. ``findings``: the claim, and all that the text holds.
    """

    verified: bool
    about_marks: bool
    authorised: bool
    confirmed: tuple[Finding, ...]
    findings: tuple[Finding, ...]

    def cleared_by(self, cleared: tuple[str, ...]) -> bool:
        """Say whether a moderator has cleared every use of the mark that the matcher confirms."""
        return bool(self.confirmed) and grounds(self.confirmed) <= frozenset(cleared)


def examine(event: IpReport, row: ListingRow | None, registry: Registry, limits: Limits, now: int) -> Examined:
    """Examine a report against the listing as it stands, or as the reporter saw it where we never saw it."""
    if row is not None and row.version >= 0:
        text, category = searched(row, limits, description_length=row.description_length), row.category
    else:
        text, category = searched(event.listing, limits), event.listing.category
    found = find_in_text(text, registry, seller_id=event.seller_id, category=category, now=now)
    brand_id = event.brand_id
    verified = brand_id is not None and registry.represents(event.reporter_id, brand_id)
    of_mark = tuple(mark for mark in marks(found) if mark.brand_id == brand_id)
    brand = None if brand_id is None else registry.brand(brand_id)
    claim = Finding(
        kind="claim",
        technique="registry",
        brand_id=brand_id,
        field="reporter_id",
        disposition="verified" if verified else "not_verified",
    )
    return Examined(
        verified=verified,
        about_marks=event.ground in _GROUNDS_OF_MARKS,
        authorised=brand is not None and event.seller_id in brand.authorised_sellers,
        confirmed=tuple(mark for mark in counting(of_mark) if mark.tier == "act"),
        findings=(claim, *found),
    )
