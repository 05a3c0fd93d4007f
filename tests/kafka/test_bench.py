"""The benchmarks' judge: who writes something else than asked for is found out."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from bench.contenders.protocol import Report
from bench.outputs import Wanted, require
from bench.section import WrongOutputError
from bench.stage import Stage
from bench.workloads.core import Written
from tests.kafka.cluster import Kafka

_REPORT = Report(started=0.0, ended=1.0, cpu_seconds=1.0, records=3, peak_mib=1.0)
_DECISIONS = [Written("decisions", b"s-1", b'{"id":"d-%d"}' % number) for number in range(3)]
_ROW = b'{"listings":3}'


@pytest.fixture
def stage(kafka: Kafka, topic_prefix: str) -> Iterator[Stage]:
    stage = Stage(kafka.bootstrap, topic_prefix, partitions=2)
    stage.open()
    yield stage
    stage.close()


def wanted() -> Wanted:
    asked = Wanted(rows={b"seller/s-1": _ROW})
    asked.expect(_DECISIONS)
    return asked


def write(stage: Stage, decisions: list[Written], row: bytes = _ROW, key: bytes = b"seller/s-1") -> None:
    stage.publish("decisions", ((output.key, output.value, 1) for output in decisions))
    stage.publish("state", [(b"position", b"{}", 1), (key, b"{}", 1), (key, row, 1)])


def judge(stage: Stage, report: Report = _REPORT) -> None:
    require(stage.bootstrap, stage.prefix, wanted(), replace(report, changelog=f"{stage.prefix}state"))


def test_all_outputs_once_and_the_last_rows_are_what_is_wanted(stage: Stage) -> None:
    write(stage, _DECISIONS)
    judge(stage)


def test_rows_behind_a_messages_key_are_known(stage: Stage) -> None:
    write(stage, _DECISIONS, key=b"s-1|seller/s-1")
    judge(stage, replace(_REPORT, keys_follow_message_key=True))


@pytest.mark.parametrize(
    "decisions",
    [_DECISIONS[:2], [*_DECISIONS, _DECISIONS[0]], [*_DECISIONS[:2], Written("decisions", b"s-1", b'{"id":"d-9"}')]],
    ids=["one is missing", "one is there twice", "one is another"],
)
def test_other_outputs_than_wanted_are_an_error(stage: Stage, decisions: list[Written]) -> None:
    write(stage, decisions)
    with pytest.raises(WrongOutputError, match="decisions"):
        judge(stage)


def test_an_old_row_is_an_error(stage: Stage) -> None:
    write(stage, _DECISIONS, row=b'{"listings":2}')
    with pytest.raises(WrongOutputError, match="1 of 1 rows"):
        judge(stage)


def test_a_reset_keeps_the_input_and_forgets_what_was_written(stage: Stage) -> None:
    stage.fill([(b"s-1", b"{}")] * 3)
    write(stage, _DECISIONS)
    stage.reset()
    with pytest.raises(WrongOutputError, match="0 records"):
        judge(stage)
    assert stage.records == 3
