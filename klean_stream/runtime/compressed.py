"""Batches of a transaction, compressed as lightly as zstd usually does.

A record that came compressed may be far larger than what its topic takes: as a dead letter it has to fit again. It also
spares the brokers most of the decision log.
"""

import struct
from typing import Any, Final

import cramjam
from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.record.default_records import DefaultRecordBatch
from aiokafka.record.util import calc_crc32c

# Before compression; an output topic takes about as much (topics.py).
_MOST_BYTES: Final = 1_000_000
# Decisions become smaller than by aiokafka's 3, in less time.
_LEVEL: Final = 1
# Of a record batch (https://kafka.apache.org/documentation/#recordbatch): where the length stands, and what precedes
# what it tells; the checksum; where what it covers begins, with the attributes; and where the records begin.
_LENGTH, _BEHIND_LENGTH, _CHECKSUM, _COVERED, _RECORDS = 8, 12, 17, 21, 61


class CompressedBatch(BatchBuilder):  # type: ignore[misc]  # aiokafka's producer has no types
    """An empty batch, for a transactional producer."""

    _buffer: bytes | bytearray | None

    def __init__(self) -> None:
        super().__init__(_MOST_BYTES, DefaultRecordBatch.CODEC_NONE, is_transactional=True)

    def _build(self) -> Any:
        if self._buffer is None:
            self._buffer = compressed(super()._build())
        return self._buffer


def compressed(batch: bytearray) -> bytes | bytearray:
    """Give a record batch compressed, or as it is where that would not make it shorter."""
    records = bytes(cramjam.zstd.compress(memoryview(batch)[_RECORDS:], level=_LEVEL))
    if _RECORDS + len(records) >= len(batch):
        return batch
    packed = batch[:_RECORDS] + records
    struct.pack_into(">i", packed, _LENGTH, len(packed) - _BEHIND_LENGTH)
    (attributes,) = struct.unpack_from(">h", packed, _COVERED)
    struct.pack_into(">h", packed, _COVERED, attributes | DefaultRecordBatch.CODEC_ZSTD)
    struct.pack_into(">I", packed, _CHECKSUM, calc_crc32c(bytes(packed[_COVERED:])))
    return packed
