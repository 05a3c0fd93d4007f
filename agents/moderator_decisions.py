"""Moderators' decisions: the first one on a case version wins (moderation.decide_moderation)."""

from klean_stream.processing import ROUTES
from klean_stream.runtime.application import BatchStream, KleanApp

ROUTE = ROUTES["moderator-decisions"]


def register(app: KleanApp) -> None:
    """Add the agent of the ``moderator-decisions`` topic to the app."""

    @app.agent(app.input_topic(ROUTE.topic), name=ROUTE.topic)
    async def moderator_decisions(stream: BatchStream) -> None:
        async for batch in app.batches(stream):
            app.ownership.offer(batch, ROUTE)
