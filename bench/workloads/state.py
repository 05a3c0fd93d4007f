"""The state workload: a constant decision that costs nearly nothing, so that what is measured is the runtime.

Each event updates its seller's row and gives a record for ``decisions``; every tenth gives one for ``takedowns``.
The ids derive from the event, and a decision carries the totals of its seller's row, so that what any contender
has written can be compared with what it should have.
"""

from typing import Any

import orjson

from bench.workloads.core import Event, Rows, Written


def decide(value: bytes, row: bytes | None) -> tuple[bytes, bytes, bytes | None]:
    """Decide one event given its seller's row, None for a seller that was never seen.

    Gives the seller's new row, a value for `decisions`, and one for `takedowns` or None.
    """
    event = orjson.loads(value)
    number: int = event["number"]
    seller: str = event["seller_id"]
    before: dict[str, Any] = {"listings": 0, "amount": 0} if row is None else orjson.loads(row)
    listings = before["listings"] + 1
    amount = before["amount"] + event["price"]
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
        takedown = orjson.dumps({"id": f"t-{number}", "seller_id": seller, "reason": "every tenth"})
    after = orjson.dumps({"seller_id": seller, "listings": listings, "amount": amount})
    return after, orjson.dumps(decision), takedown


def first_row(seller: str) -> bytes:
    """Give the row of a seller that was there long before the events."""
    return orjson.dumps({"seller_id": seller, "listings": 10, "amount": 10_000})


class StateCore:
    """The workload as contenders run it."""

    def decide(self, event: Event, rows: Rows) -> list[Written]:
        """Decide one event."""
        key = b"seller/" + event.key
        row, decision, takedown = decide(event.value, rows.get(key))
        rows.put(key, row)
        written = [Written("decisions", event.key, decision)]
        if takedown is not None:
            written.append(Written("takedowns", event.key, takedown))
        return written
