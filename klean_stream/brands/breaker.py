"""The flood breaker: a brand that is suddenly found far more often than usual is not acted on, but reviewed.

Such a jump is a fault of a registry more often than a wave of counterfeits: an alias that is an ordinary word, a name
that is in fashion this week. Counted are the sellers in whose listings the machine might act for the brand, each once
a window, so that one seller with a thousand listings, or whoever wants the machine to look away, moves nothing.

Looked at are the window at hand, for what comes all at once, and the window with the one before it, for what comes
slowly. What lies before both is what is usual: it fades by an eighth each window, for the brand and for all listings
alike, so that the ratio is the share of about eight windows.

Pure: counts come in as rows and go out as rows, time is the record's.
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
    """``breaker/<partition>``: listings judged in the window at hand, in the one before it, and in the past.

    Every listing makes a new one, and a named tuple is made in a quarter of the time of a frozen dataclass.
    """

    window: int
    listings: int = 0
    before: int = 0
    past: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """``breaker/<partition>/<brand>``: by how many sellers a brand is used, and until when it is held.

    ``seen`` is the set of those sellers as bits, in hex digits; ``held_until`` is in milliseconds since the epoch.
    """

    window: int
    sellers: int = 0
    before: int = 0
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
    """A brand begins to be held: so many ``sellers`` in so many ``listings``; ``usual`` is per million listings."""

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
    moved = _moved(before, window)
    traffic = moved._replace(listings=moved.listings + 1)
    usages, held, begun = [], set(), []
    bit = 1 << (crc32(seller_id.encode()) % _BITS)
    for brand_id in brand_ids:
        known = flow.usage(brand_id) or Usage(window=traffic.window)
        usage = _counted(known, traffic.window, bit)
        may_begin = usage.held_until <= now and brand_id not in rules.exempt
        if may_begin and (flood := _flood(usage, traffic, rules)):
            usage = replace(usage, held_until=now + rules.hold_hours * _HOUR)
            usual = usage.past * 1_000_000 // traffic.past
            begun.append(Hold(brand_id, *flood, usual, usage.held_until))
        if is_held(usage, brand_id, now, rules):
            held.add(brand_id)
        if usage != known:
            usages.append((brand_id, usage))
    return Counted(traffic, tuple(usages), frozenset(held), tuple(begun))


def is_held(usage: Usage | None, brand_id: str, now: int, rules: Breaker) -> bool:
    """Say whether a brand is held; an operator lifts it by the policy's ``exempt``."""
    return usage is not None and usage.held_until > now and brand_id not in rules.exempt


def _moved(traffic: Traffic, window: int) -> Traffic:
    """Give the counts that go on in a window.

    A record that is a little late counts in the window at hand. One that is far behind says that the window was
    set by a clock that ran ahead: counting goes on where it stands, and no window has passed.
    """
    passed = window - traffic.window
    if passed in (0, -1):
        return traffic
    if passed < 0:
        return traffic._replace(window=window)
    before, past = _passed(passed, traffic.listings, traffic.before, traffic.past)
    return Traffic(window, 0, before, past)


def _passed(windows: int, count: int, before: int, past: int) -> tuple[int, int]:
    """Give what is in the window before the one at hand, and in the past, after so many windows."""
    past = (past + before * _SCALE) * _KEPT // _OF
    if windows == 1:
        return count, past
    fades = min(windows - 1, _LONGEST_FADE)
    return 0, (past + count * _SCALE) * _KEPT**fades // _OF**fades


def _counted(usage: Usage, window: int, bit: int) -> Usage:
    if window > usage.window:
        before, past = _passed(window - usage.window, usage.sellers, usage.before, usage.past)
        usage = Usage(window=window, before=before, past=past, held_until=usage.held_until)
    elif window < usage.window:
        usage = replace(usage, window=window)
    seen = int(usage.seen, 16)
    return usage if seen & bit else replace(usage, sellers=usage.sellers + 1, seen=f"{seen | bit:x}")


def _flood(usage: Usage, traffic: Traffic, rules: Breaker) -> tuple[int, int] | None:
    """Give the sellers and listings that are far more than usual, of one window or of two; None if they are not."""
    if traffic.past < rules.min_listings * _SCALE:
        return None
    two = usage.sellers + usage.before, traffic.listings + traffic.before
    for sellers, listings in ((usage.sellers, traffic.listings), two):
        if _exceeds(sellers, listings, usage.past, traffic.past, rules):
            return sellers, listings
    return None


def _exceeds(sellers: int, listings: int, usual: int, of: int, rules: Breaker) -> bool:
    return (
        sellers >= rules.min_sellers
        and sellers * 10_000 > rules.factor * rules.floor_per_10000 * listings
        and sellers * of > rules.factor * usual * listings
    )
