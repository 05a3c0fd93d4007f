"""Which characters look alike: the confusables of UTS #39.

Source: ``confusables.txt`` of Unicode 18.0.0 (2026-08-06), https://www.unicode.org/reports/tr39/, compacted
by ``data/compact_confusables.py``. Its licence stands beside it in ``data/UNICODE-LICENSE.txt``.
"""

from collections.abc import Mapping
from importlib.resources import files
from types import MappingProxyType


def _read() -> dict[str, str]:
    table = files("klean_stream.text").joinpath("data", "confusables.tsv").read_text(encoding="ascii")
    prototypes = {}
    for line in table.splitlines()[1:]:
        character, prototype = line.split("\t")
        prototypes[chr(int(character, 16))] = "".join(chr(int(point, 16)) for point in prototype.split())
    return prototypes


PROTOTYPES: Mapping[str, str] = MappingProxyType(_read())
"""From a character to the one or more characters that it can be taken for; case matters."""
