"""Publishing records into their partitions, all of them or none, in one Kafka transaction.

Imports the Kafka client, so commands import it when they run.
"""

import asyncio
import uuid
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from functools import lru_cache
from typing import Any

import typer
from aiokafka import AIOKafkaProducer
from aiokafka.errors import InvalidTransactionTimeout, KafkaError

from klean_stream.cli.kafka import PublishError, partition_counts
from klean_stream.cli.publication import Publication
from klean_stream.runtime.ownership import partition_of
from klean_stream.runtime.settings import Settings
from klean_stream.runtime.topics import TOPICS, TopicsError

_BATCH_BYTES = 256 * 1024
# What a crash in the middle leaves open holds up every reader of the topics until it times out: so it may take
# about as long as this many records need, and no longer. Brokers take 15 minutes at most by default.
_TIMEOUT_MS, _RECORDS_A_SECOND, _LONGEST_TIMEOUT_MS = 60_000, 5_000, 900_000
_STOP_SECONDS = 10.0

_cached_partition_of = lru_cache(maxsize=65_536)(partition_of)


async def publish(
    settings: Settings,
    records: Iterable[Publication] | AsyncIterable[Publication],
    *,
    count: int,
    on_sent: Callable[[int], None] = lambda _: None,
) -> int:
    """Publish all records or none of them; give how many. Every delivery is confirmed before the transaction ends.

    ``count`` is (about) how many there are; ``on_sent`` is told how many have been handed over so far. An
    exception out of ``records`` takes all of them back. Raises TopicsError, PublishError.
    """
    timeout_ms = min(_LONGEST_TIMEOUT_MS, _TIMEOUT_MS + count * 1_000 // _RECORDS_A_SECOND)
    existing = await partition_counts(settings)
    async with _producing(settings, timeout_ms) as producer:
        batches = _Batches(settings, producer, existing)
        try:
            async with producer.transaction():
                sent = 0
                async for record in _each(records):
                    sent += 1
                    if await batches.add(record):
                        on_sent(sent)
                await batches.finish()
        except asyncio.CancelledError:
            doubt = "; whether all of it was published is not known" if batches.delivered else ""
            typer.echo(f"Interrupted{doubt or ': nothing was published'}.", err=True)
            raise
        except KafkaError as error:
            if batches.delivered:
                raise PublishError(
                    "Whether the records were published is not known, for the brokers did not confirm the end of "
                    f"the transaction ({_name(error)}); to publish them again is safe, for repeated events count once."
                ) from None
            raise PublishError(
                f"Nothing was published, for the brokers did not take all of it: {_name(error)}."
            ) from None
        on_sent(sent)
        return sent


async def _each(records: Iterable[Publication] | AsyncIterable[Publication]) -> AsyncIterator[Publication]:
    if isinstance(records, AsyncIterable):
        async for record in records:
            yield record
    else:
        for record in records:
            yield record


class _Batches:
    """Fills one batch a partition and sends those that are full."""

    def __init__(self, settings: Settings, producer: AIOKafkaProducer, existing: Mapping[str, int]) -> None:
        self._settings = settings
        self._existing = existing
        self._producer = producer
        self._specs = {spec.name: spec for spec in TOPICS}
        self._partitions: dict[str, int] = {}
        self._open: dict[tuple[str, int], Any] = {}
        self._sent: list[asyncio.Future[Any]] = []
        self.delivered = False

    async def add(self, record: Publication) -> bool:
        """Take a record; True if that sent a batch."""
        partitions = self._partitions.get(record.topic) or self._partitions_of(record.topic)
        number = record.partition
        if number is None:
            number = _cached_partition_of(record.key or b"", partitions)
        place = self._settings.topic(record.topic), number
        headers = list(record.headers)
        batch = self._open.get(place)
        if batch is None:
            batch = self._open[place] = self._producer.create_batch()
        elif batch.append(key=record.key, value=record.value, timestamp=record.timestamp, headers=headers):
            return False
        else:
            await self._send(place)
            batch = self._open[place] = self._producer.create_batch()
        # The first record of a batch is taken whatever its size.
        batch.append(key=record.key, value=record.value, timestamp=record.timestamp, headers=headers)
        return True

    async def finish(self) -> None:
        """Send what is left and wait until every delivery is confirmed. Raises the first failure."""
        for place in list(self._open):
            await self._send(place)
        # All of them are awaited, so that no failure is left for the event loop to complain about.
        for outcome in await asyncio.gather(*self._sent, return_exceptions=True):
            if isinstance(outcome, BaseException):
                raise outcome
        self.delivered = True

    async def _send(self, place: tuple[str, int]) -> None:
        topic, number = place
        batch = self._open.pop(place)
        batch.close()
        self._sent.append(await self._producer.send_batch(batch, topic, partition=number))

    def _partitions_of(self, name: str) -> int:
        wanted = self._specs[name].partitions(self._settings)
        topic = self._settings.topic(name)
        # An embedded broker makes topics as they are named, and all with as many partitions.
        found = wanted if self._settings.embedded_broker else self._existing.get(topic, 0)
        if not found:
            raise TopicsError(f"Topic {topic} is missing; `klean-stream topics create` makes it.")
        if found != wanted:
            # Into the wrong number of partitions the same key goes elsewhere than its seller's other records.
            raise TopicsError(
                f"Topic {topic} has {found} partitions and needs {wanted} (setting `partitions`); nothing was "
                "published."
            )
        self._partitions[name] = found
        return found


@asynccontextmanager
async def _producing(settings: Settings, timeout_ms: int) -> AsyncIterator[AIOKafkaProducer]:
    producer = AIOKafkaProducer(
        bootstrap_servers=settings.bootstrap,
        # Of its own: two people who publish at the same time shall not bar each other.
        transactional_id=f"{settings.group}.{settings.topic_prefix}publish.{uuid.uuid4()}",
        transaction_timeout_ms=timeout_ms,
        acks="all",
        max_batch_size=_BATCH_BYTES,
        max_request_size=4 * 1024 * 1024,
    )
    try:
        try:
            await producer.start()
        except InvalidTransactionTimeout:
            raise PublishError(
                f"Nothing was published: the brokers allow no transaction of {timeout_ms // 1000} s; split the file "
                "or raise transaction.max.timeout.ms."
            ) from None
        yield producer
    finally:
        # If this fails the transaction has ended already, or ends by its time-out and counts for nothing.
        with suppress(KafkaError, TimeoutError):
            await asyncio.wait_for(producer.stop(), _STOP_SECONDS)


def _name(error: KafkaError) -> str:
    return str(error) or type(error).__name__
