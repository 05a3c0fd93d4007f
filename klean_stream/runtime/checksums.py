"""Checksums of what was fetched, by a library that has the processor compute them.

aiokafka computes them by tables, those of large batches at less than a tenth of the speed, and meanwhile nothing else
of Python runs. Its batches do not give their bytes away, so these are kept when they come (``receiving.py``).
"""

from typing import Any, Final

import google_crc32c
from aiokafka.record.default_records import DefaultRecordBatch

# Of a record batch (https://kafka.apache.org/documentation/#recordbatch): where the length stands of what follows it,
# which it has in common with what came before version 2, and where what the checksum covers begins.
_LENGTH, _BEHIND_LENGTH, _COVERED = 8, 12, 21
# The library wants bytes of their own: pieces of this size stay in the processor's caches.
_PIECE_BYTES: Final = 64 * 1024
# Where it has no wheel, such as on musl, the library falls back on Python, which would be slower than anything else.
_IS_NATIVE: Final = google_crc32c.implementation == "c"


class Checksums:
    """Checks the batches of one fetch, in their order.

    ``fetched`` is what was fetched. Should it be something else, or empty, that costs time and nothing more: what does
    not have the checksum that the batch tells, or is of an older format, is left to aiokafka.
    """

    def __init__(self, fetched: bytes) -> None:
        self._fetched = fetched
        self._at = 0

    def is_whole(self, batch: Any) -> bool:
        """Say whether the next batch is as its publisher made it."""
        begins = self._at
        length = int.from_bytes(self._fetched[begins + _LENGTH : begins + _BEHIND_LENGTH])
        self._at = ends = begins + _BEHIND_LENGTH + length
        if _IS_NATIVE and isinstance(batch, DefaultRecordBatch):
            checksum = 0
            for at in range(begins + _COVERED, ends, _PIECE_BYTES):
                checksum = google_crc32c.extend(checksum, self._fetched[at : min(at + _PIECE_BYTES, ends)])
            if checksum == batch.crc:
                return True
        whole: bool = batch.validate_crc()
        return whole
