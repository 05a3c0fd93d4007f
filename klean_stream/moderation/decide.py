"""What a moderator's decision changes."""

from klean_stream.decision import Context, Outcome, State
from klean_stream.events import ModeratorDecision


def decide_moderation(event: ModeratorDecision, context: Context, state: State) -> Outcome:
    """What a moderator's decision changes."""
    raise NotImplementedError
