"""What a moderator's decision changes. The first decision on a case version wins."""

from collections.abc import Callable

from klean_stream import risk
from klean_stream.decision import CaseRow, Context, Outcome, State
from klean_stream.events import Case, ModeratorDecision
from klean_stream.moderation.case_ids import parse_case_id
from klean_stream.moderation.cases import HOUR, RELISTING, Matter, cleared_with
from klean_stream.moderation.draft import Draft, case_record
from klean_stream.moderation.reporters import ask_reporters
from klean_stream.moderation.takedown import put_back, take_down


def decide_moderation(event: ModeratorDecision, context: Context, state: State) -> Outcome:
    """Give what a moderator's decision changes; each answer is a ``cases`` record.

    ``unknown_case``: there is no such case, or a later one has taken its place. ``conflict``: the case has
    changed since the version that the moderator saw. Neither changes a row.
    """
    try:
        _, listing_id, _ = parse_case_id(event.case_id)
    except ValueError:
        listing_id = None
    draft = Draft(context, state, seller_id=event.seller_id, listing_id=listing_id)
    case = state.case
    if case is None or case.case_id != event.case_id:
        return _unanswered(draft, "unknown_case", _unknown(event, draft))
    if case.version != event.case_version:
        return _unanswered(draft, "conflict", case_record(draft, case, "conflict"))
    draft.change_case(moderator_id=event.moderator_id)
    act = _ON_SIGNUPS if listing_id is None else _ON_LISTINGS
    act[event.action](draft, event)
    # A moderator's answer stands in the log and on `cases` even where it confirms what stood already.
    return draft.finish(event.action, f"moderator_{event.action}", findings=case.findings)


def _unanswered(draft: Draft, verdict: str, answer: Case) -> Outcome:
    return Outcome(
        verdict=verdict,
        rule=verdict,
        state=draft.before,
        outputs=(answer,),
        case_id=answer.case_id,
        superseded=True,
    )


def _unknown(event: ModeratorDecision, draft: Draft) -> Case:
    return Case(
        id=draft.output_id("case"),
        case_id=event.case_id,
        case_version=event.case_version,
        status="unknown",
        answer="unknown_case",
        subject="signup" if draft.listing_id is None else "listing",
        channel=None,
        seller_id=event.seller_id,
        listing_id=draft.listing_id,
        title="",
        rule="unknown_case",
        brand_ids=(),
        reports=0,
        priority=5,
        opened=draft.now,
        deadline=None,
        assignee=None,
        moderator_id=event.moderator_id,
        time=draft.now,
    )


def _uphold(draft: Draft, event: ModeratorDecision) -> None:
    """Confirm the infringement: a strike, and the listing is down if it was not."""
    del event
    case = draft.require_case()
    if not case.down:
        draft.note_in_case(status="open")  # a case that was closed goes on; no other takes its place
        matter = _matter(draft, case)
        take_down(draft, matter, rule=case.rule, signal="infringement_confirmed", by_machine=False)
        return
    draft.signal("infringement_confirmed", strike=True)
    draft.change_case(status="upheld", deadline=None)


def _matter(draft: Draft, case: CaseRow) -> Matter:
    listing = draft.listing
    return Matter(
        title=case.title,
        findings=case.findings,
        locale=case.locale,
        listing_version=case.listing_version if listing is None or listing.version < 0 else listing.version,
        brand_ids=case.brand_ids,
    )


def _dismiss(draft: Draft, event: ModeratorDecision) -> None:
    """No infringement, or none any more: the listing is live.

    To dismiss the question whether a listing may come back after its seller put it in order says nothing
    against its takedown: that one's points stand. Any other dismissal takes the case's points back.
    """
    del event
    case = draft.require_case()
    relisting = case.down and case.rule == RELISTING
    put_back(draft, infringement_stands=relisting)
    status = "reinstated" if case.down and not relisting else "dismissed"
    draft.change_case(status=status, deadline=None, cleared=cleared_with(case))


def _reinstate(draft: Draft, event: ModeratorDecision) -> None:
    """The takedown was wrong: everything that the case did is undone."""
    del event
    case = draft.require_case()
    put_back(draft, infringement_stands=False)
    draft.change_case(status="reinstated", deadline=None, cleared=cleared_with(case))


def _need_more(draft: Draft, event: ModeratorDecision) -> None:
    del event
    deadline = draft.now + draft.policy.deadlines.need_more * HOUR
    ask_reporters(draft, deadline)
    draft.change_case(status="need_more", deadline=deadline)


def _reassign(draft: Draft, event: ModeratorDecision) -> None:
    draft.change_case(assignee=event.assignee)


def _reject_signup(draft: Draft, event: ModeratorDecision) -> None:
    del event
    draft.signal("signup_rejected")
    draft.change_case(status="upheld", deadline=None, down=True, cleared=())
    draft.seller = risk.with_status(draft.seller, "rejected", draft.policy)
    _tell_seller(draft, "moderator_upheld")


def _approve_signup(draft: Draft, event: ModeratorDecision) -> None:
    case = draft.require_case()
    put_back(draft, infringement_stands=False)
    status = "reinstated" if event.action == "reinstate" else "dismissed"
    draft.change_case(status=status, deadline=None, cleared=cleared_with(case))
    draft.seller = risk.with_status(draft.seller, "approved", draft.policy)
    _tell_seller(draft, f"moderator_{status}")


def _ask_seller(draft: Draft, event: ModeratorDecision) -> None:
    _need_more(draft, event)
    draft.seller = risk.with_status(draft.seller, "documents_needed", draft.policy)
    _tell_seller(draft, "moderator_needs_more")


def _tell_seller(draft: Draft, reason: str) -> None:
    draft.seller_verdict((reason,), case_id=draft.require_case().case_id)


_Act = Callable[[Draft, ModeratorDecision], None]
_ON_LISTINGS: dict[str, _Act] = {
    "uphold": _uphold,
    "dismiss": _dismiss,
    "need_more": _need_more,
    "reassign": _reassign,
    "reinstate": _reinstate,
}
_ON_SIGNUPS: dict[str, _Act] = {
    "uphold": _reject_signup,
    "dismiss": _approve_signup,
    "need_more": _ask_seller,
    "reassign": _reassign,
    "reinstate": _approve_signup,
}
