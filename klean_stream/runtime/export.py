"""The day as the workers took it: inputs in the order of the decision log, and all that they were decided under.

The order within a partition is that of its decisions. Partitions are merged by the registry version that their
decisions were made under, which never falls within a partition: so one registry, brought forward, serves all.
"""

import heapq
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator

import orjson
from aiokafka import ConsumerRecord

from klean_stream.events.identity import Identity
from klean_stream.processing.record import InputRecord
from klean_stream.processing.replay import JournalLine, Under
from klean_stream.processing.routes import FINGERPRINTS, REFERENCE_TOPICS
from klean_stream.runtime.records import input_record

# (topic, partition, offset) of an input record.
_Place = tuple[str, int, int]
ReadTopic = Callable[[str], AsyncIterator[ConsumerRecord]]


class ExportError(Exception):
    """The day cannot be exported whole; the message says why."""


def _made_anew(topic: str) -> ExportError:
    return ExportError(f"{topic} was deleted and made again; what was decided before that is gone.")


def _decided_twice(place: _Place) -> ExportError:
    topic, partition, offset = place
    return ExportError(
        f"{topic} {partition}@{offset} was decided twice, and there is no telling what of that is the day: either the "
        "changelog `state` was deleted and made again, or the input was, or its log was truncated."
    )


async def export_journal(read: ReadTopic) -> Iterator[JournalLine]:
    """Read decisions and inputs and give the journal's lines in order.

    ``read`` gives every committed record of a topic (logical name), each partition in its order. Raises
    ExportError where retention or compaction has deleted an input that a decision names, or somebody its topic, and
    where an input was decided twice.
    """
    sequences: dict[tuple[int, bool], list[tuple[_Place, Under]]] = defaultdict(list)
    wanted: dict[_Place, bytes] = {}
    epochs: dict[tuple[str, int], int] = {}
    async for record in read("decisions"):
        decision = orjson.loads(record.value)
        position = decision["position"]
        place = (position["topic"], position["partition"], position["offset"])
        epoch = position.get("epoch", 0)
        if epochs.setdefault(place[:2], epoch) != epoch:
            raise _made_anew(place[0])
        if place in wanted:
            raise _decided_twice(place)
        under = Under(
            decision["registry_version"],
            decision["control_version"],
            # Decisions of before these were followed have none.
            decision.get("fingerprints_version", 0),
            decision.get("images_version", 0),
        )
        wanted[place] = bytes.fromhex(decision["identity"])
        sequences[record.partition, place[0] in REFERENCE_TOPICS].append((place, under))
    inputs: dict[_Place, InputRecord] = {}
    followed = {*REFERENCE_TOPICS, FINGERPRINTS}
    for topic in sorted({place[0] for place in wanted} | followed):
        async for record in read(topic):
            place = (topic, record.partition, record.offset)
            if topic in followed or place in wanted:
                epoch = epochs.get((topic, record.partition), 0)
                inputs[place] = found = input_record(record, topic, record.partition, epoch=epoch)
                if place in wanted and _identity_of(found) != wanted[place]:
                    # All that was decided of the new topic may be gone, or be still to come.
                    raise _made_anew(topic)
    missing = sorted(wanted.keys() - inputs.keys())
    if missing:
        topic, partition, offset = missing[0]
        raise ExportError(
            f"{len(missing)} decided inputs are gone (retention or compaction), the first is {topic} "
            f"{partition}@{offset}."
        )
    return _in_order(sequences, inputs)


def _identity_of(record: InputRecord) -> bytes:
    return bytes.fromhex(Identity.of(record.key, record.value, record.headers).text)


def _in_order(
    sequences: dict[tuple[int, bool], list[tuple[_Place, Under]]], inputs: dict[_Place, InputRecord]
) -> Iterator[JournalLine]:
    decided = {place: under for (_, reference), found in sequences.items() if reference for place, under in found}

    def reference_line(record: InputRecord) -> JournalLine:
        under = decided.get((record.topic, record.partition, record.offset))
        return JournalLine(record, under, decided=under is not None)

    # All but the registry are looked up by version, so they come first, fingerprints of days to come among them; the
    # registry is brought forward step by step, so brands are laid between the decisions.
    by_offset = sorted(inputs.values(), key=lambda record: record.offset)
    for topic in ("control", "images", FINGERPRINTS):
        yield from (reference_line(record) for record in by_offset if record.topic == topic)
    brands = [record for record in by_offset if record.topic == "brands"]
    laid = 0
    merged = heapq.merge(
        *(found for (_, reference), found in sorted(sequences.items()) if not reference),
        key=lambda item: item[1].registry,
    )
    for place, under in merged:
        while laid < len(brands) and brands[laid].offset < under.registry:
            yield reference_line(brands[laid])
            laid += 1
        yield JournalLine(inputs[place], under)
    yield from (reference_line(record) for record in brands[laid:])
