"""What a decision is given and what it gives: the contract between the pure core and everything around it."""

from klean_stream.decision.contract import Context, Decide, Outcome, Rejected
from klean_stream.decision.rows import CaseRow, ListingRow, SellerRow, Signal, State

__all__ = [
    "CaseRow",
    "Context",
    "Decide",
    "ListingRow",
    "Outcome",
    "Rejected",
    "SellerRow",
    "Signal",
    "State",
]
