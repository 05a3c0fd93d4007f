"""The compiled matcher finds what its Python finds; what is compiled is what is tested."""

import os
import shutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import klean_stream
from klean_stream.brands import COMPILED
from tests.unit.disguised_matches import disguised_matches

SOURCES = Path(klean_stream.__file__).parent
IN_PYTHON = """
from klean_stream.brands import COMPILED
from tests.unit.disguised_matches import disguised_matches
assert not COMPILED
print("\\n".join(map(ascii, disguised_matches())))
"""


@pytest.mark.parametrize(
    "module",
    ["brands.finder", "brands.word_index", "text.view", "processing.rows", "runtime.gathering", "runtime.outbox"],
)
def test_what_is_tested_is_compiled(module: str) -> None:
    # In CI this skip is a failure.
    if not COMPILED:
        pytest.skip("klean-stream was installed without compiling it: it is its Python that is tested")
    assert str(import_module(f"klean_stream.{module}").__file__).endswith(".so")


def test_nothing_compiled_is_older_than_its_python() -> None:
    compiled = {path: path.with_name(path.name.partition(".")[0] + ".py") for path in SOURCES.rglob("*.so")}
    sources = {path: source for path, source in compiled.items() if source.exists()}
    assert bool(sources) == COMPILED
    old = [source.name for path, source in sources.items() if path.stat().st_mtime < source.stat().st_mtime]
    assert old == [], "these have changed since they were compiled: run make"


def test_the_python_alone_finds_the_same(tmp_path: Path) -> None:
    shutil.copytree(SOURCES, tmp_path / "klean_stream", ignore=shutil.ignore_patterns("*.so", "__pycache__"))
    done = subprocess.run(
        [sys.executable, "-c", IN_PYTHON],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(SOURCES.parent)])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = disguised_matches()
    assert done.stdout.splitlines() == list(map(ascii, found))
    assert sum("BrandMatch" in line for line in found) > 1_000
