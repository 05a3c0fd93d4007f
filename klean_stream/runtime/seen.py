"""Forgetting identities that are older than the window in which a repeat counts as the same event.

Whether an event is a repeat is decided by the time that its row holds, so the sweep changes no decision, only
how much is kept. The store keeps the rows' keys in the order of their times, and the sweep takes the oldest.
"""

import time

from klean_stream.policy import Policy
from klean_stream.processing import Rows
from klean_stream.runtime.store import Store

_DAY = 86_400_000
_PER_RECORD = 3
_LEAST = 100
"""Index entries visited for each record of a unit: one to forget its row, one to drop the entry, one to catch up."""


class SeenSweep:
    """The newest time that this partition's identities have reached."""

    def __init__(self) -> None:
        self._newest = 0

    def step(self, rows: Rows, store: Store, policy: Policy, records: int) -> None:
        """Delete, in a unit of so many records, some of what is older than the window and a day.

        Old is what both say: the newest time seen so far, and this machine's clock. One of them alone would let a
        record that claims to come from the future make the partition forget what it must know.
        """
        self._newest = max(self._newest, store.newest_seen())
        horizon = min(self._newest, int(time.time() * 1000)) - (policy.seen_window_days + 1) * _DAY
        for key, value in store.seen_before(horizon, _LEAST + _PER_RECORD * records):
            # A row that this very unit has written anew is not old.
            if rows.get(key) == value:
                rows.put(key, None)
