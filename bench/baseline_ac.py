"""The yardstick of the matcher's speed: exact names by pyahocorasick, in as little Python as it takes.

Title and description are casefolded and searched with one automaton of all names and aliases; a hit counts where no
letter or digit stands directly before or after it. Nothing is undone, judged or explained.
"""

from collections.abc import Iterable

import ahocorasick

from klean_stream.brands.match import ListingText
from klean_stream.events import Brand

Hit = tuple[int, int, str]


class BaselineMatcher:
    """All names of all brands in one automaton."""

    def __init__(self, brands: Iterable[Brand]) -> None:
        self._automaton = ahocorasick.Automaton()
        for brand in brands:
            for name in (brand.name, *brand.aliases):
                key = name.casefold()
                if key:
                    self._automaton.add_word(key, (len(key), brand.brand_id))
        self._automaton.make_automaton()

    def match(self, listing: ListingText) -> list[Hit]:
        """Give start, end and brand of each whole-word hit, in title and then in description."""
        hits: list[Hit] = []
        for field in (listing.title, listing.description):
            text = field.casefold()
            size = len(text)
            for last, (length, brand_id) in self._automaton.iter(text):
                end = last + 1
                start = end - length
                if (not start or not text[start - 1].isalnum()) and (end == size or not text[end].isalnum()):
                    hits.append((start, end, brand_id))
        return hits
