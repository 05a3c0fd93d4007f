"""What the flood breaker (brands.breaker) does to a listing: marks of a held brand are reviewed, not acted on."""

from dataclasses import replace

from klean_stream.brands.breaker import Counted, count, is_held
from klean_stream.decision import Context
from klean_stream.decision.evidence import counting, marks
from klean_stream.events import BrandHold, Finding
from klean_stream.moderation.draft import Draft


def count_brands(findings: tuple[Finding, ...], draft: Draft) -> Counted | None:
    """Count the brands whose sure marks count in a listing, and publish which of them begin to be held."""
    context = draft.context
    if context.flow is None:
        return None
    rules = context.policy.breaker
    counted = count(_acted_on(findings), draft.seller_id, now=context.now, flow=context.flow, rules=rules)
    for hold in counted.begun:
        draft.emit(
            BrandHold(
                id=draft.output_id("brand_hold"),
                brand_id=hold.brand_id,
                partition=context.flow.partition,
                sellers=hold.sellers,
                listings=hold.listings,
                usual=hold.usual,
                held_until=hold.held_until,
                decision_id=context.decision_id,
                time=context.now,
            )
        )
    return counted


def held_brands(findings: tuple[Finding, ...], context: Context) -> frozenset[str]:
    """Give the brands of sure marks that are held now, without counting anything."""
    flow, rules = context.flow, context.policy.breaker
    if flow is None:
        return frozenset()
    return frozenset(
        brand_id for brand_id in _acted_on(findings) if is_held(flow.usage(brand_id), brand_id, context.now, rules)
    )


def reviewed(findings: tuple[Finding, ...], held: frozenset[str]) -> tuple[Finding, ...]:
    """Give the findings with the sure marks of held brands as what a person should look at."""
    if not held:
        return findings
    return tuple(
        replace(finding, tier="review", held=True)
        if finding.kind == "mark" and finding.tier == "act" and finding.brand_id in held
        else finding
        for finding in findings
    )


def _acted_on(findings: tuple[Finding, ...]) -> tuple[str, ...]:
    sure = (mark.brand_id for mark in marks(counting(findings)) if mark.tier == "act")
    return tuple(dict.fromkeys(brand_id for brand_id in sure if brand_id is not None))
