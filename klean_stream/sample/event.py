"""An event of the sample day: a Kafka record, and what must become of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Literal
from uuid import UUID

import orjson

from klean_stream.events import IpReport, Listing, ModeratorDecision, SellerSignup

Expect = Literal["decided", "superseded", "duplicate", "dead_lettered"]
Body = Listing | SellerSignup | IpReport | ModeratorDecision
Headers = tuple[tuple[str, bytes], ...]

EVENT_TYPES: Mapping[str, type[Body]] = {
    "listings": Listing,
    "seller-signups": SellerSignup,
    "ip-reports": IpReport,
    "moderator-decisions": ModeratorDecision,
}
TOPICS: Mapping[type[Body], str] = {event: topic for topic, event in EVENT_TYPES.items()}
_SOURCES: Mapping[type[Body], bytes] = {
    Listing: b"/platform/catalogue",
    SellerSignup: b"/platform/accounts",
    IpReport: b"/platform/ip-desk",
    ModeratorDecision: b"/platform/moderation",
}
# A date, as a day of the generator must not depend on the day on which it runs. An event every 4.32 s makes
# 20,000 of them a day.
_MORNING = datetime(2026, 3, 2, tzinfo=UTC)
_STEP = timedelta(milliseconds=4_320)


@dataclass(frozen=True, slots=True)
class SampleEvent:
    """A record to be published to ``topic`` (logical name), and the fate that it must have.

    ``kind`` says which part of the mix it is (``disguised``, ``version_conflict``, …; ``day`` lists them).
    """

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers
    expect: Expect
    kind: str


def ce_type(body: Body) -> bytes:
    """Give the CloudEvents type of a body."""
    if isinstance(body, Listing):
        return f"klean.listing.{body.change}".encode()
    if isinstance(body, SellerSignup):
        return f"klean.seller.{body.change}".encode()
    return b"klean.ip.reported" if isinstance(body, IpReport) else b"klean.moderator.decided"


def cloud_event_headers(rng: Random, body: Body, number: int) -> Headers:
    """Give the headers of the ``number``-th event of the day (CloudEvents 1.0, binary mode)."""
    time = (_MORNING + _STEP * number).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return (
        ("ce_specversion", b"1.0"),
        ("ce_id", str(UUID(int=rng.getrandbits(128), version=4)).encode()),
        ("ce_source", _SOURCES[type(body)]),
        ("ce_type", ce_type(body)),
        ("ce_time", time.encode()),
        ("content-type", b"application/json"),
    )


def encode(body: Body) -> bytes:
    """Write a body as the platform would."""
    return orjson.dumps(body)
