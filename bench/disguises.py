"""Disguises made from published descriptions, to see what the matcher makes of hands that are not its own.

Nothing here is read from the matcher's tables. Sources: the "leet" tables of Wikipedia; the alphabets of text
generators on the web ("fancy text", "aesthetic", "upside down", "zalgo"); Unicode block charts; descriptions of
Yaminjeongeum (야민정음); the keyboard habit of taking Hangul apart.
"""

import random
import unicodedata
from collections.abc import Callable

Disguise = Callable[[str, random.Random], str]

_PLAIN = "abcdefghijklmnopqrstuvwxyz"
_LEET_LIGHT = dict(zip("aeiost", "431057", strict=True))
_LEET_HEAVY = _LEET_LIGHT | dict(zip("bglz", "8912", strict=True))
_LEET_SYMBOLS = dict(zip("aeilostc", "@3!|0$+(", strict=True))
_LEET_DRAWN = {
    "a": "/\\", "b": "|3", "d": "|)", "h": "|-|", "k": "|<", "m": "|\\/|", "n": "|\\|", "o": "()", "u": "|_|",
    "v": "\\/", "w": "\\/\\/", "x": "><", "e": "3", "i": "!", "s": "5",
}  # fmt: skip
_FIRST_OF_ALPHABET = {
    "mathematical_bold": 0x1D41A,
    "mathematical_italic_sans": 0x1D622,
    "mathematical_bold_script": 0x1D4EA,
    "mathematical_bold_fraktur": 0x1D586,
    "mathematical_double_struck": 0x1D552,
    "mathematical_monospace": 0x1D68A,
    "circled": 0x24D0,
    "parenthesised": 0x249C,
    "full_width": 0xFF41,
    "negative_circled": 0x1F150,
    "squared": 0x1F130,
    "negative_squared": 0x1F170,
    "regional_indicators": 0x1F1E6,
    "tags": 0xE0061,
}
_ALPHABETS = {
    "small_capitals": "ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘǫʀꜱᴛᴜᴠᴡxʏᴢ",
    "superscript": "ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖᑫʳˢᵗᵘᵛʷˣʸᶻ",
    "strokes_and_currency": "₳฿₵ĐɆ₣₲ⱧłJ₭Ⱡ₥₦Ø₱QⱤ₴₮ɄV₩ӾɎⱫ",
    "greek_and_cyrillic": "αвc∂єfgнιjкℓмησρqяѕтυνωxуz",
    "hooks_and_armenian": "ąҍçժҽƒցհìʝҟӀʍղօքզɾʂէմѵաҳվՀ",
    "syllabics": "ᗩᗷᑕᗪEᖴGᕼIᒍKᒪᗰᑎOᑭᑫᖇSTᑌᐯᗯ᙭Yᘔ",
    "cherokee": "ᏗᏰፈᎴᏋᎦᎶᏂᎥᏠᏦᏝᎷᏁᎧᎮᎤᏒᏕᏖᏬᏉᏇጀᎩፚ",
    "east_asian": "卂乃匚ᗪ乇千Ꮆ卄丨ﾌҜㄥ爪几ㄖ卩Ɋ尺丂ㄒㄩᐯ山乂ㄚ乙",
    "thai_and_hebrew": "ค๒ς๔єŦﻮђเןкɭ๓ภ๏קợгรՇยשฬאץչ",
}
_TURNED = dict(zip(_PLAIN, "ɐqɔpǝɟƃɥᴉɾʞlɯuodbɹsʇnʌʍxʎz", strict=True))
_CYRILLIC = dict(zip("aceopxyi", "асеорхуі", strict=True))
_GREEK_CAPITALS = dict(zip("ABEHIKMNOPTXYZ", "ΑΒΕΗΙΚΜΝΟΡΤΧΥΖ", strict=True))
_ACCENTS = "\u0300\u0301\u0302\u0303\u0308\u030a\u030c\u0327\u0328"
_ZALGO = [chr(point) for point in (*range(0x0300, 0x0345), *range(0x0350, 0x0363))]
_PUNCTUATION = ".-_*~·•/'^=:,ㆍ|"
_EMOJI = "🔥✨💎⭐👟❤"
_INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u00ad\u034f\u180e\u2063"

# Syllables that are written for each other for their looks, one for one.
_LOOK_ALIKE = {"대": "머", "댕": "멍", "멍": "댕", "머": "대", "며": "띠", "명": "띵", "귀": "커", "커": "귀",
               "파": "과", "팔": "괄", "비": "네", "빔": "넴", "면": "띤", "근": "ㄹ", "유": "윾",
               "왕": "앟"}  # fmt: skip
_TENSE = str.maketrans("ㄱㄷㅂㅅㅈㅋㅌㅍㅊ", "ㄲㄸㅃㅆㅉㄲㄸㅃㅉ")
_INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"


def _mapped(table: dict[str, str]) -> Disguise:
    def disguise(name: str, _: random.Random) -> str:
        return "".join(table.get(c, table.get(c.lower(), c)) for c in name)

    return disguise


def _between(filler: Callable[[random.Random], str]) -> Disguise:
    def disguise(name: str, dice: random.Random) -> str:
        mark = filler(dice)
        return mark.join(name.replace(" ", ""))

    return disguise


def _turned(name: str, _: random.Random) -> str:
    return "".join(_TURNED.get(c, c) for c in reversed(name.lower()))


def _some(table: dict[str, str]) -> Disguise:
    """Replace about half of what can be replaced, at least one."""

    def disguise(name: str, dice: random.Random) -> str:
        able = [i for i, c in enumerate(name) if c in table or c.lower() in table]
        chosen = set(dice.sample(able, max(1, len(able) // 2))) if able else set()
        return "".join(table.get(c, table.get(c.lower(), c)) if i in chosen else c for i, c in enumerate(name))

    return disguise


def _marks(alphabet: str | list[str], most: int) -> Disguise:
    def disguise(name: str, dice: random.Random) -> str:
        return "".join(c + "".join(dice.choices(alphabet, k=dice.randint(1, most))) for c in name)

    return disguise


def _repeated(name: str, dice: random.Random) -> str:
    at = dice.randrange(len(name))
    return name[:at] + name[at] * dice.randint(3, 5) + name[at + 1 :]


def _hidden(name: str, dice: random.Random) -> str:
    return "".join(c + (dice.choice(_INVISIBLE) if i + 1 < len(name) else "") for i, c in enumerate(name))


def _compatibility_jamo(name: str, _: random.Random) -> str:
    return "".join(_letters(c) for c in name)


def _letters(syllable: str) -> str:
    pieces = []
    for jamo in unicodedata.normalize("NFD", syllable):
        label = unicodedata.name(jamo, "").replace("HANGUL CHOSEONG", "HANGUL LETTER")
        label = label.replace("HANGUL JUNGSEONG", "HANGUL LETTER").replace("HANGUL JONGSEONG", "HANGUL LETTER")
        pieces.append(unicodedata.lookup(label) if label.startswith("HANGUL LETTER") else jamo)
    return "".join(pieces)


def _one_apart(name: str, dice: random.Random) -> str:
    at = dice.randrange(len(name))
    return name[:at] + _letters(name[at]) + name[at + 1 :]


def _tense(name: str, dice: random.Random) -> str:
    able = [i for i, c in enumerate(name) if "가" <= c <= "힣" and _initial(c) != _initial(c).translate(_TENSE)]
    if not able:
        return name
    at = dice.choice(able)
    number = ord(name[at]) - 0xAC00
    initial = _INITIALS.index(_INITIALS[number // 588].translate(_TENSE))
    return name[:at] + chr(0xAC00 + initial * 588 + number % 588) + name[at + 1 :]


def _initial(syllable: str) -> str:
    return _INITIALS[(ord(syllable) - 0xAC00) // 588]


def _then(*steps: Disguise) -> Disguise:
    def disguise(name: str, dice: random.Random) -> str:
        for step in steps:
            name = step(name, dice)
        return name

    return disguise


def _alphabet(first: int) -> dict[str, str]:
    return {letter: chr(first + i) for i, letter in enumerate(_PLAIN)}


LATIN: dict[str, Disguise] = {
    "leet_light": _mapped(_LEET_LIGHT),
    "leet_heavy": _mapped(_LEET_HEAVY),
    "leet_symbols": _mapped(_LEET_SYMBOLS),
    "leet_some_symbols": _some(_LEET_SYMBOLS),
    "leet_drawn": _some(_LEET_DRAWN),
    "punctuation_between": _between(lambda dice: dice.choice(_PUNCTUATION)),
    "emoji_between": _between(lambda dice: dice.choice(_EMOJI)),
    "blanks_between": _between(lambda dice: " " * dice.randint(1, 2)),
    "upside_down": _turned,
    "cyrillic": _some(_CYRILLIC),
    "greek_capitals": _then(lambda name, _: name.upper(), _mapped(_GREEK_CAPITALS)),
    "accents": _marks(_ACCENTS, 1),
    "zalgo": _marks(_ZALGO, 6),
    "repeated": _repeated,
    "invisible": _hidden,
    **{kind: _mapped(_alphabet(first)) for kind, first in _FIRST_OF_ALPHABET.items()},
    **{kind: _mapped(dict(zip(_PLAIN, letters, strict=True))) for kind, letters in _ALPHABETS.items()},
    "leet_and_punctuation": _then(_some(_LEET_LIGHT), _between(lambda dice: dice.choice(".-_*"))),
    "cyrillic_and_invisible": _then(_some(_CYRILLIC), _hidden),
    "leet_and_repeated": _then(_some(_LEET_LIGHT), _repeated),
    "full_width_and_blanks": _then(_mapped(_alphabet(0xFF41)), _between(lambda _: " ")),
    "small_capitals_and_leet": _then(
        _some(_LEET_LIGHT), _mapped(dict(zip(_PLAIN, _ALPHABETS["small_capitals"], strict=True)))
    ),
    "zalgo_and_cyrillic": _then(_some(_CYRILLIC), _marks(_ZALGO, 3)),
}
HANGUL: dict[str, Disguise] = {
    "jamo_conjoining": lambda name, _: unicodedata.normalize("NFD", name),
    "jamo_compatibility": _compatibility_jamo,
    "jamo_of_one_syllable": _one_apart,
    "tense_consonant": _tense,
    "look_alike_syllables": _some(_LOOK_ALIKE),
    "punctuation_between": _between(lambda dice: dice.choice(_PUNCTUATION)),
    "blanks_between": _between(lambda _: " "),
    "emoji_between": _between(lambda dice: dice.choice(_EMOJI)),
    "invisible": _hidden,
    "marks": _marks(_ZALGO, 2),
}
HAN: dict[str, Disguise] = {
    "punctuation_between": _between(lambda dice: dice.choice(_PUNCTUATION)),
    "blanks_between": _between(lambda _: " "),
    "emoji_between": _between(lambda dice: dice.choice(_EMOJI)),
    "invisible": _hidden,
    "marks": _marks(_ZALGO, 2),
}
