"""Sellers' rows as a worker writes them into its changelog, each told by its number."""

from collections.abc import Callable, Iterator

from klean_stream.decision.rows import SellerRow, Signal
from klean_stream.processing.rows import dump_row

_SIGNAL = Signal(name="mark_in_title", points=25, at=1_772_409_600_000, cause="d-%08d", listing_id="l-%08d")
_ROW = dump_row(SellerRow(status="approved", country="CN", shop_name="Shop %d", listings=97, ledger=(_SIGNAL,)))
assert _ROW is not None


def seller_row(number: int) -> tuple[bytes, bytes]:
    """Give key and value of one row: a seller with one entry in the ledger."""
    assert _ROW is not None
    return b"seller/s-%d" % number, _ROW % (number, number, number)


def rows(count: int, partitions: int) -> Iterator[tuple[bytes, bytes, int]]:
    """Give key, value and partition of as many rows, the partitions in turns."""
    for number in range(count):
        yield *seller_row(number), number % partitions


def right_rows(count: int, partitions: int, read: Callable[[int, bytes], bytes | None]) -> int:
    """Count the rows that are as they were published; ``read`` gives a row by its partition and key."""
    return sum(read(partition, key) == value for key, value, partition in rows(count, partitions))
