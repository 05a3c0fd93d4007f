"""The decision on a record of the ``control`` topic: it is in force, or it is no valid policy.

What is in force is folded on every worker (``policy.apply_control``); this gives the record its place in the
decision log. It is not imported by the package itself: decisions rest on the policy, not the other way round.
"""

from klean_stream.decision import Context, Outcome, Rejected, State
from klean_stream.events import Control
from klean_stream.policy.in_force import apply_control
from klean_stream.policy.policy import PolicyError


def decide_control(event: Control, context: Context, state: State) -> Outcome:
    """Give ``in_force``. Raises Rejected (``invalid_policy``) for a policy that does not hold together."""
    try:
        apply_control(context.policy, event)
    except PolicyError as error:
        raise Rejected("invalid_policy", str(error)) from None
    return Outcome(verdict="in_force", rule=f"{event.kind}_record", state=state)
