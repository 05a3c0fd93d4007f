"""What the platform publishes: the typed records of the input topics.

Every record about a seller travels keyed by ``seller_id``; the registry by ``brand_id``; control by its kind.
"""

from dataclasses import dataclass, field
from typing import Annotated, Literal

from msgspec import Meta

from klean_stream.events.fields import (
    Country,
    Date,
    Identifier,
    ImageHash,
    Line,
    Locale,
    Money,
    NiceClass,
    Prose,
    SchemaVersion,
)

Mode = Literal["enforce", "review_only"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """``listings``: an offer was created, updated or removed. The newest ``version`` counts."""

    schema_version: SchemaVersion = 1
    seller_id: Identifier
    listing_id: Identifier
    version: Annotated[int, Meta(ge=0, description="Set by the publisher; grows with each change.")]
    change: Literal["created", "updated", "removed"]
    title: Line = ""
    description: Prose = ""
    category: Line | None = None
    price: Money | None = None
    attributes: Annotated[dict[str, Line], Meta(max_length=100)] = field(default_factory=dict)
    image_hashes: Annotated[tuple[ImageHash, ...], Meta(max_length=50)] = ()
    locale: Locale | None = None

    def __post_init__(self) -> None:
        """Raise ValueError if a listing that is on offer has no title."""
        if self.change != "removed" and not self.title.strip():
            raise ValueError('`title` is required unless `change` is "removed"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A document that a seller handed in, by reference: klean-stream never sees its content."""

    kind: Literal["business_registration", "identity", "bank_account", "brand_authorisation", "other"]
    document_id: Identifier
    brand_id: Identifier | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SellerSignup:
    """``seller-signups``: a seller signs up or changes details. Personal data: restricted access."""

    schema_version: SchemaVersion = 1
    seller_id: Identifier
    change: Literal["signed_up", "details_changed"]
    shop_name: Annotated[str, Meta(min_length=1, max_length=1_000)]
    legal_name: Line = ""
    country: Country
    registration_number: Line | None = None
    phone: Line | None = None
    email: Line | None = None
    address: Line | None = None
    payout_account: Line | None = None
    documents: Annotated[tuple[Document, ...], Meta(max_length=50)] = ()
    locale: Locale | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingSnapshot:
    """The listing as the reporter saw it."""

    title: Annotated[str, Meta(min_length=1, max_length=1_000)]
    description: Prose = ""
    category: Line | None = None
    version: Annotated[int, Meta(ge=0)] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IpReport:
    """``ip-reports``: a notice about one listing by a rights holder, a buyer or a seller.

    ``reporter_role`` is what the report claims. It qualifies for nothing: only the registry says who owns or
    represents a mark.
    """

    schema_version: SchemaVersion = 1
    report_id: Identifier
    seller_id: Identifier
    listing_id: Identifier
    reporter_id: Identifier
    reporter_role: Literal["rights_holder", "buyer", "seller"]
    brand_id: Identifier | None = None
    ground: Literal["counterfeit", "trademark", "copyright", "design", "patent", "other"]
    statement: Prose = ""
    listing: ListingSnapshot
    locale: Locale | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModeratorDecision:
    """``moderator-decisions``: a person's answer to a case. The first decision on a case version wins."""

    schema_version: SchemaVersion = 1
    seller_id: Identifier
    # Two ids of 128 characters, percent-encoded (12 characters for one of four bytes in UTF-8), and a number.
    case_id: Annotated[str, Meta(min_length=1, max_length=3_200)]
    case_version: Annotated[int, Meta(ge=1)]
    action: Literal["uphold", "dismiss", "need_more", "reassign", "reinstate"]
    moderator_id: Identifier
    reason: Prose = ""
    assignee: Identifier | None = None

    def __post_init__(self) -> None:
        """Raise ValueError if a case is reassigned to nobody."""
        if self.action == "reassign" and self.assignee is None:
            raise ValueError('`assignee` is required when `action` is "reassign"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Rescan:
    """``rescans``: decide on a listing again, under the registry as it stands now; ``klean-stream rescan`` asks for it.

    Nothing of the listing comes with it: it is judged as the state holds it. ``version`` is the version that the
    asker saw; a listing that has changed since has been decided under a newer registry anyway. ``registry_version`` is
    the version of the registry from which on ``brand_id`` has the names that are looked for.
    """

    schema_version: SchemaVersion = 1
    seller_id: Identifier
    listing_id: Identifier
    version: Annotated[int, Meta(ge=0)]
    brand_id: Identifier
    registry_version: Annotated[int, Meta(ge=0)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A registered trade mark. Absent data restricts nothing."""

    number: Line
    jurisdiction: Country | Literal["EM", "WO"] | None = None
    classes: tuple[NiceClass, ...] = ()
    valid_from: Date | None = None
    valid_until: Date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RightsHolder:
    """Who owns a mark, and under which reporter ids it speaks."""

    name: Line
    reporter_ids: Annotated[tuple[Identifier, ...], Meta(max_length=1_000)] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferencePrice:
    """What the genuine product costs, for a category or for all."""

    price: Money
    category: Line | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Brand:
    """``brands``: an entry of the rights registry; a null value removes it."""

    schema_version: SchemaVersion = 1
    brand_id: Identifier
    name: Annotated[str, Meta(min_length=1, max_length=1_000)]
    aliases: Annotated[tuple[Line, ...], Meta(max_length=1_000)] = ()
    classes: tuple[NiceClass, ...] = ()
    common_word: bool = False
    marks: Annotated[tuple[Mark, ...], Meta(max_length=1_000)] = ()
    owner: RightsHolder | None = None
    agents: Annotated[tuple[Identifier, ...], Meta(max_length=1_000)] = ()
    authorised_sellers: Annotated[tuple[Identifier, ...], Meta(max_length=10_000)] = ()
    reference_prices: Annotated[tuple[ReferencePrice, ...], Meta(max_length=1_000)] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """``images``: a picture of the bank, by its PDQ hash; a null value removes it."""

    schema_version: SchemaVersion = 1
    image_id: Identifier
    hash: ImageHash
    kind: Annotated[
        Literal["counterfeit", "brand"],
        Meta(description="A picture of a known counterfeit, or a rights holder's own of the genuine product."),
    ]
    brand_id: Identifier | None = None
    source: Annotated[Line, Meta(description="Where the picture is from, such as the case that it was judged in.")] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """``control``: the policy (key ``policy``) or the mode (key ``mode``) in force from here on."""

    schema_version: SchemaVersion = 1
    kind: Literal["policy", "mode"]
    policy: dict[str, object] | None = None
    mode: Mode | None = None
    by: Line = ""

    def __post_init__(self) -> None:
        """Raise ValueError if the part that ``kind`` names is absent."""
        if getattr(self, self.kind) is None:
            raise ValueError(f'`{self.kind}` is required when `kind` is "{self.kind}"')
