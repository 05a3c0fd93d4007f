"""A flood of dead letters: a fault of a publisher or of the code, and no longer of single records.

Going on would empty the input into dead letters; the worker stops instead, with the offset held, until somebody has
looked. What is counted stands in the position row, so that a restart does not begin to count anew.
"""

from klean_stream.runtime.positions import FLOOD_WINDOW, InputPosition
from klean_stream.runtime.settings import Settings


class DeadLetterFlood(Exception):  # noqa: N818 - it says what was found
    """Too many records became dead letters; the message is for whoever runs the worker."""


def check_flood(topic: str, partition: int, position: InputPosition, settings: Settings) -> None:
    """Raise DeadLetterFlood where the limits that the settings give are reached. To be called after a dead letter."""
    run, ratio = settings.dead_letter_flood_run, settings.dead_letter_flood_ratio
    if run and position.dead_letter_run >= run:
        found = f"{position.dead_letter_run} records in a row"
        setting = f"KLEAN_DEAD_LETTER_FLOOD_RUN (now {run})"
    elif position.window_dead > ratio * FLOOD_WINDOW:
        found = f"{position.window_dead} of the last {position.window_seen} records"
        setting = f"KLEAN_DEAD_LETTER_FLOOD_RATIO (now {ratio:g})"
    else:
        return
    raise DeadLetterFlood(
        f"A flood of dead letters: {found} of {topic} partition {partition} cannot be decided, so the worker stops and "
        f"holds its offset. `klean-stream dead-letters list` says why; mend the publisher, or raise {setting} to let "
        "them pass."
    )
