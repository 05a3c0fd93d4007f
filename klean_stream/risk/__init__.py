"""The per-seller risk row: a ledger of signals that fade, a level, strikes, and what each point rests on."""

from klean_stream.risk.decay import DAY, age_days, points_now
from klean_stream.risk.ledger import add, take_back
from klean_stream.risk.standing import lifted_if_due, suspended_if_due, with_status
from klean_stream.risk.view import Explained, explain, level, points, strikes, view

__all__ = [
    "DAY",
    "Explained",
    "add",
    "age_days",
    "explain",
    "level",
    "lifted_if_due",
    "points",
    "points_now",
    "strikes",
    "suspended_if_due",
    "take_back",
    "view",
    "with_status",
]
