"""The flood breaker: what is counted, when a brand is held, for how long, and that a replay says the same."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import count as numbers

import msgspec
import orjson
import pytest

from klean_stream.brands.breaker import Counted, Hold, Traffic, Usage, count
from klean_stream.events import Brand, BrandHold, Control, Decision, Listing
from klean_stream.policy import default_policy
from klean_stream.policy.settings import Breaker
from klean_stream.processing import ROUTES, InputRecord
from klean_stream.processing.absorb import Absorbed
from klean_stream.processing.replay import JournalLine, Replay

MINUTE, HOUR = 60_000, 3_600_000
START = 480_000 * HOUR
RULES = msgspec.structs.replace(
    default_policy().breaker, min_sellers=5, min_listings=100, floor_per_10000=100, factor=4, hold_hours=3
)


@dataclass
class Books:
    """The counts of one partition, kept as a worker keeps them."""

    rules: Breaker = RULES
    partition: int = 0
    usages: dict[str, Usage] = field(default_factory=dict)
    all: Traffic | None = None
    sellers: Iterator[int] = field(default_factory=numbers)

    def traffic(self) -> Traffic | None:
        return self.all

    def usage(self, brand_id: str) -> Usage | None:
        return self.usages.get(brand_id)

    def take(self, now: int, *brand_ids: str, seller_id: str = "") -> Counted:
        counted = count(brand_ids, seller_id or f"s-{next(self.sellers)}", now=now, flow=self, rules=self.rules)
        self.all = counted.traffic
        self.usages |= dict(counted.usages)
        return counted

    def hour(self, number: int, listings: int, every: int) -> None:
        """Take an hour's listings, every so-manieth of which uses the brand."""
        for place in range(listings):
            self.take(START + number * HOUR + place, *(["nike"] if place % every == 0 else []))


def usual_day() -> Books:
    """Give the books after five hours in which one listing in twenty used the brand."""
    books = Books()
    for number in range(5):
        books.hour(number, 200, 20)
    return books


def test_a_brand_that_is_found_as_often_as_usual_is_not_held() -> None:
    books = usual_day()
    assert all(usage.held_until == 0 for usage in books.usages.values())
    assert books.all is not None
    assert books.usages["nike"].sellers == 10


def test_a_jump_beyond_the_usual_share_holds_the_brand_and_says_so_once() -> None:
    books = usual_day()
    at = START + 5 * HOUR
    taken = [books.take(at + place, "nike", "other") for place in range(10)]
    (held,) = [hold for counted in taken for hold in counted.begun if hold.brand_id == "nike"]
    assert (held.sellers, held.listings, held.held_until) == (5, 5, at + 4 + 3 * HOUR)
    assert held.usual == pytest.approx(50_000, rel=0.05)
    assert [("nike" in counted.held) for counted in taken] == [False] * 4 + [True] * 6


def test_a_hold_ends_and_what_was_found_meanwhile_is_usual() -> None:
    books = usual_day()
    for number in range(5, 8):
        books.hour(number, 100, 2)
    held_until = books.usages["nike"].held_until
    assert START + 8 * HOUR < held_until < START + 9 * HOUR
    for place in range(20):
        last = books.take(held_until + place * 1_000, *(["nike"] if place % 2 else []))
    assert books.usages["nike"].held_until == held_until
    assert last.held == frozenset()


def test_one_seller_with_many_listings_moves_nothing() -> None:
    books = usual_day()
    for place in range(500):
        counted = books.take(START + 5 * HOUR + place, "nike", seller_id=f"loud-{place % 4}")
    assert counted.held == frozenset()
    assert books.usages["nike"].sellers == 4


def test_without_a_past_nobody_is_held() -> None:
    books = Books()
    taken = [books.take(START + place, "nike") for place in range(300)]
    assert not any(counted.held for counted in taken)


def test_a_new_brand_is_taken_for_a_rare_one() -> None:
    books = usual_day()
    at = START + 5 * HOUR
    # One in fifty: less than four times the floor of one in a hundred.
    for place in range(1_000):
        rare = books.take(at + place, *(["rare"] if place % 50 == 0 else []))
    assert rare.begun == ()
    taken = [books.take(at + HOUR + place, *(["flood"] if place % 10 == 0 else [])) for place in range(100)]
    assert [hold.brand_id for counted in taken for hold in counted.begun] == ["flood"]


def test_a_flood_that_comes_slowly_is_found_over_two_windows() -> None:
    books = usual_day()
    begun: list[Hold] = []
    for number in (5, 6):
        for place in range(60):
            flooding = place % 15 == 14
            begun += books.take(START + number * HOUR + place, *(["slow"] if flooding else [])).begun
    assert [(hold.brand_id, hold.sellers) for hold in begun] == [("slow", 5)]


def test_an_exempt_brand_is_not_held_and_a_held_one_that_becomes_exempt_no_longer() -> None:
    books = usual_day()
    at = START + 5 * HOUR
    for place in range(9):
        books.take(at + place, "nike")
    assert books.take(at + 10, "nike").held == {"nike"}
    books.rules = msgspec.structs.replace(RULES, exempt=frozenset({"nike"}))
    counted = books.take(at + 11, "nike")
    assert (counted.held, counted.begun) == (frozenset(), ())


def test_a_late_record_counts_now_and_a_clock_that_ran_ahead_stops_nothing() -> None:
    books = usual_day()
    assert books.all is not None
    past = books.all.past
    books.take(START + 3 * HOUR + 30 * MINUTE, "nike")
    assert books.all.window == (START + 4 * HOUR) // HOUR
    books.take(START + 10_000 * HOUR)
    books.take(START + 5 * HOUR, "nike")
    assert books.all.window == (START + 5 * HOUR) // HOUR
    books.take(START + 6 * HOUR, "nike")
    books.take(START + 7 * HOUR, "nike")
    assert books.all.window == (START + 7 * HOUR) // HOUR
    assert 0 < books.all.past < past


def test_rows_stay_small_whatever_comes() -> None:
    books = Books()
    for place in range(3_000):
        books.take(START + place, "nike")
    usage = books.usages["nike"]
    assert len(orjson.dumps(usage)) < 500
    assert 700 < usage.sellers <= 1_024


# -- through the core ------------------------------------------------------------------------------------------

BREAKER: dict[str, object] = {
    "min_sellers": 5,
    "min_listings": 50,
    "floor_per_10000": 100,
    "factor": 4,
    "hold_hours": 3,
}


def lines(events: Iterable[tuple[int, str, int, object]]) -> Iterator[JournalLine]:
    """Give journal lines of (time, topic, partition, event)."""
    offsets: dict[tuple[str, int], int] = {}
    for now, topic, partition, event in events:
        offset = offsets[topic, partition] = offsets.get((topic, partition), -1) + 1
        key = ROUTES[topic].key_of(event).encode()
        yield JournalLine(InputRecord(topic, partition, offset, now, key, orjson.dumps(event)))


def listing(number: int, title: str) -> Listing:
    return Listing(seller_id=f"s-{number}", listing_id=f"l-{number}", version=1, change="created", title=title)


def flood(partition: int = 0, first: int = 0) -> Iterator[tuple[int, str, int, object]]:
    for number in range(first, first + 100):
        yield START + number, "listings", partition, listing(number, "cotton socks")
    for number in range(first + 100, first + 110):
        yield START + 2 * HOUR + number, "listings", partition, listing(number, "Norda replica shoes")


def reference(**more: object) -> list[tuple[int, str, int, object]]:
    return [
        (START, "brands", 0, Brand(brand_id="norda", name="Norda")),
        (START, "control", 0, Control(kind="policy", policy={"breaker": BREAKER | more})),
    ]


def decided(events: Iterable[tuple[int, str, int, object]]) -> tuple[list[Absorbed], Replay]:
    replay = Replay()
    return [absorbed for absorbed in replay.run(lines(events)) if absorbed.decision is not None], replay


def of_listings(absorbed: Iterable[Absorbed]) -> list[Decision]:
    return [one.decision for one in absorbed if one.decision is not None and one.decision.topic == "listings"]


def test_what_a_held_brand_is_found_in_is_escalated_and_not_taken_down() -> None:
    absorbed, _ = decided([*reference(), *flood()])
    decisions = of_listings(absorbed)[100:]
    assert [decision.verdict for decision in decisions] == ["takedown"] * 4 + ["escalate"] * 6
    held = decisions[-1].findings[0]
    assert (held.tier, held.held, held.disposition) == ("review", True, "counts")
    assert not decisions[0].findings[0].held
    (hold,) = [output for one in absorbed for output in one.published if isinstance(output, BrandHold)]
    assert (hold.brand_id, hold.sellers, hold.partition) == ("norda", 5, 0)
    assert hold.decision_id == decisions[4].id


def test_an_operator_lifts_a_hold_by_policy() -> None:
    absorbed, _ = decided([*reference(exempt=["norda"]), *flood()])
    assert {decision.verdict for decision in of_listings(absorbed)[100:]} == {"takedown"}


def test_partitions_are_counted_each_for_itself_so_that_their_order_plays_no_part() -> None:
    first, second = list(flood(0)), list(flood(1, 1_000))
    one, rows_of_one = decided([*reference(), *first, *second])
    other, rows_of_other = decided([*reference(), *second, *first])
    # The versions of what all partitions share are those of the order in which they took it.
    assert {d.id: replace(d, fingerprints_version=0) for d in of_listings(one)} == {
        d.id: replace(d, fingerprints_version=0) for d in of_listings(other)
    }
    assert rows_of_one.rows.rows == rows_of_other.rows.rows
    assert {b"breaker/0", b"breaker/1/norda"} <= rows_of_one.rows.rows.keys()


def test_a_duplicate_is_not_counted() -> None:
    events = [*reference(), *flood()]
    absorbed, replay = decided([*events, *[events[-1]] * 50])
    assert len(of_listings(absorbed)) == 110
    assert msgspec.json.decode(replay.rows.rows[b"breaker/0"], type=Traffic).listings == 10
