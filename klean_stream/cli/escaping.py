"""Text that strangers wrote, made safe to show in a terminal.

Control characters can move the cursor or recolour the screen, bidi controls can turn a line around, and
characters that show as nothing are how names are disguised. All of them are shown by their code point.
"""

import re

# Categories Cc, Cf, Cs, Zl and Zp of Unicode, and the letters that show as nothing (Hangul fillers and the like).
# Variation selectors stay: emoji need them, and they turn nothing around.
_HIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u17b4\u17b5"
    "\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ud800-\udfff\ufeff\uffa0\ufff0-\ufffb"
    "\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)


def visible(text: str) -> str:
    """Give the text with every control, bidi control and invisible character as ``<U+202E>``."""
    return _HIDDEN.sub(lambda match: f"<U+{ord(match[0]):04X}>", text)


def visible_in_json(text: str) -> str:
    """Give JSON text whose strings mean the same, with those characters as JSON's own escapes.

    They can only stand inside of strings: the rest of JSON is ASCII, and its line breaks are not the caller's to
    pass here.
    """
    return _HIDDEN.sub(lambda match: _json_escape(ord(match[0])), text)


def _json_escape(code: int) -> str:
    if code < 0x10000:
        return f"\\u{code:04x}"
    code -= 0x10000
    return f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"
