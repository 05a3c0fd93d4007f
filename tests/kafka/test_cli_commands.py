"""The commands on a real broker: what they publish, what they show, and that nothing is half-published."""

import asyncio
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import orjson
import pytest
from aiokafka import AIOKafkaProducer, ConsumerRecord
from typer.testing import CliRunner, Result

from klean_stream.cli.commands import app
from klean_stream.cli.exit_codes import ExitCode
from klean_stream.events.identity import Identity
from klean_stream.policy import apply_control, default_policy
from klean_stream.processing import ROUTES, InputRecord
from klean_stream.processing.dead_letters import dead_letter
from klean_stream.processing.decoding import decode
from klean_stream.runtime.ownership import partition_of
from klean_stream.runtime.settings import Settings
from klean_stream.runtime.topics import TOPICS, check_topics
from klean_stream.runtime.topics import create_topics as make_topics
from tests.kafka.cluster import Kafka
from tests.kafka.topics import create_topics, read_all, until_shown

PARTITIONS = 4
NOW = 1_700_000_000_000
LIMIT = 524_288
Command = Callable[..., Result]


@pytest.fixture
def environ(kafka: Kafka, topic_prefix: str) -> dict[str, str]:
    """Give the settings of the test, as environment variables."""
    return {
        "KLEAN_BOOTSTRAP": kafka.bootstrap,
        "KLEAN_TOPIC_PREFIX": topic_prefix,
        "KLEAN_GROUP": f"{topic_prefix}workers",
        "KLEAN_PARTITIONS": str(PARTITIONS),
    }


@pytest.fixture
def run(environ: Mapping[str, str]) -> Command:
    """Run a command in this process."""

    def invoke(*arguments: object, **more: str) -> Result:
        words = [str(argument) for argument in arguments]
        return CliRunner().invoke(app, words, env={**environ, **more})

    return invoke


@pytest.fixture
def cli(run: Command) -> Command:
    """Run a command after `topics create`, and require that it succeeds."""
    assert run("topics", "create").exit_code == ExitCode.OK

    def succeed(*arguments: object, **more: str) -> Result:
        result = run(*arguments, **more)
        assert result.exit_code == ExitCode.OK, result.output
        return result

    return succeed


def committed(kafka: Kafka, topic: str) -> list[ConsumerRecord]:
    """Read a topic whole, when no transaction in it is open."""

    async def read() -> list[ConsumerRecord]:
        await until_shown(kafka.bootstrap, [topic])
        return await read_all(kafka.bootstrap, topic)

    return asyncio.run(read())


def uncommitted(kafka: Kafka, topic: str) -> list[ConsumerRecord]:
    """Read a topic whole, with what was taken back."""
    return asyncio.run(read_all(kafka.bootstrap, topic, "read_uncommitted"))


def produce(kafka: Kafka, topic: str, *records: Mapping[str, Any]) -> None:
    """Write records as they are."""

    async def send() -> None:
        async with AIOKafkaProducer(bootstrap_servers=kafka.bootstrap, acks="all") as producer:
            for record in records:
                await producer.send_and_wait(topic, **record)

    asyncio.run(send())


def listing(number: int, **changes: object) -> dict[str, object]:
    body: dict[str, object] = {
        "seller_id": f"S-{number % 7}",
        "listing_id": f"L-{number}",
        "version": 1,
        "change": "created",
        "title": "Socks",
    }
    return body | changes


def write_lines(path: Path, *rows: object) -> Path:
    path.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows))
    return path


# -- topics -------------------------------------------------------------------------------------------------------


def test_topics_are_made_once_and_found_as_they_should_be(run: Command) -> None:
    missing = run("topics", "check", "--output-format", "json")
    assert missing.exit_code == ExitCode.FAILED
    assert all("is missing" in row["problem"] for row in orjson.loads(missing.stdout))
    made = orjson.loads(run("topics", "create", "--output-format", "json").stdout)
    assert all(row["made"] for row in made)
    again = orjson.loads(run("topics", "create", "--output-format", "json").stdout)
    assert not any(row["made"] for row in again)
    checked = run("topics", "check", "--output-format", "json")
    assert checked.exit_code == ExitCode.OK
    assert [row["problem"] for row in orjson.loads(checked.stdout)] == [None] * len(made)


def test_a_topic_that_forgets_too_soon_is_warned_of(kafka: Kafka, topic_prefix: str, run: Command) -> None:
    state = Settings(topic_prefix=topic_prefix).topic("state")
    hasty = {"cleanup.policy": "compact", "min.compaction.lag.ms": "0"}
    asyncio.run(create_topics(kafka.bootstrap, {state: (PARTITIONS, hasty)}))
    assert run("topics", "create").exit_code == ExitCode.OK
    checked = run("topics", "check", "--output-format", "json")
    assert checked.exit_code == ExitCode.OK
    warned = {row["topic"]: row["warning"] for row in orjson.loads(checked.stdout) if row["warning"] is not None}
    assert warned.keys() == {state}
    assert "has min.compaction.lag.ms=0 and needs 86400000 or more" in warned[state]


async def test_of_two_that_make_topics_at_once_each_topic_is_made_by_one(kafka: Kafka, topic_prefix: str) -> None:
    settings = Settings(bootstrap=kafka.bootstrap, topic_prefix=topic_prefix, partitions=PARTITIONS)
    names = [settings.topic(spec.name) for spec in TOPICS]
    one, other = await asyncio.gather(make_topics(settings), make_topics(settings))
    assert [topic for topic, _ in one] == [topic for topic, _ in other] == names
    assert all(made != made_by_other for (_, made), (_, made_by_other) in zip(one, other, strict=True))
    assert [state.problem for state in await check_topics(settings)] == [None] * len(names)


def test_a_topic_with_another_number_of_partitions_is_said_and_nothing_is_published_to_it(
    kafka: Kafka, topic_prefix: str, run: Command, cli: Command, tmp_path: Path
) -> None:
    checked = run("topics", "check", KLEAN_PARTITIONS="8")
    assert checked.exit_code == ExitCode.FAILED
    assert "has 4 partitions and needs 8" in checked.stdout
    refused = run("publish", "listings", write_lines(tmp_path / "day", listing(1)), KLEAN_PARTITIONS="8")
    assert refused.exit_code == ExitCode.USAGE
    assert "nothing was published" in refused.stderr
    assert committed(kafka, f"{topic_prefix}listings") == []


@pytest.mark.parametrize(
    "command",
    [
        ["publish", "listings", "FILE"],
        ["tail"],
        ["policy", "show"],
        ["dead-letters", "list"],
        ["dead-letters", "show", "0@0"],
        ["escalations", "list"],
    ],
)
def test_a_missing_topic_is_said_and_not_made(
    kafka: Kafka, topic_prefix: str, run: Command, tmp_path: Path, command: list[str]
) -> None:
    path = write_lines(tmp_path / "day.jsonl", listing(1))
    result = run(*(path if word == "FILE" else word for word in command))
    assert result.exit_code == ExitCode.USAGE
    assert "is missing; `klean-stream topics create` makes it." in result.stderr
    still = orjson.loads(run("topics", "check", "--output-format", "json").stdout)
    assert {row["partitions"] for row in still} == {None}


# -- publish ------------------------------------------------------------------------------------------------------


def test_published_events_are_keyed_placed_and_ready_for_a_worker(
    kafka: Kafka, topic_prefix: str, cli: Command, tmp_path: Path
) -> None:
    rows = [listing(number) for number in range(500)]
    said = cli("publish", "listings", write_lines(tmp_path / "day.jsonl", *rows))
    assert said.stderr.strip() == f"500 records published to {topic_prefix}listings"
    records = committed(kafka, f"{topic_prefix}listings")
    assert len(records) == 500
    for record in records:
        assert record.partition == partition_of(record.key, PARTITIONS)
        taken = InputRecord(
            "listings", record.partition, record.offset, NOW, record.key, record.value, tuple(record.headers)
        )
        assert decode(taken, ROUTES["listings"], LIMIT).seller_id == record.key.decode()
    of_one = [orjson.loads(record.value)["listing_id"] for record in records if record.key == b"S-3"]
    assert of_one == [row["listing_id"] for row in rows if row["seller_id"] == "S-3"], "in the order of the file"


def test_a_file_that_is_published_twice_holds_the_same_events(
    kafka: Kafka, topic_prefix: str, cli: Command, tmp_path: Path
) -> None:
    path = write_lines(tmp_path / "day.jsonl", *(listing(number) for number in range(20)))
    cli("publish", "listings", path)
    cli("publish", "listings", path)
    records = committed(kafka, f"{topic_prefix}listings")
    identities = {Identity.of(record.key, record.value, record.headers).text for record in records}
    assert (len(records), len(identities)) == (40, 20)


def test_headers_and_timestamps_of_an_envelope_are_the_records(
    kafka: Kafka, topic_prefix: str, cli: Command, tmp_path: Path
) -> None:
    # The topics of `topics create` take the broker's time; here publishers' times count. These are of the past:
    # retention must not take them for a reason to delete.
    topic = f"{topic_prefix}late.listings"
    config = {"message.timestamp.type": "CreateTime", "retention.ms": "-1"}
    asyncio.run(create_topics(kafka.bootstrap, {topic: (PARTITIONS, config)}))
    envelope = {"value": listing(1), "headers": {"ce_id": "42", "x": "나"}, "timestamp": NOW}
    path = write_lines(tmp_path / "day.jsonl", envelope, listing(1, timestamp=NOW + 5))
    cli("publish", "listings", path, KLEAN_TOPIC_PREFIX=f"{topic_prefix}late.")
    first, second = committed(kafka, topic)
    assert (first.timestamp, second.timestamp) == (NOW, NOW + 5)
    assert dict(first.headers)["ce_id"] == b"42"
    assert dict(first.headers)["x"].decode() == "나"


def test_one_bad_line_keeps_all_of_a_file_back(
    kafka: Kafka, topic_prefix: str, run: Command, cli: Command, tmp_path: Path
) -> None:
    path = write_lines(tmp_path / "day.jsonl", *(listing(number) for number in range(50)), {"seller_id": "S-1"})
    refused = run("publish", "listings", path)
    assert refused.exit_code == ExitCode.FAILED
    assert refused.stderr.startswith("line 51: ")
    assert uncommitted(kafka, f"{topic_prefix}listings") == []


def test_a_file_that_changes_while_it_is_published_is_taken_back(
    kafka: Kafka,
    topic_prefix: str,
    run: Command,
    cli: Command,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import klean_stream.cli.publish as command

    path = write_lines(tmp_path / "day.jsonl", *(listing(number) for number in range(20_000)))
    checked = command._checked

    def checked_and_then_changed(*arguments: Any, **options: Any) -> int:
        count = checked(*arguments, **options)
        with path.open("ab") as file:
            file.write(b"nonsense\n")
        return count

    monkeypatch.setattr(command, "_checked", checked_and_then_changed)
    refused = run("publish", "listings", path)
    assert refused.exit_code == ExitCode.FAILED
    assert "line 20001" in refused.stderr
    assert committed(kafka, f"{topic_prefix}listings") == []
    assert len(uncommitted(kafka, f"{topic_prefix}listings")) > 0, "some of it had gone out already"


def hear_ctrl_c() -> None:
    """Undo in a child what a shell does to all that it starts in the background: to ignore Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_ctrl_c_in_the_middle_takes_all_of_it_back(
    kafka: Kafka, topic_prefix: str, environ: Mapping[str, str], cli: Command, tmp_path: Path
) -> None:
    topic = f"{topic_prefix}listings"
    path = write_lines(tmp_path / "day.jsonl", *(listing(number) for number in range(150_000)))
    process = subprocess.Popen(
        [sys.executable, "-m", "klean_stream", "publish", "listings", str(path)],
        env=dict(environ),
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=hear_ctrl_c,  # noqa: PLW1509 - this test starts no threads
    )
    deadline = time.monotonic() + 60
    while not uncommitted(kafka, topic):
        assert process.poll() is None, "it ended before it could be interrupted"
        assert time.monotonic() < deadline
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "Interrupted: nothing was published." in said
    assert "Traceback" not in said
    assert committed(kafka, topic) == []
    # Nothing is left open that would hold up the next one's records.
    cli("publish", "listings", write_lines(tmp_path / "next.jsonl", listing(1)))
    assert len(committed(kafka, topic)) == 1


# -- brands and policy --------------------------------------------------------------------------------------------


def test_brands_are_loaded_and_removed(kafka: Kafka, topic_prefix: str, cli: Command, tmp_path: Path) -> None:
    rows = [{"brand_id": "nike", "name": "Nike"}, {"brand_id": "나이키", "name": "나이키"}]
    cli("brands", "load", write_lines(tmp_path / "brands.jsonl", *rows))
    cli("brands", "load", "--remove", "나이키")
    records = committed(kafka, f"{topic_prefix}brands")
    assert [(record.partition, record.key.decode(), record.value is None) for record in records] == [
        (0, "nike", False),
        (0, "나이키", False),
        (0, "나이키", True),
    ]
    for record in records:
        taken = InputRecord("brands", 0, record.offset, NOW, record.key, record.value, tuple(record.headers))
        decode(taken, ROUTES["brands"], LIMIT)


def test_an_import_is_loaded_and_a_rescan_asks_for_nothing_where_nothing_is_listed(
    kafka: Kafka, topic_prefix: str, run: Command, cli: Command, tmp_path: Path
) -> None:
    source = tmp_path / "brands.csv"
    source.write_text("brand_id,name,aliases\nnorda,Norda,노르다\nnorda,Norda,诺达\nmora,,\n", encoding="utf-8")
    imported = run("brands", "import", "--format", "csv", "--load", source)
    assert imported.exit_code == ExitCode.FAILED
    assert "1 brands published" in imported.stderr
    (record,) = committed(kafka, f"{topic_prefix}brands")
    assert orjson.loads(record.value)["aliases"] == ["노르다", "诺达"]

    unknown = run("rescan", "--brand", "mora")
    assert unknown.exit_code == ExitCode.FAILED
    assert "The registry has no brand 'mora'" in unknown.stderr
    assert (
        "0 live listings; 0 of them use the mark of norda. 0 are to be decided"
        in cli("rescan", "--brand", "norda").stdout
    )
    cli("brands", "load", "--remove", "norda")
    assert run("rescan", "--brand", "norda").exit_code == ExitCode.FAILED


def test_a_policy_and_the_emergency_stop_are_applied_and_shown(
    kafka: Kafka, topic_prefix: str, cli: Command, tmp_path: Path
) -> None:
    path = tmp_path / "policy.toml"
    path.write_text("[weights]\nmark = 51\n")
    cli("policy", "apply", path, "--by", "jin")
    cli("policy", "apply", "--mode", "review_only")
    records = committed(kafka, f"{topic_prefix}control")
    assert [record.key for record in records] == [b"policy", b"mode"]
    assert orjson.loads(records[0].value)["by"] == "jin"
    in_force = default_policy()
    for record in records:
        taken = InputRecord("control", 0, record.offset, NOW, record.key, record.value, tuple(record.headers))
        in_force = apply_control(in_force, decode(taken, ROUTES["control"], LIMIT))
    assert (in_force.weights.mark, in_force.mode) == (51, "review_only")
    shown = orjson.loads(cli("policy", "show", "--output-format", "json").stdout)
    assert shown["policy"] == in_force.hash
    assert shown["settings"]["mode"] == "review_only"


def test_the_same_mode_twice_is_two_events(kafka: Kafka, topic_prefix: str, cli: Command) -> None:
    for mode in ("review_only", "enforce", "review_only"):
        cli("policy", "apply", "--mode", mode)
    records = committed(kafka, f"{topic_prefix}control")
    assert len({Identity.of(record.key, record.value, record.headers).text for record in records}) == 3


# -- dead letters -------------------------------------------------------------------------------------------------

HEADERS = (("ce_id", b"7"), ("ce_source", b"/platform"))


def bury(kafka: Kafka, topic: str, *letters: tuple[InputRecord, str]) -> None:
    """Write dead letters as a worker does."""
    made = [dead_letter(record, reason, "why [b]\u202e", personal_data=False) for record, reason in letters]
    produce(
        kafka,
        topic,
        *(
            {"key": one.key, "value": one.value, "headers": list(one.headers), "partition": record.partition}
            for one, (record, _) in zip(made, letters, strict=True)
        ),
    )


@pytest.fixture
def buried(kafka: Kafka, topic_prefix: str, cli: Command) -> list[InputRecord]:
    """Three dead letters: one in the wrong partition, one without a key, one of random bytes."""
    body = orjson.dumps(listing(1))
    wrong = (partition_of(b"S-1", PARTITIONS) + 1) % PARTITIONS
    records = [
        InputRecord("listings", wrong, 5, NOW, b"S-1", body, HEADERS),
        InputRecord("listings", 2, 6, NOW, None, b"no key", ()),
        InputRecord("ip-reports", 3, 7, NOW, b"\xff", b"\xff\x1b[31m" * 50_000, ()),
    ]
    reasons = ("wrong_partition", "not_json", "not_json")
    bury(kafka, f"{topic_prefix}dead-letters", *zip(records, reasons, strict=True))
    return records


def test_dead_letters_are_listed_with_where_they_came_from_and_why(buried: list[InputRecord], cli: Command) -> None:
    rows = orjson.loads(cli("dead-letters", "list", "--output-format", "json").stdout)
    assert [(row["topic"], row["partition"], row["offset"], row["reason"], row["time"]) for row in rows] == [
        (record.topic, record.partition, record.offset, reason, NOW)
        for record, reason in zip(buried, ("wrong_partition", "not_json", "not_json"), strict=True)
    ]
    filtered = cli("dead-letters", "list", "--reason", "not_json", "--topic", "ip-reports")
    assert "why [b]<U+202E>" in filtered.stdout
    assert filtered.stderr.strip() == "1 dead letters: 1 not_json"
    assert "0 dead letters" in cli("dead-letters", "list", "--restricted").stderr


def test_a_dead_letter_is_shown_whole(buried: list[InputRecord], run: Command, cli: Command) -> None:
    shown = cli("dead-letters", "show", "3@0")
    assert "ff 1b 5b 33 31 6d" in shown.stdout
    assert "\x1b" not in shown.stdout
    detail = orjson.loads(cli("dead-letters", "show", "3@0", "--output-format", "json").stdout)
    assert bytes.fromhex(detail["value_hex"]) == buried[2].value
    nothing = run("dead-letters", "show", "3@1")
    assert nothing.exit_code == ExitCode.FAILED
    assert "There is no dead letter at 3@1" in nothing.stderr


def test_replayed_dead_letters_are_the_original_records_where_they_belong(
    kafka: Kafka, topic_prefix: str, buried: list[InputRecord], cli: Command
) -> None:
    cli("dead-letters", "replay", "--all", "--yes")
    listings = {record.key: record for record in committed(kafka, f"{topic_prefix}listings")}
    misplaced = listings[b"S-1"]
    assert misplaced.partition == partition_of(b"S-1", PARTITIONS)
    assert (misplaced.value, tuple(misplaced.headers)) == (buried[0].value, HEADERS)
    assert (listings[None].partition, listings[None].value) == (2, b"no key")
    (report,) = committed(kafka, f"{topic_prefix}ip-reports")
    assert (report.key, report.value, tuple(report.headers)) == (b"\xff", buried[2].value, ())


@pytest.mark.parametrize(
    ("arguments", "count"),
    [(["3@0"], 1), (["--reason", "wrong_partition"], 1), (["--reason", "not_json"], 2)],
)
def test_those_that_are_named_are_replayed(
    kafka: Kafka,
    topic_prefix: str,
    buried: list[InputRecord],
    cli: Command,
    arguments: list[str],
    count: int,
) -> None:
    said = cli("dead-letters", "replay", *arguments, "--yes")
    assert said.stderr.startswith(f"{count} published again")
    published = [len(committed(kafka, topic_prefix + topic)) for topic in ("listings", "ip-reports")]
    assert sum(published) == count


def test_a_replay_asks_first(
    kafka: Kafka, topic_prefix: str, buried: list[InputRecord], environ: Mapping[str, str]
) -> None:
    result = CliRunner().invoke(app, ["dead-letters", "replay", "--all"], env=dict(environ), input="n\n")
    assert result.exit_code == ExitCode.FAILED
    assert "Publish 3 dead letters again (1 to ip-reports, 2 to listings)?" in result.stderr
    assert committed(kafka, f"{topic_prefix}listings") == []


def test_what_came_from_no_input_topic_is_not_published_anywhere(
    kafka: Kafka, topic_prefix: str, buried: list[InputRecord], run: Command
) -> None:
    bury(kafka, f"{topic_prefix}dead-letters", (InputRecord("state", 0, 1, NOW, b"k", b"v", ()), "not_json"))
    result = run("dead-letters", "replay", "--all", "--yes")
    assert result.exit_code == ExitCode.FAILED
    assert "comes from 'state', which is no input topic" in result.stderr
    assert uncommitted(kafka, f"{topic_prefix}listings") == []


# -- cases and escalations ----------------------------------------------------------------------------------------


def case(seller: str, number: int, **changes: object) -> dict[str, Any]:
    """Give a `cases` record as a worker writes it: in the partition of the seller."""
    case_id = f"{seller}/L-{number}/1"
    body = {
        "schema_version": 1,
        "id": f"id-{number}",
        "case_id": case_id,
        "case_version": 1,
        "status": "open",
        "answer": "accepted",
        "subject": "listing",
        "channel": "escalations",
        "seller_id": seller,
        "listing_id": f"L-{number}",
        "title": "나이키 [b]\u202e",
        "rule": "counterfeit_offer",
        "brand_ids": ["nike"],
        "reports": 0,
        "priority": 3,
        "opened": NOW,
        "deadline": 4_000_000_000_000,
        "assignee": None,
        "moderator_id": None,
        "time": NOW,
    }
    return {
        "key": case_id.encode(),
        "value": orjson.dumps(body | changes),
        "partition": partition_of(seller.encode(), PARTITIONS),
    }


def listed(cli: Command, *arguments: str) -> list[str]:
    rows = orjson.loads(cli("escalations", "list", *arguments, "--output-format", "json").stdout)
    return [row["case_id"] for row in rows]


def test_the_work_list_folds_the_cases_and_puts_what_is_due_first(
    kafka: Kafka, topic_prefix: str, cli: Command
) -> None:
    produce(
        kafka,
        f"{topic_prefix}cases",
        case("S-1", 1),
        case("S-2", 2, priority=1, channel="escalations-kr"),
        case("S-1", 3),
        case("S-1", 3, case_version=2, status="upheld", deadline=None),
        case("S-3", 4, deadline=NOW),
        case("S-3", 5, status="unknown", answer="unknown_case"),
    )
    assert listed(cli) == ["S-2/L-2/1", "S-3/L-4/1", "S-1/L-1/1", "S-1/L-3/1"]
    assert listed(cli, "--channel", "escalations-kr") == ["S-2/L-2/1"]
    assert listed(cli, "--status", "open", "--seller", "S-1") == ["S-1/L-1/1"]
    assert listed(cli, "--status", "upheld", "--status", "dismissed") == ["S-1/L-3/1"]
    shown = cli("escalations", "list", "--limit", "2")
    assert "나이키 [b]<U+202E>" in shown.stdout
    assert shown.stdout.count("OVERDUE") == 1
    assert "and 2 more" in shown.stderr


def test_a_decision_is_published_on_the_version_that_stands_on_cases(
    kafka: Kafka, topic_prefix: str, run: Command, cli: Command
) -> None:
    produce(kafka, f"{topic_prefix}cases", case("S-1", 1), case("S-1", 1, case_version=4))
    decide = ("uphold", "--moderator", "jin", "--reason", "a copy", "--wait", "0")
    cli("escalations", "decide", "S-1/L-1/1", *decide)
    (record,) = committed(kafka, f"{topic_prefix}moderator-decisions")
    taken = InputRecord(
        "moderator-decisions", record.partition, 0, NOW, record.key, record.value, tuple(record.headers)
    )
    decision = decode(taken, ROUTES["moderator-decisions"], LIMIT)
    assert (decision.seller_id, decision.case_version, decision.action) == ("S-1", 4, "uphold")
    assert record.partition == partition_of(b"S-1", PARTITIONS)
    unknown = run("escalations", "decide", "S-1/L-9/1", *decide)
    assert unknown.exit_code == ExitCode.FAILED
    assert "There is no case S-1/L-9/1." in unknown.stderr


def test_a_decision_that_nobody_answers_is_said_to_be_published(
    kafka: Kafka, topic_prefix: str, run: Command, cli: Command
) -> None:
    decide = ("uphold", "--moderator", "jin", "--reason", "r", "--case-version", "1", "--wait", "1")
    result = run("escalations", "decide", "S-1/L-1/1", *decide)
    assert result.exit_code == ExitCode.WORKER
    assert "was published, but no worker answered" in result.stderr
    assert len(committed(kafka, f"{topic_prefix}moderator-decisions")) == 1


def test_a_seller_that_no_worker_owns_is_said_to_be_so(run: Command, cli: Command) -> None:
    result = run("seller", "S-1", KLEAN_HTTP_TOKEN="t")
    assert result.exit_code == ExitCode.WORKER
    assert "No worker of group" in result.stderr


# -- tail ---------------------------------------------------------------------------------------------------------


def test_tail_shows_takedowns_and_escalations_with_what_matched(kafka: Kafka, topic_prefix: str, cli: Command) -> None:
    finding = {"kind": "mark", "field": "title", "start": 0, "end": 3, "surface": "나이키", "technique": "exact"}
    body = {"title": "나이키 [b]\u202e", "seller_id": "S-1", "rule": "r", "findings": [finding], "time": NOW}
    produce(kafka, f"{topic_prefix}takedowns", {"value": orjson.dumps(body), "key": b"S-1"})
    escalated = orjson.dumps(body | {"deadline": NOW, "priority": 1})
    produce(kafka, f"{topic_prefix}escalations-kr", {"value": escalated, "key": b"S-1"})
    shown = cli("tail", "--from-beginning", "--limit", "2").stdout
    assert shown.count("⟦나이키⟧ [b]<U+202E>") == 2
    assert "TAKEDOWN  2023-11-14 22:13:20Z" in shown
    assert "ESCALATION KR" in shown
    assert "OVERDUE" in shown
    (line,) = cli(
        "tail", "takedowns", "--from-beginning", "--limit", "1", "--output-format", "json"
    ).stdout.splitlines()
    assert orjson.loads(line)["value"] == body


def test_tail_follows_until_ctrl_c(
    kafka: Kafka, topic_prefix: str, environ: Mapping[str, str], cli: Command, tmp_path: Path
) -> None:
    produce(kafka, f"{topic_prefix}takedowns", {"value": b'{"id": "before"}', "key": b"S-1"})
    output = tmp_path / "tail.out"
    with output.open("w") as out:
        process = subprocess.Popen(
            [sys.executable, "-u", "-m", "klean_stream", "tail", "takedowns", "--output-format", "json"],
            env=dict(environ),
            stdout=out,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=hear_ctrl_c,  # noqa: PLW1509 - this test starts no threads
        )
        deadline = time.monotonic() + 60
        # Until it follows, it shows nothing: so events are sent until one is seen.
        while not output.read_text():
            assert process.poll() is None
            assert time.monotonic() < deadline
            produce(kafka, f"{topic_prefix}takedowns", {"value": b'{"id": "after"}', "key": b"S-1"})
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=30)
    assert process.returncode == ExitCode.OK, said
    assert said == ""
    assert {orjson.loads(line)["value"]["id"] for line in output.read_text().splitlines()} == {"after"}


def test_records_of_a_transaction_still_open_are_not_shown(kafka: Kafka, topic_prefix: str, cli: Command) -> None:
    topic = f"{topic_prefix}cases"

    async def leave_open() -> Result:
        producer = AIOKafkaProducer(bootstrap_servers=kafka.bootstrap, transactional_id=f"{topic_prefix}open")
        await producer.start()
        try:
            await producer.begin_transaction()
            await producer.send_and_wait(topic, **case("S-1", 1))
            return await asyncio.to_thread(cli, "escalations", "list", "--output-format", "json")
        finally:
            await producer.abort_transaction()
            await producer.stop()

    assert orjson.loads(asyncio.run(leave_open()).stdout) == []
