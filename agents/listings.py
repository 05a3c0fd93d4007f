"""Listings: match, weigh with the seller's risk, decide allow, escalate or takedown (listings.decide_listing)."""

from klean_stream.processing import ROUTES
from klean_stream.runtime.application import BatchStream, KleanApp

ROUTE = ROUTES["listings"]


def register(app: KleanApp) -> None:
    """Add the agent of the ``listings`` topic to the app."""

    @app.agent(app.input_topic(ROUTE.topic), name=ROUTE.topic)
    async def listings(stream: BatchStream) -> None:
        async for batch in app.batches(stream):
            app.ownership.offer(batch, ROUTE)
