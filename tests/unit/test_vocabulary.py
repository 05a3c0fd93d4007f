"""Sellers' own words for counterfeits are found, disguised or not; honest numbers are left alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from klean_stream.listings.vocabulary import find_counterfeit_words


@pytest.mark.parametrize(
    ("text", "surface"),
    [
        ("Rolex replica watch", "replica"),
        ("mirror grade bag", "mirror grade"),
        ("나이키 미러급 운동화", "미러급"),
        ("구찌레플리카가방", "레플리카"),
        ("샤넬 SA급", "SA급"),
        ("이미테이션 시계", "이미테이션"),
        ("耐克高仿运动鞋", "高仿"),
        ("复刻 A", "复刻"),
        ("莆田鞋", "莆田"),
        ("顶级A货", "A货"),
        ("best 1:1 quality", "1:1"),
        ("１：１ 고퀄", "１：１"),
        ("r3plica bag", "r3plica"),
        ("레.플.리.카", "레.플.리.카"),
        ("rерliса bag", "rерliса"),
    ],
)
def test_a_counterfeit_word_is_found_in_place(text: str, surface: str) -> None:
    (finding,) = find_counterfeit_words("title", text)
    assert (finding.kind, finding.surface, finding.tier) == ("counterfeit_word", surface, "act")
    assert (finding.start, finding.end) == (text.index(surface), text.index(surface) + len(surface))


@pytest.mark.parametrize(
    "text",
    [
        "1:50 scale model car",
        "1:1 문의 환영",
        "1:18",
        "21:15",
        "AAA battery",
        "미러리스 카메라",
        "짭짤한 과자",
        "time 1:10",
    ],
)
def test_honest_words_and_scales_are_left_alone(text: str) -> None:
    assert find_counterfeit_words("title", text) == ()


@pytest.mark.parametrize("text", ["not a replica", "짝퉁 아님", "非高仿"])
def test_a_negated_word_is_for_a_person(text: str) -> None:
    (finding,) = find_counterfeit_words("description", text)
    assert (finding.tier, finding.disposition, finding.field) == ("review", "negated", "description")


@given(st.text() | st.lists(st.sampled_from(["replica", "미러", "급", "高", "仿", "1", ":", " ", "："])).map("".join))
def test_spans_read_back_and_nothing_raises(text: str) -> None:
    last = 0
    for finding in find_counterfeit_words("title", text):
        assert finding.start is not None
        assert finding.end is not None
        assert finding.surface == text[finding.start : finding.end]
        assert last <= finding.start < finding.end
        last = finding.end
