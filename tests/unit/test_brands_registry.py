"""The registry in force, and what the rights make of a mark that a text uses."""

from dataclasses import dataclass

import pytest

from klean_stream.brands import Registry
from klean_stream.brands.goods import nice_classes
from klean_stream.events import Brand, Finding, Mark, RightsHolder

NOW = 1_790_000_000_000  # 2026-09-21


@dataclass(frozen=True)
class Text:
    title: str
    description: str = ""


def brand(**fields: object) -> Brand:
    return Brand(**{"brand_id": "nike", "name": "Nike", **fields})  # type: ignore[arg-type]


def used(entry: Brand, *, category: str | None = None, seller: str = "s1", title: str = "Nike x") -> Finding:
    registry = Registry()
    registry.apply(entry.brand_id, entry, 1)
    (finding,) = registry.marks_used(Text(title), seller_id=seller, category=category, now=NOW)
    return finding


def test_absent_rights_restrict_nothing() -> None:
    finding = used(brand(), category="Shoes")
    assert (finding.disposition, finding.right, finding.tier) == ("counts", None, "act")
    assert (finding.kind, finding.brand_id, finding.field, finding.surface) == ("mark", "nike", "title", "Nike")


def test_the_mark_that_applies_is_named() -> None:
    marks = (
        Mark(number="US-1", jurisdiction="US", classes=(25,)),
        Mark(number="KR-9", jurisdiction="KR", classes=(9,)),
        Mark(number="KR-25", jurisdiction="KR", classes=(25,)),
    )
    finding = used(brand(marks=marks), category="Clothing > Shoes")
    assert (finding.disposition, finding.right, finding.jurisdiction) == ("counts", "KR-25", "KR")


@pytest.mark.parametrize(
    ("marks", "disposition"),
    [
        ((Mark(number="1", jurisdiction="US"),), "other_territory"),
        ((Mark(number="1", jurisdiction="EM"),), "other_territory"),
        ((Mark(number="1", jurisdiction="WO"),), "counts"),
        ((Mark(number="1", valid_until="2020-01-01"),), "not_in_force"),
        ((Mark(number="1", valid_from="2030-01-01"),), "not_in_force"),
        ((Mark(number="1", valid_from="2026-09-21", valid_until="2026-09-21"),), "counts"),
        ((Mark(number="1", classes=(9,)),), "other_class"),
        ((Mark(number="1", classes=(9, 25)),), "counts"),
    ],
)
def test_a_mark_counts_where_it_holds(marks: tuple[Mark, ...], disposition: str) -> None:
    assert used(brand(marks=marks), category="Shoes").disposition == disposition


@pytest.mark.parametrize(
    ("marks", "disposition", "right"),
    [
        ((Mark(number="US-1", jurisdiction="US"),), "other_territory", ("US-1", "US")),
        (
            (Mark(number="US-1", jurisdiction="US"), Mark(number="KR-1", jurisdiction="KR", valid_until="2020-01-01")),
            "not_in_force",
            ("KR-1", "KR"),
        ),
        (
            (
                Mark(number="KR-1", jurisdiction="KR", valid_until="2020-01-01"),
                Mark(number="WO-9", jurisdiction="WO", classes=(9,)),
            ),
            "other_class",
            ("WO-9", "WO"),
        ),
    ],
)
def test_a_mark_that_does_not_count_is_named_with_the_reason(
    marks: tuple[Mark, ...], disposition: str, right: tuple[str, str]
) -> None:
    finding = used(brand(marks=marks), category="Shoes")
    assert (finding.disposition, (finding.right, finding.jurisdiction)) == (disposition, right)


@pytest.mark.parametrize(
    ("jurisdiction", "territory", "holds"),
    [
        ("EM", "DE", True),
        ("EM", "KR", False),
        ("BX", "NL", True),
        ("BX", "DE", False),
        ("WO", "DE", True),
        ("DE", "DE", True),
        ("KR", "DE", False),
        (None, "DE", True),
    ],
)
def test_a_mark_holds_in_its_jurisdiction(jurisdiction: str | None, territory: str, *, holds: bool) -> None:
    registry = Registry(territory)
    registry.apply("nike", brand(marks=(Mark(number="1", jurisdiction=jurisdiction),)), 1)
    (finding,) = registry.marks_used(Text("Nike x"), seller_id="s", category=None, now=NOW)
    assert (finding.disposition == "counts") is holds


def test_a_mark_without_classes_has_those_of_its_brand() -> None:
    marks = (Mark(number="1"),)
    assert used(brand(marks=marks, classes=(9,)), category="Shoes").disposition == "other_class"
    assert used(brand(marks=marks), category="Shoes").disposition == "counts"


def test_a_mark_is_in_force_at_the_records_time() -> None:
    registry = Registry()
    registry.apply("nike", brand(marks=(Mark(number="1", valid_from="2026-01-01", valid_until="2026-12-31"),)), 1)

    def at(now: int) -> str:
        (finding,) = registry.marks_used(Text("Nike x"), seller_id="s", category=None, now=now)
        return finding.disposition

    new_year, day = 1_767_225_600_000, 86_400_000
    assert [at(new_year - 1), at(new_year), at(new_year + 365 * day - 1), at(new_year + 365 * day)] == [
        "not_in_force",
        "counts",
        "counts",
        "not_in_force",
    ]


def test_an_unmapped_category_may_hold_any_goods() -> None:
    assert used(brand(classes=(9,)), category="Sundries").disposition == "counts"
    assert used(brand(classes=(9,))).disposition == "counts"
    assert used(brand(classes=(9,)), category="Shoes").disposition == "other_class"


def test_an_authorised_seller_is_known() -> None:
    assert used(brand(authorised_sellers=("s1",))).disposition == "authorised_seller"
    assert used(brand(authorised_sellers=("s2",))).disposition == "counts"


def test_a_compatible_use_does_not_count() -> None:
    finding = used(brand(), title="Lace for Nike shoes")
    assert (finding.disposition, finding.tier) == ("compatible", "review")


@pytest.mark.parametrize(
    ("category", "classes"),
    [
        ("Clothing > Women > Shoes", {25}),
        ("신발 > 운동화", {25}),
        ("女装/裙", {25}),
        ("Handbags", {18}),
        ("Wheels", None),
        ("", None),
        (None, None),
    ],
)
def test_a_category_tells_the_nice_classes(category: str | None, classes: set[int] | None) -> None:
    assert nice_classes(category) == classes


def test_broad_categories_leave_no_gap_for_bags_and_watches() -> None:
    fashion = nice_classes("Fashion")
    assert fashion is not None
    assert fashion >= {14, 18, 25}


def test_only_owner_and_agents_represent_a_mark() -> None:
    registry = Registry()
    registry.apply("nike", brand(owner=RightsHolder(name="N", reporter_ids=("o1",)), agents=("a1",)), 1)
    registry.apply("other", Brand(brand_id="other", name="Other", agents=("x",)), 2)
    assert registry.represents("o1", "nike")
    assert registry.represents("a1", "nike")
    assert not registry.represents("x", "nike")
    assert not registry.represents("o1", "other")
    assert not registry.represents("o1", "unknown")


def test_a_change_is_in_force_at_once_and_a_removal_too() -> None:
    registry = Registry()
    registry.apply_many([("nike", brand()), ("b", Brand(brand_id="b", name="Bolt Forge"))], 2)
    assert (len(registry), registry.version) == (2, 2)
    registry.apply("nike", brand(name="Swooshco"), 3)
    text = Text("Swooshco and Nike")
    findings = registry.marks_used(text, seller_id="s", category=None, now=NOW)
    assert [f.surface for f in findings] == ["Swooshco"]
    registry.apply("nike", None, 4)
    assert registry.marks_used(text, seller_id="s", category=None, now=NOW) == ()
    assert registry.brand("nike") is None
    assert (len(registry), registry.version) == (1, 4)


@pytest.mark.parametrize("now", [-1, 0, 2**62])
def test_any_time_can_be_asked_for(now: int) -> None:
    registry = Registry()
    registry.apply("nike", brand(marks=(Mark(number="1", valid_from="1971-01-01"),)), 1)
    assert len(registry.marks_used(Text("Nike"), seller_id="s", category=None, now=now)) == 1
