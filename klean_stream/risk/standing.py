"""Suspension: too many strikes within the horizon suspend a seller (DSA, Art. 23); only people undo that.

A suspension lifts when a strike is taken back and too few are left. It does not lift because strikes fade:
how long it lasts is for people to say.
"""

from dataclasses import replace

from klean_stream.decision.rows import SellerRow
from klean_stream.events.outputs import SellerStatus
from klean_stream.policy import Policy
from klean_stream.risk.view import strikes


def with_status(row: SellerRow, status: SellerStatus, policy: Policy) -> SellerRow:
    """Give the row with a sign-up status. While a seller is suspended it waits for the lift."""
    if row.status == "suspended":
        return replace(row, status_if_lifted=status)
    return replace(row, status=status, payout_hold=status in policy.signup.payout_hold)


def suspended_if_due(row: SellerRow, now: int, policy: Policy) -> SellerRow:
    """Give the row, suspended if it has as many strikes as the policy bears."""
    if row.status == "suspended" or strikes(row, now, policy) < policy.risk.strikes_to_suspend:
        return row
    return replace(row, status="suspended", status_if_lifted=row.status, payout_hold=True)


def lifted_if_due(row: SellerRow, now: int, policy: Policy) -> SellerRow:
    """Give the row, no longer suspended if too few strikes are left. For when a strike was taken back."""
    if row.status != "suspended" or strikes(row, now, policy) >= policy.risk.strikes_to_suspend:
        return row
    status = row.status_if_lifted
    return replace(row, status=status, status_if_lifted="unknown", payout_hold=status in policy.signup.payout_hold)
