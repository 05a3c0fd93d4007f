"""Publishing the sample registry and the sample day, never further ahead than the embedded broker can hold."""

import asyncio
import time
from collections.abc import Iterable

from aiokafka import AIOKafkaProducer

from klean_stream.cli.demo.ledger import Ledger
from klean_stream.runtime.embedded_broker import PARTITIONS
from klean_stream.runtime.ownership import partition_of
from klean_stream.runtime.settings import Settings
from klean_stream.sample import SampleEvent, sample_brand_rows

# The broker keeps about 5 MB a partition; publishing must follow consumption.
_AHEAD = 1_500


class Publisher:
    """Plays the platform's services."""

    def __init__(self, settings: Settings, ledger: Ledger) -> None:
        self._settings = settings
        self._ledger = ledger
        self._producer = AIOKafkaProducer(
            bootstrap_servers=settings.bootstrap, acks="all", linger_ms=2, max_request_size=4 * 1024 * 1024
        )

    async def start(self) -> None:
        """Connect."""
        await self._producer.start()

    async def stop(self) -> None:
        """Deliver what is on its way and leave."""
        await self._producer.stop()

    async def brands(self) -> None:
        """Publish the sample registry."""
        for key, value in sample_brand_rows():
            await self._producer.send(self._settings.topic("brands"), value, key=key, partition=0)
            self._count("brands", "decided")
        await self._producer.flush()

    async def day(self, events: Iterable[SampleEvent], rate: float) -> None:
        """Publish the events in order, ``rate`` a second at the most."""
        began = time.monotonic()
        for number, event in enumerate(events):
            due = began + number / rate
            while (wait := due - time.monotonic()) > 0:
                await asyncio.sleep(min(wait, 0.05))
            while sum(self._ledger.published.values()) - self._ledger.accounted() > _AHEAD:
                await asyncio.sleep(0.02)
            await self._producer.send(
                self._settings.topic(event.topic),
                event.value,
                key=event.key,
                partition=partition_of(event.key, PARTITIONS) if event.key is not None else 0,
                headers=list(event.headers),
            )
            self._count(event.topic, event.expect)
        await self._producer.flush()

    def _count(self, topic: str, expect: str) -> None:
        self._ledger.published[topic] += 1
        self._ledger.expected[topic, expect] += 1
