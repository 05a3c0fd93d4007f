"""What is decided on a listing."""

from dataclasses import replace

from klean_stream import risk
from klean_stream.decision import Context, ListingRow, Outcome, State
from klean_stream.decision.evidence import MAX_ROW_BYTES, kept
from klean_stream.events import Finding, Listing
from klean_stream.listings.findings import find_in_text, find_low_price
from klean_stream.listings.holds import count_brands, reviewed
from klean_stream.listings.likenesses import find_known_images, find_relisting
from klean_stream.listings.permitted import with_permitted_uses
from klean_stream.listings.rules import Ruling, rule_on
from klean_stream.listings.searched import searched
from klean_stream.listings.versions import digest, superseded_by
from klean_stream.listings.weigh import Weighed, weigh_listing
from klean_stream.moderation.cases import (
    RELISTING,
    Matter,
    has_reports,
    is_down,
    is_open,
    refer,
    withdraw,
)
from klean_stream.moderation.draft import Draft
from klean_stream.moderation.takedown import TakedownSignal, take_down


def decide_listing(event: Listing, context: Context, state: State) -> Outcome:
    """Decide on a listing: allow, escalate, takedown, removed, or superseded.

    Raises Rejected (``version_conflict``) for a version that is known with other content.
    """
    rule = None if state.listing is None else superseded_by(state.listing, event)
    if rule is not None:
        return Outcome(verdict="superseded", rule=rule, state=state, superseded=True)
    draft = Draft(context, state, seller_id=event.seller_id, listing_id=event.listing_id)
    return _removed(event, draft) if event.change == "removed" else _judged(event, draft)


def _removed(event: Listing, draft: Draft) -> Outcome:
    """The seller removed the listing. A question of the machine's is gone with it; a report's is not.

    What was taken down stays so: should the listing come back, it is for a moderator to say (``act_on``).
    """
    row = draft.listing
    if row is not None and row.version >= 0 and row.status != "removed":
        draft.seller = replace(draft.seller, listings=draft.seller.listings - 1)
    draft.listing = ListingRow(
        version=event.version,
        content="",
        status="removed",
        title="" if row is None else row.title,
        updated=draft.now,
    )
    if draft.case is not None and not has_reports(draft.case):
        withdraw(draft, rule="removed_by_seller")
    return draft.finish("removed", "removed_by_seller")


def _judged(event: Listing, draft: Draft) -> Outcome:
    text = searched(event, draft.policy.limits)
    found = find_in_text(
        text, draft.context.registry, seller_id=event.seller_id, category=event.category, now=draft.now
    )
    found = with_permitted_uses(found, text, draft.policy)
    counted = count_brands(found, draft)
    findings, weighed, ruling = examine(event, draft, reviewed(found, frozenset() if counted is None else counted.held))
    _write_row(event, draft, findings)
    ruling = act_on(ruling, event, draft, findings, held=weighed.score >= draft.policy.thresholds.takedown)
    outcome = draft.finish(ruling.verdict, ruling.rule, score=weighed.score, findings=findings, weights=weighed.weights)
    return replace(outcome, counted=counted)


def examine(event: Listing, draft: Draft, findings: tuple[Finding, ...]) -> tuple[tuple[Finding, ...], Weighed, Ruling]:
    """Give all findings, what was found in the text included, their weight, and the ruling on them."""
    context = draft.context
    findings += find_low_price(
        findings,
        context.registry,
        price=event.price,
        category=event.category,
        thousandths=context.policy.listing.low_price_thousandths,
    )
    findings += find_relisting(event, context)
    findings += find_known_images(event, context)
    level = risk.level(draft.seller, context.now, context.policy)
    weighed = weigh_listing(findings, draft.seller, level, context.policy)
    ruling = rule_on(
        findings,
        weighed.score,
        suspended=draft.seller.status == "suspended",
        cleared=() if draft.case is None else draft.case.cleared,
        policy=context.policy,
    )
    return findings, weighed, ruling


def _write_row(event: Listing, draft: Draft, findings: tuple[Finding, ...]) -> None:
    row = draft.listing
    if row is None or row.version < 0 or row.status == "removed":
        draft.seller = replace(draft.seller, listings=draft.seller.listings + 1)
    draft.listing = ListingRow(
        version=event.version,
        content=digest(event),
        status="live",
        title=event.title,
        description=event.description[: draft.policy.limits.kept_description],
        description_length=len(event.description),
        category=event.category,
        price=event.price,
        locale=event.locale,
        findings=kept(findings, MAX_ROW_BYTES),
        updated=draft.now,
    )


def act_on(
    ruling: Ruling,
    event: Listing,
    draft: Draft,
    findings: tuple[Finding, ...],
    *,
    held: bool,
    text_changed: bool = True,
) -> Ruling:
    """Make of the ruling what the listing's past allows, and write it into row and case.

    A takedown binds the listing, whatever its later versions say: the machine takes a new version down again
    or asks a moderator whether it may come back; it never puts one back. A question that a report asked stays
    open until a person answers it; the machine's own question goes when its ground goes.
    """
    matter = Matter(title=event.title, findings=findings, locale=event.locale, listing_version=event.version)
    hours, priority = draft.policy.deadlines.escalation, draft.policy.priority
    case = draft.case
    if ruling.verdict == "takedown":
        signal: TakedownSignal | None = None if ruling.rule == "seller_suspended" else "listing_taken_down"
        take_down(draft, matter, rule=ruling.rule, signal=signal, by_machine=True)
    elif is_down(case):
        refer(draft, matter, rule=RELISTING, priority=priority.relisting, hours=hours, text_changed=True)
        return Ruling("escalate", RELISTING)
    elif ruling.verdict == "escalate":
        urgency = priority.held_takedown if held or ruling.rule == "held_for_review" else priority.listing
        refer(draft, matter, rule=ruling.rule, priority=urgency, hours=hours, text_changed=text_changed)
        draft.signal("listing_escalated")
    elif case is not None and is_open(case) and has_reports(case):
        refer(draft, matter, rule=case.rule, priority=priority.report, hours=hours, text_changed=True)
    else:
        withdraw(draft, rule=ruling.rule)
    return ruling
