"""The rows of the state: one for each seller, listing and case, none over 64 KiB.

Rows are values: a decision never changes one, it returns a new one. All numbers are integers, all times
milliseconds since the epoch, so that a replay ends with the same bytes.
"""

from dataclasses import dataclass
from typing import Literal

from klean_stream.events import Money
from klean_stream.events.outputs import CaseStatus, Finding, Level, ReportResult, SellerStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """One entry of a seller's risk ledger: why points were given, when, and by which event.

    ``points`` is the weight at the time ``at``; decay is computed when it is read. ``strike`` marks a
    confirmed infringement. ``cause`` is the decision id. The case (of the listing, or of the sign-up where
    there is no ``listing_id``) keeps a copy of each entry it wrote, so that a reinstatement takes back
    exactly those. ``count`` is more than 1 only where the ledger folded equal entries of one day.
    """

    name: str
    points: int
    at: int
    cause: str
    listing_id: str | None = None
    case_number: int | None = None
    strike: bool = False
    count: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class SellerRow:
    """``seller/<seller>``: what is known of a seller, and the risk ledger that explains every point.

    ``status_if_lifted`` is what a suspended seller becomes when the suspension lifts. ``level`` is the level
    that was last published. ``listings`` counts those on offer or held, ``takedowns`` those that are down.
    """

    status: SellerStatus = "unknown"
    status_if_lifted: SellerStatus = "unknown"
    country: str | None = None
    shop_name: str = ""
    signed_up: int | None = None
    payout_hold: bool = False
    listings: int = 0
    takedowns: int = 0
    level: Level = "normal"
    ledger: tuple[Signal, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingRow:
    """``listing/<seller>/<listing>``: the newest version, a digest of its content, and what stands.

    ``content`` is the digest that tells an equal version with other content. The text, category and
    price judged are kept (the description cut) so that a report can be confirmed against what is on offer now, and so
    that the listing can be decided again when a mark is registered later. ``description_length`` is that of the whole
    description, in code points; 0 in a row that an older version wrote. A listing
    that was taken down before it was ever seen has version -1 and no content.
    """

    version: int
    content: str
    status: Literal["live", "escalated", "taken_down", "removed"]
    title: str
    description: str = ""
    description_length: int = 0
    category: str | None = None
    price: Money | None = None
    locale: str | None = None
    findings: tuple[Finding, ...] = ()
    updated: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportEntry:
    """One report that a case holds, for the answer that its reporter gets.

    ``outcome`` is the last outcome that its reporter was sent; a request for more information is none.
    """

    report_id: str
    reporter_id: str
    verified: bool
    received: int
    deadline: int
    locale: str | None
    outcome: ReportResult | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRow:
    """``case/<seller>/<listing>``: the one case of a listing (or, without listing, of a sign-up).

    ``number`` counts the cases that this listing has had; ``version`` grows with each change that a
    moderator has to know. ``down``: this case took the listing down (or rejected the sign-up), and nobody has
    put it back. ``signals`` are copies of what this case wrote into the seller's ledger. ``cleared`` holds
    digests of the grounds on which a moderator found no infringement; it is carried from case to case.
    ``reports_beyond`` counts the reports that joined when ``reports`` was full.
    """

    case_id: str
    number: int
    version: int
    status: CaseStatus
    channel: Literal["escalations", "escalations-kr"] | None
    title: str
    rule: str
    brand_ids: tuple[str, ...]
    findings: tuple[Finding, ...]
    priority: int
    opened: int
    deadline: int | None
    locale: str | None = None
    listing_version: int | None = None
    assignee: str | None = None
    moderator_id: str | None = None
    reports: tuple[ReportEntry, ...] = ()
    reports_beyond: int = 0
    down: bool = False
    signals: tuple[Signal, ...] = ()
    cleared: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """The rows that one event may read and change. Absent rows are None; a row set to None is deleted."""

    seller: SellerRow | None = None
    listing: ListingRow | None = None
    case: CaseRow | None = None
