"""What the fault tests share: the day that they publish, and the markets that they disturb."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

from tests.faults.oracle import Oracle
from tests.kafka.cluster import Kafka, KafkaCluster
from tests.kafka.marketplace import Marketplace
from tests.kafka.processes import Workers

KILLING_WORKER = Path(__file__).with_name("worker_with_kill_points.py")
MarketOracle = Callable[..., AbstractAsyncContextManager[Oracle]]


@pytest.fixture(scope="module")
def own_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaCluster]:
    """Give a broker that may be stopped, killed and frozen."""
    cluster = KafkaCluster(tmp_path_factory.mktemp("own"))
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.discard()


@pytest.fixture
def oracle_on(topic_prefix: str, workers: Workers) -> MarketOracle:
    """Open a marketplace with its registry on a Kafka, and give the oracle that watches over it."""

    @asynccontextmanager
    async def opened(
        kafka: Kafka, *, replication_factor: int = 1, session_timeout_ms: int = 2_000
    ) -> AsyncIterator[Oracle]:
        market = Marketplace(
            kafka.bootstrap,
            topic_prefix,
            workers,
            replication_factor=replication_factor,
            session_timeout_ms=session_timeout_ms,
        )
        async with market, Oracle(market) as oracle:
            await oracle.load_registry()
            yield oracle

    return opened
