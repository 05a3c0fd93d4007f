"""What is decided on a listing."""

from klean_stream.decision import Context, Outcome, State
from klean_stream.events import Listing


def decide_listing(event: Listing, context: Context, state: State) -> Outcome:
    """What is decided on a listing."""
    raise NotImplementedError
