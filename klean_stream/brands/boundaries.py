"""Where a name may begin and end: what may stand directly before and after it.

Alphabets part words, so a name in letters must be whole words. Korean writes particles onto a name, and goods
behind it, without a space. Chinese and Japanese part nothing.
"""

from typing import Final

from klean_stream.brands.names import SHORT, Name
from klean_stream.text import SILENT, WRITING, View, Writing, has_hangul, splits_syllable

_PARTICLES: Final = (
    "으로", "에서", "에게", "이랑", "처럼", "보다", "까지", "부터", "은", "는", "이", "가", "을", "를",
    "의", "에", "로", "와", "과", "도", "만", "랑", "풍", "형", "용", "급", "식", "정품", "공식", "신상", "매장",
)  # fmt: skip
# What is sold under marks, as it is written onto a short name: 구찌가방, 나이키신발.
_GOODS: Final = (
    "가방", "지갑", "신발", "운동화", "구두", "시계", "벨트", "모자", "의류", "패딩", "자켓", "재킷", "코트",
    "티셔츠", "셔츠", "바지", "향수", "화장품", "선글라스", "안경", "반지", "목걸이", "귀걸이", "팔찌", "양말",
    "슬리퍼", "샌들", "부츠", "스니커즈", "백팩", "크로스백", "숄더백", "후드", "맨투맨", "니트", "트레이닝",
    "키즈", "골프", "스포츠", "레플", "미러", "짝퉁", "이미테이션",
)  # fmt: skip


def stands_alone(name: Name, view: View, start: int, end: int) -> bool:
    """Tell if ``view.folded[start:end]`` is not merely a part of another word."""
    text, at = view.original, view.at
    first, last = at[start], at[end - 1]
    if first:
        # Quickly, for what lies inside an English word, or in a Korean one and is short.
        before = text[first - 1]
        if before.isascii():
            if before.isalnum() and text[first].isascii():
                return False
        elif "\uac00" <= before <= "\ud7a3" and name.size <= SHORT and WRITING[text[first]] is Writing.HANGUL:
            return False
    if (start and first == at[start - 1]) or (end < len(at) and last == at[end]):
        return False
    if name.writing is Writing.HANGUL and (splits_syllable(view, start) or splits_syllable(view, end)):
        return False
    return _may_begin(name, text, first, _neighbour(text, first, -1)) and _may_end(
        name, text, last, _neighbour(text, last, +1)
    )


def _neighbour(text: str, index: int, step: int) -> int | None:
    """Give the nearest character that a reader sees, if it is not a separator."""
    index += step
    while 0 <= index < len(text):
        writing = WRITING[text[index]]
        if writing is Writing.SEPARATOR:
            return None
        if writing not in SILENT:
            return index
        index += step
    return None


def _may_begin(name: Name, text: str, first: int, before: int | None) -> bool:
    if before is None:
        return True
    here, there = WRITING[text[first]], WRITING[text[before]]
    if here is Writing.HANGUL and there is Writing.HANGUL:
        return name.size > SHORT
    if here in (Writing.LETTER, Writing.DIGIT):
        return there not in (Writing.LETTER, Writing.DIGIT)
    return here is not Writing.KANA or there is not Writing.KANA


def _may_end(name: Name, text: str, last: int, after: int | None) -> bool:
    if after is None:
        return True
    here, there = WRITING[text[last]], WRITING[text[after]]
    if here is Writing.HANGUL and there is Writing.HANGUL:
        return name.size > SHORT or _goes_on_in_korean(text[after : after + 8])
    if here is Writing.LETTER and there is Writing.DIGIT:
        return name.size > SHORT
    if here in (Writing.LETTER, Writing.DIGIT):
        return there not in (Writing.LETTER, Writing.DIGIT)
    return here is not Writing.KANA or there is not Writing.KANA


def _goes_on_in_korean(rest: str) -> bool:
    if rest.startswith(_GOODS):
        return True
    for particle in _PARTICLES:
        if rest.startswith(particle):
            beyond = rest[len(particle) :]
            if not beyond or not has_hangul(beyond[0]) or beyond.startswith(_GOODS):
                return True
    return False
