"""What was published and what became of it, event by event: the demo's books."""

from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from klean_stream.processing.absorb import FATES

# Decisions whose latency is kept for the percentiles.
_LATENCIES = 5_000
_SHOWN = 8


@dataclass(slots=True)
class Ledger:
    """Counts by topic, and the latest of what a person wants to see.

    ``tallies`` are the worker's own books, from the ``position`` rows of its changelog; ``decided`` and
    ``dead`` count what arrived on the output topics. The reconciliation holds one against the other.
    """

    published: Counter[str] = field(default_factory=Counter)
    expected: Counter[tuple[str, str]] = field(default_factory=Counter)
    decisions: Counter[str] = field(default_factory=Counter)
    dead: Counter[str] = field(default_factory=Counter)
    decision_ids: set[str] = field(default_factory=set)
    repeated_ids: int = 0
    verdicts: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    latencies_ms: deque[int] = field(default_factory=lambda: deque(maxlen=_LATENCIES))
    takedowns: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=_SHOWN))
    escalations: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=_SHOWN))
    outputs: Counter[str] = field(default_factory=Counter)
    risk: dict[str, dict[str, Any]] = field(default_factory=dict)
    tallies: dict[tuple[str, int], Mapping[str, Mapping[str, int]]] = field(default_factory=dict)

    def tally(self, topic: str) -> dict[str, int]:
        """Give the worker's counts of a topic by fate, over all partitions."""
        total: dict[str, int] = dict.fromkeys(FATES, 0)
        for inputs in self.tallies.values():
            for fate in FATES:
                total[fate] += inputs.get(topic, {}).get(fate, 0)
        return total

    def accounted(self) -> int:
        """Give how many published events the worker has durably dealt with."""
        return sum(sum(self.tally(topic).values()) for topic in self.published)

    def reconciliation(self) -> list["Reconciled"]:
        """Give one line a topic: published = decided + superseded + duplicate + dead-lettered, and seen."""
        return [
            Reconciled(
                topic,
                self.published[topic],
                self.tally(topic),
                seen_decisions=self.decisions[topic],
                seen_dead_letters=self.dead[topic],
                expected={fate: self.expected[topic, fate] for fate in FATES},
            )
            for topic in sorted(self.published)
        ]

    def balanced(self) -> bool:
        """Whether no topic has a gap and no decision came twice."""
        return not self.repeated_ids and not any(line.gap for line in self.reconciliation())


@dataclass(frozen=True, slots=True)
class Reconciled:
    """A topic's line of the reconciliation."""

    topic: str
    published: int
    tally: Mapping[str, int]
    seen_decisions: int
    seen_dead_letters: int
    expected: Mapping[str, int]

    @property
    def gap(self) -> str:
        """What does not add up, or an empty string."""
        accounted = sum(self.tally.values())
        if accounted != self.published:
            return f"{self.published - accounted} unaccounted for"
        if self.seen_decisions != self.tally["decided"] + self.tally["superseded"]:
            return f"{self.seen_decisions} decision records"
        if self.seen_dead_letters != self.tally["dead_lettered"]:
            return f"{self.seen_dead_letters} dead letters"
        wrong = [fate for fate in FATES if self.tally[fate] != self.expected[fate]]
        if wrong:
            return ", ".join(f"{self.expected[fate]} {fate} expected" for fate in wrong)
        return ""
