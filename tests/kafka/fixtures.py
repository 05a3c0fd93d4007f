"""Fixtures for tests on real brokers: one cluster for the whole run, its own topics for each test.

A missing Java or Maven stops the run. It must never skip these tests: a green run that left them out would
say what nobody has checked.
"""

import os
import uuid
from collections.abc import Generator, Iterator

import pytest

from tests.kafka.cluster import BrokerError, ExternalKafka, Kafka, KafkaCluster
from tests.kafka.distribution import DownloadError, MissingToolError
from tests.kafka.processes import Workers

_WORKERS = pytest.StashKey[Workers]()


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kafka]:
    """Give the Kafka of the run: one broker of ours, or KLEAN_TEST_BOOTSTRAP's. No test may kill it."""
    address = os.environ.get("KLEAN_TEST_BOOTSTRAP")
    if address:
        external = ExternalKafka(address)
        try:
            external.require()
        except BrokerError as error:
            pytest.exit(f"KLEAN_TEST_BOOTSTRAP is of no use. {error}", returncode=1)
        yield external
        return
    cluster = KafkaCluster(tmp_path_factory.mktemp("kafka"))
    try:
        cluster.start()
    except (MissingToolError, DownloadError) as error:
        # Every test that asks needs it: one sentence is better than as many errors as there are tests.
        pytest.exit(str(error), returncode=1)
    try:
        yield cluster
    finally:
        cluster.discard()


@pytest.fixture(scope="session")
def kafka3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaCluster]:
    """Three brokers, started when the first test asks for them; a test may kill and freeze them as it likes.

    Always ours: somebody else's brokers are not there to be killed.
    """
    cluster = KafkaCluster(tmp_path_factory.mktemp("kafka3"), brokers=3)
    try:
        cluster.start()
    except (MissingToolError, DownloadError) as error:
        # Not the end of the run, which may have a broker from KLEAN_TEST_BOOTSTRAP, but of each test that
        # asks.
        pytest.fail(str(error), pytrace=False)
    try:
        yield cluster
    finally:
        cluster.discard()


@pytest.fixture(autouse=True)
def _three_whole_brokers(request: pytest.FixtureRequest) -> Iterator[None]:
    """Bring back what a test has killed, at that test's own cost and not to the surprise of the next."""
    yield
    if "kafka3" in request.fixturenames:
        cluster: KafkaCluster = request.getfixturevalue("kafka3")
        cluster.heal()


@pytest.fixture
def topic_prefix() -> str:
    """Give a prefix for topics and groups that no other test has, in this run or in one before it."""
    return f"t{uuid.uuid4().hex[:8]}."


@pytest.fixture
def workers(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workers]:
    """Start workers as processes; those still there when the test ends are killed."""
    made = Workers(tmp_path_factory.mktemp("workers"))
    request.node.stash[_WORKERS] = made
    try:
        yield made
    finally:
        made.kill_all()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show with a failed test how its workers' logs ended.

    As sections of the report: what a fixture prints after its test is shown only if the fixture fails too.
    """
    report = yield
    if report.failed and _WORKERS in item.stash:
        for worker in item.stash[_WORKERS]:
            state = "running" if worker.running else f"exit code {worker.exit_code}"
            report.sections.append((f"End of the log of {worker.name} ({state})", worker.tail(60)))
    return report
