"""The day that is exported is the day that was decided, or it is refused."""

from collections.abc import AsyncIterator

import orjson
import pytest
from aiokafka import ConsumerRecord

from klean_stream.events.identity import Identity
from klean_stream.runtime.export import ExportError, ReadTopic, export_journal

_LISTING = b"{}"


def stored(topic: str, offset: int, value: bytes) -> ConsumerRecord:
    """Give a record of a topic's partition 0."""
    return ConsumerRecord(topic, 0, offset, 1, 0, b"s-1", value, None, 3, len(value), ())


def reading(*epochs: int, now: bytes = _LISTING) -> ReadTopic:
    """Give topics in which a listing was decided in each of these epochs, all at offset 0, and what lies there now."""
    decided = [
        {
            "identity": Identity.of(b"s-1", _LISTING, ()).text,
            "position": {"topic": "listings", "partition": 0, "offset": 0, "epoch": epoch},
            "registry_version": 0,
            "control_version": 0,
        }
        for epoch in epochs
    ]
    topics = {
        "decisions": [stored("decisions", offset, orjson.dumps(body)) for offset, body in enumerate(decided)],
        "listings": [stored("listings", 0, now)],
    }

    async def read(topic: str) -> AsyncIterator[ConsumerRecord]:
        for record in topics.get(topic, []):
            yield record

    return read


async def test_an_input_is_exported_with_the_epoch_that_it_was_decided_in() -> None:
    (line,) = await export_journal(reading(1))
    assert line.record.position.epoch == 1


@pytest.mark.parametrize(
    ("read", "why"),
    [
        (reading(0, 1), "listings was deleted and made again"),
        (reading(1, now=b'{"another":1}'), "listings was deleted and made again"),
        (reading(1, 1), "listings 0@0 was decided twice"),
    ],
    ids=["decided before and after", "another listing in its place", "decided twice in one epoch"],
)
async def test_a_day_on_which_an_input_or_its_rows_were_made_anew_is_refused(read: ReadTopic, why: str) -> None:
    with pytest.raises(ExportError, match=why):
        await export_journal(read)
