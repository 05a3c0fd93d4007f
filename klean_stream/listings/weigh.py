"""From findings to a score: each weight counts once, and the weights listed sum to the score."""

from bisect import bisect_right
from dataclasses import dataclass

from klean_stream.brands import DISGUISES
from klean_stream.decision import SellerRow
from klean_stream.decision.evidence import counting, marks
from klean_stream.events import Finding, Weight
from klean_stream.events.outputs import Level
from klean_stream.policy import Policy


@dataclass(frozen=True, slots=True)
class Weighed:
    """A score and the weights that it is the sum of."""

    weights: tuple[Weight, ...]

    @property
    def score(self) -> int:
        """The sum of the points."""
        return sum(weight.points for weight in self.weights)


def weigh_text(findings: tuple[Finding, ...], policy: Policy) -> Weighed:
    """Weigh what a text says: only findings that count, each kind at its strongest."""
    counted = counting(findings)
    found = marks(counted)
    words = tuple(finding for finding in counted if finding.kind == "counterfeit_word")
    names = [
        _strongest(found, "mark", "mark_review"),
        "disguised_mark" if any(mark.tier == "act" and mark.technique in DISGUISES for mark in found) else None,
        _strongest(words, "counterfeit_word", "counterfeit_word_review"),
        "low_price" if any(finding.kind == "price" for finding in counted) else None,
        "relisting" if any(finding.kind == "relisting" for finding in counted) else None,
        *(
            name if any(finding.technique == name for finding in counted) else None
            for name in ("counterfeit_image", "brand_image")
        ),
    ]
    near = Weight(name="near_counterfeit_word", points=_near_points(found, words, policy))
    return Weighed((*_weighed(names, policy).weights, *([near] if near.points else [])))


def weigh_listing(findings: tuple[Finding, ...], seller: SellerRow, level: Level, policy: Policy) -> Weighed:
    """Weigh a listing: what it says and, if it says anything, who says it."""
    by_level = {"elevated": "elevated_seller", "high": "high_seller", "suspended": "high_seller"}
    who = [by_level.get(level), None if _is_verified(seller) else "unverified_seller"]
    return _said_by(weigh_text(findings, policy), who, policy)


def weigh_shop_name(findings: tuple[Finding, ...], policy: Policy) -> Weighed:
    """Weigh a shop name. The sign-up that it belongs to is being judged: its seller is not verified yet.

    So a plain mark goes to a person although the same mark in an approved seller's listing does not: goods can
    be resold, but a shop that bears the name says that it is the brand's.
    """
    return _said_by(weigh_text(findings, policy), ["unverified_seller"], policy)


def _said_by(said: Weighed, who: list[str | None], policy: Policy) -> Weighed:
    return Weighed((*said.weights, *_weighed(who, policy).weights)) if said.weights else said


def _is_verified(seller: SellerRow) -> bool:
    status = seller.status_if_lifted if seller.status == "suspended" else seller.status
    return status == "approved"


def _weighed(names: list[str | None], policy: Policy) -> Weighed:
    weights = (Weight(name=name, points=getattr(policy.weights, name)) for name in names if name is not None)
    return Weighed(tuple(weight for weight in weights if weight.points))


def _strongest(findings: tuple[Finding, ...], act: str, review: str) -> str | None:
    if not findings:
        return None
    return act if any(finding.tier == "act" for finding in findings) else review


def _near_points(found: tuple[Finding, ...], words: tuple[Finding, ...], policy: Policy) -> int:
    """Give the points for the shortest distance of a word from a mark.

    All of them up to ``near_code_points``; beyond, they fall as the distance grows: half at twice as far.
    """
    points, near = policy.weights.near_counterfeit_word, policy.listing.near_code_points
    distance = _shortest_distance(found, words)
    if distance is None:
        return 0
    return points if distance <= near else points * near // distance


def _shortest_distance(found: tuple[Finding, ...], words: tuple[Finding, ...]) -> int | None:
    """Give the code points between a mark and a word, before or after, in one field; None without such a pair.

    Marks and words may be thousands each, so each mark looks only at the words on either side of it.
    """
    spans: dict[str | None, list[tuple[int, int]]] = {}
    for word in words:
        if word.start is not None and word.end is not None:
            spans.setdefault(word.field, []).append((word.start, word.end))
    for inside in spans.values():
        inside.sort()
    distances = []
    for mark in found:
        if mark.start is None or mark.end is None:
            continue
        beside = spans.get(mark.field, [])
        place = bisect_right(beside, (mark.start, mark.end))
        distances += [
            max(mark.start, start) - min(mark.end, end) for start, end in beside[max(0, place - 1) : place + 1]
        ]
    return max(0, min(distances)) if distances else None
