"""Sellers' rows as a worker writes them into its changelog, each told by its number."""

from collections.abc import Iterator

from klean_stream.decision.rows import SellerRow, Signal
from klean_stream.processing.rows import dump_row, seller_key


def seller_row(number: int) -> tuple[bytes, bytes]:
    """Give key and value of one row, some 250 bytes: a seller with one entry in the ledger."""
    signal = Signal(name="mark_in_title", points=number % 40, at=1_772_409_600_000 + number, cause=f"d-{number:08}")
    row = SellerRow(status="approved", country="CN", shop_name=f"Shop {number}", listings=number % 97, ledger=(signal,))
    value = dump_row(row)
    assert value is not None
    return seller_key(f"s-{number}"), value


def rows(count: int, partitions: int) -> Iterator[tuple[bytes, bytes, int]]:
    """Give key, value and partition of as many rows, the partitions in turns."""
    for number in range(count):
        yield *seller_row(number), number % partitions


def wrong_rows(found: Iterator[bytes | None]) -> int:
    """Count those that are not what the rows of the same numbers, from 0 on, should be."""
    return sum(value != seller_row(number)[1] for number, value in enumerate(found))
