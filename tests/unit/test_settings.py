"""Settings: the environment wins over the file, and a wrong one is named in one sentence."""

from pathlib import Path

import pytest

from klean_stream.runtime.settings import Settings, SettingsError, load_settings


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "klean.toml"
    file.write_text('partitions = 3\ngroup = "from-file"\nhttp_port = 7000\n')
    settings = load_settings(file, {"KLEAN_GROUP": "from-environment", "KLEAN_HTTP_PORT": "7002"})
    assert settings == Settings(partitions=3, group="from-environment", http_port=7002)


def test_the_file_may_be_named_by_the_environment(tmp_path: Path) -> None:
    file = tmp_path / "klean.toml"
    file.write_text("commit_interval_ms = 5\n")
    assert load_settings(environ={"KLEAN_CONFIG": str(file)}).commit_interval_ms == 5


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({"KLEAN_PARTITIONS": "many"}, "KLEAN_PARTITIONS"),
        ({"KLEAN_PARTITIONS": "0"}, "KLEAN_PARTITIONS"),
        ({"KLEAN_BOOTSTRAP": "nowhere"}, "KLEAN_BOOTSTRAP"),
        ({"KLEAN_STORE": "sqlite"}, "KLEAN_STORE"),
        ({"KLEAN_EMBEDDED_BROKER": "perhaps"}, "KLEAN_EMBEDDED_BROKER"),
        ({"KLEAN_PARTITONS": "8"}, "KLEAN_PARTITONS"),
        ({"KLEAN_CONFIG": "/does/not/exist.toml"}, "/does/not/exist.toml"),
    ],
)
def test_a_wrong_setting_is_named_in_one_sentence(environ: dict[str, str], said: str) -> None:
    with pytest.raises(SettingsError) as raised:
        load_settings(environ=environ)
    sentence = str(raised.value)
    assert said in sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence


def test_a_wrong_setting_in_the_file_names_the_file(tmp_path: Path) -> None:
    file = tmp_path / "klean.toml"
    file.write_text('http_port = "high"\n')
    with pytest.raises(SettingsError, match=r"'http_port' in .*klean\.toml is wrong"):
        load_settings(file, {})
    file.write_text("nonsense = 1\n")
    with pytest.raises(SettingsError, match=r"'nonsense' in .*klean\.toml is not a setting"):
        load_settings(file, {})


@pytest.mark.parametrize(
    ("host", "url"), [("127.0.0.1", "http://127.0.0.1:6066"), ("::1", "http://[::1]:6066"), ("h", "http://h:6066")]
)
def test_a_worker_advertises_the_address_that_it_listens_on(host: str, url: str) -> None:
    assert Settings(http_host=host).own_url == url
