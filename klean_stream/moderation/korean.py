"""Which matters go to the Korean channel."""

import re

# Syllables, Jamo (with both extensions), compatibility Jamo, and halfwidth Jamo.
_HANGUL = re.compile("[\u1100-\u11ff\u3130-\u318f\ua960-\ua97f\uac00-\ud7a3\ud7b0-\ud7ff\uffa0-\uffdc]")


def is_korean_matter(*, locale: str | None, title: str, seller_country: str | None) -> bool:
    """Say whether a matter belongs to the Korean channel.

    It does if the locale's language is Korean (``ko``, ``ko-KR``; not ``kok``, which is Konkani), if there is
    Hangul in the title, or if the seller is in Korea.
    """
    language = (locale or "").replace("_", "-").split("-")[0].lower()
    return language == "ko" or seller_country == "KR" or _HANGUL.search(title) is not None
