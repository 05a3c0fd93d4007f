"""Letters that text generators make up from other scripts, and letters that are written upside down.

The alphabets are those that "fancy text" generators on the web agree in; each is 26 characters for a to z. UTS #39
lists few of them as confusable, since they look alike only side by side. So they are read in a view of their own,
which is made for texts that have such characters, and words that are really Thai or Chinese stay what they are.
"""

from typing import Final

from klean_stream.text.folding import FOLD
from klean_stream.text.scripts import WRITING, Writing

_LATIN: Final = "abcdefghijklmnopqrstuvwxyz"
_ALPHABETS: Final = (
    "₳฿₵ĐɆ₣₲ⱧłJ₭Ⱡ₥₦Ø₱QⱤ₴₮ɄV₩ӾɎⱫ",
    "αвc∂єfgнιjкℓмησρqяѕтυνωxуz",
    "αвс∂єƒgнιנкℓмησρqяѕтυνωχуz",
    "αвсԁеғɡһіјкӏмոорԛгѕтυѵѡхуᴢ",
    "ɑЬϲԁҽϝցհꙇϳκІмпσρզᴦѕτսνωχγȥ",
    "АВСԀЕҒԌНІЈКԼМΝОРԚЯЅТՍѴԜХУΖ",
    "ΑΒϹⅮΕϜԌΗΙͿΚⅬΜℕΟΡℚℝЅΤՍѴԜΧΥΖ",
    "αßςdεƒghïյκﾚmη⊕pΩrš†u∀ωxψz",
    "ąҍçժҽƒցհìʝҟӀʍղօքզɾʂէմѵաҳվՀ",
    "ǟɮƈɖɛʄɢɦɨʝӄʟʍռօքզʀֆȶʊʋաӼʏʐ",
    "ΔБCDΣFGHIJКLMПΘPQЯSTЦVЩXҰZ",
    "ДБСDЄFGHІЈКLМИФРQЯЅТЏVШХУZ",
    "ᗩᗷᑕᗪEᖴGᕼIᒍKᒪᗰᑎOᑭᑫᖇSTᑌᐯᗯ᙭Yᘔ",
    "ᗩᗷᑢᕲᘿᖴᘜᕼᓰᒚᖽᒪᘻᘉᓍᕵᕴᖇSᖶᘎᐺᘺ᙭ᖻᗱ",
    "ᏗᏰፈᎴᏋᎦᎶᏂᎥᏠᏦᏝᎷᏁᎧᎮᎤᏒᏕᏖᏬᏉᏇጀᎩፚ",
    "ልጌርዕቿቻኗዘጎጋጕረጠክዐየዒዪነፕሁሀሠሸሃጊ",
    "卂乃匚ᗪ乇千Ꮆ卄丨ﾌҜㄥ爪几ㄖ卩Ɋ尺丂ㄒㄩᐯ山乂ㄚ乙",
    "ﾑ乃cd乇ｷgんﾉﾌズﾚﾶ刀oｱq尺丂ｲu√wﾒﾘ乙",
    "ค๒ς๔єŦﻮђเןкɭ๓ภ๏קợгรՇยשฬאץչ",
    "ꍏꌃꉓꀸꍟꎇꁅꃅꀤꀭꀘ꒒ꂵꈤꂦꉣꆰꋪꌗ꓄ꀎᐯꅏꊼꌩꁴ",
    "ꋬꃳꉔ꒯ꏂꊰꍌꁝ꒐꒻ꀘ꒒ꂵꋊꄲꉣꆰꋪꇙ꓄꒤꒦ꅐꉧꌦꁴ",
    "ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘǫʀꜱᴛᴜᴠᴡxʏᴢ",
    "ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖᑫʳˢᵗᵘᵛʷˣʸᶻ",
    "".join(chr(0xE0061 + number) for number in range(26)),
)
_TURNED: Final = {letter: turned for turned, letter in zip("ɐqɔpǝɟƃɥᴉɾʞlɯuodbɹsʇnʌʍxʎz", _LATIN, strict=True)}
_TURNED_CAPITALS: Final = {"∀": "a", "Ɔ": "c", "Ǝ": "e", "Ⅎ": "f", "⅁": "g", "פ": "g", "⅂": "l", "˥": "l", "Ԁ": "p",
                    "Ò": "q", "┴": "t", "∩": "u", "Λ": "v", "⅄": "y", "ɓ": "g", "ʃ": "l", "ı": "i", "ɿ": "r",
                    "М": "w", "ᗺ": "b", "ᗡ": "d", "ꓘ": "k", "ꓤ": "r", "ꓶ": "l", "Ɥ": "h"}  # fmt: skip


def _stylised() -> dict[str, str]:
    letters: dict[str, str] = {}
    for alphabet in _ALPHABETS:
        for character, letter in zip(alphabet, _LATIN, strict=True):
            if not character.isascii() and FOLD[character] != letter:
                letters.setdefault(character, letter)
    for turned, letter in zip("ɐɔǝɟƃɥᴉɾʞɯɹʇʌʍʎ", "acefghijkmrtvwy", strict=True):
        if not FOLD[turned].isascii():
            letters.setdefault(turned, letter)
    return letters


STYLISED: Final = _stylised()
"""From a character to the Latin letter that it is made up for, where folding does not say so already."""

CALLS_STYLISED: Final = frozenset(c for c in STYLISED if WRITING[c] not in (Writing.HAN, Writing.KANA)) | frozenset(
    "卂乇丂卄匚卩丨乂ㄒㄖㄥㄩㄚ"
)
"""A text without any of these is not worth a look: Chinese and Japanese use the others themselves."""

TURNED = {turned: letter for letter, turned in zip(_LATIN, "ɐqɔpǝɟƃɥᴉɾʞlɯuodbɹsʇnʌʍxʎz", strict=True)}
TURNED |= (
    {c: letter for c, letter in _TURNED_CAPITALS.items() if c not in TURNED}
    | {c: c.lower() for c in "HINOSXZ"}
    | {"W": "m", "M": "w"}
)
"""From a character to the letter that it shows upside down; such a text is read from its end."""

CALLS_TURNED: Final = frozenset("ɐɔǝɟƃɥᴉɾʞɯɹʇʌʍʎƎℲ⅁⅂˥⅄")
"""A text without any of these is not upside down."""
