"""Reading JSON Lines files, plain or gzipped, with line numbers for whoever has to mend them."""

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, cast

import orjson


class BadLine(Exception):  # noqa: N818 - it names the line, not a fault of the code
    """A line of a file that cannot be used. ``number`` counts from 1."""

    def __init__(self, path: Path, number: int, reason: str) -> None:
        super().__init__(f"{path}, line {number}: {reason}")
        self.path = path
        self.number = number
        self.reason = reason


def open_bytes(path: Path) -> IO[bytes]:
    """Open a file for reading; one whose name ends in ``.gz`` is unpacked on the way."""
    return cast("IO[bytes]", gzip.open(path, "rb")) if path.suffix == ".gz" else path.open("rb")


def open_text(path: Path) -> IO[str]:
    """Open a file of UTF-8 text for reading; one whose name ends in ``.gz`` is unpacked on the way."""
    if path.suffix == ".gz":
        return cast("IO[str]", gzip.open(path, "rt", encoding="utf-8"))
    return path.open(encoding="utf-8")


def read_rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Give line number and object of each line; empty lines are skipped.

    Raises:
        BadLine: a line is no JSON object, or the compressed file breaks off there.
        OSError: the file cannot be opened.

    """
    number = 0
    with open_bytes(path) as lines:
        while True:
            number += 1
            try:
                line = lines.readline()
            except (EOFError, OSError, zlib.error) as error:
                raise BadLine(path, number, f"cannot be unpacked ({error})") from error
            if not line:
                return
            if not line.strip():
                continue
            try:
                row = orjson.loads(line)
            except orjson.JSONDecodeError as error:
                raise BadLine(path, number, f"not valid JSON ({error})") from error
            if not isinstance(row, dict):
                raise BadLine(path, number, "not a JSON object")
            yield number, row
