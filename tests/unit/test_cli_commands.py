"""Commands without a broker: what they teach, what they refuse, and with which exit code."""

import subprocess
import sys
from pathlib import Path

import orjson
import pytest
from typer.testing import CliRunner, Result

from klean_stream.cli.commands import app
from klean_stream.cli.exit_codes import ExitCode
from klean_stream.runtime.settings import Settings
from tests.kafka.child_process import free_ports

LISTING = '{"seller_id": "S-1", "listing_id": "L-1", "version": 1, "change": "created", "title": "Socks"}\n'


@pytest.fixture(autouse=True)
def _no_settings_of_the_developer(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.__annotations__:
        monkeypatch.delenv(f"KLEAN_{name.upper()}", raising=False)
    monkeypatch.delenv("KLEAN_CONFIG", raising=False)


def run(*arguments: str | Path, **environ: str) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments], env=environ)


def refused(result: Result, code: ExitCode) -> str:
    """Return the sentence on standard error, having checked that there is no more than that."""
    assert result.exit_code == code, result.output
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    return result.stderr.strip()


@pytest.mark.parametrize(
    "command",
    [
        "worker",
        "settings",
        "topics create",
        "topics check",
        "policy check",
        "policy apply",
        "policy show",
        "brands load",
        "brands import",
        "brands lint",
        "publish",
        "rescan",
        "tail",
        "seller",
        "escalations list",
        "escalations decide",
        "dead-letters list",
        "dead-letters show",
        "dead-letters replay",
    ],
)
def test_every_command_teaches_with_an_example(command: str) -> None:
    result = run(*command.split(), "--help", COLUMNS="200", TERMINAL_WIDTH="200")
    assert result.exit_code == 0
    assert f"klean-stream {command}" in result.stdout


def test_help_names_the_exit_codes() -> None:
    assert "Exit codes: 0 done" in run("--help").stdout


def test_settings_are_listed_with_what_is_in_force() -> None:
    result = run("settings", "--output-format", "json", KLEAN_PARTITIONS="16")
    rows = {row["name"]: row for row in orjson.loads(result.stdout)}
    assert rows.keys() == set(Settings.__annotations__)
    assert rows["partitions"] == {
        "name": "partitions",
        "variable": "KLEAN_PARTITIONS",
        "value": 16,
        "default": 8,
    }


@pytest.mark.parametrize("output_format", ["table", "json"])
def test_the_token_is_not_shown(output_format: str) -> None:
    result = run("settings", "--output-format", output_format, KLEAN_HTTP_TOKEN="open-sesame")
    assert "open-sesame" not in result.output
    assert "set, not shown" in result.stdout


def test_a_file_gives_settings_the_environment_wins_and_a_flag_wins_over_both(tmp_path: Path) -> None:
    config = tmp_path / "klean.toml"
    config.write_text('bootstrap = "file:1"\ngroup = "of-the-file"\n')
    result = run(
        "settings",
        "--config",
        config,
        "--bootstrap",
        "flag:3",
        "--output-format",
        "json",
        KLEAN_BOOTSTRAP="environment:2",
        KLEAN_TOPIC_PREFIX="environment.",
    )
    values = {row["name"]: row["value"] for row in orjson.loads(result.stdout)}
    assert (values["bootstrap"], values["group"], values["topic_prefix"]) == (
        "flag:3",
        "of-the-file",
        "environment.",
    )


@pytest.mark.parametrize("command", [["settings"], ["topics", "check"], ["worker"], ["tail"], ["seller", "S-1"]])
def test_a_wrong_setting_is_named(command: list[str]) -> None:
    assert "KLEAN_PARTITIONS is wrong" in refused(run(*command, KLEAN_PARTITIONS="many"), ExitCode.USAGE)
    assert "--bootstrap is wrong" in refused(run(*command, "--bootstrap", "nowhere"), ExitCode.USAGE)
    assert "KLEAN_COLOUR is not a setting" in refused(run(*command, KLEAN_COLOUR="red"), ExitCode.USAGE)


@pytest.mark.parametrize(
    "command",
    [
        ["topics", "create"],
        ["topics", "check"],
        ["tail"],
        ["policy", "show"],
        ["policy", "apply", "--mode", "review_only"],
        ["brands", "load", "--remove", "nike"],
        ["rescan", "--brand", "nike"],
        ["dead-letters", "list"],
        ["dead-letters", "show", "0@0"],
        ["dead-letters", "replay", "--all", "--yes"],
        ["escalations", "list"],
        ["escalations", "decide", "S-1/L-1/1", "uphold", "--moderator", "m", "--reason", "r"],
        ["seller", "S-1"],
    ],
)
def test_a_broker_that_is_not_there_is_said_in_one_sentence(command: list[str]) -> None:
    address = f"127.0.0.1:{free_ports(1)[0]}"
    result = run(*command, "--bootstrap", address, KLEAN_HTTP_TOKEN="t")
    assert refused(result, ExitCode.BROKER) == f"No Kafka broker answers at {address}."


def test_a_worker_without_a_broker_ends_with_one_sentence() -> None:
    # In a process of its own: a worker sets up logging and the event loop for the whole process.
    address = f"127.0.0.1:{free_ports(1)[0]}"
    command = [sys.executable, "-m", "klean_stream", "worker", "--bootstrap", address]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == ExitCode.BROKER
    assert ended.stderr.splitlines()[-1] == f"No Kafka broker answers at {address}."
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["tail", "orders"], "'orders' is no topic"),
        (["seller", "S-1"], "KLEAN_HTTP_TOKEN is not set"),
        (["policy", "apply"], "nothing to apply"),
        (["brands", "load"], "either a FILE of brands"),
        (["brands", "load", "--remove", ""], "no brand's id"),
        (["dead-letters", "show", "3-17"], "'3-17' is no place"),
        (["dead-letters", "replay"], "Say which to replay"),
        (["dead-letters", "replay", "3@1", "--all"], "Say which to replay"),
        (
            ["escalations", "decide", "case\u202e", "uphold", "--moderator", "m", "--reason", "r"],
            "This is no decision: a case id has three parts",
        ),
    ],
)
def test_wrong_arguments_are_refused_before_anything_is_asked_of_kafka(command: list[str], said: str) -> None:
    assert said in refused(run(*command), ExitCode.USAGE)


def test_bad_lines_are_named_by_number_and_no_broker_is_asked(tmp_path: Path) -> None:
    path = tmp_path / "day.jsonl"
    path.write_text(LISTING + '{"seller_id": "S-\\u202e"}\n' + LISTING + "nonsense\n")
    lines = refused(run("publish", "listings", path), ExitCode.FAILED).splitlines()
    assert [line.split(":")[0] for line in lines[:2]] == ["line 2", "line 4"]
    assert lines[2] == f"{path}: 2 of 4 lines cannot be used; nothing was published."


def test_only_the_first_twenty_bad_lines_are_named(tmp_path: Path) -> None:
    path = tmp_path / "day.jsonl"
    path.write_text("{}\n" * 1_005)
    lines = refused(run("publish", "ip-reports", path), ExitCode.FAILED).splitlines()
    assert len([line for line in lines if line.startswith("line ")]) == 20
    assert "… and 985 more" in lines


def test_two_brands_of_one_id_are_not_loaded(tmp_path: Path) -> None:
    path = tmp_path / "brands.jsonl"
    path.write_text('{"brand_id": "nike", "name": "Nike"}\n{"brand_id": "nike", "name": "나이키"}\n')
    said = refused(run("brands", "load", path), ExitCode.FAILED)
    assert "line 2: nike stands in line 1 already" in said


def test_a_policy_is_checked_without_kafka(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_text("[weights]\nmark = 51\n")
    result = run("policy", "check", path, "--output-format", "json")
    assert result.exit_code == ExitCode.OK
    (change,) = orjson.loads(result.stdout)["changes"]
    assert (change["setting"], change["file"]) == ("weights.mark", 51)


@pytest.mark.parametrize(
    ("text", "said"),
    [("mark = ", "is not TOML"), ("[weights]\nmarks = 1\n", "no setting `weights.marks`"), ("\ud800", "TOML")],
)
@pytest.mark.parametrize("action", ["check", "apply"])
def test_a_policy_that_is_not_valid_is_neither_approved_nor_applied(
    tmp_path: Path, action: str, text: str, said: str
) -> None:
    path = tmp_path / "policy.toml"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    assert said in refused(run("policy", action, path), ExitCode.FAILED)
