"""The flood breaker's counts among the rows of a partition."""

from dataclasses import dataclass

from klean_stream.brands.breaker import Counted, Traffic, Usage
from klean_stream.processing.rows import Rows, breaker_key, dump_row, load_row


@dataclass(frozen=True, slots=True)
class StoredFlow:
    """Reads the counts of one partition when they are asked for: most listings use no mark."""

    partition: int
    rows: Rows

    def traffic(self) -> Traffic | None:
        """Give the counts of all listings; None before the first."""
        return load_row(self.rows.get(breaker_key(self.partition)), Traffic)

    def usage(self, brand_id: str) -> Usage | None:
        """Give the counts of a brand; None before the first."""
        return load_row(self.rows.get(breaker_key(self.partition, brand_id)), Usage)


def changes_of(counted: Counted, partition: int) -> list[tuple[bytes, bytes | None]]:
    """Give the rows that a listing changes."""
    of_brands = [(breaker_key(partition, brand_id), dump_row(usage)) for brand_id, usage in counted.usages]
    return [(breaker_key(partition), dump_row(counted.traffic)), *of_brands]
