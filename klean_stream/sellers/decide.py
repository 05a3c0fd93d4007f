"""What is decided on a sign-up, or on a change of details: both are judged as a whole.

===========================  ================  ==========================================================
rule                         verdict           when (the first that holds)
===========================  ================  ==========================================================
signup_facts_reject          rejected          all facts of the policy's ``reject_when`` hold
rejected_by_moderator        escalated         a moderator has rejected this seller: a person must say
shop_name_uses_mark          escalated         the shop name uses a mark, unauthorised (score >= escalate)
shop_name_counterfeit_word   escalated         the shop name says that the goods are counterfeit
signup_incomplete            documents_needed  a fact of the policy's ``incomplete_when`` holds
signup_complete              approved          else; also if a moderator has cleared the shop name
===========================  ================  ==========================================================

A suspended seller stays suspended, whatever the details: the verdict is ``suspended`` (rule of the same
table), and what the details deserve waits for the end of the suspension.
"""

from dataclasses import dataclass, replace

from klean_stream import risk
from klean_stream.decision import Context, Outcome, Signal, State
from klean_stream.decision.evidence import counting, grounds, marks
from klean_stream.events import Finding, SellerSignup
from klean_stream.events.outputs import SellerStatus
from klean_stream.listings.findings import find_in_text
from klean_stream.listings.searched import searched
from klean_stream.listings.weigh import Weighed, weigh_shop_name
from klean_stream.moderation.cases import Matter, is_down, refer, withdraw
from klean_stream.moderation.draft import Draft
from klean_stream.sellers.details import Details, check_details


@dataclass(frozen=True, slots=True)
class _ShopName:
    """A shop name as a text in which marks are sought."""

    title: str
    description: str = ""


def decide_signup(event: SellerSignup, context: Context, state: State) -> Outcome:
    """Decide on a sign-up: approved, documents_needed, escalated, rejected, or suspended (still)."""
    draft = Draft(context, state, seller_id=event.seller_id, listing_id=None)
    details = check_details(event, context.policy)
    named = _in_shop_name(event, context)
    weighed = weigh_shop_name(named, context.policy)
    status, rule = _rule_on(draft, details, named, weighed)
    draft.seller = replace(
        risk.with_status(draft.seller, status, context.policy),
        country=event.country,
        shop_name=event.shop_name[: context.policy.limits.kept_title],
        signed_up=draft.seller.signed_up if draft.seller.signed_up is not None else context.now,
    )
    findings = (*details.findings, *named)
    if status == "escalated":
        matter = Matter(title=event.shop_name, findings=findings, locale=event.locale, listing_version=None)
        refer(
            draft,
            matter,
            rule=rule,
            priority=context.policy.priority.signup,
            hours=context.policy.deadlines.escalation,
            text_changed=True,
        )
        draft.signal("signup_escalated")
    else:
        withdraw(draft, rule=rule)
    if status == "rejected":
        _count_rejection(draft)
    reasons = (rule, *details.facts)
    if draft.seller.status == "suspended":
        reasons = ("seller_suspended", *reasons)
    case_id = draft.require_case().case_id if status == "escalated" else None
    draft.seller_verdict(reasons, missing_documents=details.missing_documents, case_id=case_id)
    return draft.finish(draft.seller.status, rule, score=weighed.score, findings=findings, weights=weighed.weights)


def _in_shop_name(event: SellerSignup, context: Context) -> tuple[Finding, ...]:
    found = find_in_text(
        searched(_ShopName(event.shop_name), context.policy.limits),
        context.registry,
        seller_id=event.seller_id,
        category=None,
        now=context.now,
    )
    return tuple(replace(finding, field="shop_name") for finding in found)


def _rule_on(draft: Draft, details: Details, named: tuple[Finding, ...], weighed: Weighed) -> tuple[SellerStatus, str]:
    rules = draft.policy.signup
    facts = set(details.facts)
    if rules.reject_when and facts >= set(rules.reject_when):
        return "rejected", "signup_facts_reject"
    if is_down(draft.case):
        return "escalated", "rejected_by_moderator"
    cleared = frozenset() if draft.case is None else frozenset(draft.case.cleared)
    if weighed.score >= draft.policy.thresholds.escalate and not grounds(named) <= cleared:
        by_mark = bool(counting(marks(named)))
        return "escalated", "shop_name_uses_mark" if by_mark else "shop_name_counterfeit_word"
    if facts & set(rules.incomplete_when):
        return "documents_needed", "signup_incomplete"
    return "approved", "signup_complete"


def _count_rejection(draft: Draft) -> None:
    """Add the points of a rejection, once as long as they last: sending wrong details again adds nothing."""
    points = draft.policy.risk.points.signup_rejected
    standing = any(
        signal.name == "signup_rejected" and risk.points_now(signal, draft.now, draft.policy)
        for signal in draft.seller.ledger
    )
    if points and not standing:
        signal = Signal(name="signup_rejected", points=points, at=draft.now, cause=draft.context.decision_id)
        draft.seller = risk.add(draft.seller, signal, draft.now, draft.policy)
