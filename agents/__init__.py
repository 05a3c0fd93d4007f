"""The Faust agents, one file for each input topic: the only place where topics meet the core.

An agent hands each fetched partition-batch, with the decision that belongs to its topic, to the partition that
owns it; there it is decoded, decided and made durable. No exception can leave an agent's loop: handing over only
queues.
"""

from klean_stream.agents import brands, control, images, ip_reports, listings, moderator_decisions, rescans, sellers
from klean_stream.runtime.application import KleanApp

ALL = (listings, sellers, ip_reports, moderator_decisions, rescans, brands, control, images)


def register_all(app: KleanApp) -> None:
    """Add every agent to the app."""
    for agent in ALL:
        agent.register(app)
