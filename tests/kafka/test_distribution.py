"""The cache of Kafka's jars: fetched once, whole or not there, and clear about what is missing."""

import stat
from pathlib import Path

import pytest

from tests.kafka import distribution
from tests.kafka.distribution import DownloadError, MissingToolError, ensure_distribution, kafka_version

JAVA = "#!/bin/sh\necho 'openjdk version \"{version}\" 2025-04-15' >&2\n"
# Copies two jars, and fails after them if told to; leaves one line a call in `calls`.
MAVEN = """#!/bin/sh
echo call >> {calls}
for argument; do case $argument in -DoutputDirectory=*) out=${{argument#*=}};; esac; done
echo jar > "$out/kafka_2.13-{version}.jar"
echo jar > "$out/kafka-clients-{version}.jar"
exit {code}
"""


class Tools:
    """A folder of programs that is the whole PATH, with a stand-in for each tool that a test puts there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.calls = folder / "calls"

    def put(self, name: str, script: str) -> None:
        """Make a program of a shell script."""
        path = self.folder / name
        path.write_text(script)
        path.chmod(path.stat().st_mode | stat.S_IXUSR)

    def put_java(self, version: str = "17.0.15") -> None:
        """Put a Java that only tells its version."""
        self.put("java", JAVA.format(version=version))

    def put_maven(self, code: int = 0) -> None:
        """Put a Maven that copies two jars and ends with this code."""
        self.put("mvn", MAVEN.format(calls=self.calls, version=kafka_version(), code=code))

    @property
    def maven_calls(self) -> int:
        """How often Maven was called."""
        return len(self.calls.read_text().splitlines()) if self.calls.exists() else 0


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tools:
    """Give an empty PATH and an empty cache."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("KLEAN_KAFKA_HOME", str(tmp_path / "cache"))
    return Tools(folder)


@pytest.mark.parametrize(
    ("java", "maven", "says"),
    [
        (None, True, r"need Java 17 or newer, and no java is on the PATH: install a JRE"),
        ("11.0.2", True, r"need Java 17 or newer, and .* is Java 11: install a newer JRE"),
        ("1.8.0_392", True, r"need Java 17 or newer, and .* is Java 8: install a newer JRE"),
        ("17.0.15", False, r"no mvn is on the PATH: install Maven"),
    ],
)
def test_a_missing_tool_is_named_in_one_sentence(tools: Tools, java: str | None, says: str, *, maven: bool) -> None:
    if java:
        tools.put_java(java)
    if maven:
        tools.put_maven()
    with pytest.raises(MissingToolError, match=says) as raised:
        ensure_distribution()
    message = str(raised.value)
    assert message.endswith(".")
    assert "\n" not in message
    assert ". " not in message


def test_a_second_run_does_not_call_maven(tools: Tools) -> None:
    tools.put_java("21")
    tools.put_maven()
    first = ensure_distribution()
    (tools.folder / "mvn").unlink()
    assert ensure_distribution() == first
    assert tools.maven_calls == 1
    assert first.jars.parent == distribution.cache_folder()


def test_what_a_failed_fetch_leaves_is_not_taken_for_the_whole(tools: Tools) -> None:
    tools.put_java()
    tools.put_maven(code=1)
    with pytest.raises(DownloadError, match="exit code 1"):
        ensure_distribution()
    # As a fetch leaves it that was killed before it could clean up.
    abandoned = distribution.cache_folder() / ".partial-killed"
    abandoned.mkdir()
    (abandoned / f"kafka_2.13-{kafka_version()}.jar").write_text("ja")

    tools.put_maven()
    jars = ensure_distribution().jars
    assert sorted(path.name for path in jars.glob("*.jar")) == [
        f"kafka-clients-{kafka_version()}.jar",
        f"kafka_2.13-{kafka_version()}.jar",
    ]
    assert not abandoned.exists()


@pytest.mark.parametrize("damage", ["deleted", "truncated"])
def test_a_cache_that_lost_a_jar_is_fetched_again(tools: Tools, damage: str) -> None:
    tools.put_java()
    tools.put_maven()
    jar = ensure_distribution().jars / f"kafka-clients-{kafka_version()}.jar"
    if damage == "deleted":
        jar.unlink()
    else:
        jar.write_text("")
    ensure_distribution()
    assert jar.read_text() == "jar\n"
    both = 2
    assert tools.maven_calls == both
