"""The decision on a record of the ``images`` topic: it stands in the bank of pictures, or is removed.

The bank itself follows the topic on every worker (``runtime.reference``); this gives the record its place in the
decision log.
"""

from klean_stream.decision import Context, Outcome, State
from klean_stream.events import Image


def decide_image(event: Image | None, context: Context, state: State) -> Outcome:
    """Give ``added``, or ``removed`` for a null value."""
    del context
    if event is None:
        return Outcome(verdict="removed", rule="null_removes_the_image", state=state)
    return Outcome(verdict="added", rule="newest_record_counts", state=state)
