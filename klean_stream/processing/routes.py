"""Which event type and which decision belong to each input topic."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from klean_stream.brands.register import decide_brand
from klean_stream.decision import Decide
from klean_stream.events import Brand, Control, Image, IpReport, Listing, ModeratorDecision, Rescan, SellerSignup
from klean_stream.listings import decide_listing, decide_rescan
from klean_stream.listings.bank import decide_image
from klean_stream.moderation import decide_moderation, parse_case_id
from klean_stream.policy.control import decide_control
from klean_stream.reports import decide_report
from klean_stream.sellers import decide_signup


@dataclass(frozen=True, slots=True)
class Route:
    """How the records of one input topic are read and decided.

    ``key_field`` names the body's field that the record's key must equal. ``subject`` gives (seller, listing) of
    an event, which say what rows it may touch; None for what is not about a seller. ``ce_types`` are the
    CloudEvents types that the topic takes.
    """

    topic: str
    event: type
    decide: Decide
    key_field: str
    subject: Callable[[Any], tuple[str, str | None] | None]
    ce_types: frozenset[str]
    personal_data: bool = False
    null_removes: bool = False

    def key_of(self, event: Any) -> str:
        """Give the key that a record of this event must have."""
        return str(getattr(event, self.key_field))


def _listing_subject(event: Listing | IpReport | Rescan) -> tuple[str, str | None]:
    return event.seller_id, event.listing_id


def _case_subject(event: ModeratorDecision) -> tuple[str, str | None]:
    try:
        seller_id, listing_id, _ = parse_case_id(event.case_id)
    except ValueError:
        return event.seller_id, None
    # A case id of another seller names no case of this one.
    return event.seller_id, listing_id if seller_id == event.seller_id else None


def _types(*names: str) -> frozenset[str]:
    return frozenset(f"klean.{name}" for name in names)


ROUTES: dict[str, Route] = {
    route.topic: route
    for route in (
        Route(
            topic="listings",
            event=Listing,
            decide=decide_listing,
            key_field="seller_id",
            subject=_listing_subject,
            ce_types=_types("listing.created", "listing.updated", "listing.removed"),
        ),
        Route(
            topic="seller-signups",
            event=SellerSignup,
            decide=decide_signup,
            key_field="seller_id",
            subject=lambda event: (event.seller_id, None),
            ce_types=_types("seller.signed_up", "seller.details_changed"),
            personal_data=True,
        ),
        Route(
            topic="ip-reports",
            event=IpReport,
            decide=decide_report,
            key_field="seller_id",
            subject=_listing_subject,
            ce_types=_types("ip.reported"),
        ),
        Route(
            topic="moderator-decisions",
            event=ModeratorDecision,
            decide=decide_moderation,
            key_field="seller_id",
            subject=_case_subject,
            ce_types=_types("moderator.decided"),
        ),
        Route(
            topic="rescans",
            event=Rescan,
            decide=decide_rescan,
            key_field="seller_id",
            subject=_listing_subject,
            ce_types=_types("listing.rescan"),
        ),
        Route(
            topic="brands",
            event=Brand,
            decide=decide_brand,
            key_field="brand_id",
            subject=lambda _: None,
            ce_types=_types("brand.registered", "brand.removed"),
            null_removes=True,
        ),
        Route(
            topic="images",
            event=Image,
            decide=decide_image,
            key_field="image_id",
            subject=lambda _: None,
            ce_types=_types("image.added", "image.removed"),
            null_removes=True,
        ),
        Route(
            topic="control",
            event=Control,
            decide=decide_control,
            key_field="kind",
            subject=lambda _: None,
            ce_types=_types("control.changed"),
        ),
    )
}

REFERENCE_TOPICS = ("brands", "control", "images")
SELLER_TOPICS = tuple(topic for topic in ROUTES if topic not in REFERENCE_TOPICS)
# An output that every worker reads back.
FINGERPRINTS = "taken-down-fingerprints"
