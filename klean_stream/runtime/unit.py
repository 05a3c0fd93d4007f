"""A unit of work, and the numbered steps by which it becomes durable as a whole or not at all.

Rows, absorbed positions and outputs of a unit are written in one Kafka transaction of a producer that belongs to
this partition alone. The next owner bars it from writing and ends whatever it had open (``succession.py``;
``docs/decisions.md`` says why).
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.structs import RecordMetadata

from klean_stream.processing import Overlay
from klean_stream.processing.rows import POSITION
from klean_stream.runtime.compressed import CompressedBatch
from klean_stream.runtime.left_open import until_stable
from klean_stream.runtime.metrics import Tally
from klean_stream.runtime.outbox import Outbox
from klean_stream.runtime.positions import PositionRow, dump_position
from klean_stream.runtime.store import Store
from klean_stream.runtime.topics import OUTPUT_TOPICS, SHARED_TOPICS, SINGLE_TOPICS


@dataclass(slots=True)
class Unit:
    """What a unit of work has gathered: changed rows over the durable ones, positions, outputs, counts.

    ``left_over``: it ended before what was waiting did.
    """

    rows: Overlay
    position: PositionRow
    outputs: Outbox
    tally: Tally = field(default_factory=Tally)
    records: int = 0
    left_over: bool = False


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a partition's units are written: topic names and the partition's number."""

    partition: int
    changelog: str
    topic_prefix: str

    def of_output(self, topic: str) -> tuple[str, int]:
        """Give an output topic's full name, and the partition of the same number as the input's, or the only one."""
        return self.topic_prefix + topic, 0 if topic in SINGLE_TOPICS else self.partition

    def of_row(self, changelog: str) -> tuple[str, int]:
        """Give the changelog's name as it is, and this partition."""
        return changelog, self.partition

    def changelog_partition(self) -> TopicPartition:
        """Give where the rows are written, by this partition alone."""
        return TopicPartition(*self.of_row(self.changelog))

    def outputs(self) -> list[TopicPartition]:
        """Give wherever an output may be written."""
        return [TopicPartition(*self.of_output(topic)) for topic in OUTPUT_TOPICS]

    def is_everybodys(self, topic: str) -> bool:
        """Whether all partitions write to this topic's only one; what is open there is mostly somebody else's."""
        return topic in {self.topic_prefix + shared for shared in SHARED_TOPICS}


def _nothing(step: int) -> None:
    del step


# Told the number of each step that is done, 0 before the first: where the fault tests kill a worker.
reached: Callable[[int], None] = _nothing


async def commit(
    unit: Unit, store: Store, producer: AIOKafkaProducer, destination: Destination, say: Callable[[str], None]
) -> None:
    """Make a unit durable. After a failure in any step the caller reopens the partition, and finds out if it counts.

    A crash before the end of step 4 leaves an open transaction, which the next owner aborts. A crash after it
    leaves a store that is behind, which the next opening completes from the changelog. ``say`` is told what is
    being waited for.

    Raises aiokafka.errors.ProducerFenced where another worker owns the partition by now, other KafkaErrors
    where the brokers did not take it, StillOpen where they took it and do not show it.
    """
    rows: list[tuple[bytes, bytes | None]] = [*unit.rows.changed.items(), (POSITION, dump_position(unit.position))]
    reached(0)
    # Step 1: open the transaction.
    say("the start of the transaction")
    await producer.begin_transaction()
    reached(1)
    # Step 2: send the outputs.
    say("the delivery of outputs and rows")
    sent = await _send(unit.outputs, producer, destination.of_output)
    reached(2)
    # Step 3: send the rows and the position row, and wait until every delivery of steps 2 and 3 is confirmed.
    changelog = Outbox(CompressedBatch)
    for key, value in rows:
        changelog.put(destination.changelog, key, value)
    sent_rows = await _send(changelog, producer, destination.of_row)
    await asyncio.gather(*(delivery for delivery, _ in sent + sent_rows))
    reached(3)
    # Step 4: commit the transaction: from here on the unit counts.
    say("the end of the transaction")
    await producer.commit_transaction()
    reached(4)
    # Step 5: see that it has ended in each partition. A batch's delivery tells the offset of its first record.
    say("the brokers to show the end of the transaction")
    ends = {}
    for delivery, count in sent + sent_rows:
        at = delivery.result()
        ends[TopicPartition(at.topic, at.partition)] = at.offset + count
    await until_stable(
        producer.client, {at: end for at, end in ends.items() if not destination.is_everybodys(at.topic)}
    )
    reached(5)
    # Step 6: bring the local store to the same point.
    say("the write to the local store")
    store.apply(rows, ends[destination.changelog_partition()])
    reached(6)


# The confirmation of a batch's delivery, and how many records the batch holds.
_Sent = list[tuple[asyncio.Future[RecordMetadata], int]]


async def _send(outbox: Outbox, producer: AIOKafkaProducer, place_of: Callable[[str], tuple[str, int]]) -> _Sent:
    sent: _Sent = []
    for name, batch in outbox.batches():
        topic, partition = place_of(name)
        batch.close()
        sent.append((await producer.send_batch(batch, topic, partition=partition), batch.record_count()))
    return sent
