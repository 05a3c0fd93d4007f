"""What is left out early, and what is remembered, changes nothing of what is found."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from klean_stream.brands import BrandMatch, BrandMatcher
from klean_stream.brands.context import Setting
from klean_stream.events import Brand
from tests.unit.test_brands_matcher import BRANDS, Text

ORDINARY = [
    *BRANDS,
    Brand(brand_id="offwhite", name="Off White"),
    Brand(brand_id="and", name="AND"),
    Brand(brand_id="solid", name="Solid"),
    Brand(brand_id="target", name="Target", classes=(9,)),
    Brand(brand_id="tshirt", name="T-Shirt"),
    Brand(brand_id="e5", name="E5"),
    Brand(brand_id="gana", name="가나", aliases=("가나다라", "다라")),
    Brand(brand_id="sha", name="샤", aliases=("샤넬",)),
]
MATCHER = BrandMatcher.build(ORDINARY)

words = st.sampled_from(
    [
        "off",
        "Off",
        "OFF",
        "white",
        "White",
        "and",
        "AND",
        "solid",
        "Solid",
        "target",
        "Target",
        "t",
        "T",
        "shirt",
        "e5",
        "E5",
        "Coach",
        "coach",
        "Apple",
        "HP",
        "hp",
        "new",
        "New",
        "for",
        "[",
        "]",
        "practice",
        "2",
        "x",
        "The",
        "North",
        "Face",
    ]
)
latin = st.lists(words | st.text(max_size=2), max_size=9).map(" ".join)
syllables = st.sampled_from(
    [
        *[
            "가나",
            "다라",
            "가",
            "나다",
            "라",
            "샤",
            "넬",
            "샤넬",
            "나이",
            "키",
            "나이키",
            "나이Ki",
            "ㄴㅏ",
            "이키",
            "운동화",
            "까나",
            "-",
            "a",
            "1",
        ],
        " ",
        " ",
        "\u200b",
    ]
)
korean = st.lists(syllables, max_size=10).map("".join)


def match(title: str, description: str = "", matcher: BrandMatcher = MATCHER) -> list[BrandMatch]:
    return matcher.match(Text(title, description))


@given(latin, latin)
@settings(max_examples=300)
def test_a_sieve_leaves_out_only_what_is_ordinary(title: str, description: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Setting, "sieve", lambda _: None)
        everything = match(title, description)
    assert match(title, description) == everything


@given(st.lists(korean, max_size=4), korean)
@settings(max_examples=300)
def test_what_was_matched_before_changes_nothing(before: list[str], title: str) -> None:
    for other in before:
        match(other)
    assert match(title) == match(title, matcher=BrandMatcher.build(ORDINARY))


@given(korean)
@settings(max_examples=300)
def test_words_that_are_remembered_show_what_the_whole_text_shows(title: str) -> None:
    # A word with a mark in it is not remembered, so that all of the text is looked at as a whole.
    whole = [m for m in match(f"{title} 다\u0301") if m.end <= len(title)]
    assert [(m.brand_id, m.start, m.end) for m in match(f"{title} 다")] == [(m.brand_id, m.start, m.end) for m in whole]
