"""Where a partition's rows lie on this worker: RocksDB, or memory for the demo.

The changelog topic is the truth; a store is a copy of it up to an offset, and that offset is written in the same
atomic batch as the rows. A store may therefore be lost at any time, but never half-written.
"""

import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol

from rocksdict import AccessType, Options, Rdict, WriteBatch, WriteOptions

from klean_stream.processing.rows import RowsError

_OFFSET = b"\x00changelog-offset"


class Store(Protocol):
    """The rows of one partition and the changelog offset that they stand for."""

    def get(self, key: bytes) -> bytes | None:
        """Give a row's bytes, or None."""

    def apply(self, rows: Iterable[tuple[bytes, bytes | None]], next_offset: int) -> None:
        """Write rows (None deletes) and the offset of the next changelog record, all or nothing."""

    def next_offset(self) -> int:
        """Give the offset of the first changelog record that is not in the store; 0 for an empty one."""

    def scan(self, prefix: bytes, after: bytes, limit: int) -> list[tuple[bytes, bytes]]:
        """Give up to ``limit`` rows whose keys start with ``prefix``, from the first key past ``after``."""

    def close(self) -> None:
        """Let go of files."""

    def destroy(self) -> None:
        """Close and delete everything: the next one starts from the changelog's beginning."""


class MemoryStore:
    """Rows in a dictionary."""

    def __init__(self) -> None:
        self._rows: dict[bytes, bytes] = {}
        self._next_offset = 0

    def get(self, key: bytes) -> bytes | None:
        """Give a row's bytes, or None."""
        return self._rows.get(key)

    def apply(self, rows: Iterable[tuple[bytes, bytes | None]], next_offset: int) -> None:
        """Write rows (None deletes) and the offset of the next changelog record."""
        for key, value in rows:
            if value is None:
                self._rows.pop(key, None)
            else:
                self._rows[key] = value
        self._next_offset = next_offset

    def next_offset(self) -> int:
        """Give the offset of the first changelog record that is not in the store."""
        return self._next_offset

    def scan(self, prefix: bytes, after: bytes, limit: int) -> list[tuple[bytes, bytes]]:
        """Give up to ``limit`` rows whose keys start with ``prefix``, from the first key past ``after``."""
        found = sorted(item for item in self._rows.items() if item[0].startswith(prefix) and item[0] > after)
        return found[:limit]

    def close(self) -> None:
        """Nothing to let go of."""

    def destroy(self) -> None:
        """Forget every row."""
        self._rows.clear()
        self._next_offset = 0


class RocksStore:
    """Rows in a RocksDB folder of their own, one for each partition."""

    def __init__(self, folder: Path) -> None:
        """Open (or create) the folder. Raises Exception of rocksdict if it is corrupt or locked."""
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        options = Options(raw_mode=True)
        options.create_if_missing(True)
        # The changelog is the durable copy: after a crash the store is completed from it, so its own log need
        # not be synced for each unit.
        self._write_options = WriteOptions()
        self._database = Rdict(str(folder), options=options, access_type=AccessType.read_write())
        self._database.set_write_options(self._write_options)

    def get(self, key: bytes) -> bytes | None:
        """Give a row's bytes, or None."""
        with _rows_errors():
            value: bytes | None = self._database.get(key)
        return value

    def apply(self, rows: Iterable[tuple[bytes, bytes | None]], next_offset: int) -> None:
        """Write rows (None deletes) and the offset of the next changelog record in one atomic batch."""
        batch = WriteBatch(raw_mode=True)
        for key, value in rows:
            if value is None:
                batch.delete(key)
            else:
                batch.put(key, value)
        batch.put(_OFFSET, str(next_offset).encode())
        with _rows_errors():
            self._database.write(batch)

    def next_offset(self) -> int:
        """Give the offset of the first changelog record that is not in the store."""
        text = self.get(_OFFSET)
        return 0 if text is None else int(text)

    def scan(self, prefix: bytes, after: bytes, limit: int) -> list[tuple[bytes, bytes]]:
        """Give up to ``limit`` rows whose keys start with ``prefix``, from the first key past ``after``."""
        found: list[tuple[bytes, bytes]] = []
        with _rows_errors():
            for key, value in self._items_from(max(prefix, after)):
                if key == after:
                    continue
                if not key.startswith(prefix) or len(found) == limit:
                    break
                found.append((key, value))
        return found

    def _items_from(self, key: bytes) -> Iterator[tuple[bytes, bytes]]:
        yield from self._database.items(from_key=key)

    def close(self) -> None:
        """Let go of the folder."""
        self._database.close()

    def destroy(self) -> None:
        """Close and delete the folder."""
        # What is to be deleted may be too spoilt to be closed.
        with suppress(Exception):
            self.close()
        shutil.rmtree(self._folder, ignore_errors=True)


@contextmanager
def _rows_errors() -> Iterator[None]:
    """Raise RowsError for what rocksdict raises, which is a bare Exception."""
    try:
        yield
    except Exception as error:
        raise RowsError(str(error)) from error


def open_store(folder: Path | None) -> Store:
    """Open the store of a partition in its folder, or in memory where ``folder`` is None.

    A folder that RocksDB finds corrupt is deleted and begun anew: the changelog has every row.
    """
    if folder is None:
        return MemoryStore()
    try:
        return RocksStore(folder)
    except Exception as error:
        if "lock" in str(error).lower():
            raise
        shutil.rmtree(folder, ignore_errors=True)
        return RocksStore(folder)
