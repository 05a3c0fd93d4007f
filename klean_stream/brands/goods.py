"""From a marketplace's category to the Nice classes of the goods in it.

The table is ``data/nice_classes.toml``, written from the class headings of the Nice Classification (WIPO,
12th edition). A category that it does not know may hold goods of any class.
"""

import re
import tomllib
from functools import lru_cache
from importlib.resources import files

_SEGMENT = re.compile(r"[>/|›»]|::")


def _read() -> tuple[re.Pattern[str], dict[str, frozenset[int]]]:
    table = tomllib.loads(files("klean_stream.brands").joinpath("data", "nice_classes.toml").read_text("utf-8"))
    classes: dict[str, frozenset[int]] = {}
    for group in table["goods"]:
        for word in (*group["en"], *group["ko"], *group["zh"]):
            classes[word] = classes.get(word, frozenset()) | frozenset(group["classes"])
    # The longest word first: "phone case" is found before "case".
    words = sorted(classes, key=lambda word: (-len(word), word))
    parts = [rf"\b{re.escape(word)}(?:s|es)?\b" if word.isascii() else re.escape(word) for word in words]
    return re.compile("|".join(parts)), classes


_WORDS, _CLASSES = _read()


@lru_cache(maxsize=4096)
def nice_classes(category: str | None) -> frozenset[int] | None:
    """Give the classes of a category, as a name or a path of names; None if any class is possible.

    The last part of a path that the table knows decides, for it is the narrowest.
    """
    if not category:
        return None
    for segment in reversed(_SEGMENT.split(category.casefold())):
        found: frozenset[int] = frozenset()
        for match in _WORDS.finditer(segment):
            word = match[0]
            for known in (word, word.removesuffix("s"), word.removesuffix("es")):
                if known in _CLASSES:
                    found |= _CLASSES[known]
                    break
        if found:
            return found
    return None
