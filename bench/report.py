"""Writing ``results.md``: what was measured, where, with which versions, by which command."""

import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from bench.broker import kafka_version, machine
from bench.environments import installed
from bench.section import Section

_OWN = ("klean-stream", "faust-streaming", "aiokafka", "orjson", "rocksdict", "uvloop")


def write_report(sections: Sequence[Section], command: str, runs: int, output: Path | None) -> None:
    """Write the report into ``output``, or print it."""
    text = "\n\n".join([_head(command, runs), *(_section(section) for section in sections)]) + "\n"
    if output is None:
        print(f"\n{text}")
    else:
        output.write_text(text, encoding="utf-8")
        print(f"Written to {output}")


def _head(command: str, runs: int) -> str:
    versions = {name: version(name) for name in _OWN} | installed()
    listed = ", ".join(f"{name} {number}" for name, number in versions.items())
    return (
        "# Results of the benchmarks\n\n"
        f"`{command}`, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC. Medians of {runs} runs; all contenders in the same run "
        "on the same broker, which shares the machine with them. What they wrote was read and compared after each "
        "run.\n\n"
        f"- Machine: {machine()}\n"
        f"- Python {platform.python_version()}, Kafka {kafka_version()} (one broker, KRaft)\n"
        f"- {listed}"
    )


def _section(section: Section) -> str:
    parts = [f"## {section.title}", section.body]
    if section.targets:
        parts.append(
            "\n".join(f"- {'holds' if target.holds else '**missed**'}: {target}" for target in section.targets)
        )
    return "\n\n".join(parts)
