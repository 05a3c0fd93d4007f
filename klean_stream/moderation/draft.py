"""The rows and outputs of one decision while it is being made.

Decisions on listings, reports, sign-ups and cases change the same three rows and publish the same outputs.
Each makes a ``Draft`` of the state it was given, changes it, and ends with ``finish``. The draft lives
within one pure call: nothing outside ever sees it change.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Literal, TypeVar

from klean_stream import risk
from klean_stream.decision import CaseRow, Context, ListingRow, Outcome, SellerRow, Signal, State
from klean_stream.decision.evidence import MAX_RECORD_BYTES, kept
from klean_stream.events import Case, Finding, Output, RiskChange, RiskView, SellerVerdict, Weight
from klean_stream.events.outputs import SellerStatus
from klean_stream.policy import Policy

T = TypeVar("T")
OPEN = ("open", "need_more")
# The statuses in which a case still holds something: a question to a moderator, or a listing down.
IN_FORCE = (*OPEN, "taken_down", "upheld")
Answer = Literal["accepted", "conflict", "unknown_case"]
Verdict = Literal["approved", "documents_needed", "escalated", "rejected", "suspended"]


class Draft:
    """A decision in the making: about a listing, or about a sign-up if ``listing_id`` is None."""

    def __init__(self, context: Context, state: State, *, seller_id: str, listing_id: str | None) -> None:
        self.context = context
        self.before = state
        self.seller_id = seller_id
        self.listing_id = listing_id
        self.seller: SellerRow = state.seller or SellerRow()
        self.listing: ListingRow | None = state.listing
        self.case: CaseRow | None = state.case
        self._outputs: list[Output] = []
        self._ordinals: dict[str, int] = {}
        self._strike_taken_back = False

    @property
    def now(self) -> int:
        """The time of the decision, in milliseconds since the epoch."""
        return self.context.now

    @property
    def policy(self) -> Policy:
        """The policy in force."""
        return self.context.policy

    @property
    def risk(self) -> RiskView:
        """The seller's risk as the draft stands."""
        return risk.view(self.seller, self.now, self.policy)

    @property
    def review_only(self) -> bool:
        """Whether the machine may not take anything down: the emergency stop."""
        return self.policy.mode == "review_only"

    def output_id(self, kind: str) -> str:
        """Give the id of the next output of a kind."""
        ordinal = self._ordinals.get(kind, 0)
        self._ordinals[kind] = ordinal + 1
        return self.context.identity.output_id(kind, ordinal)

    def emit(self, output: Output) -> None:
        """Publish an output when the decision is finished."""
        self._outputs.append(output)

    def change_case(self, **changes: Any) -> CaseRow:
        """Change the case in a way that moderators have to know: its version rises, once a decision."""
        case = self.require_case()
        before = self.before.case
        if before is not None and before.case_id == case.case_id and before.version == case.version:
            changes["version"] = case.version + 1
        self.case = replace(case, **changes)
        return self.case

    def note_in_case(self, **changes: Any) -> CaseRow:
        """Change the case in a way that outdates no moderator's decision: its version stays."""
        self.case = replace(self.require_case(), **changes)
        return self.case

    def require_case(self) -> CaseRow:
        """Give the case. Raises LookupError if there is none: the caller's fault, not the event's."""
        if self.case is None:
            raise LookupError("there is no case to change")
        return self.case

    def signal(self, name: str, *, strike: bool = False) -> None:
        """Add the policy's points of a signal to the seller's ledger, and a copy to the case.

        A case gives each signal once, whatever happens in it: nobody's points grow because a listing that is
        under review is edited again.
        """
        case = self.require_case()
        if any(signal.name == name for signal in case.signals):
            return
        points: int = getattr(self.policy.risk.points, name)
        if not points and not strike:
            return
        signal = Signal(
            name=name,
            points=points,
            at=self.now,
            cause=self.context.decision_id,
            listing_id=self.listing_id,
            case_number=case.number,
            strike=strike,
        )
        self.seller = risk.add(self.seller, signal, self.now, self.policy)
        self.note_in_case(signals=(*case.signals, signal))

    def take_back_signals(self) -> None:
        """Take back exactly what this case wrote into the seller's ledger."""
        case = self.require_case()
        self.seller = risk.take_back(self.seller, case.signals)
        self._strike_taken_back = self._strike_taken_back or any(signal.strike for signal in case.signals)
        self.note_in_case(signals=())

    def seller_verdict(
        self, reasons: Iterable[str], *, missing_documents: Iterable[str] = (), case_id: str | None = None
    ) -> None:
        """Publish the seller's status as it stands, with reason codes."""
        self.emit(
            SellerVerdict(
                id=self.output_id("seller_verdict"),
                seller_id=self.seller_id,
                verdict=_VERDICTS[self.seller.status],
                reasons=tuple(reasons),
                missing_documents=tuple(missing_documents),
                payout_hold=self.seller.payout_hold,
                case_id=case_id,
                decision_id=self.context.decision_id,
                time=self.now,
            )
        )

    def finish(
        self,
        verdict: str,
        rule: str,
        *,
        score: int = 0,
        findings: tuple[Finding, ...] = (),
        weights: tuple[Weight, ...] = (),
    ) -> Outcome:
        """End the decision: publish what changed in case, suspension and level, and give the outcome."""
        self._settle_suspension()
        self._settle_listing()
        if self.case is not None and self.case != self.before.case:
            self.emit(case_record(self, self.case))
        self._settle_level(rule)
        unchanged = self.before.seller is None and self.seller == SellerRow()
        return Outcome(
            verdict=verdict,
            rule=rule,
            state=State(
                seller=None if unchanged else _same(self.before.seller, self.seller),
                listing=_same(self.before.listing, self.listing),
                case=_same(self.before.case, self.case),
            ),
            score=score,
            findings=kept(findings, MAX_RECORD_BYTES),
            weights=weights,
            outputs=tuple(self._outputs),
            case_id=self._case_in_question(),
        )

    def _case_in_question(self) -> str | None:
        """Give the id of the case that this decision changed or that is still in force."""
        case = self.case
        if case is None:
            return None
        return case.case_id if case != self.before.case or case.status in IN_FORCE else None

    def _settle_listing(self) -> None:
        """Let the listing's status say what its case says, unless the seller has removed the listing."""
        row, case = self.listing, self.case
        if row is None or row.status == "removed":
            return
        status: Literal["live", "escalated", "taken_down"] = "live"
        if case is not None and case.down:
            status = "taken_down"
        elif case is not None and case.status in OPEN:
            status = "escalated"
        if row.status != status:
            self.listing = replace(row, status=status, updated=self.now)

    def _settle_suspension(self) -> None:
        case_id = None if self.case is None else self.case.case_id
        was = self.seller
        self.seller = risk.suspended_if_due(self.seller, self.now, self.policy)
        if self.seller is not was:
            self.seller_verdict(("strikes_within_horizon",), case_id=case_id)
        elif self._strike_taken_back:
            self.seller = risk.lifted_if_due(self.seller, self.now, self.policy)
            if self.seller is not was:
                self.seller_verdict(("suspension_lifted",), case_id=case_id)

    def _settle_level(self, cause: str) -> None:
        """Publish a level that is no longer the one that was last published, be it only that points faded."""
        after = self.risk
        if after.level == self.seller.level:
            return
        before = risk.view(self.before.seller or SellerRow(), self.now, self.policy)
        self.emit(
            RiskChange(
                id=self.output_id("risk_change"),
                seller_id=self.seller_id,
                before=replace(before, level=self.seller.level),
                after=after,
                cause=cause,
                decision_id=self.context.decision_id,
                time=self.now,
            )
        )
        self.seller = replace(self.seller, level=after.level)


# A seller that never signed up has no verdict of its own; what is missing is everything.
_VERDICTS: dict[SellerStatus, Verdict] = {
    "unknown": "documents_needed",
    "approved": "approved",
    "documents_needed": "documents_needed",
    "escalated": "escalated",
    "rejected": "rejected",
    "suspended": "suspended",
}


def _same(before: T, after: T) -> T:
    return before if before == after else after


def case_record(draft: Draft, case: CaseRow, answer: Answer = "accepted") -> Case:
    """Give the published state of a case."""
    return Case(
        id=draft.output_id("case"),
        case_id=case.case_id,
        case_version=case.version,
        status=case.status,
        answer=answer,
        subject="signup" if draft.listing_id is None else "listing",
        channel=case.channel,
        seller_id=draft.seller_id,
        listing_id=draft.listing_id,
        title=case.title,
        rule=case.rule,
        brand_ids=case.brand_ids,
        reports=len(case.reports) + case.reports_beyond,
        priority=case.priority,
        opened=case.opened,
        deadline=case.deadline,
        assignee=case.assignee,
        moderator_id=case.moderator_id,
        time=draft.now,
    )
