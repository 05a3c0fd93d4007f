"""The typed records of every topic: what comes in, what goes out.

Frozen, slotted dataclasses, validated by msgspec, orjson on the wire. ``schemas/`` is generated from them.
"""

from klean_stream.events.fields import Money, Position
from klean_stream.events.inputs import (
    Brand,
    Control,
    Document,
    IpReport,
    Listing,
    ListingSnapshot,
    Mark,
    Mode,
    ModeratorDecision,
    ReferencePrice,
    RightsHolder,
    SellerSignup,
)
from klean_stream.events.outputs import (
    Case,
    Decision,
    Escalation,
    Finding,
    Level,
    Output,
    Reinstatement,
    ReportOutcome,
    RiskChange,
    RiskView,
    SellerVerdict,
    StatementOfReasons,
    Takedown,
    Tier,
    Weight,
)

__all__ = [
    "Brand",
    "Case",
    "Control",
    "Decision",
    "Document",
    "Escalation",
    "Finding",
    "IpReport",
    "Level",
    "Listing",
    "ListingSnapshot",
    "Mark",
    "Mode",
    "ModeratorDecision",
    "Money",
    "Output",
    "Position",
    "ReferencePrice",
    "Reinstatement",
    "ReportOutcome",
    "RightsHolder",
    "RiskChange",
    "RiskView",
    "SellerSignup",
    "SellerVerdict",
    "StatementOfReasons",
    "Takedown",
    "Tier",
    "Weight",
]
