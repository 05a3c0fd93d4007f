"""The watch says what stands still, above all where the brokers do not answer it."""

import asyncio
import logging
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, cast

import pytest
from faust.types import TP

from klean_stream.runtime import watch
from klean_stream.runtime.metrics import STUCK
from klean_stream.runtime.ownership import Ownership
from klean_stream.runtime.partition import PartitionName
from klean_stream.runtime.reference import ReferenceLog
from klean_stream.runtime.settings import Settings
from klean_stream.runtime.topic_identity import TopicIdentities
from klean_stream.runtime.watch import Watch

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

    def give_up(error: Exception) -> None:
        raise error

    monkeypatch.setattr(watch, "_EVERY_SECONDS", 0.0)
    monkeypatch.setattr(watch, "_ENDS_SECONDS", 0.05)
    owned = {("seller", one.name.number): one for one in partitions}
    ownership = cast(Ownership, SimpleNamespace(partitions=owned, rebalancing_seconds=0.0))
    reference = cast(ReferenceLog, SimpleNamespace(compare=dict))
    identities = cast(TopicIdentities, SimpleNamespace(read=read))
    watching = Watch(Settings(), ownership, reference, identities, ends, give_up)
    async with watching:
        await asyncio.sleep(0.3)


async def test_a_stuck_partition_is_said_with_what_it_waits_for_although_no_broker_answers(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "klean_stream.runtime.watch")
    stuck = partition(3, "committing", "the end of the transaction", busy_seconds=42)
    await looked(stuck, partition(4, "idle", busy_seconds=0), monkeypatch=monkeypatch, silent=True)
    assert "partition seller-3 has been committing: the end of the transaction for 42 s" in caplog.messages
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
