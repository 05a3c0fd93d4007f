"""Taking a partition over: the last owner is barred from writing, and its last transaction has one end everywhere."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError, LeaderNotAvailableError, UnknownTopicOrPartitionError

from klean_stream.runtime.last_ending import Ending, bar_last_owner
from klean_stream.runtime.left_open import NO_LEADER, end_in, leaders, left_open, until_stable
from klean_stream.runtime.producer import start_producer, stop_producer, transactional_id
from klean_stream.runtime.settings import Settings
from klean_stream.runtime.unit import Destination

T = TypeVar("T")

log = logging.getLogger(__name__)

_PATIENCE_SECONDS: Final = 10.0
_RETRY_SECONDS: Final = 0.2
_LAST_SECONDS: Final = 3.0


class Succession:
    """The way to the producer of a partition, for as often as it is opened. ``partition`` is such as ``seller-3``."""

    def __init__(self, settings: Settings, partition: str, destination: Destination) -> None:
        self._settings = settings
        self._partition = partition
        self._changelog = destination.changelog_partition()
        self._written = (self._changelog, *destination.outputs())
        # What was heard last of how the last transaction ended. The coordinator forgets it when its owner is barred,
        # and a try that fails behind that is not the last one.
        self._ending: Ending = "unknown"

    async def take_over(self, say: Callable[[str], None]) -> AIOKafkaProducer:
        """Give a started producer. What the changelog then shows to readers of committed data is final.

        ``say`` is told what is being waited for. Raises what ``start_producer`` does, StillOpen, and TimeoutError where
        brokers do not answer.
        """
        client = AIOKafkaClient(bootstrap_servers=self._settings.bootstrap)
        try:
            await client.bootstrap()
            say("a leader for each partition that it writes")
            await self._until_led(client)
            say("the brokers to bar the last owner")
            await bar_last_owner(
                client,
                transactional_id(self._settings, self._partition),
                self._settings.transaction_timeout_ms,
                self._hear,
            )
        finally:
            await client.close()
        producer = await start_producer(self._settings, self._partition)
        try:
            say("the brokers to end what the last owner has left open")
            await self._end_what_is_open(producer)
        except BaseException:
            await stop_producer(producer, self._partition)
            raise
        self._ending = "unknown"
        return producer

    def _hear(self, ending: Ending) -> None:
        self._ending = ending

    async def _until_led(self, client: AIOKafkaClient) -> None:
        """Wait for leaders: to bar the last owner is to end its transaction, and markers need them.

        The outputs are waited for for 10 s. Without the changelog nothing is begun: the brokers would forget what is to
        be known when it is there again.
        """
        gives_up = time.monotonic() + _PATIENCE_SECONDS
        while True:
            led = await _patiently(client, lambda: leaders(client, self._written))
            without = sorted(f"{topic} {number}" for (topic, number), leader in led.items() if leader == NO_LEADER)
            if not without:
                break
            if time.monotonic() > gives_up:
                if led[self._changelog] == NO_LEADER:
                    raise LeaderNotAvailableError(self._changelog)
                log.warning(
                    "partition %s: %s have no leader: what the last owner may have left open there stays open",
                    self._partition,
                    ", ".join(without),
                )
                break
            await asyncio.sleep(_RETRY_SECONDS)
        # The embedded broker makes a topic when it is named; nothing lies open there.
        if led[self._changelog] is None and not self._settings.embedded_broker:
            raise UnknownTopicOrPartitionError(self._changelog)

    async def _end_what_is_open(self, producer: AIOKafkaProducer) -> None:
        still_open = await _patiently(producer.client, lambda: self._left_open(producer.client))
        if not still_open:
            return
        rows_too = self._changelog in still_open
        # Among the outputs it may be somebody else's: to end nothing there does no harm.
        log.log(
            logging.WARNING if rows_too else logging.INFO,
            "partition %s: a transaction lies open in %s; what the last owner has left there is ended (%s)",
            self._partition,
            ", ".join(sorted(f"{topic} {number}" for topic, number in still_open)),
            self._ending,
        )
        # Where nobody knows any more: what has no rows is decided again, so nothing of it may show. The outputs of what
        # has rows have to; if that was aborted too, they come twice, which is better than not at all.
        commit = self._ending == "committed" or (self._ending == "unknown" and not rows_too)
        ending = asyncio.create_task(end_in(producer, still_open, commit=commit))
        try:
            await asyncio.shield(ending)
        finally:
            # Cut off between its two requests it would be aborted by the next owner, whatever it was to be.
            await asyncio.wait([ending], timeout=_LAST_SECONDS)
            ending.cancel()
        if rows_too:
            await until_stable(producer.client, {self._changelog: still_open[self._changelog]})

    async def _left_open(self, client: AIOKafkaClient) -> dict[TopicPartition, int]:
        led = await leaders(client, self._written)
        if led[self._changelog] == NO_LEADER:
            raise LeaderNotAvailableError(self._changelog)
        return await left_open(client, led)


async def _patiently(client: AIOKafkaClient, ask: Callable[[], Awaitable[T]]) -> T:
    """Ask again for 10 s where brokers refuse. Raises the last KafkaError, TimeoutError where they do not answer."""
    gives_up = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                return await ask()
        except KafkaError:
            if time.monotonic() > gives_up:
                raise
        await client.force_metadata_update()
        await asyncio.sleep(_RETRY_SECONDS)
