"""Measure the matching engine, and write bench/matching.md.

    python -m bench.matching                                  names and titles made up here
    python -m bench.matching --titles FILE --brands FILE      labelled titles, as for bench.score_titles

Without labelled titles it measures what disguises made from published descriptions (see :mod:`bench.disguises`) the
matcher undoes on made-up names. Speed is the ratio of processor time to :mod:`bench.baseline_ac` on the same texts and
names in this run, taken in turns, the best of each chunk of texts.
"""

import argparse
import random
import re
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

from bench.baseline_ac import BaselineMatcher
from bench.disguises import HANGUL, LATIN, Disguise
from bench.score_titles import score
from klean_stream.brands.matcher import BrandMatcher
from klean_stream.cli.jsonl import read_rows
from klean_stream.cli.match import match, read_brands
from klean_stream.events import Brand

Result = TypeVar("Result")

_REPORT = Path(__file__).with_name("matching.md")
_SYNTHETIC_BRANDS, _SYNTHETIC_TITLES, _OF_EACH = 24_000, 4_000, 200
_CHUNK, _TURNS, _SLOW = 500, 3, 60
_LENGTH = 200_000
_HARD = {
    "one letter": "a",
    "one letter apart": "a ",
    "combining marks": "\u0301",
    "jamo": "ㄴㅏㅇㅣㅋㅣ",
    "a name repeated": "nike ",
    "a name repeated without blanks": "나이키",
}
_WORDS = (
    *("women", "leather", "bag", "brown", "running", "shoes", "men", "watch", "black", "dial", "cotton", "shirt"),
    *("blue", "new", "summer", "kids", "pack", "of", "two", "wireless", "charger", "steel", "bottle", "lamp"),
)
_KOREAN_WORDS = ["운동화", "블랙", "숄더백", "남성", "손목시계", "여름", "티셔츠", "정품", "당일발송", "화이트"]
_LATIN_NAME = re.compile(r"[A-Za-z]{5,12}")
_HANGUL_NAME = re.compile("[가-힣]{3,6}")


@dataclass(frozen=True)
class Text:
    """A title with its description."""

    title: str
    description: str = ""


def main() -> None:
    """Measure and write the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--titles", type=Path)
    parser.add_argument("--brands", type=Path)
    parser.add_argument("--report", type=Path, default=_REPORT)
    arguments = parser.parse_args()
    dice = random.Random(7)
    brands = list(read_brands(arguments.brands)) if arguments.brands else made_up_brands(dice, _SYNTHETIC_BRANDS)
    texts = list(_texts(arguments.titles)) if arguments.titles else made_up_titles(dice, brands, _SYNTHETIC_TITLES)
    sections = [f"# Matching\n\n{len(brands)} brands, {len(texts)} texts; made by `make bench-matching`."]
    if arguments.titles and arguments.brands:
        sections.append(
            _accuracy(arguments.titles, arguments.brands, arguments.report.with_suffix(".predictions.jsonl"))
        )
    matcher, built = _timed(lambda: BrandMatcher.build(brands))
    sections += [_disguises(matcher, brands, dice), _speed(matcher, brands, texts), _costs(matcher, built, texts)]
    arguments.report.write_text("\n\n".join(sections) + "\n", encoding="utf-8")
    print(f"written to {arguments.report}")


def made_up_brands(dice: random.Random, count: int) -> list[Brand]:
    """Give brands with a made-up name in Latin letters and one in Hangul each."""
    syllables = [a + b for a in "bcdfgklmnprstvz" for b in ("a", "e", "i", "o", "u", "an", "el", "or")]
    hangul = [chr(0xAC00 + 588 * i + 28 * v) for i in (0, 2, 3, 5, 6, 7, 9, 11, 12, 16) for v in (0, 4, 8, 13, 20)]
    return [
        Brand(
            brand_id=f"b{number}",
            name="".join(dice.choices(syllables, k=dice.randint(2, 4))).capitalize(),
            aliases=("".join(dice.choices(hangul, k=dice.randint(3, 5))),),
        )
        for number in range(count)
    ]


def made_up_titles(dice: random.Random, brands: list[Brand], count: int) -> list[Text]:
    """Give titles, each with the name of one brand somewhere in ordinary words."""
    texts = []
    for _ in range(count):
        brand = dice.choice(brands)
        korean = dice.random() < 1 / 3
        words = dice.choices(_KOREAN_WORDS if korean else _WORDS, k=dice.randint(4, 10))
        words.insert(dice.randint(0, 2), brand.aliases[0] if korean else brand.name)
        texts.append(Text(" ".join(words)))
    return texts


def _texts(path: Path) -> Iterator[Text]:
    for _, row in read_rows(path):
        yield Text(row["title"], row.get("description") or "")


def _accuracy(titles: Path, brands: Path, predictions: Path) -> str:
    match(brands=brands, input=titles, output=predictions, quiet=True)
    counts = score(titles, predictions)
    lines = [
        "## Labelled titles, act tier",
        "",
        "| kind | rows | P | R | F1 | brandless rows hit |",
        "|---|---|---|---|---|---|",
    ]
    lines += [_row(kind, count) for kind, count in sorted(counts.items())]
    groups, failed = _by_disguise(titles, predictions)
    lines += ["", "| disguise | rows | P | R | F1 | brandless rows hit |", "|---|---|---|---|---|---|"]
    lines += [_row(kind, count) for kind, count in sorted(groups.items())]
    lines += ["", "What fails, by row id:", ""]
    lines += [f"- {why} ({len(ids)}): {', '.join(ids[:40])}" for why, ids in sorted(failed.items())]
    predictions.unlink()
    return "\n".join(lines)


def _by_disguise(titles: Path, predictions: Path) -> tuple[dict[str, Counter[str]], dict[str, list[str]]]:
    predicted = {row["id"]: row for _, row in read_rows(predictions)}
    groups: dict[str, Counter[str]] = defaultdict(Counter)
    failed: dict[str, list[str]] = defaultdict(list)
    for _, row in read_rows(titles):
        true, said = set(row["brand_true"]), predicted[row["id"]]
        found = set(said["brands"]) - (set(row.get("brand_ignore") or ()) - true)
        group = f"{row.get('obfuscation') or row['kind']}/{row.get('lang', '')}"
        groups[group].update(
            rows=1, tp=len(true & found), fp=len(found - true), fn=len(true - found), brandless=not true,
            hit=bool(found and not true),
        )  # fmt: skip
        if true - found:
            seen = true - found <= set(said["review"])
            failed[f"{group}: {'only for review' if seen else 'not found'}"].append(str(row["id"]))
        if found - true:
            techniques = {
                m["technique"] for m in said["matches"] if m["brand_id"] in found - true and m["tier"] == "act"
            }
            failed[f"{group}: another brand, by {'/'.join(sorted(techniques))}"].append(str(row["id"]))
    return groups, failed


def _row(kind: str, count: Counter[str]) -> str:
    precision = _share(count["tp"], count["tp"] + count["fp"])
    recall = _share(count["tp"], count["tp"] + count["fn"])
    f1 = _share(2 * count["tp"], 2 * count["tp"] + count["fp"] + count["fn"])
    return f"| {kind} | {count['rows']} | {precision} | {recall} | {f1} | {_share(count['hit'], count['brandless'])} |"


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.3f}" if whole else ""


def _disguises(matcher: BrandMatcher, brands: list[Brand], dice: random.Random) -> str:
    """Disguise names that are found plain, and count those that are found still."""
    lines = [
        "## Disguises from published descriptions", "",
        "Names that are found plain, disguised. `another`: brands acted on that the plain title does not show.", "",
        "| script | disguise | names | recall | review | another |", "|---|---|---|---|---|---|",
    ]  # fmt: skip
    for script, pattern, title, table in (
        ("Latin", _LATIN_NAME, "{} running shoes size 42", LATIN),
        ("Hangul", _HANGUL_NAME, "정품 {} 숄더백 브라운", HANGUL),
    ):
        names = [
            (b.brand_id, n) for b in brands if not b.common_word for n in (b.name, *b.aliases) if pattern.fullmatch(n)
        ]
        for kind, disguise in table.items():
            lines.append(
                _disguised(matcher, dice.sample(names, min(_OF_EACH, len(names))), title, script, kind, disguise, dice)
            )
    return "\n".join(lines)


def _disguised(
    matcher: BrandMatcher,
    names: list[tuple[str, str]],
    title: str,
    script: str,
    kind: str,
    disguise: Disguise,
    dice: random.Random,
) -> str:
    count: Counter[str] = Counter()
    for brand_id, name in names:
        plain = {m.brand_id for m in matcher.match(Text(title.format(name))) if m.tier == "act"}
        surface = disguise(name, dice)
        if brand_id not in plain or surface == name:
            continue
        found = matcher.match(Text(title.format(surface)))
        acted = {m.brand_id for m in found if m.tier == "act"}
        seen = any(m.brand_id == brand_id for m in found)
        count.update(n=1, found=brand_id in acted, review=seen and brand_id not in acted, another=len(acted - plain))
    shares = " | ".join(_share(count[key], count["n"]) for key in ("found", "review", "another"))
    return f"| {script} | {kind} | {count['n']} | {shares} |"


def _speed(matcher: BrandMatcher, brands: list[Brand], texts: list[Text]) -> str:
    baseline = BaselineMatcher(brands)
    lines = ["## Speed on one core", "", "| | of the baseline's speed | texts/s |", "|---|---|---|"]
    mine, yardstick = _in_turns(matcher.match, baseline.match, texts)
    lines.append(f"| pyahocorasick, exact (the baseline) | 1 | {len(texts) / yardstick:,.0f} |")
    lines.append(f"| this matcher | 1/{mine / yardstick:.1f} | {len(texts) / mine:,.0f} |")
    names = {name.casefold() for b in brands for name in (b.name, *b.aliases) if name}
    for label, make, some in (
        ("ahocorasick_rs, exact", _ahocorasick_rs, texts),
        ("flashtext, exact", _flashtext, texts[:2_000]),
        ("rapidfuzz `partial_ratio` over the registry", _rapidfuzz, texts[:_SLOW]),
    ):
        try:
            peer = make(sorted(names))
        except ImportError:
            lines.append(f"| {label} | not installed: `pip install 'klean-stream[bench]'` | |")
            continue
        theirs, yardstick = _in_turns(peer, baseline.match, some)
        ratio = theirs / yardstick
        lines.append(
            f"| {label} | {f'1/{ratio:.1f}' if ratio > 1 else f'{1 / ratio:.1f}'} | {len(some) / theirs:,.0f} |"
        )
    return "\n".join(lines)


def _in_turns(
    mine: Callable[[Text], object], other: Callable[[Text], object], texts: list[Text]
) -> tuple[float, float]:
    """Give the processor seconds of both for all texts: of each chunk the best turn."""
    totals = [0.0, 0.0]
    for chunk in _chunks(texts):
        best = [float("inf"), float("inf")]
        for _ in range(_TURNS):
            for index, search in enumerate((mine, other)):
                started = time.process_time()
                for text in chunk:
                    search(text)
                best[index] = min(best[index], time.process_time() - started)
        totals = [total + one for total, one in zip(totals, best, strict=True)]
    return totals[0], max(totals[1], 1e-9)


def _chunks(texts: list[Text]) -> Iterator[list[Text]]:
    for start in range(0, len(texts), _CHUNK):
        yield texts[start : start + _CHUNK]


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


def _costs(matcher: BrandMatcher, built: float, texts: list[Text]) -> str:
    """Building, one update, and texts that are made to be slow."""
    new = Brand(brand_id="\uffffnew", name="Zyzzyva Quux", aliases=("지지바쿠", "泽兹瓦"))
    added, removed = _timed(partial(matcher.put, new))[1], _timed(partial(matcher.remove, new.brand_id))[1]
    ordinary = " ".join(text.title for text in texts)
    ordinary = (ordinary * (_LENGTH // max(1, len(ordinary)) + 1))[:_LENGTH]
    _, yardstick = _timed(lambda: matcher.match(Text("", ordinary)))
    lines = [
        "## Building, changing, and long texts", "",
        f"Built in {built:.1f} s. A brand added: {added * 1000:.2f} ms; removed: {removed * 1000:.2f} ms.", "",
        f"| {_LENGTH:,} characters of | of the time for ordinary text |", "|---|---|",
    ]  # fmt: skip
    for kind, piece in _HARD.items():
        text = Text("", (piece * (_LENGTH // len(piece) + 1))[:_LENGTH])
        _, took = _timed(partial(matcher.match, text))
        lines.append(f"| {kind} | {took / yardstick:.2f} |")
    return "\n".join(lines)


def _timed(work: Callable[[], Result]) -> tuple[Result, float]:
    started = time.process_time()
    result = work()
    return result, time.process_time() - started


if __name__ == "__main__":
    main()
