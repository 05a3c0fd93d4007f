"""The reference log read whole, from the broker inside the process."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator

import aiokafka
import msgspec
import pytest

from klean_stream.events import TakenDownFingerprint
from klean_stream.likeness import METHOD, fingerprint
from klean_stream.likeness.versioned import NEVER
from klean_stream.runtime import reference
from klean_stream.runtime.embedded_broker import PARTITIONS, EmbeddedBroker
from klean_stream.runtime.in_force import InForce
from klean_stream.runtime.reference import ReferenceLog
from klean_stream.runtime.settings import Settings
from klean_stream.runtime.topic_identity import TopicIdentities

_SECONDS = 30.0
_TITLES = [f"Nike Air Max {number} mirror quality running shoes unisex" for number in range(300)]


@pytest.fixture
def settings() -> Iterator[Settings]:
    broker = EmbeddedBroker()
    yield Settings(bootstrap=broker.bootstrap, partitions=PARTITIONS, embedded_broker=True)
    del broker  # the client that the broker lives by


@pytest.fixture
async def log(settings: Settings) -> AsyncIterator[ReferenceLog]:
    """Give the log of a worker that begins where many titles are taken down."""
    producer = aiokafka.AIOKafkaProducer(bootstrap_servers=settings.bootstrap)
    await producer.start()
    topic = settings.topic("taken-down-fingerprints")
    for number, title in enumerate(_TITLES):
        case_id, made = f"s-{number}/l/1", fingerprint(title) or b""
        said = TakenDownFingerprint(
            id=case_id,
            case_id=case_id,
            fingerprint=made.hex(),
            method=METHOD,
            expires=NEVER,
            decision_id=case_id,
            time=0,
        )
        await producer.send(topic, msgspec.json.encode(said), key=case_id.encode(), partition=0)
    await producer.stop()
    made_log = ReferenceLog(settings, TopicIdentities(settings.bootstrap, known=False))
    yield made_log
    await made_log.stop()


async def test_nothing_is_decided_before_all_is_read_and_the_event_loop_goes_on_meanwhile(
    log: ReferenceLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reference, "_PART", 100)
    apply, loop = InForce.apply, asyncio.get_running_loop()
    parts: list[int] = []
    went_on: list[bool] = []
    decided: list[int] = []

    async def decide() -> None:
        async with log.deciding() as view:
            decided.append(view.known.taken_down_version)

    def watched(state: InForce, topic: str, records: list[aiokafka.ConsumerRecord], version: int, most: int) -> None:
        # Held by this call, the loop would never set it.
        turned = threading.Event()
        loop.call_soon_threadsafe(turned.set)
        went_on.append(turned.wait(_SECONDS))
        parts.append(len(records))
        assert not decided
        assert log.change_waits
        apply(state, topic, records, version, most)
        assert not log.view().known.taken_down_version

    monkeypatch.setattr(InForce, "apply", watched)
    async with asyncio.timeout(_SECONDS):
        beginning = asyncio.create_task(log.start())
        while not log.change_waits:
            await asyncio.sleep(0)
        deciding = asyncio.create_task(decide())
        await beginning
        await deciding
    assert len(parts) > 1
    assert sum(parts) == len(_TITLES)
    assert all(went_on)
    assert decided == [len(_TITLES)]
    assert len(log.view().known.taken_down) == len(_TITLES)


async def test_what_was_fetched_beside_a_record_that_cannot_be_read_is_read_again(
    log: ReferenceLog, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with asyncio.timeout(_SECONDS):
        await log.start()
        fetch = log._consumer.getmany

        async def failing(**how: int) -> object:
            fetched = await fetch(**how)
            if fetched:
                # As aiokafka does it: it takes one topic after the other, and an error drops what was taken.
                monkeypatch.setattr(log._consumer, "getmany", fetch)
                raise UnicodeDecodeError("utf-8", b"\xff", 0, 1, "a header's name")
            return fetched

        monkeypatch.setattr(log._consumer, "getmany", failing)
        producer = aiokafka.AIOKafkaProducer(bootstrap_servers=settings.bootstrap)
        await producer.start()
        await producer.send(settings.topic("control"), b'{"mode":"review_only"}', key=b"policy", partition=0)
        await producer.stop()
        await log.wait_for(0, 1, unless=lambda: False)
    assert log.view().control_version == 1


class _Pauses:
    """So many pauses that take no time; ``made`` tells which were made."""

    def __init__(self, count: int) -> None:
        self._count = count
        self.made: list[int] = []

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, at: int) -> float:
        self.made.append(at)
        return 0.001


async def test_a_log_that_cannot_be_read_is_tried_again_less_and_less_often(
    log: ReferenceLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert reference._RETRY_SECONDS == (1.0, 2.0, 5.0)
    pauses = _Pauses(3)
    monkeypatch.setattr(reference, "_RETRY_SECONDS", pauses)
    failures = iter([True] * 5 + [False] * 20 + [True] + [False] * 1_000_000)
    async with asyncio.timeout(_SECONDS):
        await log.start()
        fetch = log._consumer.getmany

        async def failing(**how: int) -> object:
            if next(failures):
                raise OSError("no broker answers")
            return await fetch(timeout_ms=1)

        monkeypatch.setattr(log._consumer, "getmany", failing)
        while len(pauses.made) < 6 or log.change_waits:
            await asyncio.sleep(0.001)
    assert pauses.made == [0, 1, 2, 2, 2, 0], "once it was read they begin anew"
