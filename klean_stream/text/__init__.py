"""Normalisation of seller text: folded letters for search, with the way back to the original characters.

The Unicode data is that of UTS #39 version 18.0.0 (confusables) and of the Python that runs it (the rest).
"""

from klean_stream.text.folding import FOLD, NORMAL, skeleton
from klean_stream.text.hangul import (
    hangul_units,
    has_hangul,
    heard,
    read_hangul,
    read_romanised,
    sound,
    splits_syllable,
    unit_starts,
)
from klean_stream.text.look_alikes import can_look_alike, looks_in, looks_of
from klean_stream.text.mandarin import has_han, has_kana, read_mandarin, syllables
from klean_stream.text.scripts import PLAIN_HANGUL, SILENT, UNPARTED, WRITING, Writing
from klean_stream.text.stylised import STYLISED
from klean_stream.text.view import Reading, View, read, read_stylised, read_symbols, read_turned

__all__ = [
    "FOLD",
    "NORMAL",
    "PLAIN_HANGUL",
    "SILENT",
    "STYLISED",
    "UNPARTED",
    "WRITING",
    "Reading",
    "View",
    "Writing",
    "can_look_alike",
    "hangul_units",
    "has_han",
    "has_hangul",
    "has_kana",
    "heard",
    "looks_in",
    "looks_of",
    "read",
    "read_hangul",
    "read_mandarin",
    "read_romanised",
    "read_stylised",
    "read_symbols",
    "read_turned",
    "skeleton",
    "sound",
    "splits_syllable",
    "syllables",
    "unit_starts",
]
