"""How a case is opened, referred to moderators, and closed without them. There is one case a listing.

A case that is closed while the listing is live is followed by a new one (``number`` grows). A case that took
the listing down stays *the* case until someone puts the listing back: what comes up meanwhile reopens it, so
that a reinstatement always finds what the takedown wrote.
"""

from dataclasses import dataclass

from klean_stream.decision import CaseRow
from klean_stream.decision.evidence import (
    MAX_BRANDS,
    MAX_CLEARED,
    MAX_RECORD_BYTES,
    MAX_ROW_BYTES,
    brands_of,
    grounds,
    kept,
)
from klean_stream.events import Escalation, Finding
from klean_stream.events.outputs import CaseStatus
from klean_stream.moderation.case_ids import case_id
from klean_stream.moderation.draft import OPEN, Draft
from klean_stream.moderation.korean import is_korean_matter

HOUR = 3_600_000  # milliseconds
RELISTING = "relisting_after_takedown"  # the rule of a case that asks whether a listing may come back
_RAISED_BY = {"normal": 0, "elevated": 1, "high": 2, "suspended": 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """What is to be judged: the text as it stands, what was found in it, and whose marks that concerns."""

    title: str
    findings: tuple[Finding, ...]
    locale: str | None
    listing_version: int | None
    brand_ids: tuple[str, ...] = ()

    @property
    def brands(self) -> tuple[str, ...]:
        """The brands named, then those found."""
        return tuple(dict.fromkeys((*self.brand_ids, *brands_of(self.findings))))


def is_open(case: CaseRow | None) -> bool:
    """Say whether a case waits for a moderator."""
    return case is not None and case.status in OPEN


def is_down(case: CaseRow | None) -> bool:
    """Say whether a case holds its listing down (or its sign-up rejected)."""
    return case is not None and case.down


def has_reports(case: CaseRow) -> bool:
    """Say whether people reported what the case is about."""
    return bool(case.reports or case.reports_beyond)


def resting_status(case: CaseRow) -> CaseStatus:
    """Give the status of a closed case that holds its listing down: ``upheld`` if it has a strike."""
    return "upheld" if any(signal.strike for signal in case.signals) else "taken_down"


def ensure_case(draft: Draft, matter: Matter, *, rule: str, priority: int) -> CaseRow:
    """Give the case in force with its text brought up to date, or open a new one. Nothing is published."""
    case = draft.case
    title = matter.title[: draft.policy.limits.kept_title]
    if case is not None and (is_open(case) or case.down):
        return draft.note_in_case(title=title, listing_version=matter.listing_version)
    number = 1 if case is None else case.number + 1
    korean = is_korean_matter(locale=matter.locale, title=matter.title, seller_country=draft.seller.country)
    draft.case = CaseRow(
        case_id=case_id(draft.seller_id, draft.listing_id, number),
        number=number,
        version=1,
        status="open",
        channel="escalations-kr" if korean else "escalations",
        title=title,
        rule=rule,
        brand_ids=matter.brands[:MAX_BRANDS],
        findings=kept(matter.findings, MAX_ROW_BYTES),
        priority=priority,
        opened=draft.now,
        deadline=None,
        locale=matter.locale,
        listing_version=matter.listing_version,
        cleared=() if case is None else case.cleared,
    )
    return draft.case


def refer(draft: Draft, matter: Matter, *, rule: str, priority: int, hours: int, text_changed: bool = False) -> None:
    """Ask a moderator: open the case or reopen it, and publish an escalation.

    ``priority`` is the policy's, before the seller's level raises it; ``hours`` the time that a moderator
    has. A case that is open already is escalated again only if there is something new to know: grounds that
    it did not hold, a higher priority, or (``text_changed``: the listing itself is another) grounds that are
    gone. Then decisions on the version before meet ``conflict``; an edit that changes nothing of substance
    outdates nobody's work. A deadline never moves back.
    """
    priority = max(1, priority - _RAISED_BY[draft.risk.level])
    deadline = draft.now + hours * HOUR
    was_open = draft.case if is_open(draft.case) else None
    findings = kept(matter.findings, MAX_ROW_BYTES)
    case = ensure_case(draft, matter, rule=rule, priority=priority)
    if was_open is not None:
        if was_open.deadline is not None:
            deadline = min(deadline, was_open.deadline)
        now, known = grounds(findings), grounds(was_open.findings)
        same = now == known if text_changed else now <= known
        if same and priority >= was_open.priority:
            draft.note_in_case(deadline=deadline)
            return
        priority = min(priority, was_open.priority)
    case = draft.change_case(
        status="open",
        rule=rule,
        brand_ids=tuple(dict.fromkeys((*matter.brands, *case.brand_ids)))[:MAX_BRANDS],
        findings=findings,
        priority=priority,
        deadline=deadline,
        locale=matter.locale or case.locale,
    )
    draft.emit(
        Escalation(
            id=draft.output_id("escalation"),
            case_id=case.case_id,
            case_version=case.version,
            subject="signup" if draft.listing_id is None else "listing",
            channel=case.channel or "escalations",
            seller_id=draft.seller_id,
            listing_id=draft.listing_id,
            listing_version=matter.listing_version,
            title=matter.title,
            rule=rule,
            findings=kept(matter.findings, MAX_RECORD_BYTES),
            brand_ids=case.brand_ids,
            risk=draft.risk,
            priority=priority,
            deadline=deadline,
            locale=case.locale,
            decision_id=draft.context.decision_id,
            time=draft.now,
        )
    )


def withdraw(draft: Draft, *, rule: str) -> None:
    """Close an open case because its question is gone. Points stay: only people take them back."""
    case = draft.case
    if case is None or not is_open(case):
        return
    draft.change_case(status=resting_status(case) if case.down else "withdrawn", rule=rule, deadline=None)


def cleared_with(case: CaseRow) -> tuple[str, ...]:
    """Give the grounds that were cleared so far and those of this case, the newest last."""
    return tuple(dict.fromkeys((*case.cleared, *sorted(grounds(case.findings)))))[-MAX_CLEARED:]
