"""Taking a partition over: the last owner is barred from writing, and its last transaction has one end everywhere."""

import logging
from collections.abc import Iterable

from aiokafka import AIOKafkaProducer, TopicPartition

from klean_stream.runtime.last_ending import Ending, last_ending
from klean_stream.runtime.left_open import end_in, left_open, until_stable
from klean_stream.runtime.producer import start_producer, stop_producer, transactional_id
from klean_stream.runtime.settings import Settings

log = logging.getLogger(__name__)


class Succession:
    """The way to the producer of a partition, for as often as it is opened.

    ``partition`` is its name, such as ``seller-3``. ``changelog`` is written by its producer alone; in ``outputs`` are
    partitions that others write to as well.
    """

    def __init__(
        self, settings: Settings, partition: str, changelog: TopicPartition, outputs: Iterable[TopicPartition]
    ) -> None:
        self._settings = settings
        self._partition = partition
        self._changelog = changelog
        self._written = (changelog, *outputs)
        self._ending: Ending = "unknown"

    async def take_over(self) -> AIOKafkaProducer:
        """Give a started producer. What the changelog then shows to readers of committed data is final.

        Raises what ``start_producer`` does, StillOpen, and TimeoutError where brokers do not answer.
        """
        ending = await last_ending(self._settings.bootstrap, transactional_id(self._settings, self._partition))
        # The coordinator forgets it with the next line, and a try that fails behind it is not the last.
        self._ending = ending if ending != "unknown" else self._ending
        producer = await start_producer(self._settings, self._partition)
        try:
            await self._end_what_is_open(producer)
        except BaseException:
            await stop_producer(producer, self._partition)
            raise
        self._ending = "unknown"
        return producer

    async def _end_what_is_open(self, producer: AIOKafkaProducer) -> None:
        still_open = await left_open(producer.client, self._written)
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
        # Where nobody knows any more the rows say it: without them a unit is decided again, so nothing of it may show.
        # With them its outputs have to.
        commit = self._ending == "committed" or (self._ending == "unknown" and not rows_too)
        await end_in(producer, still_open, commit=commit)
        if rows_too:
            await until_stable(producer.client, self._changelog, still_open[self._changelog])
