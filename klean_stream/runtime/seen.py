"""Forgetting identities that are older than the window in which a repeat counts as the same event.

Whether an event is a repeat is decided by the time that its row holds, so the sweep changes no decision, only
how much is kept. It walks the partition's rows a few at a time with each unit.
"""

from klean_stream.policy import Policy
from klean_stream.processing import Rows
from klean_stream.runtime.store import Store

_PREFIX = b"seen/"
_STEP = 50
_DAY = 86_400_000


class SeenSweep:
    """A walk over ``seen/`` rows that starts over at the end."""

    def __init__(self) -> None:
        self._after = b""
        self._newest = 0

    def step(self, rows: Rows, store: Store, policy: Policy) -> None:
        """Delete, in this unit, what a few rows on from the last step is older than the window.

        Old is what the newest time seen so far says, not this machine's clock; a day more is kept, for records
        whose timestamps are out of order.
        """
        found = store.scan(_PREFIX, self._after, _STEP)
        self._after = found[-1][0] if len(found) == _STEP else b""
        times = [(key, int(value)) for key, value in found]
        self._newest = max([self._newest, *(at for _, at in times)])
        horizon = self._newest - (policy.seen_window_days + 1) * _DAY
        for key, at in times:
            # A row that this very unit has written anew is not old.
            if at < horizon and rows.get(key) == str(at).encode():
                rows.put(key, None)
