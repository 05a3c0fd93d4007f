"""Taking a partition over: the last owner is barred from writing, and its last transaction has one end everywhere."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from aiokafka import AIOKafkaProducer
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError, LeaderNotAvailableError

from klean_stream.runtime.last_ending import Ending, last_ending
from klean_stream.runtime.left_open import end_in, look, until_stable
from klean_stream.runtime.producer import start_producer, stop_producer, transactional_id
from klean_stream.runtime.settings import Settings
from klean_stream.runtime.unit import Destination

T = TypeVar("T")

log = logging.getLogger(__name__)

_PATIENCE_SECONDS: Final = 10.0
_RETRY_SECONDS: Final = 0.1
_LAST_SECONDS: Final = 3.0


class Succession:
    """The way to the producer of a partition, for as often as it is opened. ``partition`` is such as ``seller-3``."""

    def __init__(self, settings: Settings, partition: str, destination: Destination) -> None:
        self._settings = settings
        self._partition = partition
        self._destination = destination
        self._changelog = destination.changelog_partition()
        self._written = (self._changelog, *destination.outputs())
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
            ending = await last_ending(
                client,
                transactional_id(self._settings, self._partition),
                self._settings.transaction_timeout_ms,
            )
        finally:
            await client.close()
        # The coordinator has forgotten it by now, and a try that fails from here on is not the last one.
        self._ending = ending if ending != "unknown" else self._ending
        producer = await start_producer(self._settings, self._partition)
        try:
            say("the brokers to end what the last owner has left open")
            await self._end_what_is_open(producer)
        except BaseException:
            await stop_producer(producer, self._partition)
            raise
        self._ending = "unknown"
        return producer

    async def _until_led(self, client: AIOKafkaClient) -> None:
        """Wait for leaders, or for 10 s: to bar the last owner is to end its transaction, and markers need them."""
        gives_up = time.monotonic() + _PATIENCE_SECONDS
        while (await _patiently(lambda: look(client, self._written))).without_leader and time.monotonic() < gives_up:
            await asyncio.sleep(_RETRY_SECONDS)

    async def _end_what_is_open(self, producer: AIOKafkaProducer) -> None:
        seen = await _patiently(lambda: look(producer.client, self._written))
        if self._changelog in seen.without_leader | seen.absent:
            raise LeaderNotAvailableError(self._changelog)
        if seen.without_leader:
            log.warning(
                "partition %s: %s have no leader: what the last owner may have left open there stays open",
                self._partition,
                ", ".join(sorted(f"{topic} {number}" for topic, number in seen.without_leader)),
            )
        if not seen.left_open:
            return
        rows_too = self._changelog in seen.left_open
        # Among the outputs it may be somebody else's: to end nothing there does no harm.
        log.log(
            logging.WARNING if rows_too else logging.INFO,
            "partition %s: a transaction lies open in %s; what the last owner has left there is ended (%s)",
            self._partition,
            ", ".join(sorted(f"{topic} {number}" for topic, number in seen.left_open)),
            self._ending,
        )
        # Where nobody knows any more: what has no rows is decided again, so nothing of it may show. The outputs of what
        # has rows have to; if that was aborted too, they come twice, which is better than not at all.
        commit = self._ending == "committed" or (self._ending == "unknown" and not rows_too)
        ending = asyncio.create_task(end_in(producer, seen.left_open, commit=commit))
        try:
            await asyncio.wait_for(asyncio.shield(ending), _PATIENCE_SECONDS)
        finally:
            # Cut off between its two requests it would be aborted by the next owner, whatever it was to be.
            await asyncio.wait([ending], timeout=_LAST_SECONDS)
            ending.cancel()
        own = {at: end for at, end in seen.left_open.items() if not self._destination.is_everybodys(at.topic)}
        await until_stable(producer.client, own)


async def _patiently(ask: Callable[[], Awaitable[T]]) -> T:
    """Ask again for 10 s where brokers refuse. Raises the last KafkaError."""
    gives_up = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            return await ask()
        except KafkaError:
            if time.monotonic() > gives_up:
                raise
        await asyncio.sleep(_RETRY_SECONDS)
