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


@pytest.mark.parametrize(
    "text",
    [
        "we do not sell replicas",
        "레플리카X 정품",
        "拒绝假货",
        "假货包退",
        "counterfeit money detector pen",
        "위조품 판별 키트",
    ],
)
def test_who_speaks_of_counterfeits_as_such_offers_none(text: str) -> None:
    assert {finding.disposition for finding in find_counterfeit_words("title", text)} == {"negated"}


@pytest.mark.parametrize(
    "text",
    [
        "Boeing 747 replica 1:200",
        "scale model replica",
        "BMW 레플리카 1/18 다이캐스트",
        "复刻 合金车模",
        "replica toy belt",
    ],
)
def test_a_model_is_no_counterfeit(text: str) -> None:
    (finding,) = find_counterfeit_words("title", text)
    assert (finding.tier, finding.disposition) == ("review", "other_sense")


@pytest.mark.parametrize("text", ["replica bag 1:18", "구찌 레플리카 가방 1:50", "1:18 高仿 车模"])
def test_a_ratio_excuses_neither_goods_to_wear_nor_a_grade_of_counterfeits(text: str) -> None:
    assert {finding.disposition for finding in find_counterfeit_words("title", text)} == {"counts"}


def test_a_word_repeated_without_end_is_found_a_few_times() -> None:
    assert len(find_counterfeit_words("description", "1:1 " * 50_000)) == 20
    assert len(find_counterfeit_words("description", "replica " * 20_000)) == 20


@given(st.text() | st.lists(st.sampled_from(["replica", "미러", "급", "高", "仿", "1", ":", " ", "："])).map("".join))
def test_spans_read_back_and_nothing_raises(text: str) -> None:
    last = 0
    for finding in find_counterfeit_words("title", text):
        assert finding.start is not None
        assert finding.end is not None
        assert finding.surface == text[finding.start : finding.end]
        assert last <= finding.start < finding.end
        last = finding.end
