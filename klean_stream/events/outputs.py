"""What klean-stream publishes: the typed records of the output topics.

Every output carries ``id``, the UUIDv5 of (identity of the input event, kind, ordinal): the same input can
only ever give the same ids. Times are the input record's Kafka timestamp in milliseconds.
"""

from dataclasses import dataclass
from typing import Literal

from klean_stream.events.fields import Milliseconds, Position, SchemaVersion

Tier = Literal["act", "review"]
Level = Literal["normal", "elevated", "high", "suspended"]
SellerStatus = Literal["unknown", "approved", "documents_needed", "escalated", "rejected", "suspended"]
# "taken_down": the machine took the listing down and nobody confirmed it yet; "upheld": the infringement was
# confirmed, by a moderator or by a verified rights holder and the matcher.
CaseStatus = Literal["open", "need_more", "taken_down", "upheld", "dismissed", "reinstated", "withdrawn"]

# What a reporter is told. "withdrawn": the listing is no longer on offer and the case ended without a
# judgement.
ReportResult = Literal["received", "taken_down", "no_infringement", "more_information_needed", "joined", "withdrawn"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was found in an input, and where.

    ``start`` and ``end`` are a half-open span in Unicode code points of the original ``field``;
    ``surface`` is exactly the text of that span. ``confidence`` is in thousandths. ``disposition`` says what
    the rights filter made of a mark: ``counts``, or why it does not. ``right`` and ``jurisdiction`` are the number
    of the registered mark that this rests on and where it is registered (WIPO ST.3), if the registry has it.
    ``held``: the mark would be of the tier ``act``, but its brand is found far more often than usual just now
    (``brand-holds``).
    ``refers_to`` is the case of the listing that was taken down (``relisting``), or the bank's picture (``image``).
    ``cut`` says what was not searched: ``field`` from ``start``, the policy's limit, to ``end``, its whole length.
    """

    kind: Literal["mark", "counterfeit_word", "price", "identity", "claim", "relisting", "image", "cut"]
    technique: str
    brand_id: str | None = None
    field: str | None = None
    surface: str | None = None
    start: int | None = None
    end: int | None = None
    confidence: int = 1000
    tier: Tier = "act"
    disposition: str = "counts"
    held: bool = False
    right: str | None = None
    jurisdiction: str | None = None
    refers_to: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Weight:
    """Points that a named weight of the policy added to (or took from) a score."""

    name: str
    points: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskView:
    """A seller's risk at one moment: points, level and strikes."""

    points: int
    level: Level
    strikes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """``decisions``: one record for each input event: what was decided and all that explains it."""

    schema_version: SchemaVersion = 1
    id: str
    identity: str
    topic: str
    key: str
    listing_id: str | None = None
    case_id: str | None = None
    verdict: str
    rule: str
    score: int = 0
    findings: tuple[Finding, ...] = ()
    weights: tuple[Weight, ...] = ()
    risk_before: RiskView | None = None
    risk_after: RiskView | None = None
    policy: str
    registry_version: int
    control_version: int
    fingerprints_version: int = 0
    images_version: int = 0
    position: Position
    time: Milliseconds


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementOfReasons:
    """What Art. 17 of the EU Digital Services Act (Regulation 2022/2065) asks a platform to tell.

    ``facts`` and ``text`` are for the seller; ``text`` holds the whole statement by language (``en``,
    ``ko``).
    """

    restriction: Literal["removal", "reinstatement"]
    ground: str
    facts: str
    automated_detection: bool
    automated_decision: bool
    redress: str
    text: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Takedown:
    """``takedowns``: the platform shall take this listing down."""

    schema_version: SchemaVersion = 1
    id: str
    seller_id: str
    listing_id: str
    listing_version: int | None
    case_id: str | None
    title: str
    brand_ids: tuple[str, ...]
    rule: str
    findings: tuple[Finding, ...]
    reasons: StatementOfReasons
    decision_id: str
    time: Milliseconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Reinstatement:
    """``reinstatements``: the platform shall put this listing back."""

    schema_version: SchemaVersion = 1
    id: str
    seller_id: str
    listing_id: str
    listing_version: int | None
    case_id: str
    reasons: StatementOfReasons
    decision_id: str
    time: Milliseconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalation:
    """``escalations`` and ``escalations-kr``: work for moderators, with a deadline and a priority.

    ``priority`` is 1 (first) to 5 (last). ``subject`` says whether a listing or a sign-up is to be judged.
    """

    schema_version: SchemaVersion = 1
    id: str
    case_id: str
    case_version: int
    channel: Literal["escalations", "escalations-kr"]
    subject: Literal["listing", "signup"]
    seller_id: str
    listing_id: str | None
    listing_version: int | None
    title: str
    rule: str
    findings: tuple[Finding, ...]
    brand_ids: tuple[str, ...]
    risk: RiskView
    priority: int
    deadline: Milliseconds
    locale: str | None
    decision_id: str
    time: Milliseconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """``cases``: the state of a case, compacted by ``case_id``; what ``escalations list`` folds.

    ``channel`` is the topic on which the case was escalated. ``answer`` is what the last moderator decision
    met: ``accepted``, ``conflict`` or ``unknown_case``.
    """

    schema_version: SchemaVersion = 1
    id: str
    case_id: str
    case_version: int
    status: CaseStatus | Literal["unknown"]
    answer: Literal["accepted", "conflict", "unknown_case"] = "accepted"
    subject: Literal["listing", "signup"]
    channel: Literal["escalations", "escalations-kr"] | None
    seller_id: str
    listing_id: str | None
    title: str
    rule: str
    brand_ids: tuple[str, ...]
    reports: int
    priority: int
    opened: Milliseconds
    deadline: Milliseconds | None
    assignee: str | None
    moderator_id: str | None
    time: Milliseconds


@dataclass(frozen=True, slots=True, kw_only=True)
class SellerVerdict:
    """``seller-verdicts``: may this seller sell, and what is missing."""

    schema_version: SchemaVersion = 1
    id: str
    seller_id: str
    verdict: Literal["approved", "documents_needed", "escalated", "rejected", "suspended"]
    reasons: tuple[str, ...]
    missing_documents: tuple[str, ...] = ()
    payout_hold: bool
    case_id: str | None
    decision_id: str
    time: Milliseconds


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportOutcome:
    """``report-outcomes``: what a reporter is told: that the report came in, and what came of it.

    ``within_deadline`` stands in an ``outcome`` only, and not in one that corrects an earlier outcome.
    ``joined``: a case holds so many reports that this one is only counted; what comes of the case stands on
    ``cases`` under its ``case_id``.
    """

    schema_version: SchemaVersion = 1
    id: str
    kind: Literal["acknowledgement", "outcome"]
    report_id: str
    reporter_id: str
    seller_id: str
    listing_id: str
    case_id: str
    result: ReportResult
    received: Milliseconds
    deadline: Milliseconds
    within_deadline: bool | None = None
    text: dict[str, str]
    decision_id: str
    time: Milliseconds


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskChange:
    """``risk-changes``: a seller's level moved, and why."""

    schema_version: SchemaVersion = 1
    id: str
    seller_id: str
    before: RiskView
    after: RiskView
    cause: str
    decision_id: str
    time: Milliseconds


@dataclass(frozen=True, slots=True, kw_only=True)
class BrandHold:
    """``brand-holds``: a brand is found far more often than usual; until ``held_until`` it is only reviewed.

    Of the ``listings`` that this partition judged in the window at hand, or in it and the one before, ``sellers``
    different sellers used the mark.
    ``usual`` is how many would have been usual among a million listings.
    """

    schema_version: SchemaVersion = 1
    id: str
    brand_id: str
    partition: int
    sellers: int
    listings: int
    usual: int
    held_until: Milliseconds
    decision_id: str
    time: Milliseconds


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenDownFingerprint:
    """``taken-down-fingerprints``: what the title of a listing that was taken down looks like; null: it is back.

    ``fingerprint`` is in hex digits, made by ``method``; only those of one method can be compared. It counts for
    decisions on records before ``expires``.
    """

    schema_version: SchemaVersion = 1
    id: str
    case_id: str
    fingerprint: str
    method: str
    expires: Milliseconds
    decision_id: str
    time: Milliseconds


@dataclass(frozen=True, slots=True, kw_only=True)
class FingerprintRemoval:
    """A null value on ``taken-down-fingerprints``: the case's listing is back."""

    id: str
    case_id: str


Output = (
    Decision
    | Takedown
    | Reinstatement
    | Escalation
    | Case
    | SellerVerdict
    | ReportOutcome
    | RiskChange
    | BrandHold
    | TakenDownFingerprint
    | FingerprintRemoval
)
