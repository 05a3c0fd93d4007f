"""What was made of a text is explained: each view, each name, and why it is a mark, a question, or nothing."""

import typing
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from klean_stream.brands import BrandMatcher
from klean_stream.brands.context import Reason
from klean_stream.brands.explain import WHY, ShownPlace, explain
from klean_stream.brands.goods import nice_classes
from klean_stream.brands.rights import Ruling
from klean_stream.events import Brand, Mark


@dataclass(frozen=True)
class Text:
    title: str
    description: str = ""


BRANDS = [
    Brand(brand_id="nike", name="Nike", aliases=("나이키", "耐克"), classes=(25,)),
    Brand(brand_id="coach", name="Coach", aliases=("코치",), classes=(18,), common_word=True),
    Brand(brand_id="samsung", name="Samsung", aliases=("삼성",), classes=(9,)),
    Brand(brand_id="crown", name="Crown", aliases=("皇冠",), classes=(25,)),
    Brand(brand_id="oregon", name="Oregon"),
    Brand(brand_id="ella", name="Ella", aliases=("고양",)),
    Brand(brand_id="4711", name="4711"),
    Brand(brand_id="osprey", name="Osprey", classes=(18,)),
    Brand(brand_id="acme", name="Acme Works"),
    Brand(brand_id="acmeshop", name="Acme Works Shop"),
]
MATCHER = BrandMatcher.build(BRANDS)


def places(title: str, description: str = "", category: str | None = None) -> list[ShownPlace]:
    return list(explain(MATCHER, Text(title, description), nice_classes(category)).places)


@pytest.mark.parametrize(
    ("title", "surface", "outcome", "reason"),
    [
        ("Nike shoes", "Nike", "act", "mark"),
        ("N1ke shoes", "N1ke", "act", "mark"),
        ("lace for Nike shoes", "Nike", "review", "fits"),
        ("삼성 호환 충전기", "삼성", "review", "fits"),
        ("Coach Bus Seat Curtain", "Coach", "review", "other_goods"),
        ("Coach the team book", "Coach", "review", "sentence"),
        ("football coach", "coach", "dropped", "small_letter"),
        ("red shoes from Coach", "Coach", "review", "capital"),
        ("Oregon coast map", "Oregon", "review", "place"),
        ("Osprey Feather Thing", "Osprey", "review", "creature"),
        ("Crown Style Thing", "Crown", "review", "likeness"),
        ("Crown Jewel Thing", "Crown", "review", "compound"),
        ("Oregon thing made of this", "Oregon", "review", "sentence_case"),
        ("고양이 사료", "고양", "dropped", "part_of_a_word"),
        ("좋은 코치 물건", "코치", "review", "not_first"),
        ("4711 cologne", "4711", "review", "number"),
        ("cologne 4711", "4711", "dropped", "code"),
        ("Samsumg phone", "Samsumg", "review", "near_miss"),
        ("Acme Works Shop", "Acme Works", "dropped", "overlap"),
        ("Unhinged samsungish", "samsung", "dropped", "boundary"),
    ],
)
def test_each_name_has_an_outcome_and_a_reason(title: str, surface: str, outcome: str, reason: str) -> None:
    found = {(place.surface, place.outcome, place.reason) for place in places(title)}
    assert (surface, outcome, reason) in found


def test_prose_is_explained_too() -> None:
    (place,) = places("Bag", description="The coach will be there.")
    assert (place.field, place.outcome, place.reason) == ("description", "dropped", "in_prose")


def test_repeated_names_are_evidence_enough() -> None:
    assert [place.reason for place in places("Nike " * 5)] == ["mark"] * 3 + ["repeated"] * 2


def test_every_reason_of_context_is_in_words() -> None:
    assert set(WHY) == set(typing.get_args(Reason))


def test_the_classes_are_named_where_they_decide() -> None:
    (place,) = places("Coach Bus Seat Curtain")
    assert "the mark's: 18" in place.why


def test_rights_have_the_last_word() -> None:
    mark = Mark(number="40-1", jurisdiction="KR")
    explained = explain(MATCHER, Text("Nike shoes"), None, lambda _: Ruling("other_class", mark))
    (place,) = explained.places
    assert (place.outcome, place.reason, place.right, place.jurisdiction) == ("dropped", "other_class", "40-1", "KR")


def test_each_view_of_the_text_is_shown() -> None:
    views = {view.view: view.text for view in explain(MATCHER, Text("N1k€ 나이k 耐克")).views}
    assert views["letters"] == "n1k나이k耐克"
    assert views["skeleton"].startswith("nlk")
    assert views["symbols as letters"] == "n1ke나이k耐克"
    assert "ㄴㅏㅇㅣ" in views["jamo"]
    assert "nai·ke·" in views["pinyin"]


@given(st.text(max_size=60) | st.lists(st.sampled_from(["Nike", "coach", " ", "나이키", "1:1", "for"])).map("".join))
def test_what_is_explained_is_what_is_matched(title: str) -> None:
    explained = {(p.brand_id, p.start, p.end, p.outcome) for p in places(title) if p.outcome != "dropped"}
    assert explained == {(m.brand_id, m.start, m.end, m.tier) for m in MATCHER.match(Text(title))}
    for place in places(title):
        assert title[place.start : place.end] == place.surface
