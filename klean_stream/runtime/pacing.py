"""When a partition begins its next unit: soon enough for what waits, seldom enough for the brokers."""

import asyncio


class Pacing:
    """Lets units begin so far apart that a record is durable within the interval after it was fetched.

    A record waits for the next unit to begin, at most a period, and then for that unit's end. So the period is what
    the interval leaves when a unit's time is taken off, twice that of the last one: no two take the same. It is half
    the interval at least: where units take long, more of them would make each of them slower still.
    """

    def __init__(self, interval: float) -> None:
        """Take the interval in seconds."""
        self._interval = interval
        self._enough = asyncio.Event()

    def hurry(self) -> None:
        """End the pause: so much is waiting that there is nothing to gain by it."""
        self._enough.set()

    async def pause(self, took: float) -> None:
        """Wait for the time of the next unit, after one that took so many seconds, or until somebody hurries."""
        seconds = self.period(took) - took
        if seconds > 0:
            self._enough.clear()
            try:
                await asyncio.wait_for(self._enough.wait(), seconds)
            except TimeoutError:
                return

    def period(self, took: float) -> float:
        """Give the time from one unit's beginning to the next one's, in seconds."""
        return max(self._interval - 2 * took, self._interval / 2)
