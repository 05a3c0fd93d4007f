"""What is missing at the beginning of a fetch: deleted by retention before it was absorbed, or nothing at all.

Gaps of compaction and of aborted transactions lie within a fetch's bounds and are no losses. What retention deleted
before it was absorbed is lost: that is said and counted, and the partition goes on.
"""

import logging
from collections.abc import Awaitable, Callable

from faust.types import TP

from klean_stream.runtime.fetched import Part
from klean_stream.runtime.positions import InputPosition

log = logging.getLogger(__name__)

LogStart = Callable[[TP], Awaitable[int]]


async def look_for_losses(part: Part, position: InputPosition, log_start: LogStart) -> None:
    """Say and count what a fetch should have begun with, or say that its topic begins anew.

    ``log_start`` gives where a partition begins now.
    """
    first = part.first
    if first < part.start:
        log.error(
            "%s %d: offset %d follows %d, so the topic was deleted and made again, or truncated: "
            "it is read from its beginning",
            part.topic,
            part.partition,
            first,
            part.start,
        )
    elif first > part.start:
        lost = min(await log_start(TP(part.topic, part.partition)), first) - part.start
        if lost > 0:
            position.lost_to_retention += lost
            log.error(
                "%s %d: %d records from offset %d on were deleted by retention before they were absorbed",
                part.topic,
                part.partition,
                lost,
                part.start,
            )
