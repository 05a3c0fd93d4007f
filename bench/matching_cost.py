"""What matching costs: time beside exact search, memory, changes of the index, long texts."""

import gc
import multiprocessing
import random
import resource
import statistics
import time
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

from bench.baseline_ac import BaselineMatcher
from bench.matching_texts import Text
from klean_stream.brands.matcher import BrandMatcher
from klean_stream.cli.match import read_brands
from klean_stream.events import Brand

Result = TypeVar("Result")

_CHUNK, _TURNS, _SLOW = 500, 3, 60
_LENGTH = 200_000
_CHANGES = 200
_MOST_RATIO, _MOST_MS, _MOST_SECONDS, _MOST_MIB = 3, 5, 5, 400
_CONJOINING = unicodedata.normalize("NFD", "나이키")
_HARD = (
    ("`a`", "a"),
    ("`a` and blanks", "a "),
    ("combining marks", "\u0301"),
    ("jamo as keyboards give them", "ㄴㅏㅇㅣㅋㅣ"),
    ("the same and blanks", "ㄴ ㅏ ㅇ ㅣ ㅋ ㅣ "),
    ("conjoining jamo", _CONJOINING),
    ("the same and blanks", " ".join(_CONJOINING) + " "),
    ("a name in Latin letters", "nike"),
    ("the same and blanks", "nike "),
    ("a short name in Hangul", "구찌"),
    ("the same and blanks", "구찌 "),
    ("a longer name in Hangul", "나이키"),
    ("the same and blanks", "나이키 "),
    ("the same, syllable by syllable", "나 이 키 "),
    ("a name in Hanzi", "耐克"),
    ("the same and blanks", "耐克 "),
    ("a name with an invisible character", "n\u200bike "),
    ("a name in letters from elsewhere", "ᑎIKE "),
)


Row = tuple[str, float, float]
"""What was measured, how many times as long as the baseline it takes, and how many texts a second it does."""

NEW_AND_MET = (
    "*New*: half of them, once, after the other half was matched. *Met*: the best of "
    f"{_TURNS} turns for each {_CHUNK} texts: words and surfaces are remembered."
)


def speed(brands: Sequence[Brand], texts: Sequence[Text]) -> str:
    """Compare with exact search over the same names."""
    return (
        f"## Speed on one core, {len(brands):,} brands\n\n{len(set(texts)):,} different texts. {NEW_AND_MET}\n\n"
        f"{table(speed_rows(brands, texts))}"
    )


def table(rows: Sequence[Row]) -> str:
    """Lay speeds out."""
    shown = (f"| {label} | {_ratio(ratio)} | {rate:,.0f} |" for label, ratio, rate in rows)
    return "\n".join(["| | of the baseline's speed | texts/s |", "|---|---|---|", *shown])


def speed_rows(brands: Sequence[Brand], texts: Sequence[Text]) -> list[Row]:
    """Measure titles met for the first time, and titles met just before."""
    texts = list(dict.fromkeys(texts))
    random.Random(3).shuffle(texts)
    matcher, baseline = BrandMatcher.build(brands), BaselineMatcher(brands)
    # As a worker does when it has read the registry: else its names are looked through once in one of the turns.
    gc.freeze()
    half = len(texts) // 2
    for text in texts[:half]:
        matcher.match(text)
        baseline.match(text)
    mine, yardstick = _in_turns(matcher.match, baseline.match, texts[half:], turns=1)
    rows = [("this matcher, texts that are new to it", mine / yardstick, half / mine)]
    mine, yardstick = _in_turns(matcher.match, baseline.match, texts)
    rows.append(("this matcher, texts that it has met", mine / yardstick, len(texts) / mine))
    rows.insert(0, ("pyahocorasick, exact (the baseline)", 1, len(texts) / yardstick))
    for label, some in (("in ASCII", True), ("not in ASCII", False)):
        of_kind = [text for text in texts if (text.title + text.description).isascii() is some]
        if of_kind:
            mine, yardstick = _in_turns(matcher.match, baseline.match, of_kind)
            rows.append((f"the same, texts {label}", mine / yardstick, len(of_kind) / mine))
    return rows


def peers(brands: Sequence[Brand], texts: Sequence[Text]) -> str:
    """Compare other libraries with the baseline."""
    return f"## Other libraries\n\n{table(peer_rows(brands, texts))}"


def peer_rows(brands: Sequence[Brand], texts: Sequence[Text]) -> list[Row]:
    """Measure other libraries. Raises ImportError where one is not installed (the extra ``bench``)."""
    baseline = BaselineMatcher(brands)
    names = sorted({name.casefold() for b in brands for name in (b.name, *b.aliases) if name})
    rows: list[Row] = []
    for label, make, some in (
        ("ahocorasick_rs, exact", _ahocorasick_rs, texts),
        ("flashtext, exact", _flashtext, texts[:2_000]),
        ("rapidfuzz `partial_ratio` over the registry", _rapidfuzz, texts[:_SLOW]),
    ):
        theirs, yardstick = _in_turns(make(names), baseline.match, some)
        rows.append((label, theirs / yardstick, len(some) / theirs))
    return rows


def building(paths: Sequence[Path]) -> str:
    """Build an index of each registry in a process of its own."""
    head = (
        "## Building\n\nProcessor time and resident memory; the brands were read before, and one text is matched "
        f"after. Wanted: at most {_MOST_SECONDS} s and {_MOST_MIB} MiB.\n\n| brands | s | MiB |\n|---|---|---|"
    )
    lines = [head]
    for path in paths:
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            count, seconds, mebibytes = pool.apply(_built, (path,))
        lines.append(f"| {count:,} | {seconds:.1f} | {mebibytes:.0f} |")
    return "\n".join(lines)


def _built(path: Path) -> tuple[int, float, float]:
    brands = list(read_brands(path))
    gc.collect()
    before = _resident()
    matcher, seconds = _timed(partial(BrandMatcher.build, brands))
    _, first = _timed(partial(matcher.match, Text("Nike 나이키 耐克")))
    return len(brands), seconds + first, _resident() - before


def _resident() -> float:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 2**20


def changes(brands: Sequence[Brand], texts: Sequence[Text]) -> str:
    """Change single brands while titles are matched."""
    dice = random.Random(7)
    matcher = BrandMatcher.build(brands)
    for text in texts:
        matcher.match(text)
    took: dict[str, list[float]] = {"added": [], "changed": [], "removed": [], "the next title": []}
    for number, brand in enumerate(dice.choices(brands, k=_CHANGES)):
        new = replace(
            brand, brand_id=f"\uffff{number}", name=f"{brand.name} Zyzzyva", aliases=(*brand.aliases, "지지바쿠")
        )
        for kind, work in (
            ("added", partial(matcher.put, new)),
            ("changed", partial(matcher.put, replace(new, name=f"{brand.name} Quux"))),
            ("removed", partial(matcher.remove, new.brand_id)),
        ):
            took[kind].append(_timed(work)[1] * 1_000)
            took["the next title"].append(_timed(partial(matcher.match, dice.choice(texts)))[1] * 1_000)
            for text in dice.choices(texts, k=100):
                matcher.match(text)
    lines = [
        f"## Single changes, {len(brands):,} brands",
        "",
        f"{_CHANGES} of each, 100 titles matched after each; wanted at most {_MOST_MS} ms.",
        "",
        "| | median ms | worst ms |",
        "|---|---|---|",
    ]
    lines += [f"| {kind} | {statistics.median(times):.2f} | {max(times):.2f} |" for kind, times in took.items()]
    return "\n".join(lines)


def long_texts(matcher: BrandMatcher, texts: Sequence[Text]) -> str:
    """Compare texts that are made to be slow with ordinary text of the same length."""
    ordinary = " ".join(text.title for text in texts)
    yardstick = _best_of_two(matcher, _repeated(ordinary))
    head = (
        f"## Long texts\n\n{_LENGTH:,} characters as a description, without the policy's limit. Wanted: at most "
        f"{_MOST_RATIO} times the time for ordinary text, which is titles joined.\n\n| text | ms | of ordinary text |\n"
        f"|---|---|---|\n| titles joined | {yardstick * 1_000:.0f} | 1 |"
    )
    lines = [head]
    worst = 0.0
    for label, piece in _HARD:
        took = _best_of_two(matcher, _repeated(piece))
        worst = max(worst, took / yardstick)
        lines.append(f"| {label} | {took * 1_000:.0f} | {took / yardstick:.2f} |")
    return "\n".join([*lines, "", f"The worst: {worst:.2f}; {'holds' if worst <= _MOST_RATIO else '**missed**'}."])


def _repeated(piece: str) -> Text:
    return Text("", (piece * (_LENGTH // max(1, len(piece)) + 1))[:_LENGTH])


def _best_of_two(matcher: BrandMatcher, text: Text) -> float:
    return min(_timed(partial(matcher.match, text))[1] for _ in range(2))


def _in_turns(
    mine: Callable[[Text], object], other: Callable[[Text], object], texts: Sequence[Text], turns: int = _TURNS
) -> tuple[float, float]:
    """Give the processor seconds of both for all texts: of each chunk the best turn."""
    totals = [0.0, 0.0]
    for chunk in _chunks(texts):
        best = [float("inf"), float("inf")]
        for _ in range(turns):
            for index, search in enumerate((mine, other)):
                started = time.process_time()
                for text in chunk:
                    search(text)
                best[index] = min(best[index], time.process_time() - started)
        totals = [total + one for total, one in zip(totals, best, strict=True)]
    return totals[0], max(totals[1], 1e-9)


def _chunks(texts: Sequence[Text]) -> Iterator[Sequence[Text]]:
    for start in range(0, len(texts), _CHUNK):
        yield texts[start : start + _CHUNK]


def _ratio(ratio: float) -> str:
    return f"1/{ratio:.1f}" if ratio > 1 else f"{1 / ratio:.1f}" if ratio < 1 else "1"


def _ahocorasick_rs(names: list[str]) -> Callable[[Text], object]:
    library: Any = import_module("ahocorasick_rs")
    automaton = library.AhoCorasick(names)
    return lambda text: [automaton.find_matches_as_indexes(f.casefold(), overlapping=True) for f in _fields(text)]


def _flashtext(names: list[str]) -> Callable[[Text], object]:
    library: Any = import_module("flashtext")
    processor = library.KeywordProcessor()
    for name in names:
        if name.strip():
            processor.add_keyword(name)
    return lambda text: [processor.extract_keywords(f, span_info=True) for f in _fields(text)]


def _rapidfuzz(names: list[str]) -> Callable[[Text], object]:
    library: Any = import_module("rapidfuzz")
    scorer = library.fuzz.partial_ratio
    return lambda text: [
        library.process.extract(f.casefold(), names, scorer=scorer, score_cutoff=95) for f in _fields(text)
    ]


def _fields(text: Text) -> list[str]:
    return [field for field in (text.title, text.description) if field]


def _timed(work: Callable[[], Result]) -> tuple[Result, float]:
    started = time.process_time()
    result = work()
    return result, time.process_time() - started
