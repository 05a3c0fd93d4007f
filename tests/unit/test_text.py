"""Text is folded to what a reader takes it for, and every folded letter leads back to the original."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from klean_stream.text import (
    FOLD,
    UNPARTED,
    WRITING,
    View,
    has_hangul,
    read,
    read_hangul,
    read_romanised,
    read_stylised,
    read_symbols,
    sound,
    splits_syllable,
)


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("ＡＣＭＥ", "acme"),
        ("Αϲmе", "acme"),  # Greek, lunate sigma, Cyrillic
        ("𝗔𝗰𝗺𝗲", "acme"),
        ("🅐🄲🅼ⓔ", "acme"),
        ("ᴀᴄᴍᴇ", "acme"),
        ("Áçmë", "acme"),
        ("A\u0336c\u0336m\u0336e\u0336", "acme"),
        ("a\u200bc\u00adm\u2060e", "acme"),
        ("ΝΙΚΕ", "nike"),
        ("Вurbеrrу", "burberry"),
        ("Prіntӏand", "printland"),
        ("Łøgŏ", "logo"),
        ("Straße", "strasse"),
        ("A-C M.E!", "acme"),
        ("ﾃｽ", "テス"),
        ("が", "が"),
    ],
)
def test_a_disguised_letter_is_read_as_what_it_looks_like(written: str, read_as: str) -> None:
    assert read(written).view.folded == read_as


def test_digits_and_letters_of_one_look_are_one_class() -> None:
    assert read("R0LEX").view.skeleton == read("rolex").view.skeleton
    assert read("N1KE").view.skeleton == read("nlke").view.skeleton


def test_symbols_are_letters_in_a_view_of_their_own() -> None:
    assert read("$upr€me").view.folded == "uprme"
    (symbols,) = read_symbols(read("$upr€me"))
    assert symbols.view.folded == "supreme"
    assert read_symbols(read("plain words, plain marks")) == []


@pytest.mark.parametrize(
    "typed",
    ["나이키", unicodedata.normalize("NFD", "나이키"), "ㄴㅏㅇㅣㅋㅣ", "나ㅇㅣ키", "ﾤￂﾷￜﾻￜ"],
)
def test_hangul_is_the_same_letters_however_it_was_typed(typed: str) -> None:
    assert has_hangul(typed)
    assert read_hangul(typed).folded == "ㄴㅏㅇㅣㅋㅣ"


def test_latin_syllables_inside_a_hangul_word_are_read_as_korean() -> None:
    view = read_romanised("Na이Ki 신발")
    assert view is not None
    assert view.skeleton.startswith(sound("ㄴㅏㅇㅣㅋㅣ"))
    assert view.span(0, 6) == (0, 5)
    assert read_romanised("아디다스 XRT") is None


def test_plain_tense_and_aspirated_consonants_sound_alike() -> None:
    assert read_hangul("구찌").skeleton == read_hangul("쿠치").skeleton
    assert read_hangul("샤넬").skeleton == read_hangul("샤낼").skeleton


def test_a_cut_through_a_syllable_is_told() -> None:
    view = read_hangul("강남")
    assert [splits_syllable(view, index) for index in range(7)] == [False, True, True, False, True, True, False]


def test_a_span_holds_the_marks_on_its_last_letter_and_no_more() -> None:
    text = "re\u0301sume\u0301\u200b!"
    start, end = read(text).view.span(0, 6)
    assert text[start:end] == "re\u0301sume\u0301"


any_text = st.text() | st.text(alphabet="aAㅏ가각ㄱㅋ\u1100\u1161\u11a8\u0301\u200b🅰Ⅷ1l|$.- \u3164中口ロ")


@given(any_text)
def test_every_view_leads_back_into_the_text(text: str) -> None:
    plain = read(text)
    stylised = read_stylised(plain)
    views: list[View | None] = [plain.view, read_hangul(text), read_romanised(text)]
    views += [reading.view for reading in (*read_symbols(plain), stylised) if reading is not None]
    for view in views:
        if view is None:
            continue
        assert len(view.folded) == len(view.skeleton) == len(view.at)
        assert list(view.at) == sorted(view.at)
        for index in range(len(view.at)):
            start, end = view.span(index, index + 1)
            assert 0 <= start < end <= len(text)
        for index in range(1, len(view.at)):
            view.parted(index)


def test_every_syllable_is_folded_to_itself() -> None:
    for point in range(0xAC00, 0xD7A4):
        reading = read(chr(point))
        assert (reading.view.folded, reading.is_usual, reading.is_odd) == (chr(point), True, False)


@given(st.lists(st.sampled_from(["나이키", "air", "耐克", "é", "ß", "\u200b", " ", "　", "-", "ﬁ", "ア", "№"])))
def test_a_text_is_read_in_parts_as_character_by_character(pieces: list[str]) -> None:
    text = "".join(pieces)
    reading = read(text)
    assert reading.view.folded == "".join(FOLD[character] for character in text)
    assert [word for word in reading.words if WRITING[word[0]] in UNPARTED] == re.findall(
        "[\uac00-\ud7a3\u30a1-\u30fa\u4e00-\u9fff]+", re.sub("[\u200b]", "", text)
    )


@given(st.text(alphabet=st.characters(max_codepoint=0x7F)))
def test_plain_ascii_folds_to_its_small_letters_and_digits(text: str) -> None:
    assert read(text).view.folded == "".join(c for c in text.lower() if c.isalnum())
