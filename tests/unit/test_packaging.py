"""What is installed is what lies in the checkout: packages, data files, dependencies, import contracts."""

import ast
import importlib.metadata
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import klean_stream

ROOT = Path(__file__).resolve().parents[2]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
SETUPTOOLS = PROJECT["tool"]["setuptools"]
PACKAGE_DIR: dict[str, str] = SETUPTOOLS["package-dir"]


def packages() -> dict[str, Path]:
    """Find the folders with an ``__init__.py``, by the names under which they are to be installed."""
    found = {}
    for top, folder in PACKAGE_DIR.items():
        for init in (ROOT / folder).rglob("__init__.py"):
            # In a checkout the other two folders are linked into the first; some Pythons follow links.
            relative = init.parent.relative_to(ROOT / folder)
            if not any((ROOT / folder / part).is_symlink() for part in relative.parts[:1]):
                found[".".join((top, *relative.parts))] = init.parent
    return found


def data_files(package: str, folder: Path) -> Iterator[Path]:
    """Find what is no Python in a package's folder and its plain subfolders, not in the packages below it."""
    for path in folder.iterdir():
        if path.is_symlink() or path.name == "__pycache__" or path.name.startswith("."):
            continue
        if path.is_file() and path.suffix not in {".py", ".pyc", ".so"}:
            yield path
        elif path.is_dir() and not (path / "__init__.py").exists():
            yield from data_files(package, path)


def third_party_imports(folder: Path) -> set[str]:
    """Give the top-level names that the Python files of a folder import, without ours and Python's own."""
    names: set[str] = set()
    for file in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_bytes())):
            if isinstance(node, ast.Import):
                names |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                names.add(node.module.partition(".")[0])
    return names - sys.stdlib_module_names - {"klean_stream", "tests", "bench"}


def distributions(requirements: list[str]) -> set[str]:
    """Give the normalised names of the required distributions."""
    return {normalised(re.split(r"[^\w.-]", requirement, maxsplit=1)[0]) for requirement in requirements}


def normalised(name: str) -> str:
    """Spell a distribution's name as PyPI does."""
    return re.sub(r"[-_.]+", "-", name).lower()


def undeclared(folders: list[str], declared: set[str]) -> set[str]:
    """Give the imports of these folders that no declared distribution provides."""
    providers = importlib.metadata.packages_distributions()
    imported: set[str] = set().union(*(third_party_imports(ROOT / folder) for folder in folders))
    return {
        name for name in imported if not declared & {normalised(provider) for provider in providers.get(name, [name])}
    }


def test_every_package_is_listed() -> None:
    assert sorted(SETUPTOOLS["packages"]) == sorted(packages())


@pytest.mark.parametrize("package", sorted(packages()))
def test_every_data_file_is_installed(package: str) -> None:
    folder = packages()[package]
    patterns = SETUPTOOLS["package-data"].get(package, [])
    installed = {path for pattern in patterns for path in folder.glob(pattern)}
    assert set(data_files(package, folder)) <= installed, f"[tool.setuptools.package-data] of {package} leaves some out"


@pytest.mark.parametrize(("package", "patterns"), sorted(SETUPTOOLS["package-data"].items()))
def test_every_pattern_of_data_files_finds_some(package: str, patterns: list[str]) -> None:
    folder = packages()[package]
    assert [pattern for pattern in patterns if not any(folder.glob(pattern))] == []


@pytest.mark.parametrize("name", ["agents", "schemas"])
def test_a_checkout_has_the_names_of_an_installation(name: str) -> None:
    link = ROOT / "klean_stream" / name
    assert link.is_symlink(), f"klean_stream/{name} has to be a link to ../{name}; `make` restores a missing one"
    assert link.resolve() == ROOT / name


def test_the_version_is_written_alike() -> None:
    assert PROJECT["project"]["version"] == klean_stream.__version__


def test_what_the_library_imports_it_depends_on() -> None:
    declared = distributions(PROJECT["project"]["dependencies"])
    # What hashes pictures comes with the extra `images`, and one command needs it.
    assert undeclared(list(PACKAGE_DIR.values()), declared) == {"PIL", "pdqhash"}
    assert {"pillow", "pdqhash"} <= distributions(PROJECT["project"]["optional-dependencies"]["images"])


def test_what_tests_and_benchmarks_import_is_installed_with_them() -> None:
    project = PROJECT["project"]
    extras = project["optional-dependencies"]
    # The developers' tools include the extra for pictures.
    declared = distributions(project["dependencies"] + extras["dev"] + extras["images"])
    # The benchmarks' peers are installed apart, so that nothing here says who provides them.
    peers = {"arroyo": "sentry-arroyo", "bytewax": "bytewax", "quixstreams": "quixstreams"}
    assert set(peers.values()) <= distributions(extras["bench"])
    assert undeclared(["tests", "bench"], declared) == set(peers)


def test_every_room_of_the_core_is_under_the_import_contract() -> None:
    rooms = {name for name in packages() if name.count(".") == 1}
    shell = {f"klean_stream.{name}" for name in ("agents", "cli", "runtime")}
    core = PROJECT["tool"]["importlinter"]["contracts"][0]["source_modules"]
    assert rooms - shell == set(core)


def test_make_compiles_again_after_a_change_of_anything_that_is_compiled() -> None:
    listed = subprocess.run(
        ["make", "--silent", "--eval=print-compiled: ; @echo $(COMPILED)", "print-compiled"],
        cwd=ROOT,
        env={**os.environ, "KLEAN_STREAM_COMPILED": "1"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    compiled = {
        str(path.relative_to(ROOT)).partition(".")[0] + ".py" for path in (ROOT / "klean_stream").rglob("*.so")
    } - {"klean_stream/compiled__mypyc.py"}
    assert compiled <= set(listed)
