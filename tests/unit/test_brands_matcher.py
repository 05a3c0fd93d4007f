"""The matcher says whose mark a text uses, how it is disguised, and what it leaves to a person."""

import unicodedata
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from klean_stream.brands import DISGUISES, BrandMatch, BrandMatcher
from klean_stream.events import Brand


@dataclass(frozen=True)
class Text:
    title: str
    description: str = ""


BRANDS = [
    Brand(brand_id="nike", name="Nike", aliases=("나이키", "耐克")),
    Brand(brand_id="rolex", name="Rolex", aliases=("롤렉스", "劳力士")),
    Brand(brand_id="lv", name="Louis Vuitton", aliases=("루이비통", "路易威登")),
    Brand(brand_id="gucci", name="Gucci", aliases=("구찌",)),
    Brand(brand_id="samsung", name="Samsung", aliases=("삼성",)),
    Brand(brand_id="coach", name="Coach", aliases=("코치",), classes=(18,), common_word=True),
    Brand(brand_id="apple", name="Apple", aliases=("애플", "苹果"), classes=(9,), common_word=True),
    Brand(brand_id="northface", name="The North Face", aliases=("노스페이스", "北面")),
    Brand(brand_id="acme", name="Acme Works"),
    Brand(brand_id="acmeworkshop", name="Acme Works Shop"),
    Brand(brand_id="hp", name="HP"),
    Brand(brand_id="4711", name="4711"),
    Brand(brand_id="casio", name="Casio", aliases=("카시오", "卡西欧")),
]
MATCHER = BrandMatcher.build(BRANDS)


def match(title: str, description: str = "") -> list[BrandMatch]:
    return MATCHER.match(Text(title, description))


def acted_on(title: str, description: str = "") -> set[str]:
    return {m.brand_id for m in match(title, description) if m.tier == "act"}


@pytest.mark.parametrize(
    ("title", "surface", "technique"),
    [
        ("Nike running shoes", "Nike", "exact"),
        ("running shoes NIKE", "NIKE", "exact"),
        ("나이키 운동화", "나이키", "exact"),
        ("正品耐克运动鞋", "耐克", "exact"),
        ("ＮＩＫＥ dunk", "ＮＩＫＥ", "compatibility"),
        ("ΝΙΚΕ dunk", "ΝΙΚΕ", "confusables"),
        ("N\u200bi\u2060ke dunk", "N\u200bi\u2060ke", "invisible"),
        ("N-I-K-E dunk", "N-I-K-E", "apart"),
        ("N🔥I🔥K🔥E dunk", "N🔥I🔥K🔥E", "apart"),
        ("n i k e dunk", "n i k e", "apart"),
        ("R0LEX watch", "R0LEX", "leet"),
        ("Ro|ex watch", "Ro|ex", "symbols"),
        ("Roooolex watch", "Roooolex", "repeated"),
        ("Guccci bag", "Guccci", "repeated"),
        ("Louis Vuittton bag", "Louis Vuittton", "repeated"),
        ("LouisVuitton bag", "LouisVuitton", "joined"),
        ("ㄴㅏㅇㅣㅋㅣ 양말", "ㄴㅏㅇㅣㅋㅣ", "jamo"),
        ("나.이.키 양말", "나.이.키", "apart"),
        ("루이피통 지갑", "루이피통", "sounds_alike"),
        ("耐 克 运动鞋", "耐 克", "apart"),
        ("全新卡西歐手表", "卡西歐", "traditional"),
        ("나이Ki 양말", "나이Ki", "sounds_alike"),
        ("롤랙수 시계", "롤랙수", "sounds_alike"),
        ("Louuuis Vuittton bag", "Louuuis Vuittton", "repeated"),
        ("S4m5un9 phone", "S4m5un9", "leet"),
        ("ᑎIKE dunk", "ᑎIKE", "stylised"),
        ("xǝloɹ watch", "xǝloɹ", "turned"),
        ("|\\|ike dunk", "|\\|ike", "symbols"),
        ("Gucc! bag", "Gucc!", "symbols"),
        ("9ucci bag", "9ucci", "leet"),
        ("R*lex watch", "R*lex", "masked"),
        ("나*키 운동화", "나*키", "masked"),
        ("꾸찌 가방", "꾸찌", "sounds_alike"),
        ("卡希欧手表", "卡希欧", "homophones"),
        ("奈克 板鞋", "奈克", "homophones"),
    ],
)
def test_a_name_is_found_under_its_disguise(title: str, surface: str, technique: str) -> None:
    (found,) = match(title)
    assert (found.surface, found.technique, found.tier) == (surface, technique, "act")
    assert title[found.start : found.end] == surface


@pytest.mark.parametrize(
    ("title", "technique"),
    [
        ("나이 키 운동화", "spacing"),
        ("LouisVuitton bag", "joined"),
        ("ＮＩＫＥ dunk", "compatibility"),
        ("NÍKE dunk", "compatibility"),
        (unicodedata.normalize("NFD", "나이키 운동화"), "compatibility"),
        ("루이피통 지갑", "sounds_alike"),
        ("Samsumg phone", "near_miss"),
    ],
)
def test_what_honest_sellers_and_their_keyboards_write_is_no_disguise(title: str, technique: str) -> None:
    (found,) = match(title)
    assert found.technique == technique
    assert found.technique not in DISGUISES


@pytest.mark.parametrize(
    ("title", "technique"),
    [
        ("N.І.K.E dunk", "apart"),
        ("Nikе dunk", "confusables"),
        ("Guc\u200bci bag", "invisible"),
        ("S\u0430m-sung phone", "confusables"),
        ("나이\u200b 키 양말", "invisible"),
        (unicodedata.normalize("NFD", "나이키") + " 운동화", "jamo"),
        ("ㄴㅏㅇㅣㅋㅣ 양말", "jamo"),
        ("R0LEX watch", "leet"),
        ("Ro|ex watch", "symbols"),
        ("Roooolex watch", "repeated"),
    ],
)
def test_a_disguise_is_told_although_something_else_is_weaker(title: str, technique: str) -> None:
    (found,) = match(title)
    assert found.technique == technique
    assert found.technique in DISGUISES


def test_a_letter_of_the_names_own_is_no_look_alike() -> None:
    matcher = BrandMatcher.build([Brand(brand_id="moller", name="Møller"), Brand(brand_id="chanel", name="シャネル")])
    assert [m.technique for m in matcher.match(Text("MØLLER lamp"))] == ["exact"]
    assert [m.technique for m in matcher.match(Text("ｼｬﾈﾙ bag"))] == ["compatibility"]


@pytest.mark.parametrize(
    "title",
    [
        "Pineapple slicer",  # apple inside a word
        "Snikers candy",
        "Football coach whistle",  # a word of the dictionary
        "green apple scented candle",
        "2023 rolexy thing",
        "page 4711 of the book",
        "어구찌개",
        "코치닐 색소",
        "忍耐刻苦书",  # a homophone across words
        "",
        " \u200b ",
    ],
)
def test_another_word_is_no_mark(title: str) -> None:
    assert acted_on(title) == set()


def test_a_common_word_that_stands_first_is_the_mark() -> None:
    assert acted_on("Coach leather bag") == {"coach"}
    assert acted_on("[New] Coach leather bag") == {"coach"}


def test_particles_and_goods_may_follow_a_short_hangul_name() -> None:
    assert acted_on("구찌가방") == {"gucci"}
    assert acted_on("구찌의 가방") == {"gucci"}


@pytest.mark.parametrize(
    "title",
    [
        "Leather case for Samsung Galaxy",
        "Charger compatible with Samsung",
        "삼성 호환 충전기",
        "case for Pixel 7 / Samsung S23",
        "适用Samsung手机壳",
    ],
)
def test_goods_that_fit_anothers_goods_are_not_under_its_mark(title: str) -> None:
    (found,) = match(title)
    assert (found.brand_id, found.tier, found.use) == ("samsung", "review", "compatible")


def test_for_people_is_not_for_a_product() -> None:
    assert acted_on("Shoes for men Nike") == {"nike"}


def test_the_longest_name_wins() -> None:
    assert acted_on("Acme Works Shop mug") == {"acmeworkshop"}


def test_a_mask_that_fits_two_marks_is_for_review() -> None:
    matcher = BrandMatcher.build([*BRANDS, Brand(brand_id="nuke", name="Nuke", aliases=("누크",))])
    assert {(m.brand_id, m.tier) for m in matcher.match(Text("N*ke shoes"))} == {("nike", "review"), ("nuke", "review")}


def test_a_letter_that_begins_the_next_word_is_no_repeated_one() -> None:
    assert [m.surface for m in match("Rolex X-ray watch")] == ["Rolex"]


def test_a_letter_that_no_table_reads_is_told_by_the_name_around_it() -> None:
    (found,) = match("Sam\u0d38ung phone")
    assert (found.brand_id, found.surface, found.technique) == ("samsung", "Sam\u0d38ung", "confusables")


def test_lone_surrogates_are_no_trouble() -> None:
    assert [m.surface for m in match("\ud800Nike \udfff")] == ["Nike"]


def test_brands_that_share_a_name_are_all_named() -> None:
    matcher = BrandMatcher.build([*BRANDS, Brand(brand_id="other", name="NIKE")])
    assert {m.brand_id for m in matcher.match(Text("nike shoes"))} == {"nike", "other"}


def test_a_near_miss_is_for_review_only() -> None:
    (found,) = match("Samsumg phone")
    assert (found.brand_id, found.technique, found.tier) == ("samsung", "near_miss", "review")


def test_a_near_miss_of_two_words_is_given_once() -> None:
    # The first word opens one name, and the second closes another.
    matcher = BrandMatcher.build([Brand(brand_id="x", name="Zorbax Qwilt"), Brand(brand_id="y", name="Pentor Qwill")])
    assert [m.brand_id for m in matcher.match(Text("Zorbax Qwill blanket"))] == ["x"]


def test_a_repeated_name_hides_no_other() -> None:
    assert acted_on("Nike " * 200 + "Rolex") == {"nike", "rolex"}
    assert len(match("Nike " * 200)) <= 50


def test_the_description_is_searched_too() -> None:
    (found,) = match("Nice shoes", "They are by Nike.")
    assert (found.field, found.start, found.surface) == ("description", 12, "Nike")


def test_of_several_brands_with_one_id_the_last_counts() -> None:
    matcher = BrandMatcher.build([Brand(brand_id="x", name="Zorbax"), Brand(brand_id="x", name="Quilty")])
    assert [m.surface for m in matcher.match(Text("Zorbax and Quilty"))] == ["Quilty"]


pieces = st.sampled_from(
    ["Nike", "나이키", "耐克", "N-1-k-e", "루이비통", "ㄴㅏ", "이키", "Rolex", "R0", "lex", " ", "\u200b", "\u0301",
     "for ", " 호환", "Louis", " Vuitton", "ll", "$", "코치", "가방", "[", "]", "Samsumg", "1:1"]
)  # fmt: skip
any_text = st.text() | st.lists(pieces | st.text(max_size=3), max_size=15).map("".join)


@given(any_text, any_text)
@settings(max_examples=300)
def test_matching_never_raises_and_spans_read_back(title: str, description: str) -> None:
    for found in match(title, description):
        text = title if found.field == "title" else description
        assert found.surface == text[found.start : found.end]
        assert 0 <= found.start < found.end <= len(text)
        assert 0 < found.confidence <= 1000
        assert found.tier == "review" or found.use is None


@given(any_text)
def test_a_name_that_overlaps_no_match_removes_none(title: str) -> None:
    before = match(title)
    more = BrandMatcher.build([*BRANDS, Brand(brand_id="zz", name="Zyzzyvala")])
    after = more.match(Text(title))
    assert [m for m in after if m.brand_id != "zz"] == before


brands = st.builds(
    lambda key, name, aliases: Brand(brand_id=key, name=name, aliases=tuple(aliases)),
    st.sampled_from("abcde"),
    st.sampled_from(["Nike", "Nikon", "나이키", "耐克", "Nikee", "Louis Vuitton", "LV", "코치", "Samsung", "x.y.z"]),
    st.lists(st.sampled_from(["Rolex", "NIKE", "롤렉스", "Acme", "Samsun"]), max_size=2),
)


@given(st.lists(brands | st.sampled_from("abcde"), max_size=12), any_text)
def test_changes_one_by_one_find_what_a_rebuild_finds(changes: list[Brand | str], title: str) -> None:
    step_by_step = BrandMatcher()
    standing: dict[str, Brand] = {}
    for change in changes:
        if isinstance(change, str):
            step_by_step.remove(change)
            standing.pop(change, None)
        else:
            step_by_step.put(change)
            standing[change.brand_id] = change
        step_by_step.match(Text("Nike"))
    rebuilt = BrandMatcher.build(sorted(standing.values(), key=lambda b: b.brand_id, reverse=True))
    assert step_by_step.match(Text(title)) == rebuilt.match(Text(title))
