"""Writing ``results.md``: what was measured, where, with which versions, by which command."""

import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from bench.broker import commit, kafka_version, machine
from bench.environments import installed
from bench.section import Section
from klean_stream.brands import COMPILED

README = Path(__file__).parent.parent / "README.md"
_OWN = ("klean-stream", "faust-streaming", "aiokafka", "orjson", "rocksdict", "uvloop")


def write_report(sections: Sequence[Section], command: str, runs: int, output: Path | None) -> None:
    """Write the report into ``output``, or print it."""
    text = "\n\n".join([_head(command, runs), *(_section(section) for section in sections)]) + "\n"
    if output is None:
        print(f"\n{text}")
    else:
        output.write_text(text, encoding="utf-8")
        print(f"Written to {output}")


def update_readme(sections: Sequence[Section], readme: Path) -> None:
    """Write the targets of a whole run into the README, and the bodies of sections that have a place there."""
    rows = ["| | measured | target | |", "|---|---:|---:|---|"]
    for target in (target for section in sections for target in section.targets):
        bound = f"{'≤' if target.at_most else '≥'} {target.wanted:g}"
        rows.append(f"| {target.what} | {target.value:.3g} | {bound} | {'holds' if target.holds else '**missed**'} |")
    table = "\n".join(rows)
    said = f"{machine()}; {datetime.now(UTC):%Y-%m-%d}."
    _replace_block(readme, "bench", f"{table}\n\n{said}")
    for section in sections:
        if section.block is not None:
            _replace_block(readme, section.block, section.body)


def _replace_block(page: Path, name: str, text: str) -> None:
    begin, end = f"<!-- {name}: written by `make bench` -->", f"<!-- end of {name} -->"
    before, has_begin, rest = page.read_text(encoding="utf-8").partition(begin)
    _, has_end, after = rest.partition(end)
    if not (has_begin and has_end):
        raise ValueError(f"{page} has no place for {name}: {begin} … {end}")
    page.write_text(f"{before}{begin}\n{text}\n{end}{after}", encoding="utf-8")


def _head(command: str, runs: int) -> str:
    versions = {name: version(name) for name in _OWN} | installed()
    listed = ", ".join(f"{name} {number}" for name, number in versions.items())
    return (
        "# Results of the benchmarks\n\n"
        f"`{command}`, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC. Medians of {runs} runs; all contenders in the same run "
        "on the same broker, which shares the machine with them. What they wrote was read and compared after each "
        "run.\n\n"
        f"- Machine: {machine()}\n"
        f"- Commit: {commit()}\n"
        f"- Python {platform.python_version()}, Kafka {kafka_version()} (one broker, KRaft); klean-stream is "
        f"{'compiled' if COMPILED else 'not compiled'}\n"
        f"- {listed}"
    )


def _section(section: Section) -> str:
    parts = [f"## {section.title}", section.body]
    if section.targets:
        parts.append(
            "\n".join(f"- {'holds' if target.holds else '**missed**'}: {target}" for target in section.targets)
        )
    return "\n\n".join(parts)
