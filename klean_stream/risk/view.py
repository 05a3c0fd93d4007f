"""A seller's risk at one moment, and the explanation of every point of it."""

from typing import NamedTuple

from klean_stream.decision.rows import SellerRow, Signal
from klean_stream.events.outputs import Level, RiskView
from klean_stream.policy import Policy
from klean_stream.risk.decay import DAY, age_days, points_now


class Explained(NamedTuple):
    """An entry of the ledger, what it is worth now, and how many days old it is."""

    signal: Signal
    points: int
    age_days: int


def explain(row: SellerRow, now: int, policy: Policy) -> list[Explained]:
    """Give each entry of the ledger with its points at ``now``. They sum to ``points(row, now, policy)``."""
    return [Explained(signal, points_now(signal, now, policy), age_days(signal, now)) for signal in row.ledger]


def points(row: SellerRow, now: int, policy: Policy) -> int:
    """Give the seller's score at ``now`` (milliseconds since the epoch)."""
    return _totals(row, now, policy)[0]


def strikes(row: SellerRow, now: int, policy: Policy) -> int:
    """Give the number of confirmed infringements within the horizon."""
    return _totals(row, now, policy)[1]


def _totals(row: SellerRow, now: int, policy: Policy) -> tuple[int, int]:
    """Give points and strikes: the sum of ``points_now`` and the strikes that are not spent.

    Every decision walks the whole ledger, so the rule of ``risk.decay`` is written out here in one loop; the
    tests hold the two together.
    """
    horizon = policy.risk.horizon_days
    last_spent = now // DAY - horizon
    score = struck = 0
    for signal in row.ledger:
        left = signal.at // DAY - last_spent
        if left <= 0:
            continue
        if left > horizon:  # noqa: PLR1730 - min() would double the cost of the loop
            left = horizon
        score += signal.points * left // horizon * signal.count
        if signal.strike:
            struck += signal.count
    return score, struck


def level_of(score: int, *, suspended: bool, policy: Policy) -> Level:
    """Give the level of a score."""
    if suspended:
        return "suspended"
    if score >= policy.risk.high:
        return "high"
    return "elevated" if score >= policy.risk.elevated else "normal"


def level(row: SellerRow, now: int, policy: Policy) -> Level:
    """Give the seller's level at ``now``. ``row.level`` is the one that was last published."""
    return level_of(points(row, now, policy), suspended=row.status == "suspended", policy=policy)


def view(row: SellerRow, now: int, policy: Policy) -> RiskView:
    """Give points, level and strikes at ``now``."""
    score, struck = _totals(row, now, policy)
    return RiskView(
        points=score,
        level=level_of(score, suspended=row.status == "suspended", policy=policy),
        strikes=struck,
    )
