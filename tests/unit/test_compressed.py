"""What a unit writes, compressed: what aiokafka makes of the same records, by another level."""

import os
from collections.abc import Iterable

import cramjam
import pytest
from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.record.default_records import DefaultRecordBatch
from aiokafka.record.memory_records import MemoryRecords

from klean_stream.runtime.compressed import CompressedBatch

Content = list[tuple[bytes | None, bytes | None, list[tuple[str, bytes | None]]]]

REPETITIVE: Content = [
    (b"s-%d" % number, b'{"verdict":"allow","number":%d}' % number, [("ce_id", b"%d" % number), ("none", None)])
    for number in range(2_000)
] + [(None, b"", []), (b"k", None, [])]
RANDOM: Content = [(b"k", os.urandom(1_000), [])]
_HEADER = 61


def _built(batch: BatchBuilder, content: Content) -> bytes:
    for number, (key, value, headers) in enumerate(content):
        assert batch.append(timestamp=1_000 + number, key=key, value=value, headers=headers) is not None
    batch.close()
    batch._set_producer_state(7, 3, 41)
    return bytes(batch._build())


def _read(batch: bytes) -> DefaultRecordBatch:
    records = MemoryRecords(batch)
    (read,) = iter(records.next_batch, None)
    return read


def _fields(batches: Iterable[DefaultRecordBatch]) -> list[tuple[object, ...]]:
    return [
        (
            *(batch.is_transactional, batch.is_control_batch, batch.base_offset),
            *(batch.producer_id, batch.producer_epoch, batch.base_sequence, batch.next_offset, batch.max_timestamp),
            *((r.offset, r.timestamp, r.key, r.value, r.headers) for r in batch),
        )
        for batch in batches
    ]


@pytest.mark.parametrize(
    ("content", "codec"),
    [(REPETITIVE, DefaultRecordBatch.CODEC_ZSTD), (RANDOM, DefaultRecordBatch.CODEC_NONE)],
    ids=["compressible", "not"],
)
def test_a_batch_holds_what_aiokafkas_does(content: Content, codec: int) -> None:
    ours = _built(CompressedBatch(), content)
    theirs = _built(BatchBuilder(1_000_000, DefaultRecordBatch.CODEC_ZSTD, is_transactional=True), content)
    assert _read(ours).validate_crc()
    assert _read(ours).compression_type == codec
    assert _fields([_read(ours)]) == _fields([_read(theirs)])
    assert len(ours) < 1.1 * len(theirs)


def test_a_batch_is_compressed_by_the_level_that_is_said() -> None:
    plain = _built(BatchBuilder(1_000_000, DefaultRecordBatch.CODEC_NONE, is_transactional=True), REPETITIVE)
    assert _built(CompressedBatch(), REPETITIVE)[_HEADER:] == bytes(cramjam.zstd.compress(plain[_HEADER:], level=1))


def test_a_batch_that_is_sent_again_is_the_same() -> None:
    # Its halves are too far apart to be seen as alike, and not any more when it is compressed.
    half = os.urandom(300_000)
    batch = CompressedBatch()
    first = _built(batch, [(b"k", half + bytes(250_000) + half, [])])
    assert len(first) > 600_000
    assert batch._build() == first
    assert batch.size() == len(first)
    assert batch.record_count() == 1
