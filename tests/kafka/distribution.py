"""Where the broker's Java and jars come from.

Kafka is resolved by Maven from the pinned `pom.xml` beside this file, once; later runs only look at the
cache, so they need neither Maven nor a network. The cache is keyed by the content of the pom: another Kafka,
another folder.
"""

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

POM: Final = Path(__file__).with_name("pom.xml")
OLDEST_JAVA: Final = 17
MAVEN_TIMEOUT_SECONDS: Final = 900
_MANIFEST: Final = "MANIFEST.txt"
_PARTIAL: Final = ".partial-"
_JAVA_VERSION: Final = re.compile(r'version "(?:1\.)?(\d+)')


class MissingToolError(RuntimeError):
    """Something that a person has to install; the message is one sentence which says what."""


class DownloadError(RuntimeError):
    """Maven ran and could not bring the jars."""


@dataclass(frozen=True, slots=True)
class Distribution:
    """A Java that is new enough and the folder of jars to run with it."""

    java: Path
    jars: Path

    @property
    def classpath(self) -> str:
        """What `java -cp` takes: the wildcard is expanded by Java itself."""
        return str(self.jars / "*")


def kafka_version() -> str:
    """Read the Kafka version from the pom, the only place where it is written."""
    # Our own file, not something a stranger sent.
    version = ET.parse(POM).findtext(".//{*}properties/{*}kafka.version")
    if not version:
        message = f"{POM} names no kafka.version."
        raise DownloadError(message)
    return version


def cache_folder() -> Path:
    """Say where the jars of this Kafka are kept: outside the tree, so that every clone shares them."""
    chosen = os.environ.get("KLEAN_KAFKA_HOME")
    if chosen:
        return Path(chosen).expanduser().resolve()
    return Path.home() / ".cache" / "klean-stream" / f"kafka-{kafka_version()}"


def find_java() -> Path:
    """Find a Java that Kafka 4 runs on, JAVA_HOME before PATH."""
    home = os.environ.get("JAVA_HOME")
    java = shutil.which("java", path=str(Path(home) / "bin")) if home else None
    java = java or shutil.which("java")
    if java is None:
        message = (
            f"The tests against real Kafka need Java {OLDEST_JAVA} or newer, and no java is on the PATH: "
            f"install a JRE (on Debian and Ubuntu: apt install openjdk-17-jre-headless)."
        )
        raise MissingToolError(message)
    answer = subprocess.run([java, "-version"], capture_output=True, text=True, check=False)
    found = _JAVA_VERSION.search(answer.stderr + answer.stdout)
    if found is None or int(found[1]) < OLDEST_JAVA:
        message = (
            f"The tests against real Kafka need Java {OLDEST_JAVA} or newer, and {java} is "
            f"{'Java ' + found[1] if found else 'not one that tells its version'}: "
            f"install a newer JRE (on Debian and Ubuntu: apt install openjdk-17-jre-headless) "
            f"or point JAVA_HOME at one."
        )
        raise MissingToolError(message)
    return Path(java)


def find_maven() -> Path:
    """Find Maven; asked for only when the jars are not in the cache yet."""
    maven = shutil.which("mvn")
    if maven is None:
        message = (
            "The tests against real Kafka fetch it with Maven, and no mvn is on the PATH: "
            "install Maven 3.6.3 or newer (on Debian and Ubuntu: apt install maven)."
        )
        raise MissingToolError(message)
    return Path(maven)


def ensure_distribution() -> Distribution:
    """Return Java and the jars, fetching the jars if no earlier run has."""
    java = find_java()
    home = cache_folder()
    jars = home / f"jars-{hashlib.sha256(POM.read_bytes()).hexdigest()[:12]}"
    if not is_whole(jars):
        home.mkdir(parents=True, exist_ok=True)
        with _only_one_process(home / ".lock"):
            # Whoever waited for the lock may find the work done.
            if not is_whole(jars):
                _fetch(find_maven(), home, jars)
    return Distribution(java=java, jars=jars)


def is_whole(jars: Path) -> bool:
    """Tell whether a folder holds every jar, complete, that Maven copied into it.

    The rename at the end of a fetch already keeps an interrupted one out. The manifest guards against what
    comes later: a cleaner that removed old files, a disk that was full, a machine that lost power before a
    write.
    """
    try:
        lines = (jars / _MANIFEST).read_text().splitlines()
        return bool(lines) and all(
            (jars / name).stat().st_size == int(size) for size, name in (line.split(" ", 1) for line in lines)
        )
    except (OSError, ValueError):
        return False


def _fetch(maven: Path, home: Path, jars: Path) -> None:
    for abandoned in home.glob(f"{_PARTIAL}*"):
        shutil.rmtree(abandoned)
    partial = Path(tempfile.mkdtemp(prefix=_PARTIAL, dir=home))
    try:
        _copy_dependencies(maven, partial)
        found = sorted(partial.glob("*.jar"))
        if not any(jar.name == f"kafka_2.13-{kafka_version()}.jar" for jar in found):
            message = f"Maven reported success but copied no Kafka {kafka_version()} into {partial}."
            raise DownloadError(message)
        manifest = "".join(f"{jar.stat().st_size} {jar.name}\n" for jar in found)
        (partial / _MANIFEST).write_text(manifest)
        if jars.exists():
            shutil.rmtree(jars)
        partial.rename(jars)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _copy_dependencies(maven: Path, folder: Path) -> None:
    command = [
        str(maven),
        "--batch-mode",
        "--no-transfer-progress",
        "--strict-checksums",
        f"--file={POM}",
        "dependency:copy-dependencies",
        "-DincludeScope=runtime",
        f"-DoutputDirectory={folder}",
    ]
    try:
        # Not in the tree, where Maven would look for a .mvn folder.
        answer = subprocess.run(
            command, capture_output=True, text=True, check=False, cwd=folder, timeout=MAVEN_TIMEOUT_SECONDS
        )
    except subprocess.TimeoutExpired as error:
        message = f"Maven did not fetch Kafka {kafka_version()} within {MAVEN_TIMEOUT_SECONDS} s."
        raise DownloadError(message) from error
    if answer.returncode != 0:
        reasons = [line for line in answer.stdout.splitlines() if line.startswith("[ERROR]")][:12]
        output = "\n".join(reasons) or (answer.stdout + answer.stderr)[-2000:]
        message = f"Maven could not fetch Kafka {kafka_version()} (exit code {answer.returncode}):\n{output}"
        raise DownloadError(message)


@contextmanager
def _only_one_process(lock: Path) -> Iterator[None]:
    """Let two test runs that begin together fetch once; the kernel drops the lock when its holder dies."""
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
