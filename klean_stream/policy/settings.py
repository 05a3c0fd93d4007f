"""The settings of a policy, section by section; ``default.toml`` explains each of them.

They are msgspec structs and not dataclasses because only structs can refuse names that they do not know.
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from klean_stream.events.inputs import Mode
from klean_stream.events.outputs import SellerStatus

Points = Annotated[int, Meta(ge=0, le=1_000)]
Hours = Annotated[int, Meta(ge=1, le=8_760)]
Days = Annotated[int, Meta(ge=1, le=1_000)]
Priority = Annotated[int, Meta(ge=1, le=5)]
CountryCode = Annotated[str, Meta(pattern=r"^[A-Z]{2}$")]
DocumentKind = Literal["business_registration", "identity", "bank_account", "brand_authorisation", "other"]
SignupFact = Literal[
    "registration_number_invalid",
    "registration_number_missing",
    "registration_number_unchecked",
    "phone_invalid",
    "phone_missing",
    "documents_missing",
]


class Weights(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Points that speak against a listing or a shop name."""

    mark: Points
    mark_review: Points
    disguised_mark: Points
    counterfeit_word: Points
    counterfeit_word_review: Points
    near_counterfeit_word: Points
    low_price: Points
    relisting: Points
    counterfeit_image: Points
    brand_image: Points
    elevated_seller: Points
    high_seller: Points
    unverified_seller: Points


class Thresholds(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Scores from which on a person is asked, or the machine acts."""

    escalate: Annotated[int, Meta(ge=1, le=10_000)]
    takedown: Annotated[int, Meta(ge=1, le=10_000)]

    def __post_init__(self) -> None:
        """Raise ValueError if the machine would act where it does not even ask."""
        if self.takedown < self.escalate:
            raise ValueError("`takedown` must not be below `escalate`")


class ListingRules(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How near is near, how cheap is cheap, and which uses of a mark are taken on the seller's word."""

    near_code_points: Annotated[int, Meta(ge=0, le=10_000)]
    low_price_thousandths: Annotated[int, Meta(ge=0, le=1_000)]
    permitted_uses: tuple[Literal["second_hand", "bundle"], ...]


class RelistingRules(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long a title that was taken down is remembered, and how alike is alike."""

    # The topic of fingerprints keeps its records for a year.
    days: Annotated[int, Meta(ge=0, le=365)]
    similarity_thousandths: Annotated[int, Meta(ge=1, le=1_000)]


class ImageRules(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How near two pictures are one."""

    distance: Annotated[int, Meta(ge=0, le=31)]


class RiskPoints(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Points that an event adds to the seller's ledger. The names are those of the signals."""

    listing_escalated: Points
    listing_taken_down: Points
    verified_report: Points
    infringement_confirmed: Points
    signup_escalated: Points
    signup_rejected: Points


class Risk(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How points fade, and from how many on a seller's level moves."""

    horizon_days: Days
    elevated: Annotated[int, Meta(ge=1, le=100_000)]
    high: Annotated[int, Meta(ge=1, le=100_000)]
    strikes_to_suspend: Annotated[int, Meta(ge=1, le=1_000)]
    points: RiskPoints

    def __post_init__(self) -> None:
        """Raise ValueError if the levels are not in order."""
        if self.high < self.elevated:
            raise ValueError("`high` must not be below `elevated`")


class Deadlines(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Hours until someone has to have answered."""

    report: Hours
    escalation: Hours
    need_more: Hours


class Priorities(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Priority of an escalation, 1 (first) to 5 (last), before the seller's level raises it."""

    held_takedown: Priority
    verified_report: Priority
    report: Priority
    listing: Priority
    relisting: Priority
    signup: Priority


class SignupRules(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a sign-up needs, and when money waits."""

    reject_when: tuple[SignupFact, ...]
    incomplete_when: tuple[SignupFact, ...]
    default_documents: tuple[DocumentKind, ...]
    unchecked_documents: tuple[DocumentKind, ...]
    payout_hold: tuple[SellerStatus, ...]
    documents: dict[CountryCode, tuple[DocumentKind, ...]]


class Limits(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much text is searched, and how much the rows keep, in Unicode code points.

    The upper bounds are those of the wire, and what keeps rows under 64 KiB.
    """

    searched_description: Annotated[int, Meta(ge=0, le=100_000)]
    searched_title: Annotated[int, Meta(ge=1, le=1_000)]
    kept_description: Annotated[int, Meta(ge=0, le=4_000)]
    kept_title: Annotated[int, Meta(ge=1, le=500)]


class Breaker(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When a brand that is found far more often than usual is held at review."""

    window_minutes: Annotated[int, Meta(ge=1, le=10_080)]
    min_sellers: Annotated[int, Meta(ge=1, le=1_000_000)]
    min_listings: Annotated[int, Meta(ge=1, le=1_000_000_000)]
    floor_per_10000: Annotated[int, Meta(ge=1, le=10_000)]
    factor: Annotated[int, Meta(ge=2, le=10_000)]
    hold_hours: Hours
    exempt: frozenset[str]


class Settings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A whole policy, as a file gives it when it is laid over the default."""

    mode: Mode
    seen_window_days: Days
    weights: Weights
    thresholds: Thresholds
    listing: ListingRules
    relisting: RelistingRules
    images: ImageRules
    risk: Risk
    deadlines: Deadlines
    priority: Priorities
    signup: SignupRules
    limits: Limits
    breaker: Breaker
