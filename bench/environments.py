"""A virtualenv for each peer: their dependencies clash with each other's (`docs/decisions.md`)."""

import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

from bench.roster import Contender

_ROOT = Path(__file__).parent.parent
_FOLDER = _ROOT / ".venv-bench"


class InstallError(Exception):
    """A peer cannot be installed for this Python; the message is pip's reason."""


def python_of(contender: Contender, say: Callable[[str], None]) -> Path | None:
    """Give the Python that runs a contender, installing it first; None is the one that runs this."""
    if contender.package is None:
        return None
    wanted = requirements(contender.package)
    home = _FOLDER / contender.package
    python, stamp = home / "bin" / "python", home / ".installed"
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return python
    say(f"installing {contender.title} into {home.relative_to(_ROOT)}")
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(home)], check=True)
    pip = [str(python), "-m", "pip", "--quiet", "--disable-pip-version-check", "install"]
    done = subprocess.run([*pip, *wanted.split("\n")], cwd=_ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        errors = [line for line in done.stderr.splitlines() if line.startswith("ERROR")] or done.stderr.splitlines()
        raise InstallError(" ".join(errors[-2:]) or "pip gave no reason")
    stamp.write_text(wanted, encoding="utf-8")
    return python


def requirements(package: str) -> str:
    """Give what a peer's virtualenv holds, one a line: the peer as the extra `bench` pins it, and the core's needs."""
    project = tomllib.loads((_ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    peers = [line for line in project["optional-dependencies"]["bench"] if _name(line) == package]
    assert peers, f"{package} is not in the extra `bench`"
    return "\n".join(
        [*peers, "confluent-kafka", *(line for line in project["dependencies"] if _name(line) not in _SHELL)]
    )


# What only the runtime and the command line need; with them, a peer could not have its own versions.
_SHELL = {
    *("faust-streaming", "aiokafka", "mode-streaming", "aiohttp", "confluent-kafka", "prometheus-client", "rich"),
    *("rocksdict", "typer", "yarl"),
}


def _name(requirement: str) -> str:
    return re.split(r"[\[<>=!~; ]", requirement, maxsplit=1)[0]


def installed() -> dict[str, str]:
    """Give the versions of the peers that are installed, by package."""
    versions = {}
    for info in _FOLDER.glob("*/lib/python*/site-packages/*.dist-info"):
        name, _, number = info.name.removesuffix(".dist-info").partition("-")
        if name.replace("_", "-") in _PEERS:
            versions[name.replace("_", "-")] = number
    return dict(sorted(versions.items()))


_PEERS = {"quixstreams", "sentry-arroyo", "bytewax"}
