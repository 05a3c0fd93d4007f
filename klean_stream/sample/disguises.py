"""How sellers of counterfeits hide a brand's name from a machine and show it to a person."""

from collections.abc import Callable
from random import Random

from klean_stream.sample.chance import happens

_LEET = str.maketrans("aeiostAEIOST", "4310$7431057")
_CYRILLIC = str.maketrans("aceiopxyABCEHIKMOPTX", "асеіорхуАВСЕНІКМОРТХ")
_FULLWIDTH_SHIFT = 0xFEE0
_PRINTABLE = range(0x21, 0x7F)
_SHORTEST_WITH_INNER_LETTER = 3


def leet(name: str, rng: Random) -> str:
    """Put a digit or a sign for one or more of the letters: ``n1ke``."""
    places = [place for place, letter in enumerate(name) if letter.translate(_LEET) != letter]
    if not places:
        return dotted(name, rng)
    first = rng.choice(places)
    return "".join(
        letter.translate(_LEET) if place == first or (place in places and happens(rng, 40)) else letter
        for place, letter in enumerate(name)
    )


def fullwidth(name: str, rng: Random) -> str:
    """Write in full-width letters: ``ＮＩＫＥ``."""
    del rng
    return "".join(
        chr(ord(letter) + _FULLWIDTH_SHIFT) if ord(letter) in _PRINTABLE else letter for letter in name.upper()
    )


def dotted(name: str, rng: Random) -> str:
    """Put a sign between the letters: ``N.I.K.E``, ``나.이.키``."""
    return rng.choice((".", "-", "*", "·", "_", "~")).join(name.replace(" ", ""))


def spaced(name: str, rng: Random) -> str:
    """Put a blank between the letters: ``나 이 키``."""
    del rng
    return " ".join(name.replace(" ", ""))


def cyrillic(name: str, rng: Random) -> str:
    """Put Cyrillic letters that look the same: ``Nіkе``."""
    swapped = name.translate(_CYRILLIC)
    return swapped if swapped != name else fullwidth(name, rng)


def invisible(name: str, rng: Random) -> str:
    """Hide a character without width inside the name."""
    place = rng.randrange(1, len(name)) if len(name) > 1 else 1
    return name[:place] + rng.choice(("\u200b", "\u200d", "\u2060", "\u00ad")) + name[place:]


def masked(name: str, rng: Random) -> str:
    """Put a sign for one inner letter: ``N*KE``, ``나*키``."""
    if len(name) < _SHORTEST_WITH_INNER_LETTER:
        return dotted(name, rng)
    place = rng.randrange(1, len(name) - 1)
    return name[:place] + rng.choice("*○@#") + name[place + 1 :]


def stretched(name: str, rng: Random) -> str:
    """Write one letter twice: ``niike``."""
    place = rng.randrange(len(name))
    return name[: place + 1] + name[place:]


_LATIN: tuple[Callable[[str, Random], str], ...] = (
    leet,
    leet,
    fullwidth,
    dotted,
    spaced,
    cyrillic,
    cyrillic,
    invisible,
    masked,
    stretched,
)
_ASIAN: tuple[Callable[[str, Random], str], ...] = (spaced, spaced, dotted, invisible, masked)


def disguise(name: str, rng: Random) -> str:
    """Give ``name`` disguised in one of the ways that its script allows; never ``name`` itself."""
    ways = _LATIN if name.isascii() else _ASIAN
    return rng.choice(ways)(name, rng)
