"""Live listings are decided again when a mark was registered after them: which, how, and what stays as it is."""

from collections.abc import Iterable
from dataclasses import replace

import msgspec
import orjson
import pytest

from klean_stream.events import Brand, Listing, ModeratorDecision, Money, ReferencePrice, Rescan, Takedown
from klean_stream.listings.live import LiveListings
from klean_stream.policy import policy_of
from klean_stream.processing import ROUTES, InputRecord
from klean_stream.processing.absorb import Absorbed
from klean_stream.processing.replay import JournalLine, Replay

NOW = 1_772_409_600_000
NORDA = Brand(brand_id="norda", name="Norda", aliases=("노르다",))


class Day:
    """Feeds events to the core in one partition."""

    def __init__(self) -> None:
        self.replay = Replay()
        self.taken: dict[str, int] = {}
        self.now = NOW

    def take(self, topic: str, event: object, ce_id: str | None = None) -> Absorbed:
        offset = self.taken[topic] = self.taken.get(topic, -1) + 1
        self.now += 1_000
        headers = () if ce_id is None else (("ce_source", b"/x"), ("ce_id", ce_id.encode()))
        key = ROUTES[topic].key_of(event).encode()
        record = InputRecord(topic, 0, offset, self.now, key, orjson.dumps(event), headers)
        (absorbed,) = self.replay.run([JournalLine(record)])
        return absorbed

    def list(self, title: str, listing_id: str = "l-1", version: int = 1, **fields: object) -> Absorbed:
        body = {"seller_id": "s-1", "change": "created", "title": title, "version": version, "listing_id": listing_id}
        ce_id = str(fields.pop("ce_id", "")) or None
        return self.take("listings", msgspec.convert(body | fields, Listing), ce_id)

    def register(self, brand: Brand = NORDA) -> int:
        self.take("brands", brand)
        return self.taken["brands"] + 1

    def live(self, brand: Brand = NORDA) -> LiveListings:
        live = LiveListings(brand, self.taken.get("brands", -1) + 1, self.now)
        for key, row in self.replay.rows.rows.items():
            live.take(key, row)
        return live

    def rescan(self, listing_id: str = "l-1", version: int = 1, registry_version: int | None = None) -> Absorbed:
        at = self.taken.get("brands", -1) + 1 if registry_version is None else registry_version
        event = Rescan(seller_id="s-1", listing_id=listing_id, version=version, brand_id="norda", registry_version=at)
        return self.take("rescans", event)

    def row(self, listing_id: str = "l-1") -> dict[str, object]:
        row: dict[str, object] = orjson.loads(self.replay.rows.rows[f"listing/s-1/{listing_id}".encode()])
        return row


def verdict(absorbed: Absorbed) -> tuple[str, str]:
    assert absorbed.decision is not None
    return absorbed.decision.verdict, absorbed.decision.rule


def test_a_listing_with_a_word_for_counterfeits_is_taken_down_for_a_new_mark() -> None:
    day = Day()
    assert verdict(day.list("Norda jacket replica")) == ("escalate", "counterfeit_word")
    day.register()
    absorbed = day.rescan()
    assert verdict(absorbed) == ("takedown", "counterfeit_offer")
    (takedown,) = [output for output in absorbed.published if isinstance(output, Takedown)]
    assert (takedown.listing_version, takedown.brand_ids, takedown.title) == (1, ("norda",), "Norda jacket replica")
    assert day.row()["status"] == "taken_down"
    assert orjson.loads(day.replay.rows.rows[b"seller/s-1"])["listings"] == 1


def test_a_plain_mark_of_an_unverified_seller_is_escalated() -> None:
    day = Day()
    assert verdict(day.list("Norda jacket")) == ("allow", "nothing_found")
    content = day.row()["content"]
    day.register()
    assert verdict(day.rescan()) == ("escalate", "suspicious_offer")
    assert (day.row()["status"], day.row()["content"]) == ("escalated", content)
    # So the publisher's own repeat of this version is still known.
    assert verdict(day.list("Norda jacket", ce_id="again")) == ("superseded", "same_version")


def test_the_price_that_the_row_keeps_counts() -> None:
    day = Day()
    day.take("seller-signups", _approved())
    day.list("Norda jacket", price={"amount": 9_000, "currency": "KRW"})
    price = ReferencePrice(price=Money(amount=200_000, currency="KRW"))
    day.register(replace(NORDA, reference_prices=(price,)))
    absorbed = day.rescan()
    assert absorbed.decision is not None
    assert "low_price" in {weight.name for weight in absorbed.decision.weights}
    assert verdict(absorbed)[0] == "escalate"


def test_a_listing_that_does_not_use_the_mark_stays_as_it_is() -> None:
    day = Day()
    day.list("Cotton socks")
    day.register()
    before = dict(day.replay.rows.rows)
    assert verdict(day.rescan()) == ("allow", "nothing_found")
    changed = {key for key, row in day.replay.rows.rows.items() if before.get(key) != row}
    assert {key for key in changed if not key.startswith(b"seen/")} == set()


def test_what_the_end_of_a_long_description_says_is_not_taken_back() -> None:
    day = Day()
    policy = policy_of({})
    text = "soft " * policy.limits.kept_description + " replica, 1:1 mirror grade"
    assert verdict(day.list("Jacket", description=text))[0] == "escalate"
    day.register()
    assert verdict(day.rescan())[0] == "allow"
    assert day.row()["status"] == "escalated"


@pytest.mark.parametrize("change", ["newer", "removed", "unknown", "down"])
def test_a_listing_that_is_not_on_offer_in_that_version_is_passed_over(change: str) -> None:
    day = Day()
    if change != "unknown":
        day.list("Norda jacket replica")
    day.register()
    if change == "newer":
        day.list("Cotton socks", version=2)
    elif change == "removed":
        day.list("", version=2, change="removed")
    elif change == "down":
        day.rescan(registry_version=0)
    absorbed = day.rescan()
    assert verdict(absorbed) == ("superseded", "not_on_offer")
    assert (absorbed.fate, absorbed.published) == ("superseded", ())


def test_a_brand_that_is_gone_again_decides_nothing() -> None:
    day = Day()
    day.list("Norda jacket")
    assert verdict(day.rescan()) == ("superseded", "brand_removed")


def test_a_worker_that_has_not_read_the_brand_yet_says_so_and_decides_nothing() -> None:
    day = Day()
    day.list("Norda jacket")
    day.register()
    absorbed = day.rescan(registry_version=7)
    assert (absorbed.fate, absorbed.reason) == ("dead_lettered", "registry_behind")


def test_a_repeated_rescan_is_a_duplicate() -> None:
    day = Day()
    day.list("Norda jacket")
    day.register()
    assert day.rescan().fate == "decided"
    assert day.rescan().fate == "duplicate"


def test_what_a_moderator_cleared_of_the_mark_stays_cleared() -> None:
    day = Day()
    day.list("Norda jacket")
    day.register()
    case_id = day.rescan().decision.case_id  # type: ignore[union-attr]  # it was escalated
    assert case_id is not None
    answer = ModeratorDecision(
        seller_id="s-1", case_id=case_id, case_version=1, action="dismiss", moderator_id="m-1", reason="genuine"
    )
    day.take("moderator-decisions", answer)
    again = Rescan(seller_id="s-1", listing_id="l-1", version=1, brand_id="norda", registry_version=1)
    assert verdict(day.take("rescans", again, ce_id="again")) == ("allow", "cleared_by_moderator")


def test_the_live_listings_that_use_the_mark_are_found_in_the_rows() -> None:
    day = Day()
    day.list("Norda jacket", "l/1")
    day.list("노르다 등산화", "l-2", seller_id="s/é")
    day.list("Cotton socks", "l-3")
    day.list("Norda cap", "l-4")
    day.list("", "l-4", version=2, change="removed")
    live = day.live()
    assert len(live) == 3
    assert [(event.seller_id, event.listing_id, event.version) for event in live.using_the_mark()] == [
        ("s/é", "l-2", 1),
        ("s-1", "l/1", 1),
    ]
    assert live.count_using == 2
    assert live.span == (NOW + 1_000, NOW + 3_000)


def test_rights_excuse_a_listing_from_being_asked_for() -> None:
    day = Day()
    day.list("Norda jacket")
    assert day.live(replace(NORDA, authorised_sellers=("s-1",))).count_using == 0


def test_the_newest_row_of_a_listing_counts() -> None:
    live = LiveListings(NORDA, 1, NOW)
    first, second = Day(), Day()
    first.list("Norda jacket")
    second.list("Cotton socks")
    key = b"listing/s-1/l-1"
    rows: Iterable[tuple[bytes | None, int, int]] = [
        (first.replay.rows.rows[key], 1, 1),
        (second.replay.rows.rows[key], 1, 0),
        (first.replay.rows.rows[key], 1, 1),
        (None, 0, 0),
    ]
    for row, count, using in rows:
        live.take(key, row)
        assert (len(live), live.count_using) == (count, using)
    assert live.span is None


def _approved() -> object:
    from klean_stream.events import SellerSignup

    body = {
        "seller_id": "s-1",
        "change": "signed_up",
        "shop_name": "Daily shop",
        "country": "KR",
        "registration_number": "116-82-00276",
        "phone": "02-312-3456",
        "documents": [
            {"kind": "business_registration", "document_id": "d1"},
            {"kind": "bank_account", "document_id": "d2"},
        ],
    }
    return msgspec.convert(body, SellerSignup)
