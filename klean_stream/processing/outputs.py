"""From a typed output to a record: topic, key, JSON body and CloudEvents headers (binary mode)."""

from datetime import UTC, datetime

import orjson

from klean_stream.events import (
    BrandHold,
    Case,
    Decision,
    Escalation,
    FingerprintRemoval,
    Output,
    Reinstatement,
    ReportOutcome,
    RiskChange,
    SellerVerdict,
    Takedown,
    TakenDownFingerprint,
)
from klean_stream.processing.record import OutputRecord

SOURCE = b"/klean-stream"

# Output type -> (topic, CloudEvents type, the field that keys the record). All but `decisions` of brands and
# control and what is keyed by its case are keyed by the seller; all of a seller's outputs lie in the seller's
# partition, but for topics that have one only.
_SHAPES: dict[type, tuple[str, bytes, str]] = {
    Decision: ("decisions", b"klean.decision", "key"),
    Takedown: ("takedowns", b"klean.takedown", "seller_id"),
    Reinstatement: ("reinstatements", b"klean.reinstatement", "seller_id"),
    Escalation: ("escalations", b"klean.escalation", "seller_id"),
    Case: ("cases", b"klean.case", "case_id"),
    SellerVerdict: ("seller-verdicts", b"klean.seller_verdict", "seller_id"),
    ReportOutcome: ("report-outcomes", b"klean.report_outcome", "seller_id"),
    RiskChange: ("risk-changes", b"klean.risk_change", "seller_id"),
    BrandHold: ("brand-holds", b"klean.brand_hold", "brand_id"),
    TakenDownFingerprint: ("taken-down-fingerprints", b"klean.fingerprint", "case_id"),
    FingerprintRemoval: ("taken-down-fingerprints", b"klean.fingerprint", "case_id"),
}


def to_record(output: Output, now: int) -> OutputRecord:
    """Give the record of a typed output; ``now`` in milliseconds becomes ``ce_time``."""
    topic, ce_type, key = _SHAPES[type(output)]
    if isinstance(output, Escalation):
        topic = output.channel
    return OutputRecord(
        topic=topic,
        key=str(getattr(output, key)).encode(),
        value=None if isinstance(output, FingerprintRemoval) else orjson.dumps(output),
        headers=(
            ("ce_specversion", b"1.0"),
            ("ce_id", output.id.encode()),
            ("ce_source", SOURCE),
            ("ce_type", ce_type),
            ("ce_time", _rfc3339(now)),
            ("content-type", b"application/json"),
        ),
    )


def _rfc3339(milliseconds: int) -> bytes:
    """Give a time as RFC 3339, in UTC and to the millisecond, as CloudEvents asks."""
    try:
        moment = datetime.fromtimestamp(milliseconds / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        # A publisher's clock can be anything; the body holds the number as it came.
        moment = datetime.fromtimestamp(0, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z").encode()
