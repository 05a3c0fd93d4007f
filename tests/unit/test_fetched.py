"""A fetch in parts: nothing in two of them, nothing in none, each where the last one ended."""

from types import SimpleNamespace

import pytest

from klean_stream.runtime.fetched import FetchedBatch, PackedBatch
from klean_stream.runtime.records import KafkaRecord


def _record(offset: int) -> KafkaRecord:
    return SimpleNamespace(offset=offset, timestamp=1, key=None, value=b"x", headers=())


def _packed(first: int, *, start: int, end: int, fetch_bytes: int = 10_000) -> PackedBatch:
    """Give a batch with records from ``first`` on, of which those from ``start`` on are wanted."""
    return PackedBatch(start, end, fetch_bytes, iter([_record(offset) for offset in range(first, end)]))


def _fetch(start: int, end: int, *packed: PackedBatch) -> FetchedBatch:
    return FetchedBatch("listings", 3, start, end, 9_999, packed)


def _offsets(batch: FetchedBatch) -> list[int]:
    return [record.offset for record in batch.records]


def test_it_is_unpacked_once_and_without_what_was_read_before() -> None:
    batch = _fetch(5, 12, _packed(0, start=5, end=8), _packed(8, start=8, end=12))
    assert (batch.size, batch.bytes) == (7, 10_000)
    assert _offsets(batch) == [5, 6, 7, 8, 9, 10, 11]
    assert _offsets(batch) == [5, 6, 7, 8, 9, 10, 11], "asked a second time"


def test_a_small_fetch_is_one_part() -> None:
    batch = _fetch(0, 20, _packed(0, start=0, end=10), _packed(10, start=10, end=20))
    assert list(batch.parts()) == [batch]
    assert list(_fetch(0, 3).parts()) != [], "one without records tells that the reader has moved"


@pytest.mark.parametrize("each", [7, 300, 1_000, 1_500, 4_000])
def test_parts_follow_each_other_and_hold_all(each: int) -> None:
    packed = [_packed(at, start=at, end=at + each) for at in range(0, 12_000, each)]
    batch = _fetch(0, packed[-1].end + 5, *packed)
    parts = list(batch.parts())
    assert parts[0].start == 0
    assert parts[-1].end == batch.end
    assert [part.start for part in parts[1:]] == [part.end for part in parts[:-1]]
    assert all(part.size <= max(2 * each, 1_000 + each) for part in parts)
    assert all(part.size >= 1_000 for part in parts[:-1])
    assert sum(part.size for part in parts) == batch.size
    assert batch.bytes - len(parts) <= sum(part.bytes for part in parts) <= batch.bytes
    assert {(part.topic, part.partition, part.highwater) for part in parts} == {("listings", 3, 9_999)}
    assert [offset for part in parts for offset in _offsets(part)] == list(range(packed[-1].end))


def test_what_lies_between_parts_belongs_to_the_first() -> None:
    """Markers and aborted transactions: a part that began with them would look as if something was lost."""
    batch = _fetch(0, 3_000, _packed(0, start=0, end=1_500), _packed(1_600, start=1_600, end=3_000))
    first, second = batch.parts()
    assert (first.start, first.end, second.start, second.end) == (0, 1_600, 1_600, 3_000)
    assert _offsets(second)[0] == second.start


def test_a_reader_that_was_sent_back_gets_it_whole() -> None:
    """That its topic was made anew shows by where it begins and ends."""
    batch = _fetch(9_000, 4_000, *(_packed(at, start=at, end=at + 1_000) for at in range(0, 4_000, 1_000)))
    assert list(batch.parts()) == [batch]
    assert batch.size == 4_000


def test_the_rest_is_what_was_not_taken() -> None:
    batch = _fetch(0, 12, _packed(0, start=0, end=6), _packed(8, start=8, end=10))
    rest = batch.rest(7)
    assert (rest.start, rest.end, rest.size, _offsets(rest)) == (9, 12, 1, [9])
    assert rest.bytes == 10_000 // 8
    untouched = batch.rest(0)
    assert (untouched.start, untouched.end, _offsets(untouched)) == (0, 12, [0, 1, 2, 3, 4, 5, 8, 9])


def test_from_an_offset_on() -> None:
    later = _fetch(0, 12, _packed(0, start=0, end=6), _packed(8, start=8, end=10)).from_offset(7)
    assert (later.start, later.end, later.size, _offsets(later)) == (7, 12, 2, [8, 9])
