"""Sign-ups: verify registration number, phone and shop name, start the risk row (sellers.decide_signup)."""

from klean_stream.processing import ROUTES
from klean_stream.runtime.application import BatchStream, KleanApp

ROUTE = ROUTES["seller-signups"]


def register(app: KleanApp) -> None:
    """Add the agent of the ``seller-signups`` topic to the app."""

    @app.agent(app.input_topic(ROUTE.topic), name=ROUTE.topic)
    async def sellers(stream: BatchStream) -> None:
        async for batch in app.batches(stream):
            app.ownership.offer(batch, ROUTE)
