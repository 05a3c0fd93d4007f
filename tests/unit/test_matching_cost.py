"""What a text costs grows with its length and no faster, whatever it is made of.

Steps are counted and not timed: they are the instructions of Python's that are carried out, which no load of the
machine changes.
"""

import sys
import unicodedata
from types import FrameType
from typing import Any

import pytest

from klean_stream.brands import BrandMatcher
from klean_stream.events import Brand
from tests.unit.test_brands_matcher import BRANDS, Text

MATCHER = BrandMatcher.build([*BRANDS, Brand(brand_id="ana", name="Ana Na", aliases=("나나", "나나나", "娜娜"))])
SHORT, LONG = 1_000, 2_000
_MOST_GROWTH = 2.2
_FEW = 2_000
"""Twice the text takes twice the steps, and some for what has a bound of its own."""


def steps(text: Text) -> int:
    count = 0

    def step(frame: FrameType, event: str, _argument: object) -> Any:
        nonlocal count
        frame.f_trace_opcodes = True
        count += event == "opcode"
        return step

    MATCHER.match(text)  # what is remembered of words is no part of it
    before = sys.gettrace()
    sys.settrace(step)
    try:
        MATCHER.match(text)
    finally:
        sys.settrace(before)
    return count


@pytest.mark.parametrize("field", ["title", "description"])
@pytest.mark.parametrize(
    "piece",
    [
        "a",
        "a ",
        "\u0301",
        "a\u0301\u0302 ",
        "\u200b",
        "ㄴㅏㅇㅣㅋㅣ",
        "ㄴ ㅏ ㅇ ㅣ ㅋ ㅣ ",
        unicodedata.normalize("NFD", "나이키"),
        unicodedata.normalize("NFD", "나이키 "),
        "Nike",
        "Nike ",
        "N!ke ",
        "N*ke ",
        "n i k e ",
        "for Nike ",
        "Apple ",
        "Ana Na ",
        "나이키",
        "나이키 ",
        "나 이 키 ",
        "구찌",
        "구찌 ",
        "나나나",
        "耐克",
        "耐克 ",
        "耐 克 ",
        "娜娜",
        "xǝloɹ ",
        "ᑎIKE ",
        "Samsumg ",
        "$",
        "(",
        "|\\",
    ],
)
def test_twice_the_text_takes_twice_the_steps(piece: str, field: str) -> None:
    def of(length: int) -> int:
        text = (piece * (length // len(piece) + 1))[:length]
        return steps(Text(text) if field == "title" else Text("", text))

    assert of(LONG) <= _MOST_GROWTH * of(SHORT) + _FEW
