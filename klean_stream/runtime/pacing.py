"""When a partition begins its next unit: soon enough for what waits, seldom enough for the brokers."""

import asyncio
import contextlib


class Pacing:
    """Lets units begin half the interval apart, so that a record is durable within the interval after its publication.

    A record waits for the next unit to begin, at most half the interval; being fetched and committed has the other
    half. Where a unit takes longer the next one follows at once.
    """

    def __init__(self, interval: float) -> None:
        """Take the interval in seconds."""
        self._period = interval / 2
        self._enough = asyncio.Event()

    def hurry(self) -> None:
        """End the pause: so much is waiting that there is nothing to gain by it."""
        self._enough.set()

    async def pause(self, took: float) -> None:
        """Wait for the time of the next unit, after one that took so many seconds, or until somebody hurries."""
        if took < self._period:
            self._enough.clear()
            # Not `wait_for`: up to Python 3.11 it may swallow the cancellation of who waits.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._period - took):
                    await self._enough.wait()
