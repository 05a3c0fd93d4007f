"""Settings: from ``KLEAN_*`` environment variables and a TOML file; the environment wins.

A wrong setting stops the start with one sentence that names it.
"""

import os
import socket
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

_PREFIX = "KLEAN_"


class SettingsError(Exception):
    """A setting is wrong; the message is one sentence that names it and says what it takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How this process reaches Kafka and where it keeps its state. Times are in the unit that the name says."""

    bootstrap: Annotated[str, Meta(pattern=r"^[^\s,]+:\d+(,[^\s,]+:\d+)*$")] = "127.0.0.1:9092"
    topic_prefix: Annotated[str, Meta(pattern=r"^[A-Za-z0-9._-]{0,100}$")] = "klean."
    group: Annotated[str, Meta(pattern=r"^[A-Za-z0-9._-]{1,100}$")] = "klean-stream"
    partitions: Annotated[int, Meta(ge=1, le=1000)] = 8
    replication_factor: Annotated[int, Meta(ge=1, le=10)] = 1
    data_dir: str = "data"
    store: Literal["rocksdb", "memory"] = "rocksdb"
    http_host: str = "127.0.0.1"
    http_port: Annotated[int, Meta(ge=1, le=65535)] = 6066
    advertised_url: Annotated[str, Meta(pattern=r"^(https?://[^\s/]+(:\d+)?)?$")] = ""
    http_token: str = ""
    commit_interval_ms: Annotated[int, Meta(ge=0, le=60_000)] = 250
    unit_max_records: Annotated[int, Meta(ge=1, le=100_000)] = 32_000
    unit_max_bytes: Annotated[int, Meta(ge=65_536, le=1_073_741_824)] = 16_777_216
    backlog_max_records: Annotated[int, Meta(ge=1, le=1_000_000)] = 32_000
    backlog_max_bytes: Annotated[int, Meta(ge=65_536, le=1_073_741_824)] = 16_777_216
    dead_letter_flood_run: Annotated[int, Meta(ge=0, le=1_000_000_000)] = 500
    dead_letter_flood_ratio: Annotated[float, Meta(gt=0, le=1)] = 0.5
    session_timeout_ms: Annotated[int, Meta(ge=1_000, le=1_800_000)] = 10_000
    transaction_timeout_ms: Annotated[int, Meta(ge=10_000, le=2_147_483_647)] = 900_000
    max_event_bytes: Annotated[int, Meta(ge=1_024, le=900_000)] = 524_288
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    embedded_broker: bool = False

    @property
    def own_url(self) -> str:
        """The address under which other processes reach this worker's HTTP port."""
        # An address that stands for all interfaces reaches nobody from elsewhere.
        host = socket.gethostname() if self.http_host in {"0.0.0.0", "::"} else self.http_host  # noqa: S104
        return self.advertised_url or f"http://{f'[{host}]' if ':' in host else host}:{self.http_port}"

    def topic(self, name: str) -> str:
        """Give the Kafka name of a topic's logical name."""
        return self.topic_prefix + name


def load_settings(file: Path | None = None, environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings; the environment wins over the file.

    The file is ``file``, or the one that ``KLEAN_CONFIG`` names. Raises SettingsError.
    """
    environ = os.environ if environ is None else environ
    known = {field.name for field in fields(Settings)}
    values: dict[str, Any] = {}
    named = file or (Path(environ["KLEAN_CONFIG"]) if environ.get("KLEAN_CONFIG") else None)
    if named is not None:
        values.update(_from_file(named, known))
    for variable, text in environ.items():
        if not variable.startswith(_PREFIX) or variable in {"KLEAN_CONFIG"} | _ELSEWHERE:
            continue
        name = variable.removeprefix(_PREFIX).lower()
        if name not in known:
            raise SettingsError(f"{variable} is not a setting; `klean-stream settings` lists them.")
        values[name] = _one(name, text, variable)
    return Settings(**values)


# Variables with this prefix that other parts of the project read: the tests' broker and its cache, the installation.
_ELSEWHERE = {"KLEAN_TEST_BOOTSTRAP", "KLEAN_KAFKA_HOME", "KLEAN_STREAM_COMPILED"}


def _from_file(path: Path, known: set[str]) -> dict[str, Any]:
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"The settings file {path} cannot be read: {error.strerror}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"The settings file {path} is not TOML: {error}.") from None
    for name in content:
        if name not in known:
            raise SettingsError(f"{name!r} in {path} is not a setting; `klean-stream settings` lists them.")
    return {name: _one(name, value, f"{name!r} in {path}") for name, value in content.items()}


def _one(name: str, value: object, said: str) -> object:
    """Check one setting by itself, so that the sentence can name where it was said."""
    annotation = Settings.__annotations__[name]
    try:
        return msgspec.convert(value, annotation, strict=False)
    except msgspec.ValidationError as error:
        raise SettingsError(f"{said} is wrong: {error}.") from None
