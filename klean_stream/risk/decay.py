"""What an entry of the ledger is worth at a moment: points fade in equal steps and are gone at the horizon.

All in integers and in whole UTC calendar days, so that equal records always give equal points, and so that
entries of one day can be folded without changing any sum (``risk.ledger``).
"""

from klean_stream.decision.rows import Signal
from klean_stream.policy import Policy

DAY = 86_400_000  # milliseconds


def age_days(signal: Signal, now: int) -> int:
    """Give the number of UTC calendar days from a signal to ``now``; 0 if ``now`` is earlier."""
    return max(0, now // DAY - signal.at // DAY)


def points_now(signal: Signal, now: int, policy: Policy) -> int:
    """Give what is left of a signal's points: ``points * (horizon - age) // horizon`` for each it counts."""
    horizon = policy.risk.horizon_days
    left = max(0, horizon - age_days(signal, now))
    return signal.points * left // horizon * signal.count


def is_spent(signal: Signal, now: int, policy: Policy) -> bool:
    """Say whether a signal has passed the horizon: it gives no points and its strike no longer counts."""
    return age_days(signal, now) >= policy.risk.horizon_days
