"""The published channels: which record travels on which topic, under which key, as which CloudEvents type.

This is the contract as others read it. The JSON Schemas and the AsyncAPI document are made of it, and a test
compares it with what the code reads (``processing.routes``), writes (``processing.outputs``) and creates
(``runtime.topics``).
"""

from dataclasses import dataclass
from typing import Literal

from klean_stream.events.inputs import Brand, Control, Image, IpReport, Listing, ModeratorDecision, Rescan, SellerSignup
from klean_stream.events.outputs import (
    BrandHold,
    Case,
    Decision,
    Escalation,
    Reinstatement,
    ReportOutcome,
    RiskChange,
    SellerVerdict,
    Takedown,
    TakenDownFingerprint,
)

PREFIX = "klean."
PARTITIONS = 8

Direction = Literal["input", "output"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """One topic. ``topic`` is the logical name, ``direction`` is the worker's.

    ``key`` is the field whose value, in UTF-8, is the record's key. ``single``: one partition, whatever the
    setting. ``removal`` says what a null value means; without it there are none.
    """

    topic: str
    direction: Direction
    record: type
    key: str
    ce_types: tuple[str, ...]
    summary: str
    single: bool = False
    compacted: bool = False
    personal_data: bool = False
    removal: str | None = None


CHANNELS: tuple[Channel, ...] = (
    Channel(
        topic="listings",
        direction="input",
        record=Listing,
        key="seller_id",
        ce_types=("klean.listing.created", "klean.listing.updated", "klean.listing.removed"),
        summary="An offer was created, updated or removed.",
    ),
    Channel(
        topic="seller-signups",
        direction="input",
        record=SellerSignup,
        key="seller_id",
        ce_types=("klean.seller.signed_up", "klean.seller.details_changed"),
        summary="A seller signed up or changed details.",
        personal_data=True,
    ),
    Channel(
        topic="ip-reports",
        direction="input",
        record=IpReport,
        key="seller_id",
        ce_types=("klean.ip.reported",),
        summary="A rights holder, a buyer or a seller reported a listing.",
    ),
    Channel(
        topic="moderator-decisions",
        direction="input",
        record=ModeratorDecision,
        key="seller_id",
        ce_types=("klean.moderator.decided",),
        summary="A moderator answered a case.",
    ),
    Channel(
        topic="rescans",
        direction="input",
        record=Rescan,
        key="seller_id",
        ce_types=("klean.listing.rescan",),
        summary="A live listing is to be decided again, because a mark was registered since.",
    ),
    Channel(
        topic="brands",
        direction="input",
        record=Brand,
        key="brand_id",
        ce_types=("klean.brand.registered", "klean.brand.removed"),
        summary="The rights registry: one record for each brand, the newest counts.",
        single=True,
        compacted=True,
        removal="The brand is removed from the registry.",
    ),
    Channel(
        topic="control",
        direction="input",
        record=Control,
        key="kind",
        ce_types=("klean.control.changed",),
        summary="The policy and the mode in force.",
        single=True,
        compacted=True,
    ),
    Channel(
        topic="images",
        direction="input",
        record=Image,
        key="image_id",
        ce_types=("klean.image.added", "klean.image.removed"),
        summary="The bank of known pictures: one record for each, the newest counts.",
        single=True,
        compacted=True,
        removal="The picture is removed from the bank.",
    ),
    Channel(
        topic="decisions",
        direction="output",
        record=Decision,
        key="key",
        ce_types=("klean.decision",),
        summary="What was decided on an input event, and all that explains it.",
    ),
    Channel(
        topic="takedowns",
        direction="output",
        record=Takedown,
        key="seller_id",
        ce_types=("klean.takedown",),
        summary="A command: take this listing down.",
    ),
    Channel(
        topic="reinstatements",
        direction="output",
        record=Reinstatement,
        key="seller_id",
        ce_types=("klean.reinstatement",),
        summary="A command: put this listing back.",
    ),
    Channel(
        topic="escalations",
        direction="output",
        record=Escalation,
        key="seller_id",
        ce_types=("klean.escalation",),
        summary="Work for moderators.",
    ),
    Channel(
        topic="escalations-kr",
        direction="output",
        record=Escalation,
        key="seller_id",
        ce_types=("klean.escalation",),
        summary="Work for the moderators of the Korean channel.",
    ),
    Channel(
        topic="cases",
        direction="output",
        record=Case,
        key="case_id",
        ce_types=("klean.case",),
        summary="The state of each case.",
        compacted=True,
    ),
    Channel(
        topic="seller-verdicts",
        direction="output",
        record=SellerVerdict,
        key="seller_id",
        ce_types=("klean.seller_verdict",),
        summary="Whether a seller may sell, and what is missing.",
    ),
    Channel(
        topic="report-outcomes",
        direction="output",
        record=ReportOutcome,
        key="seller_id",
        ce_types=("klean.report_outcome",),
        summary="What a reporter is told.",
    ),
    Channel(
        topic="risk-changes",
        direction="output",
        record=RiskChange,
        key="seller_id",
        ce_types=("klean.risk_change",),
        summary="A seller's risk level moved.",
    ),
    Channel(
        topic="brand-holds",
        direction="output",
        record=BrandHold,
        key="brand_id",
        ce_types=("klean.brand_hold",),
        summary="A brand is found far more often than usual, and is only reviewed for a while.",
    ),
    Channel(
        topic="taken-down-fingerprints",
        direction="output",
        record=TakenDownFingerprint,
        key="case_id",
        ce_types=("klean.fingerprint",),
        summary="What listings that were taken down look like, for all workers.",
        single=True,
        compacted=True,
        removal="The listing is back; nothing is compared with it any more.",
    ),
)

# Records that are no typed ones: the original bytes, described by their headers.
DEAD_LETTERS = {
    "dead-letters": "What could not be processed.",
    "dead-letters-restricted": "What could not be processed, of topics that hold personal data.",
}

# The headers that a dead letter has behind those of the original record, and what each says.
DEAD_LETTER_HEADERS = {
    "klean_dl_topic": "The input topic, without the prefix.",
    "klean_dl_partition": "The partition of the original record, in decimal digits.",
    "klean_dl_offset": "The offset of the original record, in decimal digits.",
    "klean_dl_epoch": "How often the input topic had been deleted and made again, in decimal digits.",
    "klean_dl_time": "The original record's timestamp, in milliseconds since the epoch, in decimal digits.",
    "klean_dl_reason": "Why, as a stable code. More codes may come.",
    "klean_dl_detail": "Why, for people. It never quotes content of topics that hold personal data.",
}
