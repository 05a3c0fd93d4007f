"""The flood breaker's counts among the rows of a partition."""

from dataclasses import dataclass

import msgspec

from klean_stream.brands.breaker import Counted, Traffic, Usage
from klean_stream.processing.rows import Rows, breaker_key, dump_row

# Every listing reads and writes a row of these, and a decoder of one type is faster than any other way.
_TRAFFIC, _USAGE = msgspec.json.Decoder(Traffic), msgspec.json.Decoder(Usage)


@dataclass(frozen=True, slots=True)
class StoredFlow:
    """Reads the counts of one partition when they are asked for: most listings use no mark."""

    partition: int
    rows: Rows

    def traffic(self) -> Traffic | None:
        """Give the counts of all listings; None before the first."""
        row = self.rows.get(breaker_key(self.partition))
        return None if row is None else _TRAFFIC.decode(row)

    def usage(self, brand_id: str) -> Usage | None:
        """Give the counts of a brand; None before the first."""
        row = self.rows.get(breaker_key(self.partition, brand_id))
        return None if row is None else _USAGE.decode(row)


def changes_of(counted: Counted, partition: int) -> list[tuple[bytes, bytes | None]]:
    """Give the rows that a listing changes."""
    of_brands = [(breaker_key(partition, brand_id), dump_row(usage)) for brand_id, usage in counted.usages]
    return [(breaker_key(partition), msgspec.json.encode(counted.traffic)), *of_brands]
