"""The watch says what stands still, above all where the brokers do not answer it."""

import asyncio
import logging
import time
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, cast

import pytest
from faust.types import TP

from klean_stream.processing import ROUTES, Processor
from klean_stream.runtime import partition as partitions
from klean_stream.runtime import watch
from klean_stream.runtime.fetched import FetchedBatch
from klean_stream.runtime.inputs import Inputs
from klean_stream.runtime.metrics import STUCK
from klean_stream.runtime.ownership import Ownership
from klean_stream.runtime.partition import OwnedPartition, PartitionName
from klean_stream.runtime.reference import ReferenceLog
from klean_stream.runtime.settings import Settings
from klean_stream.runtime.topic_identity import TopicIdentities
from klean_stream.runtime.watch import Watch
from tests.kafka.child_process import free_ports

_LISTINGS = TP("klean.listings", 0)


def partition(number: int, doing: str, waiting_for: str = "", *, busy_seconds: float) -> Any:
    """Give what the watch asks of an owned partition."""
    return SimpleNamespace(
        name=PartitionName("seller", number, ("listings",), "klean.state"),
        doing=doing,
        state=f"{doing}: {waiting_for}",
        busy_seconds=busy_seconds,
        is_stuck=busy_seconds > 30,
        tps={_LISTINGS},
        topic_ids={},
        absorbed=lambda: {_LISTINGS: 7},
    )


async def looked(*partitions: Any, monkeypatch: pytest.MonkeyPatch, silent: bool) -> None:
    """Let a watch look once; ``silent`` brokers answer nothing."""

    async def read(topics: object) -> Mapping[str, object]:
        if silent:
            raise TimeoutError
        return {}

    async def ends(tps: set[TP]) -> Mapping[TP, int]:
        if silent:
            await asyncio.sleep(60)
        return dict.fromkeys(tps, 7)

    async def taken() -> None:
        return None

    def give_up(error: Exception) -> None:
        raise error

    monkeypatch.setattr(watch, "_EVERY_SECONDS", 0.0)
    monkeypatch.setattr(watch, "_ANSWER_SECONDS", 0.05)
    owned = {("seller", one.name.number): one for one in partitions}
    ownership = cast(Ownership, SimpleNamespace(partitions=owned, rebalancing_seconds=0.0))
    reference = cast(ReferenceLog, SimpleNamespace(compare=dict))
    identities = cast(TopicIdentities, SimpleNamespace(read=read))
    watching = Watch(Settings(), ownership, reference, identities, ends, taken, give_up)
    async with watching:
        await asyncio.sleep(0.3)


async def test_a_stuck_partition_is_said_with_what_it_waits_for_although_no_broker_answers(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "klean_stream.runtime.watch")
    stuck = partition(3, "committing", "the end of the transaction", busy_seconds=42)
    await looked(stuck, partition(4, "idle", busy_seconds=0), monkeypatch=monkeypatch, silent=True)
    assert "partition seller-3 has come no further for 42 s: committing: the end of the transaction" in caplog.messages
    assert not any("seller-4" in message for message in caplog.messages)
    assert STUCK.labels("seller", 3)._value.get() == 1
    assert STUCK.labels("seller", 4)._value.get() == 0


async def test_partitions_that_have_nothing_to_do_are_not_said_to_be_stuck(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await looked(partition(5, "idle", busy_seconds=0), monkeypatch=monkeypatch, silent=False)
    assert caplog.messages == []
    assert STUCK.labels("seller", 5)._value.get() == 0


async def test_a_fault_of_the_watch_itself_is_said_and_does_not_end_it(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    broken = partition(6, "idle", busy_seconds=0)
    broken.absorbed = lambda: 1 / 0
    await looked(broken, monkeypatch=monkeypatch, silent=False)
    assert caplog.messages.count("the watch failed, and looks again") > 1


def owned(bootstrap: str) -> OwnedPartition:
    """Give a partition as a worker owns it; nothing consumes its inputs."""
    inputs = cast(Inputs, SimpleNamespace(pause=lambda _: None, resume=lambda _: None))

    def give_up(error: Exception) -> None:
        raise error

    name = PartitionName("seller", 7, ("listings",), "klean.state")
    return OwnedPartition(name, Settings(bootstrap=bootstrap), inputs, Processor(), cast(ReferenceLog, None), give_up)


async def test_a_partition_that_fails_over_and_over_is_stuck_though_each_try_is_short(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(partitions, "_BACKOFF_SECONDS", (0.05,))
    monkeypatch.setattr(partitions, "STUCK_SECONDS", 2.0)
    failing = owned(f"127.0.0.1:{free_ports(1)[0]}")
    failing.start()
    try:
        await asyncio.sleep(0.4)
        assert not failing.is_stuck
        await asyncio.sleep(2.2)
        tries = sum("trying again" in message for message in caplog.messages)
        assert tries > 5
        assert failing.is_stuck
    finally:
        await failing.close()


@pytest.mark.parametrize(
    ("idle_seconds", "records_wait", "stuck"),
    [(0, False, True), (5, True, True), (5, False, False), (36_000, True, False)],
    ids=["its records are fetched again", "they wait", "there are none", "some come after hours"],
)
def test_between_two_tries_a_partition_stays_stuck(idle_seconds: int, records_wait: bool, stuck: bool) -> None:
    between = owned("127.0.0.1:1")
    between._now("idle")
    between.doing_since -= idle_seconds
    between._failing_since = between.doing_since - 42
    if records_wait:
        between._backlog.put(FetchedBatch("klean.listings", 7, 0, 1, 1, ()), ROUTES["listings"])
    assert between.is_stuck is stuck


@pytest.mark.parametrize(("remaining", "stuck"), [(999, False), (1_000, True)], ids=["goes on", "stands still"])
def test_a_recovery_is_stuck_where_it_comes_no_further(remaining: int, stuck: bool) -> None:
    recovering = owned("127.0.0.1:1")
    recovering._comes_further(1_000)
    recovering.doing, recovering.doing_since = "recovering", time.monotonic() - 42
    recovering._comes_further(remaining)
    assert recovering.is_stuck is stuck


async def test_a_partition_is_let_go_of_although_a_library_swallows_its_cancellation() -> None:
    swallowed = asyncio.Event()

    async def swallowing() -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            swallowed.set()
        await asyncio.sleep(60)

    closing = owned("127.0.0.1:1")
    closing._task = asyncio.create_task(swallowing())
    await asyncio.sleep(0)
    async with asyncio.timeout(20):
        await closing.close()
    assert swallowed.is_set()
