"""Batches taken as they are packed: the same records in them, and the reader in the same place, as by its own way."""

import asyncio
import gc
import struct
import time
import weakref
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from types import SimpleNamespace
from typing import Any

import google_crc32c
import pytest
from aiokafka import TopicPartition
from aiokafka.consumer.fetcher import READ_COMMITTED, Fetcher, FetchResult, PartitionRecords
from aiokafka.consumer.subscription_state import Assignment, SubscriptionState
from aiokafka.errors import GroupAuthorizationFailedError
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.legacy_records import LegacyRecordBatchBuilder
from aiokafka.record.memory_records import MemoryRecords
from aiokafka.record.util import calc_crc32c

from klean_stream.runtime.checksums import Checksums
from klean_stream.runtime.fetched import FetchedBatch, PackedBatch, Unreadable
from klean_stream.runtime.fetching import PackedRecords, leave_packed, more_has_come
from klean_stream.runtime.receiving import FetchersClient

TP = TopicPartition("listings", 0)
_ABORTED = 9
# Of Kafka's record batches: where the checksum stands, what it covers, and the bit of a marker in the attributes.
_CHECKSUM, _COVERED, _CONTROL = 17, 21, 0x20


def _batch(first: int, count: int, *, producer: int = -1, codec: int = 0) -> bytes:
    builder = DefaultRecordBatchBuilder(
        2, codec, int(producer >= 0), producer_id=producer, producer_epoch=0, base_sequence=0, batch_size=1_000_000
    )
    for number in range(count):
        key = b"k%d" % number if number % 2 else None
        value = None if number == 1 else b"v%d" % number
        builder.append(number, 1_000 + number, key, value, [("ce_id", b"%d" % number), ("none", None)])
    return _as_stored(first, bytearray(builder.build()))


def _marker(at: int, *, committed: bool) -> bytes:
    """Give the end of a transaction of the producer that also aborts one."""
    builder = DefaultRecordBatchBuilder(
        2, 0, 1, producer_id=_ABORTED, producer_epoch=0, base_sequence=-1, batch_size=1_000
    )
    builder.append(0, 1_000, struct.pack(">hh", 0, int(committed)), struct.pack(">hi", 0, 0), [])
    batch = bytearray(builder.build())
    batch[_COVERED + 1] |= _CONTROL
    struct.pack_into(">I", batch, _CHECKSUM, calc_crc32c(bytes(batch[_COVERED:])))
    return _as_stored(at, batch)


def _as_stored(first: int, batch: bytearray) -> bytes:
    # A broker writes the first offset into it, and the checksum does not cover that.
    struct.pack_into(">q", batch, 0, first)
    return bytes(batch)


LOG = (
    *(_batch(0, 5), _batch(7, 4, codec=4)),
    *(_batch(11, 3, producer=_ABORTED), _marker(14, committed=False)),
    *(_batch(15, 2, producer=_ABORTED), _marker(17, committed=True)),
    _batch(20, 3),
)
OFFSETS = [1, 2, 3, 4, 7, 8, 9, 10, 15, 16, 20, 21, 22]
END = 23


def _fetched(log: bytes = b"".join(LOG)) -> PartitionRecords:
    """Give a fetch from offset 1 on, which lies within its first batch."""
    return PartitionRecords(TP, MemoryRecords(log), [(_ABORTED, 11)], 1, None, None, True, READ_COMMITTED)


@pytest.fixture
async def consumer() -> SimpleNamespace:
    """Give what of a consumer is asked, with a fetch."""
    assignment = Assignment([TP])
    assignment.state_value(TP).reset_to(1)
    result = FetchResult(TP, assignment=assignment, partition_records=_fetched(), backoff=0)
    waiters: set[asyncio.Future[None]] = set()
    subscriptions = SubscriptionState()
    subscriptions.register_fetch_waiters(waiters)
    fetcher = SimpleNamespace(
        _client=SimpleNamespace(),
        _records={TP: result},
        _subscriptions=subscriptions,
        _fetch_waiters=waiters,
        _loop=asyncio.get_running_loop(),
    )
    fetcher._create_fetch_waiter = partial(Fetcher._create_fetch_waiter, fetcher)
    return SimpleNamespace(_fetcher=fetcher, result=result, assignment=assignment)


def _taken(consumer: SimpleNamespace, most: int, before: Callable[[Any], None]) -> Iterator[tuple[int, list[Any]]]:
    """Take at most so many at a time: give where the reader stands, and what was taken."""
    while consumer.result.has_more():
        before(consumer)
        taken = consumer.result.getall(most)
        yield consumer.assignment.state_value(TP).position, taken


def _unpacked(batches: list[PackedBatch]) -> list[Any]:
    fetched = FetchedBatch(TP.topic, TP.partition, 1, END, END, batches)
    return [record for part in fetched.parts() for record in part.records]


def _fields(records: list[Any]) -> list[tuple[Any, ...]]:
    return [(r.offset, r.timestamp, r.key, r.value, tuple(r.headers)) for r in records]


@pytest.mark.parametrize("most", [1, 2, 3, 100])
async def test_what_is_taken_a_few_at_a_time_is_what_aiokafka_gives(consumer: SimpleNamespace, most: int) -> None:
    taken = list(_taken(consumer, most, leave_packed))
    unpacked = _fields(_unpacked([batch for _, batches in taken for batch in batches]))
    consumer.assignment.state_value(TP).seek(1)
    consumer.result._partition_records = _fetched()
    ((end, records),) = _taken(consumer, 100, lambda _: None)
    assert unpacked == _fields(records)
    assert [record.offset for record in records] == OFFSETS
    assert taken[-1][0] == end == END
    passed = 1
    for position, batches in taken:
        assert all(passed <= batch.start and batch.end <= position for batch in batches)
        passed = position


async def test_a_batch_says_where_it_is_to_be_read_from_and_to(consumer: SimpleNamespace) -> None:
    ((_, batches),) = _taken(consumer, 100, leave_packed)
    # From the last one's end, over what was compacted away, and over markers and aborted transactions.
    assert [(batch.start, batch.end) for batch in batches] == [(1, 5), (5, 11), (15, 17), (18, END)]
    assert {batch.fetch_bytes for batch in batches} == {sum(map(len, LOG))}


@pytest.mark.parametrize("codec", [0, 1, 4])
async def test_a_large_batch_is_unpacked_part_by_part(codec: int) -> None:
    (batch,) = PackedRecords(_fetched(_batch(0, 2_500, codec=codec)), b"")
    parts = list(FetchedBatch(TP.topic, TP.partition, 1, 2_500, 2_500, [batch]).parts())
    assert [len(part.records) for part in parts] == [1_000, 1_000, 499]
    assert [record.offset for part in parts for record in part.records] == list(range(1, 2_500))


async def test_a_batch_whose_checksum_is_wrong_is_unreadable_behind_those_before_it() -> None:
    spoilt = bytearray(b"".join(LOG))
    spoilt[len(LOG[0]) + 70] ^= 1
    reader = PackedRecords(_fetched(bytes(spoilt)), b"")
    packed = list(reader)
    fetched = FetchedBatch("listings", 0, 1, reader.next_fetch_offset, 99, packed)
    assert [record.offset for record in fetched.take().records] == [1, 2, 3, 4]
    with pytest.raises(Unreadable, match="what follows offset 5 of listings 0"):
        fetched.take()
    assert reader.next_fetch_offset == 6, "nothing behind it is to be had"


def _spoilt(log: Iterable[bytes]) -> bytes:
    """Give batches with the last byte of each changed, which their checksums cover."""
    return b"".join(batch[:-1] + bytes([batch[-1] ^ 1]) for batch in log)


def _batches(log: bytes) -> Iterator[Any]:
    records = MemoryRecords(log)
    while records.has_next():
        yield records.next_batch()


@pytest.mark.parametrize("log", [LOG, [_batch(0, 5_000), _batch(5_000, 2)]], ids=["of all kinds", "large"])
def test_a_checksum_is_that_of_the_bytes_that_came(log: Sequence[bytes]) -> None:
    """By aiokafka each of these batches is spoilt, so it was not asked."""
    checksums = Checksums(b"".join(log))
    assert [checksums.is_whole(batch) for batch in _batches(_spoilt(log))] == [True] * len(log)


@pytest.mark.parametrize("kept", [_spoilt(LOG), _spoilt(LOG)[:100], b"", LOG[1]])
def test_bytes_that_are_not_the_batchs_are_left_to_aiokafka(kept: bytes) -> None:
    whole, spoilt = Checksums(kept), Checksums(kept)
    assert [whole.is_whole(batch) for batch in _batches(b"".join(LOG))] == [True] * len(LOG)
    assert [spoilt.is_whole(batch) for batch in _batches(_spoilt(LOG))] == [False] * len(LOG)


def test_checksums_are_left_to_aiokafka_where_the_library_is_plain_python(monkeypatch: pytest.MonkeyPatch) -> None:
    assert google_crc32c.implementation == "c"
    monkeypatch.setattr("klean_stream.runtime.checksums._IS_NATIVE", False)
    checksums = Checksums(b"".join(LOG))
    assert [checksums.is_whole(batch) for batch in _batches(_spoilt(LOG))] == [False] * len(LOG)


def test_an_older_format_is_left_to_aiokafka() -> None:
    builder = LegacyRecordBatchBuilder(1, 0, 1_000)
    builder.append(0, 1_000, b"k", b"v")
    old = bytes(builder.build())
    (whole,) = _batches(old)
    (spoilt,) = _batches(_spoilt([old]))
    assert Checksums(old).is_whole(whole)
    assert not Checksums(old).is_whole(spoilt)


async def test_what_came_last_of_a_partition_is_checked_and_let_go_of(consumer: SimpleNamespace) -> None:
    other, quiet = TopicPartition("listings", 1), TopicPartition("listings", 2)

    async def send(node_id: int, request: str) -> Any:
        assert node_id == 1
        came = [(0, 0, END, b"".join(LOG)), (1, 0, END, b"in vain"), (2, 0, END, b"")]
        if request == "fetch":
            return SimpleNamespace(API_KEY=1, topics=[("listings", came)])
        return SimpleNamespace(API_KEY=2, topics=[("listings", [(0, 0, END)])])

    client = FetchersClient(SimpleNamespace(send=send, cluster="cluster", _conns={}))
    assert client.cluster == "cluster"
    consumer._fetcher._client = client
    await client.send(1, "offsets")
    assert not client.fetched
    await client.send(1, "fetch")
    assert client.fetched.keys() == {TP, other}, f"{quiet} has brought nothing"
    consumer.result._partition_records = _fetched(_spoilt(LOG[:1]) + b"".join(LOG[1:]))
    ((_, batches),) = _taken(consumer, 100, leave_packed)
    assert len(_unpacked(batches)) == len(OFFSETS), "what came was whole, as it was kept"
    assert not client.fetched
    assert consumer._fetcher._client is client, "it is put in its place once"


async def test_what_others_have_begun_to_take_stays_theirs(consumer: SimpleNamespace) -> None:
    first = consumer.result.getall(2)
    rest = [record for _, records in _taken(consumer, 100, leave_packed) for record in records]
    assert [record.offset for record in first + rest] == OFFSETS


def test_what_packed_records_take_the_place_of_is_freed() -> None:
    """It holds the whole fetch, and stands in a circle with its iterator."""
    replaced = _fetched()
    freed = weakref.ref(replaced)
    gc.disable()
    try:
        batches = PackedRecords(replaced, b"")
        del replaced
        assert freed() is None, "aiokafka holds it elsewhere, too"
    finally:
        gc.enable()
    assert [record.offset for record in _unpacked(list(batches))] == OFFSETS


async def test_a_fetch_wakes_who_waits_for_it(consumer: SimpleNamespace) -> None:
    waiting = asyncio.create_task(more_has_come(consumer, 60.0, asyncio.Event()))
    await asyncio.sleep(0)
    (waiter,) = consumer._fetcher._fetch_waiters
    waiter.set_result(None)
    assert await asyncio.wait_for(waiting, 20.0)


async def test_who_waits_in_vain_leaves_nothing_behind(consumer: SimpleNamespace) -> None:
    assert not await more_has_come(consumer, 0.01, asyncio.Event())
    await asyncio.sleep(0)
    assert not consumer._fetcher._fetch_waiters


async def test_who_waits_may_be_called_off(consumer: SimpleNamespace) -> None:
    resumed = asyncio.Event()
    waiting = asyncio.create_task(more_has_come(consumer, 60.0, resumed))
    await asyncio.sleep(0)
    resumed.set()
    assert not await asyncio.wait_for(waiting, 20.0)
    await asyncio.sleep(0)
    assert not consumer._fetcher._fetch_waiters


async def test_an_error_that_comes_when_the_time_is_over_is_raised(consumer: SimpleNamespace) -> None:
    """Aiokafka tells it once, to who waits for a fetch, and does nothing before it was heard."""
    loop = asyncio.get_running_loop()
    refused = GroupAuthorizationFailedError("group")
    loop.call_later(0.05, time.sleep, 0.1)
    loop.call_later(0.09, consumer._fetcher._subscriptions.abort_waiters, refused)
    with pytest.raises(GroupAuthorizationFailedError):
        await more_has_come(consumer, 0.1, asyncio.Event())
