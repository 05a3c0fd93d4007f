"""Rescans: decide a live listing again under the present registry (listings.decide_rescan)."""

from klean_stream.processing import ROUTES
from klean_stream.runtime.application import BatchStream, KleanApp

ROUTE = ROUTES["rescans"]


def register(app: KleanApp) -> None:
    """Add the agent of the ``rescans`` topic to the app."""

    @app.agent(app.input_topic(ROUTE.topic), name=ROUTE.topic)
    async def rescans(stream: BatchStream) -> None:
        async for batch in app.batches(stream):
            app.ownership.offer(batch, ROUTE)
