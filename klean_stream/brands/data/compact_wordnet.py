"""Make the lists of English goods, compounds, places and animals from WordNet 3.0.

    python klean_stream/brands/data/compact_wordnet.py DICT_FOLDER

``DICT_FOLDER`` holds ``data.noun``, ``index.noun`` and ``index.adj`` (``/usr/share/wordnet`` of Debian's
``wordnet-base``).

Goods are the words below the kinds that ``kinds_of_goods.toml`` names, each with the Nice classes of its kinds: those
of the narrowest kind above a sense, for the two commonest senses of a noun that is no adjective. Compounds are nouns
of two ordinary words ("target practice"). Places are names of one word ("Patagonia") and of two ("New York"). Animals
are one of the two commonest senses of a word.
"""

import sys
import tomllib
from collections import deque
from pathlib import Path

_SENSES = 2

folder, here = Path(sys.argv[1]), Path(__file__)
ordinary = set(here.with_name("english_words.txt").read_text("utf-8").split())
table = tomllib.loads(here.with_name("kinds_of_goods.toml").read_text("utf-8"))
kinds, vague = table["kind"], set(table["vague"])

words: dict[str, list[str]] = {}
file_of: dict[str, str] = {}
narrower: dict[str, list[str]] = {}
broader: dict[str, list[str]] = {}
places: set[str] = set()
place_pairs: set[str] = set()
_SUBSTANCE, _ANIMAL = "27", "05"
_PLACES = {"15", "17"}  # noun.location; noun.object has rivers and mountains
for line in (folder / "data.noun").read_text("ascii").splitlines():
    if line.startswith("  "):
        continue
    fields = line.split(" | ")[0].split()
    offset, lexicographer, count = fields[0], fields[1], int(fields[3], 16)
    file_of[offset] = lexicographer
    words[offset] = [fields[4 + 2 * i] for i in range(count)]
    at = 5 + 2 * count
    pointers = fields[at:]
    for symbol, target in zip(pointers[0::4], pointers[1::4], strict=False):
        if symbol == "~":
            narrower.setdefault(offset, []).append(target)
        elif symbol == "@i" and lexicographer in _PLACES:
            places.update(word for word in words[offset] if word.isalpha() and word.istitle())
            pairs = [word.split("_") for word in words[offset] if word.count("_") == 1]
            place_pairs.update(f"{one} {two}".lower() for one, two in pairs if (one + two).isalpha() and two.istitle())

senses: dict[str, list[str]] = {}
for line in (folder / "index.noun").read_text("ascii").splitlines():
    if not line.startswith("  "):
        fields = line.split()
        senses[fields[0]] = fields[-int(fields[2]) :]

# Breadth first from every kind at once: what is nearer to a narrower kind takes that one's classes.
nearest: dict[str, tuple[int, frozenset[int]]] = {}
for kind in kinds:
    for word in kind["words"]:
        lemma, _, number = word.partition("#")
        queue = deque([(senses[lemma][int(number or 1) - 1], 0)])
        seen = set()
        while queue:
            offset, depth = queue.popleft()
            if offset in seen:
                continue
            seen.add(offset)
            best = nearest.get(offset)
            classes = frozenset(kind["classes"])
            if best is None or depth < best[0]:
                nearest[offset] = depth, classes
            elif depth == best[0]:
                nearest[offset] = depth, best[1] | classes
            queue.extend((below, depth + 1) for below in narrower.get(offset, ()))

# A plural that is a noun of its own ("cards" is a game) may still be the plural.
adjectives = {line.split()[0] for line in (folder / "index.adj").read_text("ascii").splitlines()}
goods: dict[str, frozenset[int]] = {}
for lemma, offsets in senses.items():
    if lemma.isalpha() and len(lemma) > 2 and lemma not in adjectives | vague:
        found = [nearest[offset][1] for offset in offsets[:_SENSES] if offset in nearest and lemma in words[offset]]
        # What is a substance first ("steel") is what goods are of.
        if found and (offsets[0] in nearest or file_of[offsets[0]] != _SUBSTANCE):
            goods[lemma] = frozenset().union(*found)
for lemma in [lemma for lemma in goods if lemma.endswith("s") and lemma[:-1] in goods]:
    goods[lemma] |= goods[lemma[:-1]]
for kind in kinds:
    for word in kind["words"]:
        lemma = word.partition("#")[0]
        if lemma.isalpha():
            goods[lemma] = goods.get(lemma, frozenset()) | frozenset(kind["classes"])
here.with_name("english_goods.tsv").write_text(
    "".join(f"{word}\t{' '.join(map(str, sorted(classes)))}\n" for word, classes in sorted(goods.items())), "utf-8"
)
here.with_name("english_place_pairs.txt").write_text("\n".join(sorted(place_pairs)) + "\n", "utf-8")
names = {word.lower() for word in places if len(word) > 3}
here.with_name("english_places.txt").write_text("\n".join(sorted(names)) + "\n", "utf-8")
animals = {
    lemma
    for lemma, offsets in senses.items()
    if lemma.isalpha()
    and len(lemma) > 2
    and any(file_of[o] == _ANIMAL and lemma in words[o] for o in offsets[:_SENSES])
}
here.with_name("english_animals.txt").write_text("\n".join(sorted(animals)) + "\n", "utf-8")
pairs = [lemma.replace("-", "_").split("_") for lemma in senses]
compounds = {
    f"{first} {second}"
    for first, second in (pair for pair in pairs if len(pair) == 2)
    if (first in ordinary or first in names) and second in ordinary and len(first) > 1
}
here.with_name("english_compounds.txt").write_text("\n".join(sorted(compounds)) + "\n", "utf-8")
