"""IP reports: one case a listing, takedown or escalation with a deadline (reports.decide_report)."""

from klean_stream.processing import ROUTES
from klean_stream.runtime.application import BatchStream, KleanApp

ROUTE = ROUTES["ip-reports"]


def register(app: KleanApp) -> None:
    """Add the agent of the ``ip-reports`` topic to the app."""

    @app.agent(app.input_topic(ROUTE.topic), name=ROUTE.topic)
    async def ip_reports(stream: BatchStream) -> None:
        async for batch in app.batches(stream):
            app.ownership.offer(batch, ROUTE)
