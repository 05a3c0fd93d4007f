"""The shape of every decision: ``(event, context, state) -> outcome``.

A decision is a pure function: no clock, no I/O, no Faust, no Kafka. ``now`` is the input
record's Kafka timestamp, so that the same records always give the same decisions.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from klean_stream.brands.breaker import Counted, Flow
from klean_stream.brands.registry import Registry
from klean_stream.decision.rows import State
from klean_stream.events import Finding, Output, Weight
from klean_stream.events.identity import Identity
from klean_stream.likeness import Known
from klean_stream.policy import Policy


@dataclass(frozen=True, slots=True)
class Context:
    """What a decision may know besides the event and the rows. ``now`` is in milliseconds since the epoch.

    ``flow`` holds the flood breaker's counts of the partition; without it nothing is counted or held.
    """

    now: int
    identity: Identity
    registry: Registry
    policy: Policy
    flow: Flow | None = None
    known: Known = field(default_factory=Known)

    @property
    def decision_id(self) -> str:
        """The id of the decision record that this event leads to."""
        return self.identity.output_id("decision")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a decision gives: the verdict and its reasons, the new rows, and the outputs but the decision.

    ``superseded`` marks an event that came too late to count (an older listing version, a stale decision):
    it has a decision record and changes no row. ``counted`` is what the event makes of the flood breaker's counts.
    """

    verdict: str
    rule: str
    state: State
    score: int = 0
    findings: tuple[Finding, ...] = ()
    weights: tuple[Weight, ...] = ()
    outputs: tuple[Output, ...] = ()
    case_id: str | None = None
    superseded: bool = False
    counted: Counted | None = None


class Rejected(Exception):  # noqa: N818 - it names what happened to the event, not a fault of the code
    """The event cannot be decided and goes to dead letters with this reason (a stable code) and detail."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


Decide = Callable[[Any, Context, State], Outcome]
