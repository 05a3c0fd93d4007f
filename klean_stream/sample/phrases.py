"""What people write on the sample marketplace: pieces of titles, descriptions, names, statements."""

from random import Random

import msgspec

from klean_stream.sample.categories import Language, load

Phrases = dict[Language, tuple[str, ...]]
# A shelf and a title.
Trap = tuple[str, str]

PHRASES = msgspec.convert(load("phrases.toml"), dict[str, Phrases])
TRAPS = msgspec.convert(load("traps.toml"), dict[str, dict[Language, tuple[Trap, ...]]])
LATIN_GOODS = ("classic", "2024", "pro", "limited", "mini", "essential", "original", "light")


def say(rng: Random, what: str, language: Language) -> str:
    """Choose one of the phrases for a purpose: ``say(rng, "before", "ko")``."""
    return rng.choice(PHRASES[what][language])
