"""Ordinary English words: a mark that is one of them has to be told from its everyday use.

Source: SCOWL (Spell Checker Oriented Word Lists) version 2020.12.07, sizes 10 to 35, American spelling, words
in small letters only. Its licence stands beside the list in ``data/SCOWL-LICENSE.txt``.
"""

from importlib.resources import files


def _read() -> frozenset[str]:
    return frozenset(files("klean_stream.brands").joinpath("data", "english_words.txt").read_text("ascii").split())


ENGLISH_WORDS = _read()
"""Some 40,000 words, in small letters."""
