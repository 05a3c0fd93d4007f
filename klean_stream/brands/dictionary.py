"""Ordinary words: a mark that is one of them has to be told from its everyday use, and so has a disguise.

Sources: SCOWL (Spell Checker Oriented Word Lists) version 2020.12.07, sizes 10 to 35, American spelling, words in
small letters only; the nouns of open-korean-text; the dictionary of jieba 0.42.1; WordNet 3.0 (compounds, places and
animals). Their licences stand beside the lists in ``data``, and so do the scripts that made the last three. What
open-korean-text lacks, loanwords for patterns, materials, colours and cuts, was written for this project
(``korean_attributes.txt``).
"""

from importlib.resources import files


def _lines(name: str) -> frozenset[str]:
    return frozenset(files("klean_stream.brands").joinpath("data", name).read_text("utf-8").splitlines())


ENGLISH_WORDS = _lines("english_words.txt")
"""Some 40,000 words, in small letters."""
ENGLISH_COMPOUNDS = _lines("english_compounds.txt")
"""Some 24,000 nouns of two words, with a blank between them ("target practice"), in small letters."""
PLACES = _lines("english_places.txt")
"""Some 2,000 English names of places, of one word, in small letters."""
PLACE_PAIRS = _lines("english_place_pairs.txt")
"""Some 1,300 English names of places, of two words with a blank between them ("new york"), in small letters."""
ANIMALS = _lines("english_animals.txt")
"""Some 4,000 English words for animals and what they have, in small letters."""
KOREAN_WORDS = _lines("korean_words.txt") | _lines("korean_attributes.txt")
"""Some 26,000 nouns of two syllables to six, and what Korean titles borrow to say how goods look ("스트라이프")."""
CHINESE_WORDS = _lines("chinese_words.txt")
"""Some 80,000 words of two characters to four, simplified; none of them a name."""
CHINESE_NAMES = _lines("chinese_names.txt")
"""Some 40,000 names of people, places and firms, of two characters to four."""


_LONGEST_CHINESE = 4


def is_part_of_chinese_word(text: str, start: int, end: int, *, straddling: bool) -> bool:
    """Tell if ``text[start:end]`` is, or lies in, a word or name of the dictionaries.

    With ``straddling`` a word that reaches over one of its edges counts, too.
    """
    for first in range(max(0, end - _LONGEST_CHINESE, start - _LONGEST_CHINESE), end):
        for last in range(max(first + 2, start + 1), min(first + _LONGEST_CHINESE, len(text)) + 1):
            holds_all = first <= start and end <= last
            if holds_all or (straddling and (first < start or end < last)):
                word = text[first:last]
                if word in CHINESE_WORDS or word in CHINESE_NAMES:
                    return True
    return False
