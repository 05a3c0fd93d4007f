"""The bank of pictures: a decision or a dead letter for each record (listings.bank.decide_image).

What the records say comes into force on every worker through runtime.reference.
"""

from klean_stream.processing import ROUTES
from klean_stream.runtime.application import BatchStream, KleanApp

ROUTE = ROUTES["images"]


def register(app: KleanApp) -> None:
    """Add the agent of the ``images`` topic to the app."""

    @app.agent(app.input_topic(ROUTE.topic), name=ROUTE.topic)
    async def images(stream: BatchStream) -> None:
        async for batch in app.batches(stream):
            app.ownership.offer(batch, ROUTE)
