"""``klean-stream match`` from files to a file, plain or gzipped, whole or not at all."""

import gzip
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest
import typer
from typer.testing import CliRunner

from klean_stream.cli.jsonl import BadLine, open_text, read_rows
from klean_stream.cli.match import match

app = typer.Typer()
app.command()(match)

BRANDS = [
    {"brand_id": "nike", "name": "Nike", "aliases": ["나이키"], "classes": ["shop/shoes"], "sources": ["x"]},
    {"brand_id": "samsung", "name": "Samsung", "aliases": [], "classes": [9]},
]
TEXTS = [
    {"id": "t1", "title": "나이키 운동화", "category": "shoes", "lang": "ko"},
    {"id": 2, "title": "case for Samsung phone", "description": None},
    {"id": "t3", "title": "plain socks", "description": "much like Nike"},
]


def write(path: Path, rows: list[object]) -> Path:
    lines = b"".join(orjson.dumps(row) + b"\n" for row in rows)
    path.write_bytes(gzip.compress(lines) if path.suffix == ".gz" else lines)
    return path


def run(brands: Path, texts: Path, output: Path) -> tuple[int, str]:
    arguments = ["--brands", str(brands), "--input", str(texts), "--output", str(output), "--quiet"]
    result = CliRunner().invoke(app, arguments)
    return result.exit_code, result.output


def test_a_text_that_is_too_long_says_where_it_was_cut(tmp_path: Path) -> None:
    brands = write(tmp_path / "brands.jsonl", [*BRANDS])
    texts = write(tmp_path / "texts.jsonl", [{"id": 1, "title": "socks", "description": "soft " * 5_000 + "Nike"}])
    assert run(brands, texts, tmp_path / "out.jsonl") == (0, "")
    ((_, row),) = read_rows(tmp_path / "out.jsonl")
    assert (row["matches"], row["cut"]) == ([], [{"field": "description", "at": 20_000, "of": 25_004}])


@pytest.mark.parametrize("suffix", ["jsonl", "jsonl.gz"])
def test_each_text_gets_one_line(tmp_path: Path, suffix: str) -> None:
    brands = write(tmp_path / f"brands.{suffix}", [*BRANDS])
    texts = write(tmp_path / f"texts.{suffix}", [*TEXTS])
    output = tmp_path / f"out.{suffix}"
    assert run(brands, texts, output) == (0, "")
    rows = [row for _, row in read_rows(output)]
    assert [(row["id"], row["brands"], row["review"]) for row in rows] == [
        ("t1", ["nike"], []),
        (2, [], ["samsung"]),
        ("t3", ["nike"], []),
    ]
    (found,) = rows[0]["matches"]
    assert found == {
        "brand_id": "nike",
        "surface": "나이키",
        "start": 0,
        "end": 3,
        "field": "title",
        "technique": "exact",
        "confidence": 1000,
        "tier": "act",
        "use": None,
    }


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (b"{", "JSON"),
        (b"[1]", "not a JSON object"),
        (b'{"id": "t"}', "title"),
        (b'{"id": "t", "title": 5}', "title"),
        (b'{"id": "t", "title": "\xff"}', "JSON"),
    ],
)
def test_a_bad_line_is_named_and_nothing_is_written(tmp_path: Path, bad: bytes, reason: str) -> None:
    brands = write(tmp_path / "brands.jsonl", [*BRANDS])
    texts = write(tmp_path / "texts.jsonl", [*TEXTS])
    texts.write_bytes(texts.read_bytes() + b"\n" + bad + b"\n")
    output = tmp_path / "out.jsonl"
    output.write_text("what stood there")
    code, said = run(brands, texts, output)
    assert code == 1
    assert "texts.jsonl, line 5" in said
    assert reason in said
    assert output.read_text() == "what stood there"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["brands.jsonl", "out.jsonl", "texts.jsonl"]


def test_a_bad_brand_is_named(tmp_path: Path) -> None:
    brands = write(tmp_path / "brands.jsonl", [*BRANDS, {"brand_id": "x", "name": ""}])
    code, said = run(brands, write(tmp_path / "texts.jsonl", [*TEXTS]), tmp_path / "out.jsonl")
    assert code == 1
    assert "brands.jsonl, line 3" in said


@pytest.mark.parametrize("harm", [lambda packed: packed[:-12], lambda packed: packed[:12] + b"\xff" * 20])
def test_a_file_that_breaks_off_is_told(tmp_path: Path, harm: Callable[[bytes], bytes]) -> None:
    path = tmp_path / "rows.jsonl.gz"
    path.write_bytes(harm(gzip.compress(b'{"a": 1}\n' * 1000)))
    with pytest.raises(BadLine, match="cannot be unpacked"):
        list(read_rows(path))


def test_text_is_read_through_gzip(tmp_path: Path) -> None:
    path = write(tmp_path / "rows.jsonl.gz", [{"a": "나"}])
    with open_text(path) as lines:
        assert lines.read() == '{"a":"나"}\n'


def explained(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["--explain", *arguments])
    return result.exit_code, result.output


def test_a_title_is_explained_against_the_sample_without_any_file() -> None:
    code, shown = explained("N1ke 미러급 pineapple")
    assert code == 0
    for part in ("⟦N1ke⟧ ⟦미러급⟧ pineapple", "leet", "the text sells under this name", "boundary:", "40-0920757 (KR)"):
        assert part in shown


def test_an_explanation_says_what_was_not_searched() -> None:
    long = "soft " * 5_000
    code, shown = explained("Socks", "--description", long)
    assert code == 0
    assert "description: not searched from code point 20000 to 25000" in " ".join(shown.split())
    code, shown = explained("Socks", "--description", long, "--output-format", "json")
    assert orjson.loads(shown)["cut"] == [{"field": "description", "at": 20_000, "of": 25_000}]


def test_an_explanation_is_json_too_and_knows_category_seller_and_day(tmp_path: Path) -> None:
    mark = {"number": "40-7", "jurisdiction": "KR", "classes": [25], "valid_until": "2027-12-31"}
    rows = [
        {"brand_id": "nike", "name": "Nike", "marks": [mark], "authorised_sellers": ["s1"], "classes": ["shop/shoes"]}
    ]
    brands = str(write(tmp_path / "brands.jsonl", [*rows]))

    def reason(*arguments: str) -> str:
        options = ["--brands", brands, "--quiet", "--output-format", "json", "--description", "by Nike"]
        code, shown = explained("Socks", *options, *arguments)
        assert code == 0
        (place,) = orjson.loads(shown)["places"]
        assert (place["field"], place["right"], place["jurisdiction"]) == (
            ("description", None, None) if place["reason"] == "authorised_seller" else ("description", "40-7", "KR")
        )
        return str(place["reason"])

    assert reason("--day", "2027-12-31") == "mark"
    assert reason("--day", "2028-01-01") == "not_in_force"
    assert reason("--day", "2027-12-31", "--category", "Phones") == "other_class"
    assert reason("--day", "2027-12-31", "--territory", "US") == "other_territory"
    assert reason("--seller", "s1") == "authorised_seller"


def test_hidden_characters_of_an_explained_title_are_shown() -> None:
    code, shown = explained("Ni\u200bke \x1b[31mshoes")
    assert code == 0
    assert "Ni<U+200B>ke" in shown
    assert "\x1b" not in shown


def test_without_files_or_a_title_the_command_says_what_it_needs() -> None:
    result = CliRunner().invoke(app, [])
    assert result.exit_code == 2
    assert "--explain" in result.output
