"""What is decided on a listing again, because a mark was registered after it was decided.

================  ==========  ======================================================================
rule              verdict     when (the first that holds; otherwise those of a listing)
================  ==========  ======================================================================
not_on_offer      superseded  the listing is not on offer in that version: changed, removed, or down
brand_removed     superseded  the brand has been removed from the registry since
================  ==========  ======================================================================

The listing is judged as its row holds it: title, price, category, and the beginning of the description. So a rescan
only ever adds: what it finds is escalated or taken down, but nothing that stands is taken back because the rest of
the description does not say so.
"""

from dataclasses import replace

from klean_stream.decision import Context, ListingRow, Outcome, Rejected, State
from klean_stream.decision.evidence import MAX_ROW_BYTES, kept
from klean_stream.events import Listing, Rescan
from klean_stream.listings.decide import act_on, examine
from klean_stream.listings.findings import find_in_text
from klean_stream.listings.holds import held_brands, reviewed
from klean_stream.listings.permitted import with_permitted_uses
from klean_stream.listings.searched import searched
from klean_stream.moderation.draft import Draft


def decide_rescan(event: Rescan, context: Context, state: State) -> Outcome:
    """Decide on a live listing again: allow, escalate, takedown, or superseded.

    Raises Rejected (``registry_behind``) where this worker has not read as far in the registry as the asker has.
    """
    row = state.listing
    if row is None or row.version != event.version or row.status not in ("live", "escalated"):
        return Outcome(verdict="superseded", rule="not_on_offer", state=state, superseded=True)
    if context.registry.version < event.registry_version:
        raise Rejected(
            "registry_behind",
            f"registry version {event.registry_version} is asked for, {context.registry.version} known",
        )
    if context.registry.brand(event.brand_id) is None:
        return Outcome(verdict="superseded", rule="brand_removed", state=state, superseded=True)
    draft = Draft(context, state, seller_id=event.seller_id, listing_id=event.listing_id)
    listing = as_listing(row, event.seller_id, event.listing_id)
    text = searched(row, context.policy.limits, description_length=row.description_length)
    found = find_in_text(text, context.registry, seller_id=event.seller_id, category=row.category, now=context.now)
    found = with_permitted_uses(found, text, context.policy)
    findings, weighed, ruling = examine(listing, draft, reviewed(found, held_brands(found, context)))
    if ruling.verdict != "allow":
        draft.listing = replace(row, findings=kept(findings, MAX_ROW_BYTES))
        held = weighed.score >= context.policy.thresholds.takedown
        ruling = act_on(ruling, listing, draft, findings, held=held, text_changed=False)
    return draft.finish(ruling.verdict, ruling.rule, score=weighed.score, findings=findings, weights=weighed.weights)


def as_listing(row: ListingRow, seller_id: str, listing_id: str) -> Listing:
    """Give the listing that a row keeps: what was published, but for the end of a long description."""
    return Listing(
        seller_id=seller_id,
        listing_id=listing_id,
        version=row.version,
        change="updated",
        title=row.title,
        description=row.description,
        category=row.category,
        price=row.price,
        locale=row.locale,
    )
