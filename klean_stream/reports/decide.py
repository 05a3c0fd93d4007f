"""What is decided on an IP report."""

from klean_stream.decision import Context, Outcome, State
from klean_stream.events import IpReport


def decide_report(event: IpReport, context: Context, state: State) -> Outcome:
    """What is decided on an IP report."""
    raise NotImplementedError
