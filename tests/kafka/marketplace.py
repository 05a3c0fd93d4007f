"""The platform around klean-stream, on real Kafka: its topics, the services that publish, the readers.

Each test has a marketplace of its own under its own topic prefix. What it reads is committed data, as any
consumer of the outputs should read.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import is_dataclass
from typing import Any, Self

import orjson
from aiokafka import AIOKafkaProducer, ConsumerRecord

from klean_stream.processing import ROUTES
from klean_stream.processing.absorb import FATES
from klean_stream.processing.routes import REFERENCE_TOPICS
from klean_stream.processing.rows import POSITION
from klean_stream.runtime.ownership import partition_of
from klean_stream.runtime.settings import Settings
from klean_stream.runtime.topics import create_topics
from tests.kafka.processes import WORKER_COMMAND, WorkerProcess, Workers
from tests.kafka.topics import Isolation, read_all

TOKEN = "test-token"
Headers = Sequence[tuple[str, bytes | None]]


class Marketplace:
    """Topics of one prefix, and the workers that serve them."""

    def __init__(
        self,
        bootstrap: str,
        prefix: str,
        workers: Workers,
        *,
        partitions: int = 4,
        replication_factor: int = 1,
        session_timeout_ms: int = 6_000,
    ) -> None:
        self.settings = Settings(
            bootstrap=bootstrap,
            topic_prefix=prefix,
            group=prefix + "group",
            partitions=partitions,
            http_token=TOKEN,
            replication_factor=replication_factor,
            session_timeout_ms=session_timeout_ms,
        )
        self._workers = workers
        self._producer: AIOKafkaProducer | None = None

    async def __aenter__(self) -> Self:
        await create_topics(self.settings)
        self._producer = AIOKafkaProducer(
            bootstrap_servers=self.settings.bootstrap,
            enable_idempotence=True,
            linger_ms=5,
            # Room for what is published while a broker is away: with a full batch a publisher waits for 40 s only.
            max_batch_size=1024 * 1024,
            max_request_size=4 * 1024 * 1024,
        )
        await self._producer.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._producer is not None
        await self._producer.stop()

    # -- workers -----------------------------------------------------------------------------------------------

    def environment(self) -> dict[str, str]:
        """Give the KLEAN_* variables under which any command finds this marketplace."""
        return {
            "KLEAN_BOOTSTRAP": self.settings.bootstrap,
            "KLEAN_TOPIC_PREFIX": self.settings.topic_prefix,
            "KLEAN_GROUP": self.settings.group,
            "KLEAN_PARTITIONS": str(self.settings.partitions),
            "KLEAN_HTTP_TOKEN": TOKEN,
            "KLEAN_SESSION_TIMEOUT_MS": str(self.settings.session_timeout_ms),
        }

    def start_worker(
        self, name: str = "worker", *, command: Sequence[str] = WORKER_COMMAND, **settings: object
    ) -> WorkerProcess:
        """Start a worker without waiting for it; ``settings`` by their names in Settings."""
        own = {f"KLEAN_{key.upper()}": str(value) for key, value in settings.items()}
        return self._workers(self.environment() | own, name=name, command=command)

    async def worker(
        self, name: str = "worker", *, command: Sequence[str] = WORKER_COMMAND, **settings: object
    ) -> WorkerProcess:
        """Start a worker and wait until it is ready."""
        worker = self.start_worker(name, command=command, **settings)
        await asyncio.to_thread(worker.wait_ready)
        return worker

    # -- publishing --------------------------------------------------------------------------------------------

    async def publish(self, topic: str, *events: Any, headers: Headers = ()) -> None:
        """Publish events (typed, or as dictionaries), keyed as the topic wants it; wait for their delivery."""
        sent = []
        for event in events:
            body = orjson.dumps(event)
            key = getattr(event, ROUTES[topic].key_field) if is_dataclass(event) else event[ROUTES[topic].key_field]
            sent.append(await self._send(topic, str(key).encode(), body, headers, None))
        await asyncio.gather(*sent)

    async def publish_raw(
        self,
        topic: str,
        key: bytes | None,
        value: bytes | None,
        headers: Headers = (),
        partition: int | None = None,
        timestamp: int | None = None,
    ) -> None:
        """Hand one record to the producer, as it is; ``flush`` waits for the delivery."""
        await self._send(topic, key, value, headers, partition, timestamp)

    async def publish_in_transaction(
        self,
        topic: str,
        events: Sequence[Any],
        *,
        commit: bool,
        while_open: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        """Publish events as a service does that writes in transactions, and commit or abort.

        ``while_open`` is awaited before the end of the transaction.
        """
        producer = AIOKafkaProducer(
            bootstrap_servers=self.settings.bootstrap,
            transactional_id=f"{self.settings.topic_prefix}publisher",
        )
        await producer.start()
        try:
            await producer.begin_transaction()
            for event in events:
                key = str(getattr(event, ROUTES[topic].key_field)).encode()
                partition = partition_of(key, self.settings.partitions)
                name = self.settings.topic(topic)
                await producer.send_and_wait(name, orjson.dumps(event), key=key, partition=partition)
            if while_open is not None:
                await while_open()
            await (producer.commit_transaction() if commit else producer.abort_transaction())
        finally:
            await producer.stop()

    async def flush(self) -> None:
        """Wait until all that was handed over is delivered."""
        assert self._producer is not None
        await self._producer.flush()

    async def _send(
        self,
        topic: str,
        key: bytes | None,
        value: bytes | None,
        headers: Headers,
        partition: int | None,
        timestamp: int | None = None,
    ) -> "asyncio.Future[Any]":
        assert self._producer is not None
        if partition is None:
            single = topic in REFERENCE_TOPICS or key is None
            partition = 0 if single else partition_of(key or b"", self.settings.partitions)
        sent: asyncio.Future[Any] = await self._producer.send(
            self.settings.topic(topic),
            value,
            key=key,
            headers=list(headers),
            partition=partition,
            timestamp_ms=timestamp,
        )
        return sent

    # -- reading -----------------------------------------------------------------------------------------------

    async def records(self, topic: str, isolation: Isolation = "read_committed") -> list[ConsumerRecord]:
        """Give every record of a topic, the committed ones only unless told otherwise."""
        return await read_all(self.settings.bootstrap, self.settings.topic(topic), isolation)

    async def bodies(self, topic: str) -> list[dict[str, Any]]:
        """Give every committed record of a topic, parsed."""
        return [orjson.loads(record.value) for record in await self.records(topic) if record.value is not None]

    async def until(
        self, topic: str, matches: Callable[[dict[str, Any]], bool], timeout: float = 20.0
    ) -> dict[str, Any]:
        """Wait for a record of a topic; gives the last one that matches."""
        ends = time.monotonic() + timeout
        while True:
            found = [body for body in await self.bodies(topic) if matches(body)]
            if found:
                return found[-1]
            if time.monotonic() > ends:
                raise AssertionError(f"nothing on {topic} matched within {timeout:g} s")
            await asyncio.sleep(0.1)

    async def rows(self) -> dict[bytes, bytes]:
        """Give the durable rows of all seller partitions, the changelog folded; without `position` and `seen/`."""
        rows: dict[bytes, bytes] = {}
        for record in await self.records("state"):
            if record.value is None:
                rows.pop(record.key, None)
            else:
                rows[record.key] = record.value
        return {key: value for key, value in rows.items() if key != POSITION and not key.startswith(b"seen/")}

    async def tally(self) -> dict[str, Counter[str]]:
        """Give, for each input topic, what the workers' own books say became of its records."""
        total: dict[str, Counter[str]] = {topic: Counter() for topic in ROUTES}
        for changelog in ("state", "reference-state"):
            for inputs in (await self.positions(changelog)).values():
                for topic, counts in inputs.items():
                    total[topic].update({fate: counts[fate] for fate in FATES})
        return total

    async def positions(self, changelog: str = "state") -> dict[int, Mapping[str, Mapping[str, Any]]]:
        """Give, for each partition that has absorbed something, the newest position row's part of each input topic."""
        return {
            record.partition: orjson.loads(record.value)["inputs"]
            for record in await self.records(changelog)
            if record.key == POSITION
        }

    async def settled(self, topic: str, published: int, timeout: float = 60.0) -> Counter[str]:
        """Wait until the workers have accounted for that many records of a topic; give what became of them."""
        ends = time.monotonic() + timeout
        while True:
            tally = (await self.tally())[topic]
            if tally.total() >= published:
                return tally
            if time.monotonic() > ends:
                raise AssertionError(f"{topic}: {tally.total()} of {published} after {timeout:g} s: {dict(tally)}")
            await asyncio.sleep(0.25)
