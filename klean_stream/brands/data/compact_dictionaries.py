"""Make ``korean_words.txt``, ``chinese_words.txt`` and ``chinese_names.txt`` from other people's dictionaries.

    python klean_stream/brands/data/compact_dictionaries.py NOUN_FOLDER DICT_TXT

``NOUN_FOLDER`` is ``src/main/resources/org/openkoreantext/processor/util/noun`` of open-korean-text, ``DICT_TXT`` is
``jieba/dict.txt`` of jieba 0.42.1, of which words that are met less than five times in its corpus are left out.
"""

import sys
from pathlib import Path

_KOREAN = ("nouns", "fashion", "foreign", "neologism", "slangs")
_NAMES = {"nr", "nrt", "nrfg", "nz", "nt", "ns"}
_LEAST = 5

nouns, chinese = Path(sys.argv[1]), Path(sys.argv[2])
here = Path(__file__)
words = {w for part in _KOREAN for w in (nouns / f"{part}.txt").read_text("utf-8").split() if 2 <= len(w) <= 6}
korean = sorted(word for word in words if all("\uac00" <= c <= "\ud7a3" for c in word))
here.with_name("korean_words.txt").write_text("\n".join(korean) + "\n", "utf-8")

rows = [line.split() for line in chinese.read_text("utf-8").splitlines()]
known = {
    word: kind
    for word, count, kind in rows
    if 2 <= len(word) <= 4 and int(count) >= _LEAST and all("\u4e00" <= c <= "\u9fff" for c in word)
}
for name, kept in (
    ("chinese_words.txt", [word for word, kind in known.items() if kind not in _NAMES]),
    ("chinese_names.txt", [word for word, kind in known.items() if kind in _NAMES]),
):
    here.with_name(name).write_text("\n".join(sorted(kept)) + "\n", "utf-8")
