"""What is decided on a sign-up."""

from klean_stream.decision import Context, Outcome, State
from klean_stream.events import SellerSignup


def decide_signup(event: SellerSignup, context: Context, state: State) -> Outcome:
    """What is decided on a sign-up."""
    raise NotImplementedError
