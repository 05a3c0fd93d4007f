"""The stores: the same contract in memory and in RocksDB."""

import subprocess
import sys
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


def test_the_oldest_identities_are_found_first_and_forgotten_ones_no_more(store: Store) -> None:
    times = {f"seen/{number:02}".encode(): str(1_000 * (20 - number)).encode() for number in range(20)}
    # Memory keeps them in the order in which they came.
    written = sorted(times.items(), key=lambda row: int(row[1]))
    store.apply([*written, (b"seller/1", b"y")], 1)
    assert store.newest_seen() == 20_000
    forgotten: list[bytes] = []
    for _ in range(12):
        found = store.seen_before(11_000, 3)
        forgotten += [key for key, _ in found]
        store.apply([(key, None) for key, _ in found], 2)
    assert forgotten == [key for key, _ in written[:10]]
    assert [key for key in times if store.get(key) is not None] == [
        f"seen/{number:02}".encode() for number in range(10)
    ]


def test_an_identity_that_was_written_anew_is_as_old_as_its_newest_time(store: Store) -> None:
    store.apply([(b"seen/a", b"1000"), (b"seen/b", b"2000")], 1)
    store.apply([(b"seen/a", b"9000")], 2)
    assert store.seen_before(5_000, 10) == [(b"seen/b", b"2000")]


def test_an_identity_that_comes_late_is_forgotten_although_the_sweep_has_passed_its_time(tmp_path: Path) -> None:
    store = open_store(tmp_path / "rows")
    store.apply([(b"seen/a", b"1000")], 1)
    store.apply([(b"seen/a", b"9000")], 2)
    assert store.seen_before(5_000, 10) == []
    store.apply([(b"seen/late", b"500")], 3)
    for _ in range(2):
        # Until its row is deleted; a unit may fail.
        assert store.seen_before(5_000, 10) == [(b"seen/late", b"500")]
    store.apply([(b"seen/late", None), (b"seen/b", b"2000")], 4)
    assert store.seen_before(5_000, 10) == [(b"seen/b", b"2000")]
    store.apply([(b"seen/b", None)], 5)
    assert store.seen_before(5_000, 10) == []


def test_an_identity_that_comes_late_does_not_lead_the_sweep_over_what_it_has_deleted_again(tmp_path: Path) -> None:
    store = open_store(tmp_path / "rows")
    assert isinstance(store, RocksStore)
    forgotten = [(b"seen/%04d" % number, b"%d" % (1_000 + number)) for number in range(500)]
    store.apply(forgotten, 1)
    store.apply([(key, None) for key, _ in forgotten], 2)
    assert store.seen_before(5_000, 1_000) == []
    walked = store._walked
    store.apply([(b"seen/late", b"500")], 3)
    assert store.seen_before(5_000, 10) == [(b"seen/late", b"500")]
    assert store._walked == walked


def test_a_store_knows_of_which_changelog_it_is_a_copy(store: Store) -> None:
    assert store.is_copy_of("first")
    assert store.is_copy_of("first")
    assert not store.is_copy_of("second")


def test_what_was_written_is_there_after_reopening(tmp_path: Path) -> None:
    store = open_store(tmp_path / "store")
    store.apply([(b"a", b"1")], 3)
    store.close()
    again = open_store(tmp_path / "store")
    assert (again.get(b"a"), again.next_offset()) == (b"1", 3)
    again.destroy()
    assert not (tmp_path / "store").exists()


@pytest.mark.parametrize(("spoilt", "reason"), [("CURRENT", "CURRENT file does not end"), ("MANIFEST", "in MANIFEST")])
def test_a_corrupt_folder_is_begun_anew(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, spoilt: str, reason: str
) -> None:
    store = open_store(tmp_path / "store")
    store.apply([(b"a", b"1")], 3)
    store.close()
    for file in (tmp_path / "store").glob(f"{spoilt}*"):
        file.write_bytes(b"\x00garbage")
    again = open_store(tmp_path / "store")
    assert (again.get(b"a"), again.next_offset()) == (None, 0)
    assert f"the rows in {tmp_path / 'store'} cannot be read" in caplog.text
    assert reason in caplog.text
    again.close()


def test_a_folder_with_a_spoilt_table_is_begun_anew(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    store = open_store(tmp_path / "store")
    store.apply([(b"seller/%d" % number, b"row %d" % number) for number in range(50)], 50)
    store.close()
    (table,) = (tmp_path / "store").glob("*.sst")
    content = table.read_bytes()
    # All but its beginning, which is read last, and the footer, by which RocksDB knows a table.
    begins, ends = len(content) // 3, len(content) - 60
    table.write_bytes(content[:begins] + bytes(ends - begins) + content[ends:])
    with pytest.raises(Exception, match="block checksum mismatch"):
        RocksStore(tmp_path / "store")
    again = open_store(tmp_path / "store")
    assert (again.get(b"seller/1"), again.next_offset()) == (None, 0)
    assert "block checksum mismatch" in caplog.text
    again.close()


def test_a_folder_in_use_is_not_deleted(tmp_path: Path) -> None:
    store = open_store(tmp_path / "store")
    store.apply([(b"a", b"1")], 3)
    with pytest.raises(Exception, match=r"(?i)lock"):
        open_store(tmp_path / "store")
    assert store.get(b"a") == b"1"
    store.close()


_FEW_FILES = """
import os, resource, sys
from pathlib import Path
from klean_stream.runtime.store import open_store

opened = len(os.listdir("/proc/self/fd"))
resource.setrlimit(resource.RLIMIT_NOFILE, (opened + 2, opened + 2))
open_store(Path(sys.argv[1]))
"""


def test_a_folder_that_cannot_be_opened_for_want_of_file_handles_is_not_deleted(tmp_path: Path) -> None:
    store = open_store(tmp_path / "store")
    store.apply([(b"a", b"1")], 3)
    store.close()
    command = [sys.executable, "-c", _FEW_FILES, str(tmp_path / "store")]
    ended = subprocess.run(command, check=False, capture_output=True, text=True)
    assert ended.returncode == 1
    assert "Too many open files" in ended.stderr
    again = open_store(tmp_path / "store")
    assert again.get(b"a") == b"1"
    again.close()


_LOADING = """
import os, sys
from pathlib import Path
from klean_stream.runtime.store import open_store

store = open_store(Path(sys.argv[1]))
with store.loading():
    for number in range(200):
        store.apply([(b"%03d/%03d" % (number, row), b"x" * 1_000) for row in range(100)], number + 1)
    if sys.argv[2] == "within":
        os._exit(9)
store.apply([(b"after", b"1")], 201)
os._exit(9)
"""


@pytest.mark.parametrize("killed", ["within", "after"])
def test_a_crash_while_much_is_loaded_leaves_an_earlier_state_without_a_gap(tmp_path: Path, killed: str) -> None:
    ended = subprocess.run([sys.executable, "-c", _LOADING, str(tmp_path / "store"), killed], check=False)
    assert ended.returncode == 9
    store = open_store(tmp_path / "store")
    offset = store.next_offset()
    # Some of the 20 MB are in files by then: nothing at all would show nothing.
    assert offset == 201 if killed == "after" else 0 < offset < 200
    for number in range(200):
        there = [store.get(b"%03d/%03d" % (number, row)) is not None for row in range(100)]
        assert all(there) if number < offset else not any(there)
    assert (store.get(b"after") is not None) == (killed == "after")
    store.close()


def test_what_is_loaded_is_there_and_goes_on_as_usual(store: Store) -> None:
    with store.loading():
        store.apply([(b"a", b"1"), (b"b", b"2")], 2)
    store.apply([(b"a", None)], 3)
    assert [store.get(key) for key in (b"a", b"b")] == [None, b"2"]
    assert store.next_offset() == 3
