"""What the documentation names exists: commands, rules, settings, topics, metrics, alerts, files, links."""

import ast
import re
import shlex
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import typer.main
import yaml

import klean_stream.listings.rules
import klean_stream.reports.decide
import klean_stream.sellers.decide
from klean_stream.cli.commands import app
from klean_stream.events.channels import CHANNELS, DEAD_LETTER_HEADERS
from klean_stream.processing.absorb import FATES
from klean_stream.runtime.settings import _ELSEWHERE, Settings
from klean_stream.runtime.topics import TOPICS

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([ROOT / "README.md", ROOT / "schemas" / "README.md", *(ROOT / "docs").glob("*.md")])
PAGE_IDS = [str(page.relative_to(ROOT)) for page in PAGES]
CORE = ("brands", "decision", "listings", "moderation", "policy", "processing", "reports", "runtime", "sellers")


def text_of(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def code_blocks(text: str) -> list[str]:
    return re.findall(r"^```\w*\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


def inline_code(text: str) -> list[str]:
    without_blocks = re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE)
    return [code.replace("\n", " ") for code in re.findall(r"`([^`]+)`", without_blocks)]


def table_column(text: str, column: int = 0) -> list[str]:
    """Give the codes in one column of all tables."""
    rows = [line.strip("|").split("|") for line in text.splitlines() if line.startswith("|")]
    return [code for row in rows for code in re.findall(r"`([^`]+)`", row[column])]


def between(text: str, name: str) -> str:
    return text.split(f"<!-- {name}: begin -->")[1].split(f"<!-- {name}: end -->", maxsplit=1)[0]


def string_literals(*folders: str) -> Iterator[str]:
    for folder in folders:
        for file in (ROOT / "klean_stream" / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_bytes())):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    yield node.value


# -- commands ----------------------------------------------------------------------------------------------


def commands_in(text: str) -> Iterator[tuple[str, bool]]:
    """Give each ``klean-stream …`` of a page, and whether it stands in a block, to be typed as it is."""
    for block in code_blocks(text):
        for line in block.replace("\\\n", " ").splitlines():
            if line.startswith(("klean-stream ", "KLEAN_")) and "klean-stream" in line:
                yield line[line.index("klean-stream") :], True
    for code in inline_code(text):
        if code.startswith("klean-stream "):
            yield code, False


COMMANDS = [
    pytest.param(command, whole, id=f"{name}: {command[:70]}")
    for page, name in zip(PAGES, PAGE_IDS, strict=True)
    for command, whole in commands_in(page.read_text(encoding="utf-8"))
]


@pytest.mark.parametrize(("line", "whole"), COMMANDS)
def test_every_command_of_the_docs_is_understood(
    line: str, whole: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As it stands in a block it can be typed; in a sentence it may leave out arguments."""
    monkeypatch.chdir(tmp_path)
    arguments = shlex.split(line, comments=True)[1:]
    for word in arguments:
        if "/" not in word and word.endswith((".jsonl", ".gz", ".toml", ".csv", ".json")):
            (tmp_path / word).touch()
    command: Any = typer.main.get_command(app)
    while hasattr(command, "commands") and arguments and not arguments[0].startswith("-"):
        command = command.commands[arguments[0]]
        arguments = arguments[1:]
    if hasattr(command, "commands") or "--help" in arguments:
        return
    try:
        command.make_context("klean-stream", arguments)
    except Exception as error:
        if whole or type(error).__name__ != "MissingParameter":
            raise


def test_the_two_commands_stand_in_the_readme_word_for_word() -> None:
    blocks = code_blocks(text_of("README.md"))
    assert "make demo\n" in blocks
    assert "make test\n" in blocks


@pytest.mark.parametrize("page", PAGES, ids=PAGE_IDS)
def test_every_make_target_of_the_docs_exists(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    named = set(re.findall(r"^make ([a-z-]+)", "\n".join(code_blocks(text)), re.MULTILINE))
    named |= {match[1] for code in inline_code(text) if (match := re.match(r"make ([a-z-]+)", code))}
    targets = set(re.findall(r"^([a-z-]+):", text_of("Makefile"), re.MULTILINE))
    assert named <= targets


# -- names -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "module", [klean_stream.listings.rules, klean_stream.sellers.decide, klean_stream.reports.decide]
)
def test_every_rule_of_the_code_is_in_the_table_of_rules(module: Any) -> None:
    rows = re.findall(r"^(\w+)  +([\w/]+)  +\S", module.__doc__, re.MULTILINE)
    rules = {rule for rule, _ in rows if rule != "rule"}
    assert len(rules) > 4
    assert rules <= set(table_column(between(text_of("docs/concepts.md"), "rules")))


def test_every_rule_of_the_table_is_in_the_code() -> None:
    named = set(table_column(between(text_of("docs/concepts.md"), "rules")))
    literals = set(string_literals(*CORE))
    composed = {f"moderator_{action}" for action in ("uphold", "dismiss", "need_more", "reassign", "reinstate")}
    assert named - literals == composed | {"policy_record", "mode_record"}


def test_every_fate_is_explained() -> None:
    assert set(FATES) <= set(table_column(text_of("docs/concepts.md")))


def test_every_reason_of_a_dead_letter_is_explained() -> None:
    reasons = {"processing_error"}
    for folder in CORE:
        for file in (ROOT / "klean_stream" / folder).rglob("*.py"):
            reasons |= set(re.findall(r"Rejected\(\s*\"(\w+)\"", file.read_text(encoding="utf-8")))
    explained = text_of("docs/publishers.md").split("## Dead letters")[1].split("\n## ")[0]
    assert set(table_column(explained)) == reasons


def test_every_input_topic_is_told_to_publishers_with_key_and_types() -> None:
    text = text_of("docs/publishers.md")
    for channel in CHANNELS:
        if channel.direction == "input":
            (row,) = [line for line in text.splitlines() if line.startswith(f"| `{channel.topic}` | ")]
            assert set(channel.ce_types) <= set(re.findall(r"`([^`]+)`", row))


def test_the_table_of_settings_is_that_of_the_code() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (\S+) \|", between(text_of("docs/sre.md"), "settings"), re.MULTILINE)
    shown = {name: default.strip("`") for name, default in rows}
    expected = {
        field.name: "empty" if field.default == "" else str(field.default).replace("False", "false")
        for field in fields(Settings)
    }
    assert shown == expected


def test_every_topic_is_told_to_operators() -> None:
    assert {spec.name for spec in TOPICS} <= set(inline_code(text_of("docs/sre.md")))


@pytest.mark.parametrize("page", PAGES, ids=PAGE_IDS)
def test_every_variable_of_the_docs_is_a_setting(page: Path) -> None:
    known = {f"KLEAN_{field.name.upper()}" for field in fields(Settings)} | _ELSEWHERE | {"KLEAN_CONFIG"}
    assert set(re.findall(r"\bKLEAN_[A-Z_]*[A-Z]\b", page.read_text(encoding="utf-8"))) <= known


def test_every_metric_is_told_and_every_metric_that_is_told_exists() -> None:
    metrics = set(re.findall(r'"(klean_[a-z_]+)"', text_of("klean_stream/runtime/metrics.py")))
    told = {name for page in PAGES for name in re.findall(r"\bklean_[a-z_]+\b", page.read_text(encoding="utf-8"))}
    assert metrics <= set(inline_code(text_of("docs/sre.md")))
    assert told - metrics - DEAD_LETTER_HEADERS.keys() <= {"klean_stream"}


def test_every_alert_is_in_the_runbook() -> None:
    rules = yaml.safe_load(text_of("docker/prometheus/alerts.yml"))
    alerts = {rule["alert"] for group in rules["groups"] for rule in group["rules"] if "alert" in rule}
    assert alerts == {code for code in inline_code(text_of("docs/sre.md")) if re.fullmatch(r"Klean[A-Z]\w+", code)}


def test_every_fault_test_is_in_the_table_of_faults_and_every_test_there_exists() -> None:
    named = set(re.findall(r"`(test_\w+)`", between(text_of("docs/guarantees.md"), "faults")))

    def tests_in(folder: str) -> set[str]:
        files = (ROOT / "tests" / folder).glob("test_*.py")
        return {name for file in files for name in re.findall(r"^async def (test_\w+)", file.read_text(), re.MULTILINE)}

    assert tests_in("faults") <= named
    assert named <= tests_in("faults") | tests_in("kafka")


# -- files and links ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES, ids=PAGE_IDS)
def test_every_file_of_the_docs_exists(page: Path) -> None:
    for code in inline_code(page.read_text(encoding="utf-8")):
        if re.fullmatch(r"[\w./-]+\.(py|toml|yml|md|xml)|[\w-]+(/[\w-]+)*/", code):
            places = (ROOT, ROOT / "klean_stream", ROOT / "tests" / "kafka", page.parent)
            # Files that a reader makes have no folder.
            if "/" in code or code.endswith(".py"):
                assert any((place / code).exists() for place in places), code


@pytest.mark.parametrize("page", PAGES, ids=PAGE_IDS)
def test_every_link_of_the_docs_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if target.startswith(("http://", "https://")):
            continue
        path, _, anchor = target.partition("#")
        there = (page.parent / path).resolve() if path else page
        assert there.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.+)$", there.read_text(encoding="utf-8"), re.MULTILINE)
            anchors = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
            assert anchor in anchors, target
