"""``brands import`` and ``brands lint`` from files to files: reports, exit codes, and what is written."""

import gzip
from pathlib import Path

import orjson
import pytest
from typer.testing import CliRunner, Result

from klean_stream.cli.commands import app
from klean_stream.cli.exit_codes import ExitCode
from klean_stream.cli.jsonl import read_rows

GOOD = "brand_id,name,aliases\nnorda,Norda,노르다\nnorda,Norda,诺达\nmora,Mora,\n"
BAD = "brand_id,name,classes\nnorda,Norda,99\nmora,Mora,8\n"


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["brands", *(str(argument) for argument in arguments)])


def write(path: Path, text: str) -> Path:
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path


@pytest.mark.parametrize("suffix", ["csv", "csv.gz"])
def test_an_import_is_written_for_load_and_reported(tmp_path: Path, suffix: str) -> None:
    source, output = write(tmp_path / f"a.{suffix}", "\ufeff" + GOOD), tmp_path / "brands.jsonl.gz"
    result = run("import", "--format", "csv", "--output", output, source, "--output-format", "json")
    assert result.exit_code == ExitCode.OK, result.output
    report = orjson.loads(result.stdout)
    assert (report["read"], report["taken"], report["refused"]) == (3, 2, [])
    assert report["merged"][0]["places"] == [f"a.{suffix}, line 2", f"a.{suffix}, line 3"]
    rows = [row for _, row in read_rows(output)]
    assert [(row["brand_id"], row["aliases"]) for row in rows] == [("norda", ["노르다", "诺达"]), ("mora", [])]


def test_what_is_refused_is_named_and_the_rest_is_taken(tmp_path: Path) -> None:
    source, output = write(tmp_path / "a.csv", BAD), tmp_path / "brands.jsonl"
    result = run("import", "--format", "csv", "--output", output, source)
    assert result.exit_code == ExitCode.FAILED
    assert "2 entries read. 1 brands taken into" in result.stdout
    assert "a.csv, line 2" in result.stdout
    assert [row["brand_id"] for _, row in read_rows(output)] == ["mora"]


def test_several_files_are_one_import(tmp_path: Path) -> None:
    line = orjson.dumps({"brand_id": "norda", "name": "Norda", "aliases": ["노르다"]}).decode()
    first, second = write(tmp_path / "a.jsonl", line), write(tmp_path / "b.jsonl", line)
    report = orjson.loads(run("import", "--format", "jsonl", first, second, "--output-format", "json").stdout)
    assert report["merged"][0]["places"] == ["a.jsonl, line 1", "b.jsonl, line 1"]


@pytest.mark.parametrize(
    ("format_", "text", "sentence"),
    [
        ("csv", "name\n", "has no column brand_id"),
        ("nsi", "{}", "is no name-suggestion-index"),
        ("nsi", "no", "is not JSON"),
    ],
)
def test_a_file_of_another_format_writes_nothing(tmp_path: Path, format_: str, text: str, sentence: str) -> None:
    source, output = tmp_path / "a", tmp_path / "brands.jsonl"
    source.write_bytes(text.encode("latin-1"))
    result = run("import", "--format", format_, "--output", output, source)
    assert result.exit_code == ExitCode.FAILED
    assert sentence in result.stderr
    assert "Traceback" not in result.stderr
    assert not output.exists()


BRANDS = '{"brand_id": "mora", "name": "Mora"}\n{"brand_id": "hp", "name": "HP"}\n'
TITLES = '{"title": "Mora \\u001b[31m knife", "description": null}\n{"title": "socks", "category": "socks", "id": 7}\n'


def test_lint_says_if_there_are_warnings_only_when_strict(tmp_path: Path) -> None:
    brands = write(tmp_path / "brands.jsonl", BRANDS)
    assert run("lint", brands).exit_code == ExitCode.OK
    result = run("lint", brands, "--strict")
    assert result.exit_code == ExitCode.FAILED
    assert "2 brands, 1 warnings: 1 short." in result.stdout
    good = write(tmp_path / "good.jsonl", BRANDS.splitlines()[0])
    assert run("lint", good, "--strict").exit_code == ExitCode.OK


def test_lint_shows_the_hits_in_titles(tmp_path: Path) -> None:
    brands, titles = write(tmp_path / "b.jsonl", BRANDS), write(tmp_path / "t.jsonl.gz", TITLES)
    shown = run("lint", brands, "--titles", titles).stdout
    assert "2 titles, 1 brands found in them." in shown
    assert "⟦Mora⟧ " in shown
    assert "\x1b[31m" not in shown
    report = orjson.loads(run("lint", brands, "--titles", titles, "--output-format", "json").stdout)
    assert [(warning["brand_id"], warning["trouble"]) for warning in report["warnings"]] == [
        ("mora", "floods"),
        ("hp", "short"),
    ]
    (hits,) = report["titles"]["hits"]
    assert (hits["brand_id"], hits["titles"], hits["act"], hits["share"]) == ("mora", 1, 1, 0.5)
    assert hits["examples"][0]["match"]["start"] == 0


def test_lint_names_a_line_that_cannot_be_used(tmp_path: Path) -> None:
    brands, titles = write(tmp_path / "b.jsonl", BRANDS), write(tmp_path / "t.jsonl", '{"id": 1}\n')
    result = run("lint", brands, "--titles", titles)
    assert result.exit_code == ExitCode.FAILED
    assert "t.jsonl, line 1" in result.stderr
