"""What a unit writes: in order, nothing missing, in batches that a producer takes."""

import tracemalloc

from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.record.memory_records import MemoryRecords

from klean_stream.processing import OutputRecord
from klean_stream.runtime.compressed import CompressedBatch
from klean_stream.runtime.outbox import Outbox
from klean_stream.runtime.unit import Destination
from tests.unit.batches import unsent_batch


def written(batch: BatchBuilder) -> list[OutputRecord]:
    """Read a batch as a consumer does; the topic is not in it."""
    records = MemoryRecords(bytes(batch._build()))
    found = []
    while (part := records.next_batch()) is not None:
        found += [OutputRecord("", record.key, record.value, tuple(record.headers)) for record in part]
    return found


def test_records_come_out_as_they_went_in_by_topic() -> None:
    outbox = Outbox(unsent_batch)
    kept = OutputRecord("state", b"seller/s-1", b"{}")
    deleted = OutputRecord("state", b"seller/s-2", None)
    takedown = OutputRecord("takedowns", b"s-1", b"[]", (("ce_id", b"t-1"), ("empty", None)))
    outbox.add((kept, takedown))
    outbox.add([deleted])
    assert {topic: written(batch) for topic, batch in outbox.batches()} == {
        "state": [OutputRecord("", b"seller/s-1", b"{}"), OutputRecord("", b"seller/s-2", None)],
        "takedowns": [OutputRecord("", b"s-1", b"[]", (("ce_id", b"t-1"), ("empty", None)))],
    }
    encoded = sum(len(record.key or b"") + len(record.value or b"") for record in (kept, deleted, takedown))
    assert outbox.bytes > encoded + len(b"ce_idt-1empty")


def test_what_a_batch_does_not_take_goes_into_the_next_one_and_what_is_larger_has_its_own() -> None:
    outbox = Outbox(lambda: unsent_batch(1_000))
    values = [bytes([number]) * size for number, size in enumerate((300, 300, 600, 5_000, 10, 900))]
    outbox.add(OutputRecord("decisions", b"k", value) for value in values)
    batches = [batch for _, batch in outbox.batches()]
    counts = [batch.record_count() for batch in batches]
    assert counts == [2, 1, 1, 2]
    assert [record.value for batch in batches for record in written(batch)] == values


def test_what_was_encoded_is_freed_when_it_is_compressed() -> None:
    outbox = Outbox(CompressedBatch)
    tracemalloc.start()
    try:
        outbox.add(OutputRecord("decisions", b"k", bytes(1_000)) for _ in range(900))
        ((_, batch),) = outbox.batches()
        batch._build()
        held, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak > 900_000
    assert held < peak / 9


def test_a_batch_is_what_aiokafka_makes_of_the_same_records() -> None:
    """It is filled by the encoder within, not by aiokafka's own call."""
    records = [
        OutputRecord("decisions", b"k%d" % number, b"v" * number, (("ce_id", b"%d" % number),)) for number in range(5)
    ]
    outbox = Outbox(unsent_batch)
    outbox.add(records)
    ((_, batch),) = outbox.batches()
    made = MemoryRecords(bytes(batch._build())).next_batch()
    expected = unsent_batch()
    for record in records:
        expected.append(timestamp=made.max_timestamp, key=record.key, value=record.value, headers=list(record.headers))
    assert batch.record_count() == expected.record_count()
    assert batch._build() == expected._build()


def test_rows_stay_in_their_partition_whatever_the_changelog_is_called() -> None:
    # With this prefix the sellers' changelog has the name of a topic that has one partition only.
    destination = Destination(3, "reference-state", "reference-")
    assert destination.of_row("reference-state") == ("reference-state", 3)
    assert destination.of_output("takedowns") == ("reference-takedowns", 3)
    assert destination.of_output("taken-down-fingerprints") == ("reference-taken-down-fingerprints", 0)
