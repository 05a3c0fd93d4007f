"""Positions mean something in one topic only: where one was deleted and made again, they begin anew."""

import logging
from collections.abc import Mapping

from klean_stream.runtime import metrics
from klean_stream.runtime.positions import PositionRow

log = logging.getLogger(__name__)


def begin_epochs(position: PositionRow, partition: int, topics: Mapping[str, str], ids: Mapping[str, str]) -> None:
    """Begin at offset 0 in each input that is another topic by now, loudly.

    ``topics`` gives the logical name of each input's topic, ``ids`` the ids of those that exist.
    """
    for topic, logical in topics.items():
        part = position.of(logical)
        was = part.next_offset
        if topic in ids and not part.is_of(ids[topic]):
            metrics.TOPICS_REMADE.labels(logical).inc()
            log.error(
                "%s %d was deleted and made again (its id is %s now): position %d means nothing in it, epoch %d begins "
                "at offset 0",
                topic,
                partition,
                ids[topic],
                was,
                part.epoch,
            )


def begin_versions(position: PositionRow, name: str, topics: Mapping[str, str], ids: Mapping[str, str]) -> None:
    """Count the versions of the reference topics anew where one of them is another topic by now, loudly."""
    known = {logical: ids[topic] for topic, logical in topics.items() if topic in ids}
    if any(position.reference_ids.get(logical, now) != now for logical, now in known.items()):
        log.error("partition %s: one of %s was made anew, and so versions begin anew", name, ", ".join(topics))
        position.registry_version = position.control_version = 0
    position.reference_ids |= known
