"""What docker/ and docker-compose.yml say of the code is true: metrics, labels, commands, settings, versions."""

import dataclasses
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import promql_parser
import pytest
import yaml
from prometheus_client import REGISTRY
from prometheus_client.metrics import MetricWrapperBase

from klean_stream.cli import main
from klean_stream.runtime import metrics
from klean_stream.runtime.settings import Settings, load_settings

ROOT = Path(__file__).resolve().parents[2]
ALERTS = ROOT / "docker" / "prometheus" / "alerts.yml"
DASHBOARDS = sorted((ROOT / "docker" / "grafana" / "dashboards").glob("*.json"))
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]

# What Prometheus adds to every series, and the series that it makes itself.
ADDED_LABELS = {"job", "instance"}
OWN_SERIES = {"up": set[str](), "ALERTS": {"alertname", "alertstate", "severity"}}


def series() -> dict[str, set[str]]:
    """Give every series that a worker exports, with the labels it may have."""
    found = dict(OWN_SERIES)
    for metric in vars(metrics).values():
        if not isinstance(metric, MetricWrapperBase):
            continue
        labels = set(metric._labelnames)
        for family in metric.describe():
            if family.type == "counter":
                found[f"{family.name}_total"] = labels
            elif family.type == "histogram":
                found |= {f"{family.name}_{part}": labels for part in ("sum", "count")}
                found[f"{family.name}_bucket"] = labels | {"le"}
            else:
                found[family.name] = labels
    return found


SERIES = series()


def rules() -> list[dict[str, Any]]:
    """Give every alert."""
    content = yaml.safe_load(ALERTS.read_text(encoding="utf-8"))
    return [rule for group in content["groups"] for rule in group["rules"]]


def expressions() -> Iterator[tuple[str, str]]:
    """Give every PromQL expression of alerts and dashboards, with a name for messages."""
    for rule in rules():
        yield rule["alert"], rule["expr"]
    for file in DASHBOARDS:
        dashboard = json.loads(file.read_text(encoding="utf-8"))
        for panel in dashboard["panels"]:
            for target in panel["targets"]:
                # Grafana puts a duration there.
                yield f"{panel['title']} {target['refId']}", target["expr"].replace("$__rate_interval", "1m")
        for annotation in dashboard["annotations"]["list"]:
            yield annotation["name"], annotation["expr"]


def selectors(expression: str) -> list[promql_parser.VectorSelector]:
    """Give the series that an expression selects. Raises ValueError if it is no PromQL."""
    found: list[promql_parser.VectorSelector] = []

    def visit(node: promql_parser.Expr) -> bool:
        if isinstance(node, promql_parser.VectorSelector):
            found.append(node)
        return True

    promql_parser.walk(promql_parser.parse(expression), visit)
    return found


def grouping_labels(expression: str) -> set[str]:
    """Give the labels that an expression groups by or matches on."""
    lists = re.findall(r"\b(?:by|on|without|ignoring|group_left|group_right)\s*\(([^)]*)\)", expression)
    return {label.strip() for labels in lists for label in labels.split(",") if label.strip()}


def strings(value: object) -> Iterator[str]:
    """Give every string in a tree of YAML."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner)


def commands() -> set[tuple[str, ...]]:
    """Give the klean-stream commands that containers run, and those that comments and alerts recommend."""
    own = [service for service in SERVICES.values() if str(service["image"]).startswith("klean-stream")]
    used = {tuple(service["command"]) for service in own}
    texts = [(ROOT / "docker-compose.yml").read_text(encoding="utf-8")]
    texts += [text for rule in rules() for text in strings(rule)]
    for text in texts:
        used |= {
            tuple(words.split()) for words in re.findall(r"(?:`|worker )klean-stream ([a-z-]+(?: [a-z-]+)?)", text)
        }
    return used


@pytest.mark.parametrize(("name", "expression"), list(expressions()))
def test_alerts_and_dashboards_name_what_workers_export(name: str, expression: str) -> None:
    chosen = selectors(expression)
    labels_at_hand = set(ADDED_LABELS)
    for selector in chosen:
        assert selector.name in SERIES, f"{name}: no metric {selector.name}"
        labels = SERIES[selector.name] | ADDED_LABELS
        assert {matcher.name for matcher in selector.matchers.matchers} <= labels, name
        labels_at_hand |= labels
    assert grouping_labels(expression) <= labels_at_hand, name


def test_a_scrape_has_the_names_that_this_test_derives() -> None:
    exported = {sample.name for family in REGISTRY.collect() for sample in family.samples}
    # Those without labels are exported from the start; the rest when they first happen.
    bare = {name for name, labels in SERIES.items() if name.startswith("klean_") and not labels}
    assert bare
    assert bare <= exported


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule["alert"])
def test_every_alert_tells_what_happened_and_what_to_do(rule: dict[str, Any]) -> None:
    assert set(rule["annotations"]) == {"summary", "description", "runbook"}
    assert rule["labels"]["severity"] in {"critical", "warning", "info"}


def test_no_two_alerts_have_the_same_name() -> None:
    names = [rule["alert"] for rule in rules()]
    assert len(names) == len(set(names))


def test_every_metric_is_on_the_dashboard() -> None:
    shown = " ".join(path.read_text(encoding="utf-8") for path in DASHBOARDS)
    exported = {re.sub(r"_(bucket|sum|count)$", "", name) for name in SERIES if name.startswith("klean_")}
    assert {name for name in exported if name not in shown} == set()


def test_the_dashboard_asks_the_datasource_that_is_provisioned() -> None:
    provisioned = yaml.safe_load((ROOT / "docker/grafana/provisioning/datasources/prometheus.yml").read_text())
    uids = {source["uid"] for source in provisioned["datasources"]}
    for file in DASHBOARDS:
        used = set(re.findall(r'"uid": "(\w+)"', file.read_text(encoding="utf-8")))
        assert used <= uids | {"klean-stream"}


@pytest.mark.parametrize("command", sorted(commands()), ids=" ".join)
def test_the_commands_that_are_named_exist(command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["klean-stream", *command, "--help"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 0


def test_the_settings_that_are_given_exist_and_take_these_values() -> None:
    given: dict[str, str] = {}
    for service in SERVICES.values():
        environment = service.get("environment", {})
        given |= {name: value for name, value in environment.items() if name.startswith("KLEAN_")}
    dockerfile = (ROOT / "docker" / "Dockerfile").read_text(encoding="utf-8")
    given |= dict(re.findall(r"^\s+(KLEAN_\w+)=(\S+?)(?: \\)?$", dockerfile, flags=re.MULTILINE))
    names = {f"KLEAN_{field.name.upper()}" for field in dataclasses.fields(Settings)}
    assert given.keys() <= names
    settings = load_settings(environ=given)
    assert (settings.bootstrap, settings.http_host, settings.http_port) == ("kafka:19092", "0.0.0.0", 6066)


def test_every_port_is_bound_to_this_machine_only() -> None:
    ports = [str(port) for service in SERVICES.values() for port in service.get("ports", [])]
    assert ports
    assert [port for port in ports if not port.startswith("127.0.0.1:")] == []


def test_the_files_that_containers_are_given_exist() -> None:
    mounted = [volume.partition(":")[0] for service in SERVICES.values() for volume in service.get("volumes", [])]
    folders = [ROOT / path for path in mounted if path.startswith("./")]
    assert folders
    assert [folder for folder in folders if not folder.is_dir()] == []


def test_prometheus_asks_the_service_of_the_workers_on_their_port() -> None:
    content = yaml.safe_load((ROOT / "docker" / "prometheus" / "prometheus.yml").read_text(encoding="utf-8"))
    (job,) = content["scrape_configs"]
    (names,) = job["dns_sd_configs"]
    assert set(names["names"]) <= SERVICES.keys()
    assert names["port"] == Settings().http_port
    assert content["rule_files"] == [ALERTS.name]
    assert set(re.findall(r'job="([^"]+)"', ALERTS.read_text(encoding="utf-8"))) == {job["job_name"]}


def test_images_are_pinned_and_kafka_is_the_one_that_the_tests_run() -> None:
    images = {name: str(service["image"]) for name, service in SERVICES.items()}
    assert [image for image in images.values() if not re.search(r":(v?\d+\.\d+\.\d+|local)$", image)] == []
    tested = ET.parse(ROOT / "tests" / "kafka" / "pom.xml").findtext(".//{*}properties/{*}kafka.version")
    assert images["kafka"] == f"apache/kafka:{tested}"
