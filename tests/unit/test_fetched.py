"""A fetch in parts: nothing in two of them, nothing in none, each where the last one ended."""

from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from klean_stream.runtime.fetched import FetchedBatch, PackedBatch, Part, Unreadable
from klean_stream.runtime.records import KafkaRecord


def _record(offset: int) -> KafkaRecord:
    return SimpleNamespace(offset=offset, timestamp=1, key=None, value=b"x", headers=())


def _packed(first: int, *, start: int, end: int) -> PackedBatch:
    """Give a batch with records from ``first`` on, of which those from ``start`` on are wanted."""
    return PackedBatch(start, end, 10_000, iter([_record(offset) for offset in range(first, end)]))


def _fetch(start: int, end: int, *packed: PackedBatch) -> FetchedBatch:
    return FetchedBatch("listings", 3, start, end, 9_999, packed)


def _offsets(part: Part) -> list[int]:
    return [record.offset for record in part.records]


def test_a_small_fetch_is_one_part_without_what_was_read_before() -> None:
    batch = _fetch(5, 12, _packed(0, start=5, end=8), _packed(8, start=8, end=12))
    assert (batch.size, batch.bytes) == (7, 10_000)
    (part,) = batch.parts()
    assert (part.topic, part.partition, part.start, part.end, part.highwater) == ("listings", 3, 5, 12, 9_999)
    assert part.begins_fetch
    assert _offsets(part) == [5, 6, 7, 8, 9, 10, 11]
    assert (batch.size, batch.bytes, batch.is_taken) == (0, 0, True)


def test_a_fetch_without_records_is_a_part_that_tells_how_far_the_reader_is() -> None:
    (part,) = _fetch(3, 8).parts()
    assert (part.start, part.end, part.first, part.records) == (3, 8, 8, [])


@pytest.mark.parametrize("each", [1, 7, 300, 1_000, 1_500, 4_000])
def test_parts_follow_each_other_and_hold_all(each: int) -> None:
    packed = [_packed(at, start=at, end=at + each) for at in range(0, 12_000, each)]
    batch = _fetch(0, packed[-1].end + 5, *packed)
    left = [(batch.size, batch.bytes)]
    parts = []
    for part in batch.parts():
        parts.append(part)
        left.append((batch.size, batch.bytes))
    assert parts[0].start == 0
    assert parts[-1].end == batch.end
    assert [part.start for part in parts[1:]] == [part.end for part in parts[:-1]]
    assert [part.begins_fetch for part in parts] == [True] + [False] * (len(parts) - 1)
    assert all(len(part.records) <= 1_000 for part in parts)
    assert all(len(part.records) == 1_000 for part in parts[:-2])
    assert [offset for part in parts for offset in _offsets(part)] == list(range(packed[-1].end))
    assert left == sorted(left, reverse=True)
    assert left[0] == (packed[-1].end, 10_000)
    assert left[-1] == (0, 0)


def test_what_lies_between_two_batches_is_in_one_part() -> None:
    batch = _fetch(
        0,
        2_000,
        _packed(0, start=0, end=999),
        _packed(999, start=999, end=1_000),
        _packed(1_600, start=1_600, end=2_000),
    )
    parts = list(batch.parts())
    assert [(part.start, part.end, len(part.records)) for part in parts] == [(0, 1_000, 1_000), (1_000, 2_000, 400)]
    ends_with_it = _fetch(0, 3_000, _packed(0, start=0, end=500), _packed(1_600, start=1_600, end=3_000))
    assert [part.end for part in ends_with_it.parts()] == [2_100, 3_000]


def test_a_reader_that_was_sent_back_begins_behind_its_start() -> None:
    batch = _fetch(9_000, 4_000, *(_packed(at, start=at, end=at + 1_000) for at in range(0, 4_000, 1_000)))
    assert batch.size == 4_000
    first, *others = batch.parts()
    assert (first.start, first.first) == (9_000, 0)
    assert [(part.start, part.first) for part in others if part.records] == [
        (1_000, 1_000),
        (2_000, 2_000),
        (3_000, 3_000),
    ]


def test_the_rest_is_what_was_not_taken() -> None:
    (part,) = _fetch(0, 12, _packed(0, start=0, end=6), _packed(8, start=8, end=10)).parts()
    rest = part.rest(7)
    assert (rest.start, rest.end, _offsets(rest), rest.begins_fetch) == (9, 12, [9], False)
    assert part.rest(0) is part


@pytest.mark.parametrize("readable", [0, 3])
def test_what_cannot_be_unpacked_is_never_taken_for_complete(readable: int) -> None:
    def broken() -> Iterator[KafkaRecord]:
        # Those before the start of what is wanted are given, too.
        yield from map(_record, range(900, 1_000 + readable))
        raise ValueError("not compressed like this")

    batch = _fetch(0, 2_000, _packed(0, start=0, end=1_000), PackedBatch(1_000, 2_000, 10_000, broken()))
    assert len(batch.take().records) == 1_000
    if readable:
        part = batch.take()
        assert (part.start, part.end, _offsets(part)) == (1_000, 1_003, [1_000, 1_001, 1_002])
    left = (batch.size, batch.bytes)
    for _ in range(3):
        with pytest.raises(Unreadable, match=rf"offset {1_000 + readable} of listings 3 .*not compressed like this"):
            batch.take()
    assert (batch.size, batch.bytes, batch.is_taken) == (*left, False)
