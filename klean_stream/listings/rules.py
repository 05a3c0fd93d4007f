"""Which rule fires on a listing. ``docs/concepts.md`` says what outranks what; every listing ends with exactly one.

==========================  ========  =================================================================
rule                        verdict   when
==========================  ========  =================================================================
seller_suspended            takedown  the seller is suspended, whatever is found
nothing_found               allow     no mark, no word, no price
rights_permit               allow     score < escalate: marks, but none that counts
below_threshold             allow     score < escalate otherwise
cleared_by_moderator        allow     a moderator found no infringement in all that counts here
counterfeit_offer           takedown  score >= takedown, with a mark that counts and is sure (tier act)
suspicious_offer            escalate  score >= escalate, with a mark that counts
authorised_seller           escalate  score >= escalate, and the seller may use the marks
repeats_takedown            escalate  score >= escalate, without a mark that counts, and the title is that of a listing
                                      which was taken down, in other words
known_image                 escalate  score >= escalate, without a mark that counts, and with a picture of the bank
counterfeit_word            escalate  score >= escalate, without a mark that counts
held_for_review             escalate  would be a takedown, but the mode is review_only
==========================  ========  =================================================================

Nobody who is authorised for a mark is taken down for it: such a mark does not count, and without a mark that
counts no score leads to a takedown.
"""

from dataclasses import dataclass
from typing import Literal

from klean_stream.decision.evidence import counting, grounds, marks
from klean_stream.events import Finding
from klean_stream.policy import Policy

Verdict = Literal["allow", "escalate", "takedown"]


@dataclass(frozen=True, slots=True)
class Ruling:
    """A verdict and the rule that gave it."""

    verdict: Verdict
    rule: str


def rule_on(
    findings: tuple[Finding, ...],
    score: int,
    *,
    suspended: bool,
    cleared: tuple[str, ...],
    policy: Policy,
) -> Ruling:
    """Give the ruling on a listing. ``cleared`` holds digests of grounds that a moderator has cleared."""
    ruling = (
        Ruling("takedown", "seller_suspended")
        if suspended
        else _by_findings(findings, score, cleared=cleared, policy=policy)
    )
    if ruling.verdict == "takedown" and policy.mode == "review_only":
        return Ruling("escalate", "held_for_review")
    return ruling


def _by_findings(findings: tuple[Finding, ...], score: int, *, cleared: tuple[str, ...], policy: Policy) -> Ruling:
    if all(finding.kind == "cut" for finding in findings):
        return Ruling("allow", "nothing_found")
    used = marks(findings)
    counted = counting(used)
    if score < policy.thresholds.escalate:
        return Ruling("allow", "rights_permit" if used and not counted else "below_threshold")
    if cleared and grounds(findings) <= frozenset(cleared):
        return Ruling("allow", "cleared_by_moderator")
    if not counted:
        return Ruling("escalate", _without_marks(findings))
    sure = any(mark.tier == "act" for mark in counted)
    if sure and score >= policy.thresholds.takedown:
        return Ruling("takedown", "counterfeit_offer")
    return Ruling("escalate", "suspicious_offer")


def _without_marks(findings: tuple[Finding, ...]) -> str:
    """Give the rule by which a person is asked although no mark counts."""
    if any(mark.disposition == "authorised_seller" for mark in marks(findings)):
        return "authorised_seller"
    kinds = {finding.kind for finding in counting(findings)}
    if "relisting" in kinds:
        return "repeats_takedown"
    return "known_image" if "image" in kinds else "counterfeit_word"
