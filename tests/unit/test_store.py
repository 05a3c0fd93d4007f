"""The stores: the same contract in memory and in RocksDB."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from klean_stream.runtime.store import MemoryStore, RocksStore, Store, open_store


@pytest.fixture(params=["memory", "rocksdb"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    made = open_store(None if request.param == "memory" else tmp_path / "store")
    assert isinstance(made, MemoryStore if request.param == "memory" else RocksStore)
    yield made
    made.close()


def test_rows_and_offset_are_written_together(store: Store) -> None:
    assert store.next_offset() == 0
    store.apply([(b"a", b"1"), (b"b", b"2")], 7)
    store.apply([(b"a", None), (b"c", b"3")], 9)
    assert [store.get(key) for key in (b"a", b"b", b"c")] == [None, b"2", b"3"]
    assert store.next_offset() == 9


def test_a_scan_walks_a_prefix_in_steps(store: Store) -> None:
    store.apply([(f"seen/{number:02}".encode(), b"x") for number in range(7)] + [(b"seller/1", b"y")], 1)
    walked: list[bytes] = []
    after = b""
    while found := store.scan(b"seen/", after, 3):
        walked += [key for key, _ in found]
        after = found[-1][0]
    assert walked == [f"seen/{number:02}".encode() for number in range(7)]


def test_what_was_written_is_there_after_reopening(tmp_path: Path) -> None:
    store = open_store(tmp_path / "store")
    store.apply([(b"a", b"1")], 3)
    store.close()
    again = open_store(tmp_path / "store")
    assert (again.get(b"a"), again.next_offset()) == (b"1", 3)
    again.destroy()
    assert not (tmp_path / "store").exists()


def test_a_corrupt_folder_is_begun_anew(tmp_path: Path) -> None:
    store = open_store(tmp_path / "store")
    store.apply([(b"a", b"1")], 3)
    store.close()
    for file in (tmp_path / "store").iterdir():
        if file.name.startswith(("CURRENT", "MANIFEST")):
            file.write_bytes(b"\x00garbage")
    again = open_store(tmp_path / "store")
    assert (again.get(b"a"), again.next_offset()) == (None, 0)
    again.close()


def test_a_folder_in_use_is_not_deleted(tmp_path: Path) -> None:
    store = open_store(tmp_path / "store")
    store.apply([(b"a", b"1")], 3)
    with pytest.raises(Exception, match=r"(?i)lock"):
        open_store(tmp_path / "store")
    assert store.get(b"a") == b"1"
    store.close()
