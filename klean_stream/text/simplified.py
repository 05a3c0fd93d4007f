"""Traditional Chinese characters as simplified ones, by the character table of OpenCC."""

from functools import cache

import opencc


def simplified(character: str) -> str:
    """Give the simplified form of a Chinese character, or the character itself."""
    form: str = _converter().convert(character)
    return form if len(form) == 1 else character


@cache
def _converter() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")
