"""Marks that would flood: which names are warned of, and what a sample of titles tells."""

import pytest

from klean_stream.brands.linting import count_hits, floods, lint
from klean_stream.events import Brand, ListingSnapshot


def brand(brand_id: str, name: str, *aliases: str, common_word: bool = False) -> Brand:
    return Brand(brand_id=brand_id, name=name, aliases=aliases, common_word=common_word)


@pytest.mark.parametrize(
    ("name", "trouble"),
    [
        ("501", "digits"),
        ("HP", "short"),
        ("X", "short"),
        ("샤", "short"),
        ("Shoes", "goods_word"),
        ("바지", "goods_word"),
        ("Coach", "common_word"),
        ("Gap", "common_word"),
    ],
)
def test_a_name_that_would_flood_is_warned_of(name: str, trouble: str) -> None:
    (warning,) = lint([brand("b", name)])
    assert (warning.brand_id, warning.name, warning.trouble) == ("b", name, trouble)


@pytest.mark.parametrize("name", ["Norda", "구찌", "诺达", "New Balance", "7Days"])
def test_an_ordinary_mark_is_not(name: str) -> None:
    assert list(lint([brand("b", name)])) == []


def test_a_word_that_is_known_to_be_one_is_no_trouble() -> None:
    assert list(lint([brand("b", "Coach", common_word=True)])) == []


def test_a_name_of_another_brand_is_warned_of_on_both_sides() -> None:
    warnings = lint([brand("a", "Norda"), brand("b", "Mora", "NORDA"), brand("c", "Kivra")])
    assert [(w.brand_id, w.trouble, w.detail) for w in warnings] == [
        ("a", "other_brand", "also a name of b"),
        ("b", "other_brand", "also a name of a"),
    ]


def test_a_sample_of_titles_tells_who_floods_with_examples() -> None:
    brands = [brand("mora", "Mora"), brand("norda", "Norda"), brand("kivra", "Kivra")]
    titles = [("Mora knife", None)] * 4 + [("case for Norda phone", None), ("cotton socks", "socks")]
    sample = count_hits(brands, [(ListingSnapshot(title=title), category) for title, category in titles])
    assert [(hits.brand_id, hits.texts, hits.act) for hits in sample.hits] == [("mora", 4, 4), ("norda", 1, 0)]
    mora = sample.hits[0]
    assert len(mora.examples) == 3
    assert mora.examples[0].match.surface == "Mora"
    assert [(w.brand_id, w.detail) for w in floods(sample, 0.5)] == [("mora", "found in 4 of 6 titles (66.7%)")]
    assert list(floods(sample, 0.7)) == []


def test_a_sample_without_titles_tells_nothing() -> None:
    sample = count_hits([brand("mora", "Mora")], [])
    assert sample.hits == ()
    assert list(floods(sample, 0.0)) == []
