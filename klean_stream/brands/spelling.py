"""Compare two spellings that search takes for the same: what was written for what."""

import re
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from klean_stream.text import skeleton

_LONG_RUN: Final = re.compile(r"(.)\1\1")


@dataclass(frozen=True, slots=True)
class Differences:
    """How a spelling differs from the right one; counts.

    ``digits`` and ``strokes`` are letters that a digit, or i for l, was written for; ``repeated`` and
    ``doubled`` are letters written three times or more, and twice; ``fewer`` are letters left out of a run.
    """

    digits: int = 0
    strokes: int = 0
    repeated: int = 0
    doubled: int = 0
    fewer: int = 0


def differences(right: str, seen: str) -> Differences | None:
    """Compare run by run; None if ``seen`` has a letter where a digit is right, or other letters.

    Both must be of the same skeleton, but for the lengths of its runs.
    """
    counts = {"digits": 0, "strokes": 0, "repeated": 0, "doubled": 0, "fewer": 0}
    for mine, its in zip(_runs(right), _runs(seen), strict=True):
        if mine == its:
            continue
        if len(mine) != len(its):
            if any(letter.isdigit() for letter in mine):
                return None
            if len(its) > len(mine) and set(its) != set(mine):
                if not its.isdigit():
                    return None
                counts["digits"] += 1
            kind = "fewer" if len(its) < len(mine) else "repeated" if _LONG_RUN.search(its) else "doubled"
            counts[kind] += 1
            continue
        for wanted, got in zip(mine, its, strict=True):
            if wanted != got:
                if wanted.isdigit():
                    return None
                counts["digits" if got.isdigit() else "strokes"] += 1
    return Differences(**counts)


def aligned_breaks(right: str, breaks: AbstractSet[int], seen: str) -> set[int]:
    """Give the places in ``seen`` that match the ``breaks`` of ``right``, where runs have other lengths.

    A break between two runs lies between them in ``seen``, too; one inside a run may lie anywhere inside it.
    """
    own: set[int] = set()
    here = there = 0
    for mine, its in zip(_runs(right), _runs(seen), strict=False):
        if here in breaks:
            own.add(there)
        if any(here < place < here + len(mine) for place in breaks):
            own.update(range(there + 1, there + len(its)))
        here += len(mine)
        there += len(its)
    return own


def is_disguised_stroke(surface: str) -> bool:
    """Tell if l stands among capitals, or I behind a small letter: there it stands for its looks."""
    if not surface.isascii():
        return True
    for before, here, after in zip(" " + surface, surface, surface[1:] + " ", strict=False):
        if here == "I" and before.islower():
            return True
        among_capitals = (before + after).strip().isupper()
        if here == "l" and among_capitals:
            return True
    return False


def _runs(text: str) -> list[str]:
    return ["".join(run) for _, run in groupby(text, key=skeleton)]
