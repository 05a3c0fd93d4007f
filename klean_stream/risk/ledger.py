"""The risk ledger of a seller: entries are added, and taken back exactly.

The ledger is bounded, so that a seller's row stays under 64 KiB whatever the ids. Spent entries are dropped
whenever one is added. Beyond the bound the oldest entries are *folded*: those of one day that are alike
(name, points, strike) become one entry with a ``count``, and lose only the ids that say which listing they
were about. As points fade by calendar day, folding changes no score on any later day, and a folded entry can
still be taken back: it is counted down. Only if a ledger is full of folded days is the oldest of them
dropped; by then its seller stands hundreds of entries above every threshold.
"""

from collections.abc import Iterable
from dataclasses import replace

import orjson

from klean_stream.decision.rows import SellerRow, Signal
from klean_stream.policy import Policy
from klean_stream.risk.decay import DAY, is_spent

MAX_ENTRIES = 200
MAX_BYTES = 48 * 1024
# The longest possible entry (ids of 128 four-byte characters) is under 800 bytes: below this, nothing to
# measure.
_SURELY_FITS = 60


def add(row: SellerRow, signal: Signal, now: int, policy: Policy) -> SellerRow:
    """Give the row with one more entry. Entries that are spent at ``now`` are dropped."""
    entries = [entry for entry in row.ledger if not is_spent(entry, now, policy)]
    return replace(row, ledger=tuple(_bounded([*entries, signal])))


def take_back(row: SellerRow, signals: Iterable[Signal]) -> SellerRow:
    """Give the row without the entries that ``signals`` are copies of, as if they had never been added.

    An entry that is no longer there (it was spent, or dropped) is worth nothing and takes nothing back.
    """
    entries = list(row.ledger)
    for signal in signals:
        if signal in entries:
            entries.remove(signal)
            continue
        for place, entry in enumerate(entries):
            if _is_folded(entry) and _fold_of(signal) == replace(entry, count=1):
                entries[place : place + 1] = [replace(entry, count=entry.count - 1)] if entry.count > 1 else []
                break
    return replace(row, ledger=tuple(entries))


def _fold_of(signal: Signal) -> Signal:
    """Give what folding keeps of an entry. A folded entry has no cause: it has many."""
    return Signal(name=signal.name, points=signal.points, at=signal.at // DAY * DAY, cause="", strike=signal.strike)


def _is_folded(entry: Signal) -> bool:
    return not entry.cause


def _bounded(entries: list[Signal]) -> list[Signal]:
    while not _fits(entries):
        single = [entry for entry in entries if not _is_folded(entry)]
        # The newest entry is what this decision is about: it keeps its ids.
        if len(single) > 1:
            entries = _with_folded(entries, min(single[:-1], key=lambda entry: entry.at))
        else:
            entries.remove(min(filter(_is_folded, entries), key=lambda entry: entry.at))
    return entries


def _with_folded(entries: list[Signal], oldest: Signal) -> list[Signal]:
    rest = list(entries)
    rest.remove(oldest)
    fold = _fold_of(oldest)
    for place, entry in enumerate(rest):
        if _is_folded(entry) and replace(entry, count=1) == fold:
            rest[place] = replace(entry, count=entry.count + 1)
            return rest
    return [fold, *rest]


def _fits(entries: list[Signal]) -> bool:
    if len(entries) <= _SURELY_FITS:
        return True
    return len(entries) <= MAX_ENTRIES and len(orjson.dumps(entries)) <= MAX_BYTES
