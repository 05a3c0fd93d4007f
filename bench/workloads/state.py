"""The state workload: a constant decision that costs nearly nothing, so that what is measured is the runtime.

Each event updates its seller's row and gives a record for ``decisions``; every tenth gives one for ``takedowns``.
The ids derive from the event, and a decision carries the totals of its seller's row, so that what any contender
has written can be compared with what it should have.
"""

from typing import Any, NamedTuple

import orjson


class Output(NamedTuple):
    """A record to be written. All are keyed by the seller."""

    key: bytes
    value: bytes


class Decided(NamedTuple):
    """What one event gives: the seller's new row, a record for `decisions`, and one for `takedowns` or None."""

    row: bytes
    decision: Output
    takedown: Output | None


def decide(value: bytes, row: bytes | None) -> Decided:
    """Decide one event given its seller's row; ``row`` is None for a seller that was never seen."""
    event = orjson.loads(value)
    number: int = event["number"]
    seller: str = event["seller_id"]
    before: dict[str, Any] = {"listings": 0, "amount": 0} if row is None else orjson.loads(row)
    listings = before["listings"] + 1
    amount = before["amount"] + event["price"]
    key = seller.encode()
    decision = {
        "id": f"d-{number}",
        "seller_id": seller,
        "listing_id": event["listing_id"],
        "verdict": "allow",
        "listings": listings,
        "amount": amount,
    }
    takedown = None
    if number % 10 == 0:
        takedown = Output(key, orjson.dumps({"id": f"t-{number}", "seller_id": seller, "reason": "every tenth"}))
    after = orjson.dumps({"seller_id": seller, "listings": listings, "amount": amount})
    return Decided(after, Output(key, orjson.dumps(decision)), takedown)
