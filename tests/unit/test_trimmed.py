"""What is kept in memory is as large as it says."""

import tracemalloc

import orjson

from klean_stream.processing.rows import dump_row
from klean_stream.processing.trimmed import trimmed


def test_trimmed_bytes_are_the_same_bytes() -> None:
    for json in (b"", b"1", orjson.dumps({"title": "나이키"})):
        assert trimmed(json) == json


def test_rows_take_hardly_more_memory_than_they_are_long() -> None:
    tracemalloc.start()
    try:
        rows = [dump_row({"title": "x" * 500}) for _ in range(1_000)]
        taken, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert taken < 1.5 * sum(len(row or b"") for row in rows)
