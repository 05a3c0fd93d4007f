"""The broker of a run: a single Kafka with the settings of a server, or one that is there already."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.kafka.cluster import SERVER, ExternalKafka, Kafka, KafkaCluster

# What Kafka's own defaults are where the cluster of the tests has others for the sake of quick starts.
_AS_SHIPPED = {
    # Long enough for two workers that are started together to be given their parts in one go.
    "group.initial.rebalance.delay.ms": "3000",
    "num.network.threads": "3",
    "num.io.threads": "8",
    "background.threads": "10",
    "log.cleaner.dedupe.buffer.size": str(128 * 1024 * 1024),
    "log.cleaner.backoff.ms": "15000",
    "log.retention.check.interval.ms": "300000",
    # Deleted topics make room for the next run's.
    "log.segment.delete.delay.ms": "1000",
}


@contextmanager
def broker(folder: Path, address: str | None, *, quick: bool = False) -> Iterator[Kafka]:
    """Give the broker at ``address``, or one that ends with the run; ``quick`` lets groups wait less for members."""
    if address is not None:
        external = ExternalKafka(address)
        external.require()
        yield external
        return
    config = _AS_SHIPPED | ({"group.initial.rebalance.delay.ms": "1000"} if quick else {})
    cluster = KafkaCluster(folder, config=config, jvm=SERVER)
    cluster.start()
    try:
        yield cluster
    finally:
        cluster.discard()


def kafka_version() -> str:
    """Give the version of Kafka that the pinned pom names."""
    pom = Path(__file__).parent.parent / "tests" / "kafka" / "pom.xml"
    text = pom.read_text(encoding="utf-8")
    return text.split("<kafka.version>")[1].split("<")[0]


def machine() -> str:
    """Say what this runs on: processor, cores, memory, system."""
    model = next(
        (line.split(":")[1].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")), "unknown"
    )
    kib = next((int(line.split()[1]) for line in _lines("/proc/meminfo") if line.startswith("MemTotal")), 0)
    release = os.uname().release.split("-")[0]
    return f"{model}, {os.cpu_count()} cores, {kib / 1024**2:.0f} GiB, {os.uname().sysname} {release}"


def commit() -> str:
    """Give the commit that is measured, and whether something was changed since."""
    try:
        head = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=True)
        changed = subprocess.run(["git", "status", "--porcelain"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return head.stdout.strip() + (" and changes" if changed.stdout.strip() else "")


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
