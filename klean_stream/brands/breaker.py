"""The flood breaker: a brand that is suddenly found far more often than usual is not acted on, but reviewed.

Such a jump is a fault of a registry more often than a wave of counterfeits: an alias that is an ordinary word, a name
that is in fashion this week. Counted are the sellers in whose listings the machine might act for the brand, each once
a window, so that one seller with a thousand listings, or whoever wants the machine to look away, moves nothing.

Pure: counts come in as rows and go out as rows, time is the record's. Earlier windows fade by an eighth each, for the
brand and for all listings alike, so that their ratio is the usual share of about the last eight windows.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol
from zlib import crc32

from klean_stream.policy.settings import Breaker

_MINUTE, _HOUR = 60_000, 3_600_000
_SCALE = 1024
"""Past counts are kept in so many parts, so that a brand that is found once does not fade to nothing at once."""
_KEPT, _OF = 7, 8
_LONGEST_FADE = 256
_BITS = 1024
"""Of the set of sellers seen in a window, by a hash: some 20 of 200 share a bit with another, and count as one."""


class Traffic(NamedTuple):
    """``breaker/<partition>``: how many listings were judged in the window at hand, and in those before.

    Every listing makes a new one, and a named tuple is made in a quarter of the time of a frozen dataclass.
    """

    window: int
    listings: int = 0
    past: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """``breaker/<partition>/<brand>``: by how many sellers a brand is used, and until when it is held.

    ``seen`` is the set of those sellers as bits, in hex digits; ``held_until`` is in milliseconds since the epoch.
    """

    window: int
    sellers: int = 0
    past: int = 0
    seen: str = "0"
    held_until: int = 0


class Flow(Protocol):
    """The counts of one partition, as they are before the event."""

    @property
    def partition(self) -> int:
        """The partition's number."""
        ...

    def traffic(self) -> Traffic | None:
        """Give the counts of all listings; None before the first."""
        ...

    def usage(self, brand_id: str) -> Usage | None:
        """Give the counts of a brand; None before the first."""
        ...


@dataclass(frozen=True, slots=True)
class Hold:
    """A brand begins to be held: ``sellers`` in ``listings`` of this window. ``usual`` is per million listings."""

    brand_id: str
    sellers: int
    listings: int
    usual: int
    held_until: int


class Counted(NamedTuple):
    """What one listing makes of the counts: the new rows, the brands held now, and those that begin to be."""

    traffic: Traffic
    usages: tuple[tuple[str, Usage], ...]
    held: frozenset[str]
    begun: tuple[Hold, ...]


def count(brand_ids: Iterable[str], seller_id: str, *, now: int, flow: Flow, rules: Breaker) -> Counted:
    """Count a listing, and the brands that the machine might act for in it. ``now`` is in milliseconds."""
    window = now // (rules.window_minutes * _MINUTE)
    before = flow.traffic() or Traffic(window=window)
    moved, past = _moved(before.window, window, before.listings, before.past)
    traffic = Traffic(window=moved, listings=before.listings + 1 if moved == before.window else 1, past=past)
    usages, held, begun = [], set(), []
    bit = 1 << (crc32(seller_id.encode()) % _BITS)
    for brand_id in brand_ids:
        known = flow.usage(brand_id) or Usage(window=moved)
        usage = _counted(known, moved, bit)
        if usage.held_until <= now and brand_id not in rules.exempt and _floods(usage, traffic, rules):
            usage = replace(usage, held_until=now + rules.hold_hours * _HOUR)
            usual = usage.past * 1_000_000 // traffic.past
            begun.append(Hold(brand_id, usage.sellers, traffic.listings, usual, usage.held_until))
        if is_held(usage, brand_id, now, rules):
            held.add(brand_id)
        if usage != known:
            usages.append((brand_id, usage))
    return Counted(traffic, tuple(usages), frozenset(held), tuple(begun))


def is_held(usage: Usage | None, brand_id: str, now: int, rules: Breaker) -> bool:
    """Say whether a brand is held; an operator lifts it by the policy's ``exempt``."""
    return usage is not None and usage.held_until > now and brand_id not in rules.exempt


def _moved(of: int, window: int, count: int, past: int) -> tuple[int, int]:
    """Give the window that counts go on in, and what lies in the past by then.

    A record that is a little late counts in the window at hand. One that is far behind says that the window was
    set by a clock that ran ahead: counting goes on where it stands, and no window has passed.
    """
    passed = window - of
    if passed in (0, -1):
        return of, past
    if passed < 0:
        return window, past
    fades = min(passed, _LONGEST_FADE)
    return window, (past + count * _SCALE) * _KEPT**fades // _OF**fades


def _counted(usage: Usage, window: int, bit: int) -> Usage:
    if window != usage.window:
        _, past = _moved(usage.window, window, usage.sellers, usage.past)
        usage = Usage(window=window, past=past, held_until=usage.held_until)
    seen = int(usage.seen, 16)
    return usage if seen & bit else replace(usage, sellers=usage.sellers + 1, seen=f"{seen | bit:x}")


def _floods(usage: Usage, traffic: Traffic, rules: Breaker) -> bool:
    if usage.sellers < rules.min_sellers or traffic.past < rules.min_listings * _SCALE:
        return False
    above_floor = usage.sellers * 10_000 > rules.factor * rules.floor_per_10000 * traffic.listings
    return above_floor and usage.sellers * traffic.past > rules.factor * usage.past * traffic.listings
