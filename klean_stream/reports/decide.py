"""What is decided on an IP report.

=====================  ==========  ====================================================================
rule                   verdict     when (the first that holds)
=====================  ==========  ====================================================================
report_known           superseded  the listing's case holds a report of this id already
already_taken_down     taken_down  the listing is down: the outcome goes out at once
listing_not_on_offer   escalate    the seller has removed the listing
seller_suspended       takedown    the seller is suspended
reporter_not_verified  escalate    the registry does not have the reporter as owner or agent of the mark
ground_needs_a_person  escalate    verified, but a mark confirms nothing on this ground (copyright, …)
authorised_seller      escalate    verified, but the seller may use the mark
mark_not_confirmed     escalate    verified, but no sure match of the mark that counts
cleared_by_moderator   escalate    confirmed, but a moderator has cleared this use of the mark
verified_report        takedown    verified and confirmed: a strike
held_for_review        escalate    would be a takedown, but the mode is review_only
=====================  ==========  ====================================================================
"""

from klean_stream.decision import Context, ListingRow, Outcome, State
from klean_stream.decision.rows import ReportEntry
from klean_stream.events import IpReport
from klean_stream.moderation.cases import HOUR, Matter, ensure_case, is_down, refer
from klean_stream.moderation.draft import Draft
from klean_stream.moderation.reporters import answer_reporters, join
from klean_stream.moderation.takedown import TakedownSignal, take_down
from klean_stream.reports.verify import Examined, examine

# Reports by verified rights holders that add to the seller's ledger although a person has to decide.
_ADDS_POINTS = frozenset({"mark_not_confirmed", "ground_needs_a_person", "held_for_review"})


def decide_report(event: IpReport, context: Context, state: State) -> Outcome:
    """Decide on a report: takedown, taken_down (already), escalate, or superseded.

    A verified rights holder's report that the matcher confirms leads to a takedown; anything else to people,
    with a deadline. Each report is acknowledged; its outcome follows, at once or when the case is closed.
    """
    case = state.case
    if case is not None and any(entry.report_id == event.report_id for entry in case.reports):
        return Outcome(verdict="superseded", rule="report_known", state=state, superseded=True, case_id=case.case_id)
    draft = Draft(context, state, seller_id=event.seller_id, listing_id=event.listing_id)
    examined = examine(event, state.listing, context.registry, context.policy.limits, context.now)
    verdict, rule = _rule_on(examined, draft)
    if draft.review_only and verdict == "takedown":
        verdict, rule = "escalate", "held_for_review"
    _apply(verdict, rule, event, draft, examined)
    return draft.finish(verdict, rule, findings=examined.findings)


def _rule_on(examined: Examined, draft: Draft) -> tuple[str, str]:
    cleared = () if draft.case is None else draft.case.cleared
    rules = (
        (is_down(draft.case), "taken_down", "already_taken_down"),
        (_is_removed(draft.listing), "escalate", "listing_not_on_offer"),
        (draft.seller.status == "suspended", "takedown", "seller_suspended"),
        (not examined.verified, "escalate", "reporter_not_verified"),
        (not examined.about_marks, "escalate", "ground_needs_a_person"),
        (examined.authorised, "escalate", "authorised_seller"),
        (not examined.confirmed, "escalate", "mark_not_confirmed"),
        (examined.cleared_by(cleared), "escalate", "cleared_by_moderator"),
        (True, "takedown", "verified_report"),
    )
    return next((verdict, rule) for holds, verdict, rule in rules if holds)


def _is_removed(row: ListingRow | None) -> bool:
    return row is not None and row.status == "removed"


def _apply(verdict: str, rule: str, event: IpReport, draft: Draft, examined: Examined) -> None:
    row = draft.listing if draft.listing is not None and draft.listing.version >= 0 else None
    known = event.brand_id is not None and draft.context.registry.brand(event.brand_id) is not None
    matter = Matter(
        title=event.listing.title if row is None or not row.title else row.title,
        findings=examined.findings,
        locale=event.locale or (None if row is None else row.locale),
        listing_version=event.listing.version if row is None else row.version,
        brand_ids=(event.brand_id,) if known and event.brand_id is not None else (),
    )
    hours = draft.policy.deadlines.report
    priority = draft.policy.priority
    entry = ReportEntry(
        report_id=event.report_id,
        reporter_id=event.reporter_id,
        verified=examined.verified,
        received=draft.now,
        deadline=draft.now + hours * HOUR,
        locale=event.locale,
    )
    if verdict == "taken_down":
        join(draft, entry, if_full="taken_down")
        answer_reporters(draft, "taken_down")
    elif verdict == "takedown":
        ensure_case(draft, matter, rule=rule, priority=priority.verified_report)
        join(draft, entry, if_full="taken_down")
        signal: TakedownSignal | None = "infringement_confirmed" if rule == "verified_report" else None
        take_down(draft, matter, rule=rule, signal=signal, by_machine=True)
    else:
        urgency = priority.verified_report if examined.verified else priority.report
        refer(draft, matter, rule=rule, priority=urgency, hours=hours)
        join(draft, entry)
        if examined.verified and rule in _ADDS_POINTS:
            draft.signal("verified_report")
