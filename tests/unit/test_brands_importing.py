"""Registries from outside: what each format gives, what is one brand, and what is refused and why."""

import orjson
import pytest

from klean_stream.brands import BrandMatcher
from klean_stream.brands.importing import (
    COLUMNS,
    ForeignFormat,
    Import,
    Refused,
    Row,
    merge,
    read_csv,
    read_json_lines,
    read_nsi,
)
from klean_stream.events import Brand, ListingSnapshot

CSV = """\
\ufeffbrand_id,name,aliases,classes,common_word,marks,owner,owner_reporters,reference_prices
norda,Norda,노르다; 诺达,25;18,no,KR:40-0123456:2031-05-31; EM:017,Norda AB,rep-1;rep-2,139000 KRW
kite,Kite,,,yes,,,,

"x,1","Two
Lines",,,,,,,
""".removeprefix("\ufeff")


def csv_of(*lines: str) -> list[Row | Refused]:
    return list(read_csv(iter(line + "\n" for line in lines), "a.csv"))


def test_csv_gives_every_column() -> None:
    norda, kite, two = [row.brand for row in read_csv(CSV.splitlines(keepends=True), "a.csv") if isinstance(row, Row)]
    assert norda.aliases == ("노르다", "诺达")
    assert norda.classes == (25, 18)
    assert [(mark.jurisdiction, mark.number, mark.valid_until) for mark in norda.marks] == [
        ("KR", "40-0123456", "2031-05-31"),
        ("EM", "017", None),
    ]
    assert norda.owner is not None
    assert norda.owner.reporter_ids == ("rep-1", "rep-2")
    assert norda.reference_prices[0].price.amount == 139_000
    assert kite.common_word
    assert (two.brand_id, two.name) == ("x,1", "Two\nLines")


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ([], "is empty; its first line must name the columns"),
        (["brand_id,aliases"], "has no column name"),
        (["aliases"], "has no column brand_id and no column name"),
        (["brand_id,name,alias"], "has a column 'alias', which there is not; there are brand_id, name, aliases"),
        (["brand_id,name,name"], "has the column name twice"),
    ],
)
def test_a_wrong_header_is_a_fault_of_the_file(lines: list[str], sentence: str) -> None:
    with pytest.raises(ForeignFormat, match=sentence):
        csv_of(*lines)


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ("n,Norda,shoes,,", "`classes` takes Nice classes, 1 to 45, and not 'shoes'"),
        ("n,Norda,46,,", "expected `int` <= 45"),
        ("n,Norda,,maybe,", "`common_word` is yes or no, and not 'maybe'"),
        ("n,Norda,,,40-1", "a mark is JURISDICTION:NUMBER, and not '40-1'"),
        ("n,,,,", "expected `str` of length >= 1"),
        ("n n,Norda,,,", "expected `str` matching regex"),
        ("n,★,,,", "no name has a letter or a digit to look for"),
        ("n,Norda", "2 cells under 5 columns"),
        ('n,"Nor"da,,,', "not CSV"),
    ],
)
def test_a_bad_line_is_refused_with_its_place_and_the_next_is_taken(cells: str, reason: str) -> None:
    bad, good = csv_of("brand_id,name,classes,common_word,marks", cells, "m,Mora,,,")
    assert isinstance(bad, Refused)
    assert bad.place == "a.csv, line 2"
    assert reason in bad.reason
    assert isinstance(good, Row)


def test_every_column_of_csv_is_a_column_that_csv_takes() -> None:
    (row,) = csv_of(",".join(COLUMNS), "n,Norda" + "," * (len(COLUMNS) - 2))
    assert isinstance(row, Row)


def test_json_lines_take_what_the_registry_takes() -> None:
    lines = [
        orjson.dumps({"brand_id": "n", "name": "Norda", "wikidata": "Q1", "sources": ["x"]}),
        b"",
        b"{",
        b"[]",
        orjson.dumps({"brand_id": "m", "name": "Mora", "classes": ["shoes"]}),
        orjson.dumps({"brand_id": "m", "name": "Mora", "wikidata": 7}),
    ]
    first, *rest = read_json_lines(lines, "b.jsonl")
    assert first == Row("b.jsonl, line 1", Brand(brand_id="n", name="Norda"), "Q1")
    assert [(bad.place, bad.reason.split(":")[0][:30]) for bad in rest if isinstance(bad, Refused)] == [
        ("b.jsonl, line 3", "not valid JSON"),
        ("b.jsonl, line 4", "not a JSON object"),
        ("b.jsonl, line 5", "expected `int`, got `str` - at"),
        ("b.jsonl, line 6", "`wikidata` is a string, such a"),
    ]


def nsi(*items: object, tree: str = "brands/shop/shoes") -> bytes:
    return orjson.dumps({"_meta": {"version": "8"}, "nsi": {tree: {"properties": {"path": tree}, "items": [*items]}}})


def item(brand: str, **tags: str) -> dict[str, object]:
    named = {key.replace("__", ":"): value for key, value in tags.items()}
    return {"displayName": brand, "id": "x-1", "tags": {"brand": brand, "name": brand, "shop": "shoes", **named}}


def test_the_name_suggestion_index_gives_names_in_every_script() -> None:
    document = nsi(
        item(
            "Norda",
            brand__wikidata="Q1",
            brand__ko="노르다",
            name__zh="诺达",
            short_name="ND;Nrd",
            brand__website="x.y",
        )
        | {"matchNames": ["norda shoes"]}
    )
    (row,) = read_nsi(document, "nsi.json")
    assert row == Row(
        "nsi.json, brands/shop/shoes item 1",
        Brand(brand_id="Q1", name="Norda", aliases=("노르다", "诺达", "ND", "Nrd", "norda shoes")),
        "Q1",
    )


def test_shops_of_one_brand_in_the_name_suggestion_index_are_one_brand() -> None:
    rows = read_nsi(
        nsi(item("Norda Outlet", brand__wikidata="Q1"), *[item("Norda", brand__wikidata="Q1")] * 2), "nsi.json"
    )
    imported = merge(rows)
    assert [(brand.brand_id, brand.name, brand.aliases) for brand in imported.brands] == [
        ("Q1", "Norda", ("Norda Outlet",))
    ]
    assert [(merged.name, len(merged.places)) for merged in imported.merged] == [("Norda", 3)]


def test_a_brand_without_wikidata_has_an_id_of_its_name_and_operators_are_none() -> None:
    (row,) = read_nsi(nsi(item("Ｎorda  Shoes")), "nsi.json")
    assert isinstance(row, Row)
    assert row.brand.brand_id == "nsi:norda-shoes"
    assert list(read_nsi(nsi(item("City"), tree="operators/amenity/bench"), "nsi.json")) == []


@pytest.mark.parametrize("document", [b"[]", b"{}", b"nonsense", b'{"nsi": []}'])
def test_what_is_no_name_suggestion_index_is_said(document: bytes) -> None:
    with pytest.raises(ForeignFormat):
        list(read_nsi(document, "nsi.json"))


def test_an_item_without_tags_is_refused() -> None:
    (bad,) = read_nsi(nsi({"displayName": "x"}), "nsi.json")
    assert isinstance(bad, Refused)


def row(brand_id: str, name: str, wikidata: str | None = None, **more: object) -> Row:
    return Row(f"{brand_id}/{name}", Brand(brand_id=brand_id, name=name, **more), wikidata)  # type: ignore[arg-type]


def test_one_name_is_one_brand_only_with_one_wikidata_item() -> None:
    imported = merge([row("a", "Delta", "Q1"), row("b", "DELTA", "Q1"), row("c", "Delta", "Q2"), row("d", "Delta")])
    assert [brand.brand_id for brand in imported.brands] == ["a", "c", "d"]
    assert imported.merged[0].differences == ("id 'b'",)


def test_an_entry_that_two_have_in_common_makes_them_one() -> None:
    imported = merge([row("a", "Delta", "Q1"), row("b", "Other"), row("b", "Delta", "Q1")])
    assert [(brand.brand_id, brand.aliases) for brand in imported.brands] == [("a", ("Other",))]


def test_what_entries_say_is_united_and_the_first_counts_where_they_differ() -> None:
    first = orjson.loads(
        orjson.dumps({"brand_id": "a", "name": "Norda", "classes": [25], "owner": {"name": "A", "reporter_ids": ["1"]}})
    )
    second = {"brand_id": "a", "name": "Norda", "aliases": ["노르다", "NORDA"], "classes": [18], "owner": {"name": "B"}}
    imported = merge(read_json_lines([orjson.dumps(first), orjson.dumps(second)], "b.jsonl"))
    (brand,) = imported.brands
    assert (brand.classes, brand.aliases) == ((18, 25), ("노르다",))
    assert brand.owner is not None
    assert (brand.owner.name, brand.owner.reporter_ids) == ("A", ("1",))
    assert imported.merged[0].differences == ("owner 'B'",)


def test_what_together_is_too_much_for_a_brand_is_refused() -> None:
    rows = [row("a", "Norda", aliases=tuple(f"n{place}x{number}" for number in range(900))) for place in range(2)]
    imported = merge(rows)
    assert imported == Import(2, (), (), imported.refused)
    assert "2 entries together" in imported.refused[0].reason


def test_imported_brands_are_found_in_titles() -> None:
    imported = merge(read_nsi(nsi(item("Norda", brand__wikidata="Q1", brand__ko="노르다")), "nsi.json"))
    matcher = BrandMatcher.build(imported.brands)
    for title in ("Norda trail shoes", "노르다 등산화"):
        assert {match.brand_id for match in matcher.match(ListingSnapshot(title=title))} == {"Q1"}
