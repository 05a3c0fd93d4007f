"""The decision on a record of the ``brands`` topic: it stands in the registry, or its brand is removed.

The registry itself follows the topic on every worker (``runtime.reference``); this gives the record its place
in the decision log.
"""

from klean_stream.decision import Context, Outcome, State
from klean_stream.events import Brand


def decide_brand(event: Brand | None, context: Context, state: State) -> Outcome:
    """Give ``registered``, or ``removed`` for a null value."""
    del context
    if event is None:
        return Outcome(verdict="removed", rule="null_removes_the_brand", state=state)
    return Outcome(verdict="registered", rule="newest_record_counts", state=state)
