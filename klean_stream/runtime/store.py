"""Where a partition's rows lie on this worker: RocksDB, or memory for the demo.

The changelog topic is the truth; a store is a copy of it up to an offset, and that offset is written in the same
atomic batch as the rows. A store may therefore be lost at any time, but never half-written.

Rows of identities (``seen/``, their value is a time) are indexed by time beside the rows, so that the oldest are
found without a search. The index is the store's own: it is not in the changelog.
"""

import errno
import logging
import os
import shutil
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Protocol

from rocksdict import AccessType, BlockBasedOptions, Cache, Options, Rdict, WriteBatch, WriteOptions

from klean_stream.processing.rows import RowsError

log = logging.getLogger(__name__)

# What is the store's own begins with a byte that no row's key begins with.
_OFFSET = b"\x00changelog-offset"
_CHANGELOG_ID = b"\x00changelog-id"
_INDEX = b"\x00seen-at/"
_SEEN = b"seen/"
_TIME_BYTES = 8
_WRITE_BUFFER_BYTES = 4 * 1024 * 1024
_BLOCK_CACHE_BYTES = 32 * 1024 * 1024
# RocksDB's own advice: one look-up in a hundred goes to a file in vain.
_BLOOM_BITS = 10
_RECENT_BYTES = 2 * 1024 * 1024
# RocksDB's own defaults, and what lets files pile up while rows are loaded.
_SERVING = {
    "disable_auto_compactions": "false",
    "level0_slowdown_writes_trigger": "20",
    "level0_stop_writes_trigger": "36",
}
_LOADING = {
    "disable_auto_compactions": "true",
    "level0_slowdown_writes_trigger": "1000000",
    "level0_stop_writes_trigger": "1000000",
}


class Store(Protocol):
    """The rows of one partition and the changelog offset that they stand for."""

    def get(self, key: bytes) -> bytes | None:
        """Give a row's bytes, or None."""

    def apply(self, rows: Iterable[tuple[bytes, bytes | None]], next_offset: int) -> None:
        """Write rows (None deletes) and the offset of the next changelog record, all or nothing."""

    def loading(self) -> AbstractContextManager[None]:
        """Apply much at once in this context. After a crash within it the store may be at an earlier offset."""

    def next_offset(self) -> int:
        """Give the offset of the first changelog record that is not in the store; 0 for an empty one."""

    def is_copy_of(self, changelog_id: str) -> bool:
        """Say whether the store is a copy of this very topic; one that does not know takes the id as its own."""

    def newest_seen(self) -> int:
        """Give the newest time among the identities that were written since the store was opened; 0 if none was."""

    def seen_before(self, horizon: int, limit: int) -> list[tuple[bytes, bytes]]:
        """Give rows of identities that are older than a time, the oldest first, visiting at most ``limit``."""

    def close(self) -> None:
        """Let go of files."""

    def destroy(self) -> None:
        """Close and delete everything: the next one starts from the changelog's beginning."""


class MemoryStore:
    """Rows in a dictionary."""

    def __init__(self) -> None:
        self._rows: dict[bytes, bytes] = {}
        self._next_offset = 0
        self._changelog_id = ""
        self._seen: deque[tuple[int, bytes]] = deque()
        self._newest = 0

    def get(self, key: bytes) -> bytes | None:
        """Give a row's bytes, or None."""
        return self._rows.get(key)

    def apply(self, rows: Iterable[tuple[bytes, bytes | None]], next_offset: int) -> None:
        """Write rows (None deletes) and the offset of the next changelog record."""
        for key, value in rows:
            if value is None:
                self._rows.pop(key, None)
                continue
            self._rows[key] = value
            if key.startswith(_SEEN):
                self._seen.append((int(value), key))
                self._newest = max(self._newest, int(value))
        self._next_offset = next_offset

    def loading(self) -> AbstractContextManager[None]:
        """Do nothing else than otherwise."""
        return nullcontext()

    def next_offset(self) -> int:
        """Give the offset of the first changelog record that is not in the store."""
        return self._next_offset

    def is_copy_of(self, changelog_id: str) -> bool:
        """Say whether the store is a copy of this very topic; one that does not know takes the id as its own."""
        self._changelog_id = self._changelog_id or changelog_id
        return self._changelog_id == changelog_id

    def newest_seen(self) -> int:
        """Give the newest time among the identities; 0 if there is none."""
        return self._newest

    def seen_before(self, horizon: int, limit: int) -> list[tuple[bytes, bytes]]:
        """Give rows of identities that are older than a time, in the order in which they came."""
        found: list[tuple[bytes, bytes]] = []
        while self._seen and self._seen[0][0] < horizon and len(found) < limit:
            at, key = self._seen.popleft()
            value = self._rows.get(key)
            if value is not None and max(0, int(value)) == at:
                found.append((key, value))
        return found

    def close(self) -> None:
        """Nothing to let go of."""

    def destroy(self) -> None:
        """Forget every row."""
        self.__init__()  # type: ignore[misc]  # as it was made


@cache
def _block_cache() -> Cache:
    """Give the one cache of blocks that all stores of a worker share."""
    return Cache(_BLOCK_CACHE_BYTES)


class RocksStore:
    """Rows in a RocksDB folder of their own, one for each partition."""

    def __init__(self, folder: Path) -> None:
        """Open (or create) the folder. Raises Exception of rocksdict if it is corrupt or locked."""
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        options = Options(raw_mode=True)
        options.create_if_missing(True)
        # A worker has as many of these as partitions, and by default each may hold 128 MiB of writes in memory, and
        # 32 MiB of blocks read.
        options.set_write_buffer_size(_WRITE_BUFFER_BYTES)
        options.set_max_write_buffer_number(2)
        blocks = BlockBasedOptions()
        blocks.set_block_cache(_block_cache())
        # An identity is new, and so is most of the listings: without a filter each of them is looked for in every file.
        blocks.set_bloom_filter(_BLOOM_BITS, block_based=False)
        options.set_block_based_table_factory(blocks)
        # The changelog is the durable copy: after a crash the store is completed from it, so its own log need
        # not be synced for each unit.
        self._database = Rdict(str(folder), options=options, access_type=AccessType.read_write())
        self._keep_log(kept=True)
        self._newest = 0
        # What was written last, as long as it is little: busy sellers come again in the next unit.
        self._recent: dict[bytes, bytes] = {}
        self._recent_bytes = 0
        # Where the last walk over the index ended: before it lies what was deleted, which takes as long to pass as what
        # is there, and the entries that came late.
        self._walked = _INDEX
        self._late: set[bytes] = set()

    def get(self, key: bytes) -> bytes | None:
        """Give a row's bytes, or None."""
        recent = self._recent.get(key)
        if recent is not None:
            return recent
        # Not by a context manager, which costs as much as the look-up.
        try:
            value: bytes | None = self._database.get(key)
        except Exception as error:
            raise RowsError(str(error)) from error
        return value

    def apply(self, rows: Iterable[tuple[bytes, bytes | None]], next_offset: int) -> None:
        """Write rows (None deletes) and the offset of the next changelog record in one atomic batch."""
        batch, recent = WriteBatch(raw_mode=True), self._recent
        for key, value in rows:
            if value is None:
                batch.delete(key)
                recent.pop(key, None)
                continue
            batch.put(key, value)
            if key.startswith(_SEEN):
                at = int(value)
                self._newest = max(self._newest, at)
                entry = _index_key(at, key)
                batch.put(entry, b"")
                if entry < self._walked:
                    self._late.add(entry)
            else:
                recent[key] = value
        batch.put(_OFFSET, str(next_offset).encode())
        self._recent_bytes += batch.size_in_bytes()
        if self._recent_bytes > _RECENT_BYTES:
            recent.clear()
            self._recent_bytes = 0
        with _rows_errors():
            self._database.write(batch)

    @contextmanager
    def loading(self) -> Iterator[None]:
        """Write without RocksDB's own log, and merge files afterwards: half of the time that rows take.

        A batch is whole in a file or not there at all, its offset with it, and files are written in their order. So
        a crash leaves an earlier state and never a gap. What is still in memory at the end is written to a file
        before the log goes on, or the log would have what follows upon something that is lost.
        """
        with _rows_errors():
            self._keep_log(kept=False)
            self._database.set_options(_LOADING)
        try:
            yield
        finally:
            with _rows_errors():
                self._database.flush()
                self._database.set_options(_SERVING)
                self._keep_log(kept=True)

    def next_offset(self) -> int:
        """Give the offset of the first changelog record that is not in the store."""
        text = self.get(_OFFSET)
        return 0 if text is None else int(text)

    def is_copy_of(self, changelog_id: str) -> bool:
        """Say whether the store is a copy of this very topic; one that does not know takes the id as its own."""
        known = self.get(_CHANGELOG_ID)
        if known:
            return known == changelog_id.encode()
        with _rows_errors():
            self._database.put(_CHANGELOG_ID, changelog_id.encode())
        return True

    def newest_seen(self) -> int:
        """Give the newest time among the identities that were written since the store was opened; 0 if none was."""
        return self._newest

    def seen_before(self, horizon: int, limit: int) -> list[tuple[bytes, bytes]]:
        """Give rows of identities that are older than a time, the oldest first, visiting at most ``limit``."""
        found: list[tuple[bytes, bytes]] = []
        stale = WriteBatch(raw_mode=True)
        visited, has_passed = 0, True
        with _rows_errors():
            for entry in chain(sorted(self._late), self._index_from(self._walked)):
                visited += 1
                if visited > limit or not entry.startswith(_INDEX):
                    break
                at, key = _index_entry(entry)
                if at >= horizon:
                    break
                value: bytes | None = self._database.get(key)
                if value is not None and max(0, int(value)) == at:
                    found.append((key, value))
                    has_passed = has_passed and entry in self._late
                    continue
                # Its row was deleted by an earlier unit, or written anew with another time.
                stale.delete(entry)
                if entry in self._late:
                    self._late.remove(entry)
                elif has_passed:
                    self._walked = entry
            if stale.len():
                self._database.write(stale)
        return found

    def _keep_log(self, *, kept: bool) -> None:
        options = WriteOptions()
        options.disable_wal = not kept  # type: ignore[method-assign, assignment]  # a property; its stub is wrong
        self._database.set_write_options(options)

    def _index_from(self, entry: bytes) -> Iterator[bytes]:
        for key in self._database.keys(from_key=entry):
            assert isinstance(key, bytes)  # in raw mode it is
            yield key

    def close(self) -> None:
        """Let go of the folder."""
        self._database.close()

    def destroy(self) -> None:
        """Close and delete the folder."""
        # What is to be deleted may be too spoilt to be closed.
        with suppress(Exception):
            self.close()
        shutil.rmtree(self._folder, ignore_errors=True)


def _index_key(at: int, key: bytes) -> bytes:
    # Times before 1970 are as old as can be; big-endian bytes are in the order of the numbers.
    return _INDEX + max(0, at).to_bytes(_TIME_BYTES) + key


def _index_entry(entry: bytes) -> tuple[int, bytes]:
    begins = len(_INDEX) + _TIME_BYTES
    return int.from_bytes(entry[len(_INDEX) : begins]), entry[begins:]


@contextmanager
def _rows_errors() -> Iterator[None]:
    """Raise RowsError for what rocksdict raises, which is a bare Exception."""
    try:
        yield
    except Exception as error:
        raise RowsError(str(error)) from error


# Errors of the machine, which say nothing about the files: they pass, or somebody has to see to them, and an empty
# folder could not be opened either.
_OF_THE_MACHINE = [
    os.strerror(number)
    for number in (errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EROFS)
]


def open_store(folder: Path | None) -> Store:
    """Open the store of a partition in its folder, or in memory where ``folder`` is None.

    A folder that RocksDB finds corrupt is deleted and begun anew: the changelog has every row. Raises Exception of
    rocksdict, or OSError, where it is in use, or where files cannot be opened at all.
    """
    if folder is None:
        return MemoryStore()
    try:
        return RocksStore(folder)
    except Exception as error:
        reason = str(error)
        # By the file's name: "lock" also stands in "block checksum mismatch".
        if "/LOCK" in reason or any(said in reason for said in _OF_THE_MACHINE):
            raise
    log.error("the rows in %s cannot be read, are deleted and come back from the changelog: %s", folder, reason)
    shutil.rmtree(folder, ignore_errors=True)
    return RocksStore(folder)
