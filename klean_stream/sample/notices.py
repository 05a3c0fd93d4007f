"""What others say about a seller: reports of infringements, and answers of moderators."""

from collections.abc import Mapping
from random import Random
from typing import Literal
from urllib.parse import quote

from klean_stream.events import Brand, IpReport, ListingSnapshot, ModeratorDecision
from klean_stream.sample.chance import happens
from klean_stream.sample.offers import LOCALES, Offer
from klean_stream.sample.phrases import say

Reporter = Literal["rights_holder", "agent", "buyer", "rival", "forged"]

_ROLES: Mapping[Reporter, Literal["rights_holder", "buyer", "seller"]] = {
    "rights_holder": "rights_holder",
    "agent": "rights_holder",
    "buyer": "buyer",
    "rival": "seller",
    "forged": "rights_holder",
}
_REASONS: Mapping[Literal["uphold", "dismiss", "need_more", "reassign", "reinstate"], str] = {
    "uphold": "Test purchase confirms the report.",
    "dismiss": "Invoice of the authorised distributor was shown.",
    "need_more": "Photos of label and seams are needed.",
    "reassign": "Needs someone who reads Korean.",
    "reinstate": "The seller's objection is right: genuine goods.",
}


def report(
    rng: Random,
    report_id: str,
    reporter: Reporter,
    *,
    reporter_id: str,
    seller_id: str,
    listing_id: str,
    version: int,
    offer: Offer,
) -> IpReport:
    """Give a report about a listing as the reporter saw it."""
    return IpReport(
        report_id=report_id,
        seller_id=seller_id,
        listing_id=listing_id,
        reporter_id=reporter_id,
        reporter_role=_ROLES[reporter],
        brand_id=offer.brand_id,
        ground="trademark" if reporter == "agent" and happens(rng, 50) else "counterfeit",
        statement=say(rng, f"statement_{reporter}", offer.language),
        listing=ListingSnapshot(
            title=offer.title, description=offer.description, category=offer.category, version=version
        ),
        locale=LOCALES[offer.language],
    )


def reporter_id_for(rng: Random, reporter: Reporter, brand: Brand | None, others: tuple[Brand, ...]) -> str:
    """Give the id under which somebody reports; only that of a rights holder or agent stands in the registry.

    A forger claims to be a rights holder: with an id that sounds like one, or with that of another brand's.
    """
    if brand is not None and reporter == "rights_holder" and brand.owner is not None:
        return rng.choice(brand.owner.reporter_ids)
    if brand is not None and reporter == "agent" and brand.agents:
        return rng.choice(brand.agents)
    if reporter == "forged":
        false_ids = [f"rh-{rng.choice(('global', 'world', 'asia'))}-brand-protection-{rng.randint(1, 99):02d}"]
        owner = rng.choice(others).owner
        own_ids = () if brand is None or brand.owner is None else brand.owner.reporter_ids
        if owner is not None and not set(owner.reporter_ids) & set(own_ids):
            false_ids.append(owner.reporter_ids[0])
        return rng.choice(false_ids)
    return f"b-{rng.randint(1, 999_999):06d}"


def answer_without_case(rng: Random, seller_id: str, number: int) -> ModeratorDecision:
    """Give a moderator's answer to a case that has long been closed and is gone: nothing may come of it.

    An answer to a case of this very day would have to wait for it: topics have no order among each other.
    """
    action = rng.choice(tuple(_REASONS))
    return ModeratorDecision(
        seller_id=seller_id,
        case_id=f"{quote(seller_id, safe='')}/l-former-{number:07d}/1",
        case_version=1,
        action=action,
        moderator_id=f"m-{rng.randint(1, 12):02d}",
        reason=_REASONS[action],
        assignee=f"m-{rng.randint(13, 20):02d}" if action == "reassign" else None,
    )
