"""Fingerprints of 1,000,000 titles that were taken down: ``python -m bench.relisting`` writes bench/relisting.md.

Titles are made of made-up words (English, Korean, Chinese; frequent and rare ones as in any language), five to twelve
of them. A sample is reworded in each of several ways and must be found with its case; honest titles, by the same
generator and with some words of a title that was taken down, must not be found at all.
"""

import argparse
import gc
import os
import random
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

from klean_stream.likeness import METHOD, Change, TakenDown, fingerprint
from klean_stream.policy import default_policy

_REPORT = Path(__file__).parent / "relisting.md"
_LANGUAGES = ("en", "ko", "zh")
_VOCABULARY = 20_000
_ONE_BY_ONE = 50_000
_FEW = 1_000
_THRESHOLDS = (400, 450, 500, 550, 600, 700)
_LOOK_ALIKES = str.maketrans({"a": "а", "e": "е", "o": "0", "i": "1", "c": "с", "s": "5"})  # Cyrillic and leet


class Titles:
    """Makes titles and rewords them; everything follows from the seed."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self._words = {language: [self._word(language) for _ in range(_VOCABULARY)] for language in _LANGUAGES}

    def title(self) -> tuple[str, list[str]]:
        """Give the language and the words of a new title."""
        language = self.chance.choice(_LANGUAGES)
        return language, [self.draw(language) for _ in range(self.chance.randint(5, 12))]

    def draw(self, language: str) -> str:
        """Give a word: the frequent ones often."""
        return self._words[language][int(_VOCABULARY ** self.chance.random()) - 1]

    def _word(self, language: str) -> str:
        chance = self.chance
        if language == "ko":
            return "".join(chr(chance.randrange(0xAC00, 0xD7A4)) for _ in range(chance.choice((2, 2, 3, 4))))
        if language == "zh":
            return "".join(chr(chance.randrange(0x4E00, 0x8000)) for _ in range(2))
        syllables = (chance.choice("bcdfghklmnprst") + chance.choice("aeiou") for _ in range(chance.randint(2, 4)))
        return "".join(syllables) + chance.choice(("", "n", "r", "s"))

    # -- rewordings ------------------------------------------------------------------------------------------------

    def shuffled(self, language: str, words: list[str]) -> list[str]:
        """Give the same words in another order."""
        del language
        return self.chance.sample(words, len(words))

    def with_synonyms(self, language: str, words: list[str]) -> list[str]:
        """Give the title with one word in five replaced."""
        replaced = set(self.chance.sample(range(len(words)), max(1, len(words) // 5)))
        return [self.draw(language) if place in replaced else word for place, word in enumerate(words)]

    def with_more(self, language: str, words: list[str]) -> list[str]:
        """Give the title with two words added."""
        made = list(words)
        for _ in range(2):
            made.insert(self.chance.randrange(len(made) + 1), self.draw(language))
        return made

    def disguised(self, language: str, words: list[str]) -> list[str]:
        """Give the title with look-alikes, full-width letters, separators and invisible characters inside words."""
        del language
        return [self._disguise(word) for word in words]

    def all_of_it(self, language: str, words: list[str]) -> list[str]:
        """Give the title with one synonym, one word added, another order, and disguised."""
        made = self.shuffled(language, words)
        made[0] = self.draw(language)
        return self.disguised(language, [*made, self.draw(language)])

    def _disguise(self, word: str) -> str:
        way = self.chance.randrange(5)
        if way == 0:
            return word.translate(_LOOK_ALIKES)
        if way == 1:
            return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in word)
        if way == 2:
            return ".".join(word)
        if way == 3:
            return "\u200b".join(word)
        return word.upper()

    # -- honest ones -----------------------------------------------------------------------------------------------

    def another(self, language: str, words: list[str]) -> list[str]:
        """Give a title of its own."""
        del language, words
        return self.title()[1]

    def of_the_same_kind(self, language: str, words: list[str]) -> list[str]:
        """Give another title that has three of the words: the same brand, goods and size."""
        return [*words[:3], *(self.draw(language) for _ in range(self.chance.randint(3, 7)))]


def main() -> None:
    """Measure, print and write the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--titles", type=int, default=1_000_000)
    parser.add_argument("--queries", type=int, default=2_000, help="of each kind")
    options = parser.parse_args()
    titles = Titles(20260302)
    known: dict[str, tuple[str, list[str]]] = {}
    index = TakenDown()
    before = _resident()
    making = building = 0.0
    for first in range(0, options.titles, 100_000):
        made = [titles.title() for _ in range(min(100_000, options.titles - first))]
        began = time.thread_time()
        prints = [fingerprint(" ".join(words)) for _, words in made]
        making += time.thread_time() - began
        cases = [f"s-{first + number:07d}/l-{first + number:07d}/1" for number in range(len(made))]
        began = time.thread_time()
        index.apply((Change(c, n + 1, row, c) for n, (c, row) in enumerate(zip(cases, prints, strict=True))), 0)
        building += time.thread_time() - began
        known |= {cases[place]: made[place] for place in range(0, len(made), 37) if prints[place]}
    memory = _resident() - before
    # What the bench itself holds is nothing for the collector to walk through while it measures.
    gc.freeze()
    late = [fingerprint(" ".join(titles.title()[1])) for _ in range(_ONE_BY_ONE)]
    one_by_one = _one_by_one(index, late)
    few = TakenDown()
    few.apply((Change(str(n), n + 1, row, str(n)) for n, row in enumerate(late[:_FEW])), 0)
    sample = titles.chance.sample(sorted(known), min(options.queries, len(known)))
    threshold = default_policy().relisting.similarity_thousandths
    rows, queries, seconds, seconds_of_few = [], 0, 0.0, 0.0
    kinds: tuple[tuple[str, Callable[[str, list[str]], list[str]], bool], ...] = (
        ("unchanged", lambda _, words: words, True),
        ("another order", titles.shuffled, True),
        ("one word in five replaced", titles.with_synonyms, True),
        ("two words added", titles.with_more, True),
        ("disguised", titles.disguised, True),
        ("all of it", titles.all_of_it, True),
        ("honest: another title", titles.another, False),
        ("honest: three words in common", titles.of_the_same_kind, False),
    )
    for name, reword, is_same in kinds:
        hits = []
        for case_id in sample:
            title = " ".join(reword(*known[case_id]))
            began = time.thread_time()
            row = fingerprint(title)
            hit = row and index.find(row, version=options.titles, now=0, thousandths=min(_THRESHOLDS))
            seconds += time.thread_time() - began
            began = time.thread_time()
            row = fingerprint(title)
            if row:
                few.find(row, version=options.titles, now=0, thousandths=threshold)
            seconds_of_few += time.thread_time() - began
            queries += 1
            if hit and (hit[1] == case_id or not is_same):
                hits.append(hit[0])
        shares = (sum(hit >= least for hit in hits) / len(sample) for least in _THRESHOLDS)
        rows.append(f"| {name} | {' | '.join(f'{share:.4f}' for share in shares)} |")
    head = (
        f"`python -m bench.relisting`: {len(index):,} fingerprints ({METHOD}), {len(sample):,} queries of each kind, "
        f"Python {sys.version.split()[0]}. The share that is found with its own case (of honest titles: with any), by "
        f"the similarity from which two titles are alike; the policy's is {threshold / 1000:g}."
    )
    lines = [
        "# Reworded listings",
        "",
        head,
        "",
        f"| title | {' | '.join(f'{least / 1000:g}' for least in _THRESHOLDS)} |",
        f"|---{'|---' * len(_THRESHOLDS)}|",
        *rows,
        "",
        "Times are of the processor; the machine's load was {:.1f}, {:.1f} and {:.1f} (1, 5 and 15 minutes).".format(
            *os.getloadavg()
        ),
        "",
        f"- fingerprints made: {options.titles / making:,.0f} a second",
        f"- queries, fingerprint included: {queries / seconds:,.0f} a second",
        f"- the same where {_FEW:,} fingerprints are known: {queries / seconds_of_few:,.0f} a second",
        f"- load and build, 100,000 at a time: {building:.1f} s for all",
        f"- {_ONE_BY_ONE:,} more, one at a time: {one_by_one}",
        f"- memory at its most, ids included: {memory / 2**20:,.0f} MiB",
        "",
    ]
    _REPORT.write_text("\n".join(lines), encoding="utf-8")
    print("\n".join(lines))


def _one_by_one(index: TakenDown, prints: list[bytes | None]) -> str:
    """Add fingerprints one at a time, as they come from the topic; say how long that takes."""
    took = []
    for number, row in enumerate(prints):
        began = time.thread_time()
        index.apply([Change(f"late-{number}", number + 1, row, f"late-{number}")], 0)
        took.append(1_000 * (time.thread_time() - began))
    took.sort()
    median, most, worst = took[len(took) // 2], took[len(took) * 99 // 100], took[-1]
    return f"{median:.2f} ms the median, {most:.1f} ms the 99th percentile, {worst:.0f} ms at most"


def _resident() -> int:
    """Give the most memory that the process has had so far, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


if __name__ == "__main__":
    main()
