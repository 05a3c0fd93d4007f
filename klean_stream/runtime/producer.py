"""The transactional producer of an owned partition: starting it bars the last owner from writing."""

import asyncio
import logging

from aiokafka import AIOKafkaProducer
from aiokafka.errors import InvalidTransactionTimeout

from klean_stream.runtime.settings import Settings, SettingsError

log = logging.getLogger(__name__)

_STOP_SECONDS = 3.0


def transactional_id(settings: Settings, partition: str) -> str:
    """Give the id by which the brokers know the producer of a partition; ``partition`` is such as ``seller-3``."""
    return f"{settings.group}.{settings.topic_prefix}{partition}"


async def start_producer(settings: Settings, partition: str) -> AIOKafkaProducer:
    """Give a started producer; ``partition`` is its name, such as ``seller-3``.

    Raises KafkaErrors, and SettingsError where the brokers allow no such time-out.
    """
    producer = AIOKafkaProducer(
        bootstrap_servers=settings.bootstrap,
        transactional_id=transactional_id(settings, partition),
        acks="all",
        max_request_size=4 * 1024 * 1024,
        transaction_timeout_ms=settings.transaction_timeout_ms,
    )
    try:
        await producer.start()
    except InvalidTransactionTimeout:
        await stop_producer(producer, partition)
        raise SettingsError(
            f"The setting transaction_timeout_ms is {settings.transaction_timeout_ms}, and the brokers allow less "
            "(their transaction.max.timeout.ms)."
        ) from None
    except BaseException:
        await stop_producer(producer, partition)
        raise
    return producer


async def stop_producer(producer: AIOKafkaProducer, partition: str) -> None:
    """Stop it, within 3 s; what it had open ends with the next owner's start or by its time-out, and counts nothing.

    aiokafka waits for deliveries, and for its own requests, for as long as no broker answers. What is then left are
    its sender task and its connections: they are ended by force, or each failed try would leave some behind.
    """
    try:
        # Not `wait_for`: up to Python 3.11 it may swallow the cancellation of who waits.
        async with asyncio.timeout(_STOP_SECONDS):
            await producer.stop()
    except Exception as error:
        log.debug("partition %s: the producer did not stop cleanly: %r", partition, error)
        # It has no public way to end its sender without waiting.
        sender = producer._sender.sender_task  # noqa: SLF001
        if sender is not None:
            sender.cancel()
        try:
            async with asyncio.timeout(_STOP_SECONDS):
                await producer.client.close()
        except Exception as closing:
            log.debug("partition %s: the producer's connections did not close: %r", partition, closing)
