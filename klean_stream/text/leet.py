"""Signs that are written for letters: single symbols, signs drawn of several, two letters that look like one.

Sources: the tables of "leet" spelling as published (Wikipedia, "Leet", section Orthography; RFC-like lists agree in
this core), and UTS #39 for ``rn``. Signs that prose uses all the time, such as brackets, count only inside a word.
"""

import re
from typing import Final

_DRAWN: Final = {
    "a": ("/-\\", "/\\", "/_\\"),
    "b": ("|3",),
    "d": ("|)", "[)", "|>"),
    "f": ("|=",),
    "h": ("|-|", "]-[", "}-{", "}{", ")-(", "(-)", "/-/", "#"),
    "k": ("|<", "|{"),
    "l": ("|_",),
    "m": ("|\\/|", "/\\/\\", "(\\/)", "|v|", "[v]"),
    "n": ("|\\|", "/\\/", "[\\]"),
    "o": ("()", "[]", "<>"),
    "p": ("|*", "|°"),
    "q": ("(_,)",),
    "r": ("|2", "|?"),
    "t": ("-|-", "']['"),
    "u": ("|_|", "(_)", "[_]", "\\_/"),
    "v": ("\\/",),
    "w": ("\\/\\/", "vv", "VV", "\\^/", "\\|/", "|/\\|"),
    "x": ("><", ")(", "×"),
    "y": ("`/",),
}
_LETTER_OF: Final = {sign: letter for letter, signs in _DRAWN.items() for sign in signs}
_INSIDE: Final = {"(": "c", "<": "c", "{": "c", "[": "c", "^": "a", "&": "e", "%": "x"}
"""Only between two letters or digits."""

_ANY: Final = re.compile(
    "|".join(re.escape(sign) for sign in sorted(_LETTER_OF, key=lambda sign: (-len(sign), sign)))
    + r"|(?<=[\w$@!|+])[(<{\[^&%](?=[\w$@!|+])|(?<!\S)\((?=[^\s)]+(?!\S))"
)
_SIGN: Final = re.compile(r"[$@!|+#(<{\[^&%\\`/)\]}>]")
_CALLS: Final = re.compile(
    r"[$@!|+#](?=\w)|(?<=\w)[|$]|(?<=\w)[!+@](?!\S)|(?<=\w)[(<{\[^&%](?=\w)|[\\|`]\S|/[\\_-]"
    r"|\(\)|\[\]|<>|><|\)\(|\}\{|\(_|\[_|[\[\]})(]-"
)
"""What a sign must look like that is worth a closer look. Wider than needed, and much faster."""


def symbols_in(text: str, *, is_odd: bool) -> dict[int, tuple[int, str]] | None:
    """Give the end and the letter of each drawn sign by its start; None if no symbol at all stands for a letter.

    ``is_odd`` says that the text may have symbols beyond ASCII.
    """
    # Nearly all texts end here.
    if not is_odd and not _calls(text):
        return None
    return {sign.start(): (sign.end(), _LETTER_OF.get(sign[0]) or _INSIDE[sign[0]]) for sign in _ANY.finditer(text)}


def _calls(text: str) -> bool:
    if "vv" in text or "VV" in text or text.count("(") != text.count(")"):
        return True
    return any(_CALLS.match(text, sign.start()) for sign in _SIGN.finditer(text))
