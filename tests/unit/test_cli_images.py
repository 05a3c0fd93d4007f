"""`klean-stream images hash`: hashes of pictures as the bank and listings take them."""

import builtins
import random
from pathlib import Path
from typing import Any

import orjson
import pytest
from PIL import Image, ImageDraw
from typer.testing import CliRunner

from klean_stream.cli.commands import app
from klean_stream.cli.exit_codes import ExitCode
from klean_stream.likeness import BankImage, Change, ImageBank


def run(*arguments: object) -> Any:
    return CliRunner().invoke(app, ["images", "hash", *(str(argument) for argument in arguments)])


def picture(seed: int) -> Image.Image:
    """Give a picture of boxes, as unlike others as photographs are."""
    chance = random.Random(seed)
    drawn = Image.new("RGB", (400, 400), "white")
    pen = ImageDraw.Draw(drawn)
    for _ in range(60):
        left, top = chance.randrange(360), chance.randrange(360)
        colour = chance.randrange(256), chance.randrange(256), chance.randrange(256)
        pen.rectangle((left, top, left + chance.randrange(20, 160), top + chance.randrange(20, 160)), fill=colour)
    return drawn


def test_a_picture_made_smaller_and_compressed_is_found_in_the_bank_and_another_is_not(tmp_path: Path) -> None:
    original, copy, other = tmp_path / "a.png", tmp_path / "b.jpg", tmp_path / "c.png"
    picture(1).save(original)
    picture(1).resize((240, 240)).save(copy, quality=60)
    picture(2).save(other)
    said = run("--json", original, copy, other)
    assert said.exit_code == 0, said.output
    rows = [orjson.loads(line) for line in said.stdout.splitlines()]
    assert [row["file"] for row in rows] == [str(original), str(copy), str(other)]
    assert all(row["quality"] >= 50 for row in rows)
    bank = ImageBank()
    bank.apply([Change("img-1", 1, bytes.fromhex(rows[0]["hash"]), BankImage("img-1", "brand", None))])
    assert [len(bank.find(row["hash"], 1)) for row in rows] == [1, 1, 0]


def test_a_file_that_is_no_picture_is_named_and_the_others_are_hashed(tmp_path: Path) -> None:
    good, bad = tmp_path / "a.png", tmp_path / "b.png"
    picture(1).save(good)
    bad.write_bytes(b"no picture")
    said = run(bad, good)
    assert said.exit_code == ExitCode.FAILED
    assert str(bad) in said.stderr
    digits, quality, file = said.stdout.split()
    assert (len(digits), 0 <= int(quality) <= 100, file) == (64, True, str(good))


def test_without_the_extra_one_sentence_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *arguments: Any, **named: Any) -> Any:
        if name == "pdqhash":
            raise ImportError(name)
        return real(name, *arguments, **named)

    monkeypatch.setattr(builtins, "__import__", without)
    said = run(tmp_path / "a.png")
    assert said.exit_code == ExitCode.FAILED
    assert "klean-stream[images]" in said.stderr
