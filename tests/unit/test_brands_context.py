"""An ordinary word is told from the mark that it is, too: by the goods, by its place, by the words around it."""

from dataclasses import dataclass

import pytest

from klean_stream.brands import BrandMatcher
from klean_stream.brands.goods import Classes, classes_of_kind, goods_in, is_sold_by_amount, nice_classes
from klean_stream.events import Brand


@dataclass(frozen=True)
class Text:
    title: str
    description: str = ""


MATCHER = BrandMatcher.build(
    [
        Brand(brand_id="crown", name="Crown", aliases=("크라운", "皇冠"), classes=(25,), common_word=True),
        Brand(brand_id="shell", name="Shell", classes=(4,), common_word=True),
        Brand(brand_id="mango", name="Mango", aliases=("망고", "芒果"), classes=(25,), common_word=True),
        Brand(brand_id="tiger", name="Tiger", aliases=("타이거", "老虎"), classes=(9,)),
        Brand(brand_id="oregon", name="Oregon", classes=(25,)),
        Brand(brand_id="bank", name="Harvest", classes=(36,)),
        Brand(brand_id="plain", name="Summit"),
        Brand(brand_id="polo", name="Polo", aliases=("폴로",), classes=(25,), common_word=True),
        Brand(brand_id="offblue", name="Pale Blue", classes=(25,)),
    ]
)


def acted_on(title: str, category: str | None = None) -> set[str]:
    return {m.brand_id for m in MATCHER.match(Text(title), nice_classes(category)) if m.tier == "act"}


@pytest.mark.parametrize(
    ("title", "category", "brand"),
    [
        ("Crown Men Blue Slim Fit Jeans", None, "crown"),
        ("Crown men's wool jacket", None, "crown"),
        ("Mango 2026 collection", "Clothing > Dresses", "mango"),
        ("Mango Leather Handbag", None, "mango"),  # sold under the same marks as clothes
        ("Shell Engine Oil 5W-30 4L", None, "shell"),
        ("tiger wireless headphone", None, "tiger"),
        ("Oregon hiking boots", None, "oregon"),
        ("Summit Alpine X200", None, "plain"),
        ("크라운 운동화", None, "crown"),
        ("폴로 반팔 티셔츠", None, "polo"),
        ("皇冠 男士外套", None, "crown"),
        ("망.고 주스", None, "mango"),
        ("$hell fridge magnet", None, "shell"),  # nobody writes an ordinary word in a disguise
        ("Pale Blue linen shirt", None, "offblue"),
    ],
)
def test_a_word_is_the_mark_where_its_goods_are_sold(title: str, category: str | None, brand: str) -> None:
    assert brand in acted_on(title, category)


@pytest.mark.parametrize(
    "title",
    [
        "Crown Molding For Ceilings",  # a compound
        "Crown of flowers hair band",
        "Shell pasta 500g",
        "Shell Beads Necklace",  # other goods, in any capitals
        "Mango juice 1L",
        "Mango Chutney Glass Jar",
        "tiger rug for kids room",
        "Tiger figurine",
        "Tiger-striped curtain",
        "Oregon travel guide",
        "Oregon State Flag",
        "Harvest Festival Tablecloth",  # a bank's mark
        "Summit meeting notes",  # a sentence, and nothing known of the mark
        "Polo mallet wooden",
        "Pale blue curtain panel",
        "Wooden crown for a king",
        "Tiger Cub Plush Toy",
        "tiger and lion canvas",
        "망고 주스",
        "타이거 인형",
        "크라운 모양 쿠션",
        "폴로 경기 포스터",
        "芒果干 零食",
        "老虎图案 地毯",
        "皇冠造型 摆件",
    ],
)
def test_a_word_is_none_where_other_goods_are_sold_or_a_sentence_goes_on(title: str) -> None:
    assert acted_on(title) == set()


def test_a_marks_goods_tell_and_not_its_services() -> None:
    matcher = BrandMatcher.build(
        [
            Brand(brand_id="maker", name="Harbor", classes=(18, 25, 35)),
            Brand(brand_id="shop", name="Meadow", classes=(35,)),
            Brand(brand_id="hotel", name="Haven", classes=(43,)),
        ]
    )
    tiers = {
        title: [m.tier for m in matcher.match(Text(title))]
        for title in ("Harbor Bag", "Harbor Tea", "Meadow Bag", "Meadow Tea", "Haven Bag")
    }
    assert tiers == {
        "Harbor Bag": ["act"],
        "Harbor Tea": ["review"],
        "Meadow Bag": ["act"],
        "Meadow Tea": ["act"],
        "Haven Bag": ["review"],
    }


def test_the_category_tells_as_well_as_the_title() -> None:
    assert acted_on("Tiger T800", "Audio") == {"tiger"}
    assert acted_on("Tiger T800", "Pet food") == set()


def test_a_name_inside_a_longer_korean_word_is_that_word() -> None:
    matcher = BrandMatcher.build(
        [Brand(brand_id="x", name="고양"), Brand(brand_id="y", name="Ella", aliases=("엘라",))]
    )
    assert [m.brand_id for m in matcher.match(Text("고양이 사료"))] == []
    assert [m.brand_id for m in matcher.match(Text("고양은 사료"))] == ["x"]
    assert [m.brand_id for m in matcher.match(Text("엘라 가방"))] == ["y"]


def test_the_second_word_of_a_places_name_is_that_place() -> None:
    matcher = BrandMatcher.build([Brand(brand_id="x", name="Vegas"), Brand(brand_id="y", name="York", classes=(25,))])
    assert matcher.match(Text("Las Vegas Poster")) == []
    assert matcher.match(Text("ALX New York Sweater")) == []
    assert [m.brand_id for m in matcher.match(Text("ALX York Sweater Vegas"))] == ["y", "x"]


def test_a_word_that_may_mean_the_mark_stays_in_the_evidence() -> None:
    (found,) = MATCHER.match(Text("Mango juice 1L"))
    assert (found.brand_id, found.tier, found.use) == ("mango", "review", "common_word")


@pytest.mark.parametrize(
    ("title", "use"),
    [
        ("Wool socks, not Xyzzy", "negated"),
        ("non-Xyzzy socks", "negated"),
        ("socks not made by Xyzzy", "negated"),
        ("자이지 아님 양말", "negated"),
        ("자이지가 아닙니다", "negated"),
        ("非Xyzzy 袜子", "negated"),
        ("not genuine Xyzzy socks", None),
        ("자이지 정품 아님", None),
        ("No.1 Xyzzy socks", None),
        ("Why not buy Xyzzy", None),
        ("Casino Xyzzy", None),
    ],
)
def test_a_negated_name_is_no_mark_and_a_negated_origin_is_no_excuse(title: str, use: str | None) -> None:
    matcher = BrandMatcher.build([Brand(brand_id="x", name="Xyzzy", aliases=("자이지",))])
    (found,) = matcher.match(Text(title))
    assert found.use == use


@pytest.mark.parametrize(
    ("title", "use"),
    [
        ("자이지 E클래스 전용 컵홀더", "compatible"),
        ("자이지 갤럭시 S24 전용 케이스", "compatible"),
        ("자이지 전용 끈", "compatible"),
        ("자이지 여성 전용 레깅스", None),  # for people
    ],
)
def test_a_model_that_is_only_for_anothers_model_fits_it(title: str, use: str | None) -> None:
    matcher = BrandMatcher.build([Brand(brand_id="x", name="Xyzzy", aliases=("자이지",))])
    (found,) = matcher.match(Text(title))
    assert found.use == use


@pytest.mark.parametrize(
    ("text", "classes"),
    [
        ("Steel water bottles", [{21}]),
        ("축구공", [{28}]),
        ("공장 직영", []),
        ("男士博士帽", [{25}]),
        ("苹果 5斤", [{29, 30, 31}]),
        ("Fashion Men", []),
    ],
)
def test_a_text_names_goods(text: str, classes: list[set[int]]) -> None:
    assert [set(goods.classes) for goods in goods_in(text)] == classes


@pytest.mark.parametrize(
    ("text", "is_stuff"),
    [
        ("5斤 新鲜", True),
        ("Foam 750ml", True),
        ("사과 3 kg", True),
        ("2.4g wireless", False),
        ("16gb", False),
        ("4kgs", False),
    ],
)
def test_stuff_is_sold_by_weight_or_volume(text: str, *, is_stuff: bool) -> None:
    assert is_sold_by_amount(text) is is_stuff


@pytest.mark.parametrize(
    ("kind", "classes"),
    [("shop/shoes", {25}), ("amenity/bank", {36}), ("shop/supermarket", set()), ("Watches", {9, 14}), ("??", set())],
)
def test_a_kind_of_shop_tells_the_classes_of_its_mark(kind: str, classes: Classes) -> None:
    assert classes_of_kind(kind) == classes


def test_the_cost_of_context_is_bounded() -> None:
    """Of a text of any length only its beginning is asked for goods."""
    assert len(goods_in("bottle " * 5_000)) == 5_000
    (found, *_) = MATCHER.match(Text("Crown Q" + "X" * 2_000 + " Bottle"))
    assert found.tier == "act", "what stands so far away tells nothing"
