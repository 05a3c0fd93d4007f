"""The sample registry and the sample day: what the demo and the stream tests stand on."""

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from itertools import islice

import msgspec
import orjson
import phonenumbers
import pytest
from stdnum.cn import uscc
from stdnum.kr import brn

from klean_stream.events import Brand, Control, Image, IpReport, Listing, ModeratorDecision, Rescan, SellerSignup
from klean_stream.events.identity import Identity
from klean_stream.sample import SampleEvent, day, examples, sample_brand_rows, sample_brands
from klean_stream.sample.broken import WAYS
from klean_stream.sample.categories import CATEGORIES
from klean_stream.sample.event import EVENT_TYPES
from klean_stream.sample.phrases import TRAPS

OVERSIZED = 600 * 1024
CE_TYPES = {
    b"klean.listing.created",
    b"klean.listing.updated",
    b"klean.listing.removed",
    b"klean.seller.signed_up",
    b"klean.seller.details_changed",
    b"klean.ip.reported",
    b"klean.moderator.decided",
}


@pytest.fixture(scope="module")
def brands() -> list[Brand]:
    return sample_brands()


@pytest.fixture(scope="module")
def events() -> list[SampleEvent]:
    return list(day(10_000, seed=7))


def names_of(brand: Brand) -> tuple[str, ...]:
    return (brand.name, *brand.aliases)


def normalised(name: str) -> str:
    return "".join(letter for letter in unicodedata.normalize("NFKC", name).casefold() if letter.isalnum())


def has_script(name: str, script: str) -> bool:
    return any(unicodedata.name(letter, "").startswith(script) for letter in name)


def digest(events: Iterable[SampleEvent]) -> str:
    sha = hashlib.sha256()
    for event in events:
        sha.update(repr((event.topic, event.key, event.value, event.headers, event.expect)).encode())
    return sha.hexdigest()


def well_formed(event: SampleEvent) -> bool:
    """Whether the contract alone lets the event in: bytes, type, key."""
    if event.value is None or len(event.value) > OVERSIZED:
        return False
    if dict(event.headers).get("ce_type", b"klean.listing.created") not in CE_TYPES:
        return False
    try:
        body = msgspec.convert(orjson.loads(event.value), EVENT_TYPES[event.topic])
    except (orjson.JSONDecodeError, msgspec.ValidationError):
        return False
    return event.key == body.seller_id.encode()


# The registry


def test_the_registry_has_150_brands_with_names_in_three_scripts(brands: list[Brand]) -> None:
    complete = [
        brand
        for brand in brands
        if all(any(has_script(name, script) for name in names_of(brand)) for script in ("LATIN", "HANGUL", "CJK"))
    ]
    assert len(complete) >= 150


def test_every_row_of_the_registry_is_keyed_by_its_brand() -> None:
    rows = list(sample_brand_rows())
    keys = [key for key, _ in rows]
    assert len(set(keys)) == len(keys)
    for key, value in rows:
        assert msgspec.convert(orjson.loads(value), Brand).brand_id.encode() == key


def test_no_name_stands_for_two_brands_or_twice_for_one(brands: list[Brand]) -> None:
    counts = Counter(normalised(name) for brand in brands for name in names_of(brand))
    assert [name for name, count in counts.items() if count > 1 or not name] == []


def test_every_brand_says_who_may_speak_sell_and_at_what_price(brands: list[Brand]) -> None:
    for brand in brands:
        assert brand.owner is not None, brand.brand_id
        assert brand.owner.reporter_ids, brand.brand_id
        assert brand.authorised_sellers, brand.brand_id
        assert brand.reference_prices, brand.brand_id
        for reference in brand.reference_prices:
            assert reference.category is not None
            assert CATEGORIES[reference.category].nice in brand.classes, brand.brand_id
            assert reference.price.currency == "KRW"


def test_the_registry_holds_what_the_rights_filter_has_to_tell_apart(brands: list[Brand]) -> None:
    marks = [mark for brand in brands for mark in brand.marks]
    assert {mark.jurisdiction for mark in marks} == {"KR", "US", "EM", "CN", "WO"}
    expired = [mark for mark in marks if (mark.valid_until or "9999") < "2026"]
    assert 3 <= len(expired) < len(marks) // 10
    assert all((mark.valid_from or "") < "2026" for mark in marks)
    foreign = [brand for brand in brands if brand.marks and all(m.jurisdiction != "KR" for m in brand.marks)]
    assert foreign
    assert any(not brand.marks for brand in brands)
    common = {brand.brand_id for brand in brands if brand.common_word}
    assert common >= {"apple", "coach", "gap", "puma", "polo", "dove", "tide", "shell", "target", "canon"}


# The day


def test_the_same_arguments_give_the_same_bytes() -> None:
    first = digest(day(3_000, seed=7))
    assert digest(day(3_000, seed=7)) == first
    assert digest(day(3_000, seed=8)) != first


def test_a_longer_day_begins_with_the_shorter_one() -> None:
    assert digest(islice(day(2_000, seed=3), 500)) == digest(day(500, seed=3))


@pytest.mark.parametrize("count", [0, 1, 20, 501])
def test_a_day_has_as_many_events_as_asked(count: int) -> None:
    assert sum(1 for _ in day(count, seed=1)) == count


def test_a_day_cannot_have_fewer_than_no_events() -> None:
    with pytest.raises(ValueError, match="-1 events"):
        day(-1, seed=1)


def test_what_is_decided_or_superseded_is_valid_and_keyed_by_its_seller(events: list[SampleEvent]) -> None:
    wrong = [event for event in events if event.expect in {"decided", "superseded"} and not well_formed(event)]
    assert wrong == []


def test_what_is_broken_is_malformed_or_contradicts_a_version(events: list[SampleEvent]) -> None:
    letters = [event for event in events if event.expect == "dead_lettered"]
    assert {event.kind for event in letters} == {f"broken_{way}" for way in WAYS} | {"version_conflict"}
    for event in letters:
        assert well_formed(event) == (event.kind == "version_conflict"), event.kind


def test_a_duplicate_has_the_bytes_of_an_earlier_decided_event(events: list[SampleEvent]) -> None:
    seen: set[tuple[object, ...]] = set()
    for event in events:
        record = (event.topic, event.key, event.value, event.headers)
        if event.expect == "duplicate":
            assert record in seen
        elif event.expect == "decided":
            seen.add(record)


@pytest.mark.parametrize("seed", [1, 7, 2026])
def test_the_fate_that_is_expected_follows_from_the_contract(seed: int) -> None:
    """Fold each topic on its own by the rules of identity and version: no fate hangs on another topic."""
    seen: set[str] = set()
    versions: dict[tuple[str, str], int] = {}
    for event in day(6_000, seed):
        fate = "decided"
        identity = Identity.of(event.key, event.value, event.headers).text
        if not well_formed(event):
            fate = "dead_lettered"
        elif identity in seen:
            fate = "duplicate"
        else:
            assert event.value is not None
            body = msgspec.convert(orjson.loads(event.value), EVENT_TYPES[event.topic])
            if isinstance(body, Listing):
                newest = versions.get((body.seller_id, body.listing_id), -1)
                if body.version == newest:
                    fate = "dead_lettered"
                elif body.version < newest:
                    fate = "superseded"
                else:
                    versions[body.seller_id, body.listing_id] = body.version
            elif isinstance(body, ModeratorDecision):
                fate = "superseded"
            if fate != "dead_lettered":
                seen.add(identity)
        assert fate == event.expect, event


def test_a_seller_signs_up_before_it_lists(events: list[SampleEvent]) -> None:
    signed_up: set[bytes | None] = set()
    for event in events:
        if event.expect == "dead_lettered":
            continue
        if event.topic == "seller-signups":
            signed_up.add(event.key)
        assert event.key in signed_up


def test_the_mix_holds_everything_at_about_the_rates_of_a_day(events: list[SampleEvent]) -> None:
    kinds = Counter(event.kind for event in events)
    assert kinds.keys() >= {
        "honest", "authorised", "counterfeit", "disguised", "compatible", "common_word", "resale", "update",
        "removal", "late_version", "signup", "flawed_signup", "brand_shop_signup", "details_change",
        "rights_holder_report", "agent_report", "buyer_report", "rival_report", "forged_report",
        "unknown_case", "duplicate", "version_conflict",
    }  # fmt: skip
    fates = Counter(event.expect for event in events)
    assert fates["duplicate"] == pytest.approx(200, rel=0.1)
    assert fates["dead_lettered"] == pytest.approx(100, rel=0.1)
    fresh = Counter(event.topic for event in events if event.expect in {"decided", "superseded"})
    assert fresh["listings"] == pytest.approx(8_200, rel=0.03)
    assert fresh["seller-signups"] == pytest.approx(600, rel=0.1)
    assert fresh["ip-reports"] == pytest.approx(800, rel=0.1)
    assert fresh["moderator-decisions"] == pytest.approx(100, rel=0.1)
    assert 1 <= sum(len(event.value or b"") > OVERSIZED for event in events) <= 2
    without_headers = sum(event.headers == () for event in events)
    assert 0.02 < without_headers / len(events) < 0.1


def test_counterfeits_come_in_three_languages_plain_and_disguised(
    events: list[SampleEvent], brands: list[Brand]
) -> None:
    names = {normalised(name) for brand in brands for name in names_of(brand)}
    locales: dict[str, set[str]] = {"counterfeit": set(), "disguised": set()}
    hidden = 0
    for event in events:
        if event.kind in locales and event.value:
            body = orjson.loads(event.value)
            locales[event.kind].add(body["locale"])
            text = " ".join(body["title"].casefold().split())
            hidden += event.kind == "disguised" and not any(name in text for name in names)
    assert locales["counterfeit"] == locales["disguised"] == {"ko-KR", "en-US", "zh-CN"}
    assert hidden > Counter(event.kind for event in events)["disguised"] // 2


def test_an_honest_listing_names_no_brand(events: list[SampleEvent], brands: list[Brand]) -> None:
    names = {name.casefold() for brand in brands for name in names_of(brand)}
    latin = {name for name in names if name.isascii()}
    texts = {
        re.sub(r"[^\w&]+", " ", f"{body['title']} . {body['description']}".casefold())
        for event in events
        if event.kind == "honest"
        for body in [orjson.loads(event.value or b"")]
    }
    named = [
        (name, text)
        for text in texts
        for name in names
        if name in text and (name not in latin or f" {name} " in f" {text} ")
    ]
    assert named == []


def test_counterfeits_are_far_below_the_price_of_the_genuine_goods(
    events: list[SampleEvent], brands: list[Brand]
) -> None:
    dearest = max(reference.price.amount for brand in brands for reference in brand.reference_prices)
    prices = [
        body["price"]["amount"]
        for event in events
        if event.kind == "counterfeit" and event.value
        for body in [orjson.loads(event.value)]
        if body["price"]["currency"] == "KRW"
    ]
    assert max(prices) <= dearest * 30 // 100


def test_most_counterfeits_come_from_a_few_sellers(events: list[SampleEvent]) -> None:
    by_seller = Counter(event.key for event in events if event.kind in {"counterfeit", "disguised"})
    worst = sum(count for _, count in by_seller.most_common(5))
    assert worst > sum(by_seller.values()) // 3


def test_authorised_sellers_list_their_own_brand(events: list[SampleEvent], brands: list[Brand]) -> None:
    authorised = {seller_id for brand in brands for seller_id in brand.authorised_sellers}
    sellers = {(event.key or b"").decode() for event in events if event.kind == "authorised"}
    assert len(sellers) > 10
    assert sellers <= authorised


def test_only_true_rights_holders_stand_in_the_registry_for_the_mark(
    events: list[SampleEvent], brands: list[Brand]
) -> None:
    speakers = {brand.brand_id: {*(brand.owner.reporter_ids if brand.owner else ()), *brand.agents} for brand in brands}
    for event in events:
        if event.topic != "ip-reports" or event.expect != "decided":
            continue
        body = msgspec.convert(orjson.loads(event.value or b""), IpReport)
        qualified = body.brand_id is not None and body.reporter_id in speakers[body.brand_id]
        assert qualified == (event.kind in {"rights_holder_report", "agent_report"}), event
        assert (body.reporter_role == "rights_holder") == (qualified or event.kind == "forged_report")


def test_good_sign_ups_have_right_numbers_and_flawed_ones_do_not(events: list[SampleEvent]) -> None:
    checks = {"KR": korean_number_is_right, "CN": uscc.is_valid}
    seen = Counter[tuple[str, str]]()
    for event in events:
        if event.kind not in {"signup", "flawed_signup"}:
            continue
        body = msgspec.convert(orjson.loads(event.value or b""), SellerSignup)
        seen[event.kind, body.country] += 1
        good = event.kind == "signup"
        if body.country in checks:
            assert checks[body.country](body.registration_number or "") == good, body
        if good:
            assert phonenumbers.is_valid_number(phonenumbers.parse(body.phone or "", body.country)), body.phone
    assert all(seen[kind, country] for kind in ("signup", "flawed_signup") for country in checks)


def korean_number_is_right(number: str) -> bool:
    """Check form and check digit; the library checks the form only."""
    if not brn.is_valid(number):
        return False
    digits = [int(digit) for digit in brn.compact(number)]
    total = sum(digit * weight for digit, weight in zip(digits, (1, 3, 7, 1, 3, 7, 1, 3, 5), strict=False))
    return (10 - (total + digits[8] * 5 // 10) % 10) % 10 == digits[9]


def test_every_trap_lies_on_a_shelf() -> None:
    for languages in TRAPS.values():
        assert languages.keys() == {"ko", "en", "zh"}
        assert all(shelf in CATEGORIES for traps in languages.values() for shelf, _ in traps)


# The examples


def test_there_is_an_example_of_every_input() -> None:
    types = {**EVENT_TYPES, "brands": Brand, "control": Control, "images": Image, "rescans": Rescan}
    shown = examples()
    assert shown.keys() == types.keys()
    for topic, instances in shown.items():
        assert 1 <= len(instances) <= 2
        for instance in instances:
            assert msgspec.convert(orjson.loads(orjson.dumps(instance)), types[topic]) == instance
