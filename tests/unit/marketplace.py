"""A marketplace in memory for the tests of decisions: a registry, a policy, rows, and a clock that tests move."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, TypeVar

import msgspec
import orjson

from klean_stream.brands import Registry
from klean_stream.decision import CaseRow, Context, ListingRow, Outcome, SellerRow, Signal, State
from klean_stream.events import (
    Brand,
    FingerprintRemoval,
    IpReport,
    Listing,
    ListingSnapshot,
    ModeratorDecision,
    Money,
    ReferencePrice,
    RightsHolder,
    SellerSignup,
    TakenDownFingerprint,
)
from klean_stream.events.identity import Identity
from klean_stream.likeness import BankImage, Change, Known
from klean_stream.listings import decide_listing
from klean_stream.moderation import decide_moderation, parse_case_id
from klean_stream.policy import Policy, default_policy
from klean_stream.reports import decide_report
from klean_stream.sellers import decide_signup

DAY = 86_400_000
HOUR = 3_600_000
START = 20_000 * DAY + 9 * HOUR

NIKE = Brand(
    brand_id="nike",
    name="Nike",
    aliases=("나이키",),
    owner=RightsHolder(name="Nike Innovate C.V.", reporter_ids=("nike-legal",)),
    agents=("nike-agent",),
    authorised_sellers=("nike-store",),
    reference_prices=(ReferencePrice(price=Money(amount=100_000, currency="KRW")),),
)
GUCCI = Brand(
    brand_id="gucci",
    name="Gucci",
    aliases=("구찌",),
    owner=RightsHolder(name="Guccio Gucci S.p.A.", reporter_ids=("gucci-legal",)),
)

T = TypeVar("T")


class Marketplace:
    """Feeds events to the decisions, one after the other, and keeps the rows as a worker would."""

    def __init__(self, policy: Policy | None = None, brands: Sequence[Brand] = (NIKE, GUCCI)) -> None:
        self.registry = Registry()
        self.registry.apply_many([(brand.brand_id, brand) for brand in brands], len(brands))
        self.policy = policy or default_policy()
        self.now = START
        self.known = Known()
        self.sellers: dict[str, SellerRow] = {}
        self.listings: dict[tuple[str, str], ListingRow] = {}
        self.cases: dict[tuple[str, str | None], CaseRow] = {}
        self.outcomes: list[Outcome] = []

    def wait(self, *, hours: int = 0, days: int = 0) -> None:
        """Let time pass."""
        self.now += hours * HOUR + days * DAY

    def list(self, title: str = "Cotton shirt", *, version: int = 1, **fields: Any) -> Outcome:
        """Create or update a listing."""
        fields = {"seller_id": "s1", "listing_id": "l1", "change": "created", **fields}
        return self.feed(Listing(title=title, version=version, **fields))

    def remove(self, *, version: int, **fields: Any) -> Outcome:
        """Remove a listing."""
        return self.list("", version=version, change="removed", **fields)

    def report(self, title: str = "Nike shoes", **fields: Any) -> Outcome:
        """Report a listing."""
        fields = {
            "report_id": f"r{len(self.outcomes)}",
            "seller_id": "s1",
            "listing_id": "l1",
            "reporter_id": "buyer-7",
            "reporter_role": "buyer",
            "ground": "counterfeit",
            "brand_id": "nike",
            "listing": ListingSnapshot(title=title),
            **fields,
        }
        return self.feed(IpReport(**fields))

    def sign_up(self, shop_name: str = "Daily shop", **fields: Any) -> Outcome:
        """Sign a seller up; without other details, a Korean one whose details are in order."""
        fields = {
            "seller_id": "s1",
            "change": "signed_up",
            "country": "KR",
            "registration_number": "116-82-00276",
            "phone": "02-312-3456",
            "documents": [
                {"kind": "business_registration", "document_id": "d1"},
                {"kind": "bank_account", "document_id": "d2"},
            ],
            **fields,
        }
        return self.feed(msgspec.convert({"shop_name": shop_name, **fields}, SellerSignup))

    def moderate(self, action: str, *, case: CaseRow | None = None, **fields: Any) -> Outcome:
        """Let a moderator decide on a case, by default on that of listing l1, in its newest version."""
        case = case or self.case()
        details = {
            "seller_id": parse_case_id(case.case_id)[0],
            "case_id": case.case_id,
            "case_version": case.version,
            "action": action,
            "moderator_id": "mod-1",
            "assignee": "mod-2" if action == "reassign" else None,
            **fields,
        }
        return self.feed(ModeratorDecision(**details))

    def feed(self, event: Listing | IpReport | SellerSignup | ModeratorDecision) -> Outcome:
        """Decide on an event and keep its rows. Rows must be values that JSON carries, and fit into 64 KiB."""
        listing_id = getattr(event, "listing_id", None)
        if isinstance(event, ModeratorDecision):
            listing_id = parse_case_id(event.case_id)[1]
        seller, listing = event.seller_id, (event.seller_id, listing_id or "")
        case = (event.seller_id, listing_id)
        state = State(seller=self.sellers.get(seller), listing=self.listings.get(listing), case=self.cases.get(case))
        outcome = self._decide(event, state)
        _keep(self.sellers, seller, outcome.state.seller)
        _keep(self.listings, listing, outcome.state.listing)
        _keep(self.cases, case, outcome.state.case)
        self.outcomes.append(outcome)
        self._follow_fingerprints(outcome)
        return outcome

    def _follow_fingerprints(self, outcome: Outcome) -> None:
        for output in outcome.outputs:
            version = self.known.taken_down_version + 1
            change: Change[str]
            if isinstance(output, TakenDownFingerprint):
                row = bytes.fromhex(output.fingerprint)
                change = Change(output.case_id, version, row, output.case_id, output.expires)
            elif isinstance(output, FingerprintRemoval):
                change = Change(output.case_id, version)
            else:
                continue
            self.known.taken_down.apply([change], self.now)
            self.known = replace(self.known, taken_down_version=version)

    def add_image(self, image: BankImage, image_hash: str) -> None:
        """Put a picture into the bank."""
        version = self.known.images_version + 1
        self.known.images.apply([Change(image.image_id, version, bytes.fromhex(image_hash), image)])
        self.known = replace(self.known, images_version=version)

    def _decide(self, event: Any, state: State) -> Outcome:
        decide = {
            Listing: decide_listing,
            IpReport: decide_report,
            SellerSignup: decide_signup,
            ModeratorDecision: decide_moderation,
        }[type(event)]
        identity = Identity.of(str(len(self.outcomes)).encode(), orjson.dumps(event), ())
        context = Context(now=self.now, identity=identity, registry=self.registry, policy=self.policy, known=self.known)
        outcome = decide(event, context, state)  # type: ignore[operator]
        assert decide(event, context, state) == outcome, "the same event and rows decide the same"  # type: ignore[operator]
        assert sum(weight.points for weight in outcome.weights) == outcome.score
        ids = [output.id for output in outcome.outputs]
        assert len(ids) == len(set(ids)), "each output has its own id"
        return outcome  # type: ignore[no-any-return]

    def seller(self, seller_id: str = "s1") -> SellerRow:
        """Give a seller's row; that of a seller of whom nothing is known is not kept."""
        return self.sellers.get(seller_id, SellerRow())

    def listing(self, listing_id: str = "l1", seller_id: str = "s1") -> ListingRow:
        """Give a listing's row."""
        return self.listings[seller_id, listing_id]

    def case(self, listing_id: str | None = "l1", seller_id: str = "s1") -> CaseRow:
        """Give the case of a listing, or of a sign-up."""
        return self.cases[seller_id, listing_id]

    def suspend(self, seller_id: str = "s1") -> None:
        """Give a seller as many strikes as suspend."""
        for number in range(self.policy.risk.strikes_to_suspend):
            self.report("Nike shoes", seller_id=seller_id, listing_id=f"struck-{number}", reporter_id="nike-legal")


def of(outcome: Outcome, kind: type[T]) -> list[T]:
    """Give the outputs of a type."""
    return [output for output in outcome.outputs if isinstance(output, kind)]


def strike(points: int, at: int, number: int = 0) -> Signal:
    """Give a strike."""
    return Signal(name="infringement_confirmed", points=points, at=at, cause=f"cause-{number}", strike=True)


def _keep(rows: dict[Any, Any], key: object, row: Any) -> None:
    if row is None:
        return
    data = orjson.dumps(row)
    assert len(data) < 64 * 1024, "no row over 64 KiB"
    rows[key] = msgspec.convert(orjson.loads(data), type(row))
    assert rows[key] == row, "a row comes back as it was written"
