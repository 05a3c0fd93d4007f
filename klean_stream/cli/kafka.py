"""Reading topics, and what goes wrong with Kafka in one sentence.

Imports the Kafka client, so commands import it when they run.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Collection, Iterator
from contextlib import asynccontextmanager, contextmanager

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaConnectionError, KafkaError, KafkaTimeoutError

from klean_stream.cli.exit_codes import ExitCode, stop
from klean_stream.cli.jsonl import BadLine
from klean_stream.cli.progress import Report, no_progress
from klean_stream.runtime.flood import DeadLetterFlood
from klean_stream.runtime.settings import Settings, SettingsError
from klean_stream.runtime.topics import TopicsError

_ADDRESS = re.compile(r"\('([^']+)', (\d+)")


class PublishError(Exception):
    """Records could not be published; the message is one sentence that says what is published now."""


@contextmanager
def one_sentence_errors() -> Iterator[None]:
    """End the command with one sentence and an exit code where settings, input or brokers are not as needed."""
    try:
        yield
    except (SettingsError, TopicsError) as error:
        stop(str(error), ExitCode.USAGE)
    except DeadLetterFlood as error:
        stop(str(error), ExitCode.HELD)
    except BadLine as error:
        stop(str(error), ExitCode.FAILED)
    except PublishError as error:
        stop(str(error), ExitCode.BROKER)
    except KafkaConnectionError as error:
        addresses = ",".join(f"{host}:{port}" for host, port in _ADDRESS.findall(str(error)))
        stop(
            f"No Kafka broker answers at {addresses}." if addresses else f"No Kafka broker answers: {error}.",
            ExitCode.BROKER,
        )
    except (KafkaTimeoutError, TimeoutError):
        stop("The Kafka brokers did not answer in time.", ExitCode.BROKER)
    except KafkaError as error:
        stop(f"The Kafka brokers refused: {str(error) or type(error).__name__}.", ExitCode.BROKER)


@asynccontextmanager
async def reading(settings: Settings) -> AsyncIterator[AIOKafkaConsumer]:
    """Give a consumer of committed records that belongs to no group and leaves no trace."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=settings.bootstrap,
        isolation_level="read_committed",
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        check_crcs=not settings.embedded_broker,
        # A dead letter may be larger than a partition's default share of a fetch.
        max_partition_fetch_bytes=8 * 1024 * 1024,
    )
    try:
        await consumer.start()
        yield consumer
    finally:
        await consumer.stop()


async def partition_counts(settings: Settings) -> dict[str, int]:
    """Give the number of partitions of every topic that there is, by its Kafka name.

    Asked for all topics and not for some: to ask for one may create it.
    """
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.bootstrap)
    try:
        await admin.start()
        return {found["topic"]: len(found["partitions"]) for found in await admin.describe_topics()}
    finally:
        await admin.close()


async def partitions_of(settings: Settings, names: Collection[str], only: int | None = None) -> list[TopicPartition]:
    """Give the partitions of topics (logical names), or one of each. Raises TopicsError if a topic is not there."""
    counts = await partition_counts(settings)
    found = []
    for name in names:
        topic = settings.topic(name)
        count = counts.get(topic, 0)
        if not count:
            raise TopicsError(f"Topic {topic} is missing; `klean-stream topics create` makes it.")
        if only is not None and only >= count:
            raise TopicsError(f"Topic {topic} has no partition {only}: it has {count}.")
        found += [TopicPartition(topic, number) for number in (range(count) if only is None else (only,))]
    return found


async def read_topic(
    settings: Settings, name: str, *, partition: int | None = None, progress: Report = no_progress
) -> AsyncIterator[ConsumerRecord]:
    """Yield every committed record that a topic (logical name) holds now, each partition in its order.

    Raises TopicsError if the topic is not there.
    """
    tps = await partitions_of(settings, [name], partition)
    async with reading(settings) as consumer:
        consumer.assign(tps)
        starts, ends = await consumer.beginning_offsets(tps), await consumer.end_offsets(tps)
        await consumer.seek_to_beginning(*tps)
        total = sum(ends[tp] - starts[tp] for tp in tps)
        while True:
            # By position, not by records: a partition may end in markers or compacted records.
            positions = {tp: await consumer.position(tp) for tp in tps}
            progress(f"reading {name}", sum(positions[tp] - starts[tp] for tp in tps), total)
            behind = [tp for tp in tps if positions[tp] < ends[tp]]
            if not behind:
                return
            for tp, records in (await consumer.getmany(*behind, timeout_ms=500)).items():
                for record in records:
                    if record.offset < ends[tp]:
                        yield record


async def follow(settings: Settings, names: Collection[str], *, from_beginning: bool) -> AsyncIterator[ConsumerRecord]:
    """Yield the committed records of topics as they come, for as long as it is read. Raises TopicsError."""
    tps = await partitions_of(settings, names)
    async with reading(settings) as consumer:
        consumer.assign(tps)
        if from_beginning:
            await consumer.seek_to_beginning(*tps)
        else:
            await consumer.seek_to_end(*tps)
        while True:
            fetched = (await consumer.getmany(*tps, timeout_ms=1_000)).values()
            # Partitions come as they are fetched; a reader wants what happened in the order in which it did.
            for record in sorted((r for records in fetched for r in records), key=lambda r: r.timestamp):
                yield record


async def read_one(settings: Settings, name: str, partition: int, offset: int) -> ConsumerRecord | None:
    """Give the record at a place, or None if none is (any more) there. Raises TopicsError."""
    tps = await partitions_of(settings, [name], partition)
    async with reading(settings) as consumer:
        consumer.assign(tps)
        starts, ends = await consumer.beginning_offsets(tps), await consumer.end_offsets(tps)
        (tp,) = tps
        if not starts[tp] <= offset < ends[tp]:
            return None
        consumer.seek(tp, offset)
        while await consumer.position(tp) <= offset:
            for record in (await consumer.getmany(tp, timeout_ms=500, max_records=1)).get(tp, []):
                return record if record.offset == offset else None
            await asyncio.sleep(0)
        return None
