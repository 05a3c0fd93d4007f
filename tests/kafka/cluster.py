"""Real Kafka brokers as child processes: started, stopped, killed, frozen and restarted by a test.

By hand, for a developer or a benchmark:

    python -m tests.kafka.cluster --brokers 1

prints the bootstrap address as its first line and stays until Ctrl-C or SIGTERM.
"""

import argparse
import base64
import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Literal, Protocol, Self

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from tests.kafka.child_process import ChildProcess, free_ports, wait_until
from tests.kafka.distribution import Distribution, DownloadError, MissingToolError, ensure_distribution

LOG_CONFIG: Final = Path(__file__).with_name("log4j2.properties")
START_SECONDS: Final = 60.0
STOP_SECONDS: Final = 10.0
_PROBE_SECONDS: Final = 2.0

# A broker in a test lives for seconds to minutes, on few cores. Without C2 it starts 0.4 s sooner and takes
# its first half million records faster, for want of a compiler that competes with it.
FAST_START: Final = (
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:-UsePerfData",
    "-Xshare:auto",
    "-Xss512k",
    "-Djava.awt.headless=true",
)
# As Kafka's own start script has it, with a heap of its default size: what a benchmark is measured against.
SERVER: Final = (
    "-Xmx1g",
    "-Xms1g",
    "-server",
    "-XX:+UseG1GC",
    "-XX:MaxGCPauseMillis=20",
    "-XX:InitiatingHeapOccupancyPercent=35",
    "-XX:+ExplicitGCInvokesConcurrent",
    "-Djava.awt.headless=true",
)


class Kafka(Protocol):
    """What most tests need of a Kafka: where it is. It may be a cluster of ours or somebody else's."""

    @property
    def bootstrap(self) -> str:
        """The address list that clients take, `host:port[,host:port…]`."""


@dataclass(frozen=True, slots=True)
class ExternalKafka:
    """A Kafka that was there before the run and stays after it."""

    bootstrap: str

    def require(self) -> None:
        """Raise if nothing answers there, or each test would find out by itself, after half a minute."""
        try:
            AdminClient({"bootstrap.servers": self.bootstrap, "log_level": 0}).list_topics(timeout=10)
        except KafkaException as error:
            message = f"No Kafka answers at {self.bootstrap}: {error.args[0].str()}."
            raise BrokerError(message) from error


class BrokerError(RuntimeError):
    """A broker did not become ready; the message quotes the end of its log."""


@dataclass(frozen=True, slots=True)
class _Broker:
    number: int
    port: int
    controller_port: int
    directory: Path
    process: ChildProcess

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"


class KafkaCluster:
    """One or three brokers, each also a controller (KRaft), on localhost, with their data in `directory`.

    Brokers are numbered from 1 and keep ports and data over every kill and restart. `config` overrides single
    broker settings, `jvm` the options of their virtual machines.
    """

    def __init__(
        self,
        directory: Path,
        *,
        brokers: Literal[1, 3] = 1,
        config: Mapping[str, str] | None = None,
        jvm: Sequence[str] | None = None,
    ) -> None:
        self.directory = directory.resolve()
        self._config = dict(config or {})
        self._jvm = jvm or ("-Xmx512m" if brokers == 1 else "-Xmx384m", *FAST_START)
        self._cluster_id = base64.urlsafe_b64encode(os.urandom(16)).decode().rstrip("=")
        # One draw for all, so that no two roles are given the same port.
        ports = free_ports(2 * brokers)
        self._brokers: dict[int, _Broker] = {}
        # Those that nobody has put down: if one of them is not there, it crashed.
        self._wanted: set[int] = set()
        for number in range(1, brokers + 1):
            home = self.directory / f"broker-{number}"
            process = ChildProcess(f"broker {number}", (), log=home / "broker.log", directory=home)
            self._brokers[number] = _Broker(
                number=number,
                port=ports[2 * number - 2],
                controller_port=ports[2 * number - 1],
                directory=home,
                process=process,
            )

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def bootstrap(self) -> str:
        """The addresses of all brokers, running or not, as clients take them."""
        return ",".join(broker.address for broker in self._brokers.values())

    @property
    def brokers(self) -> tuple[int, ...]:
        """The brokers' numbers."""
        return tuple(self._brokers)

    @property
    def running(self) -> dict[int, bool]:
        """For each broker, whether its process exists; a paused one does."""
        return {number: broker.process.running for number, broker in self._brokers.items()}

    def address(self, broker: int) -> str:
        """Where one broker listens."""
        return self._brokers[broker].address

    def pid(self, broker: int) -> int:
        """Give the process id of one broker that runs."""
        pid = self._brokers[broker].process.pid
        assert pid is not None, "it was never started"
        return pid

    def log(self, broker: int) -> str:
        """All that one broker has logged (warnings and worse)."""
        return self._brokers[broker].process.log

    def start(self, timeout: float = START_SECONDS) -> None:
        """Start every broker that does not run, on its data of the last time if it has any; wait for all."""
        distribution = ensure_distribution()
        try:
            self._format(distribution)
            for broker in self._brokers.values():
                if not broker.process.running:
                    self._launch(broker, distribution)
            self.wait_ready(timeout)
        except BaseException:
            # Also on Ctrl-C: a half-started cluster is of no use to anyone, and `__exit__` will not run.
            for number in self.brokers:
                self.kill(number)
            raise

    def stop(self, timeout: float = STOP_SECONDS) -> None:
        """Shut all brokers down in order; one that cannot end in time is killed.

        The last broker of three is often such a one: it wants to hand over its partitions by way of a
        controller quorum that its peers have just left. Nothing is lost by it, the log recovers at the next
        start.
        """
        deadline = time.monotonic() + timeout
        self._wanted.clear()
        for broker in self._brokers.values():
            broker.process.ask_to_end()
        for broker in self._brokers.values():
            if broker.process.running and not broker.process.wait_ended(max(0.0, deadline - time.monotonic())):
                broker.process.kill()

    def discard(self) -> None:
        """End all brokers at once and delete their data, for a cluster that nobody needs again; logs stay."""
        for number in self.brokers:
            self.kill(number)
        for broker in self._brokers.values():
            shutil.rmtree(broker.directory / "data", ignore_errors=True)

    def stop_broker(self, broker: int, timeout: float = STOP_SECONDS) -> None:
        """Shut one broker down in order: it hands its partitions over first."""
        self._wanted.discard(broker)
        self._brokers[broker].process.terminate(timeout)

    def kill(self, broker: int) -> None:
        """Kill one broker as a crash would (SIGKILL); return when its process is gone."""
        self._wanted.discard(broker)
        self._brokers[broker].process.kill()

    def pause(self, broker: int) -> None:
        """Freeze one broker (SIGSTOP): its connections stay open and nothing answers."""
        self._brokers[broker].process.pause()

    def resume(self, broker: int) -> None:
        """Let a frozen broker go on (SIGCONT)."""
        self._brokers[broker].process.resume()

    def restart(self, broker: int, timeout: float = START_SECONDS) -> None:
        """Start one broker again on its data, after shutting it down in order if it still runs; wait for it.

        After a `kill` this takes some seconds longer: the controller registers the new process only when the
        session of the old one is over.
        """
        chosen = self._brokers[broker]
        if chosen.process.running:
            self.stop_broker(broker)
        self._launch(chosen, ensure_distribution())
        self.wait_ready(timeout)

    def heal(self, timeout: float = START_SECONDS) -> None:
        """Bring back whatever a test has killed or frozen."""
        for broker in self._brokers.values():
            if broker.process.paused:
                broker.process.resume()
        # Unlike a first start, a failure here must not kill the brokers whose logs explain it.
        for broker in self._brokers.values():
            if not broker.process.running:
                self._launch(broker, ensure_distribution())
        self.wait_ready(timeout)

    def wait_ready(self, timeout: float = START_SECONDS) -> None:
        """Wait until each broker that runs serves clients, knows its peers, and holds current replicas.

        Killed and paused brokers are not waited for. The last condition matters after a restart: a test that
        kills the next broker before this one has caught up would test something else than it says.
        """
        reasons: dict[int, str] = {}

        def ready() -> bool:
            for number in self._wanted:
                process = self._brokers[number].process
                if not process.running:
                    code = process.exit_code
                    message = f"Broker {number} ended with exit code {code}; its log ends:\n{process.tail()}"
                    raise BrokerError(message)
            expected = {number for number in self._wanted if not self._brokers[number].process.paused}
            reasons.clear()
            for number in sorted(expected):
                reason = _why_not_ready(self._brokers[number], expected)
                if reason:
                    reasons[number] = reason
                    return False
            return bool(expected)

        if not wait_until(ready, timeout=timeout):
            if not reasons:
                message = "No broker is running."
                raise BrokerError(message)
            tails = "\n".join(
                f"Broker {number} {reason}; its log ends:\n{self._brokers[number].process.tail()}"
                for number, reason in reasons.items()
            )
            message = f"Kafka was not ready after {timeout:g} s. {tails}"
            raise BrokerError(message)

    def _java(self, distribution: Distribution, main: str, *arguments: str) -> list[str]:
        return [
            str(distribution.java),
            *self._jvm,
            f"-Dlog4j2.configurationFile={LOG_CONFIG}",
            "-cp",
            distribution.classpath,
            main,
            *arguments,
        ]

    def _launch(self, broker: _Broker, distribution: Distribution) -> None:
        properties = str(broker.directory / "server.properties")
        broker.process.argv = tuple(self._java(distribution, "kafka.Kafka", properties))
        broker.process.start()
        self._wanted.add(broker.number)

    def _format(self, distribution: Distribution) -> None:
        """Write each broker's configuration, and give new ones their identity in the cluster."""
        formatting: list[tuple[_Broker, subprocess.Popen[str]]] = []
        for broker in self._brokers.values():
            broker.directory.mkdir(parents=True, exist_ok=True)
            properties = broker.directory / "server.properties"
            properties.write_text("".join(f"{key}={value}\n" for key, value in self._properties(broker).items()))
            if (broker.directory / "data" / "meta.properties").exists():
                continue
            command = self._java(
                distribution,
                "kafka.tools.StorageTool",
                "format",
                f"--cluster-id={self._cluster_id}",
                f"--config={properties}",
            )
            # All at once: each is a second of JVM start-up.
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
            )
            formatting.append((broker, process))
        try:
            for broker, process in formatting:
                output, _ = process.communicate(timeout=START_SECONDS)
                if process.returncode != 0:
                    message = f"The storage of broker {broker.number} could not be formatted:\n{output[-2000:]}"
                    raise BrokerError(message)
        finally:
            for _, process in formatting:
                process.kill()
                process.wait()

    def _properties(self, broker: _Broker) -> dict[str, str]:
        count = len(self._brokers)
        in_sync = 2 if count > 1 else 1
        voters = ",".join(f"{b.number}@127.0.0.1:{b.controller_port}" for b in self._brokers.values())
        return {
            "process.roles": "broker,controller",
            "node.id": str(broker.number),
            "listeners": f"PLAINTEXT://{broker.address},CONTROLLER://127.0.0.1:{broker.controller_port}",
            "advertised.listeners": f"PLAINTEXT://{broker.address}",
            "controller.listener.names": "CONTROLLER",
            "controller.quorum.voters": voters,
            "log.dirs": str(broker.directory / "data"),
            # A typing mistake in a topic's name must be an error here, as it is in production.
            "auto.create.topics.enable": "false",
            "unclean.leader.election.enable": "false",
            "default.replication.factor": str(count),
            "min.insync.replicas": str(in_sync),
            **{
                key: value
                for internal in ("offsets.topic", "transaction.state.log", "share.coordinator.state.topic")
                for key, value in {
                    f"{internal}.replication.factor": str(count),
                    # The defaults are 50 each, of which every one is opened, replicated and recovered.
                    f"{internal}.num.partitions": "4",
                }.items()
            },
            "transaction.state.log.min.isr": str(in_sync),
            "share.coordinator.state.topic.min.isr": str(in_sync),
            # Members of a test's group come and go; the default waits 3 s for more of them each time.
            "group.initial.rebalance.delay.ms": "0",
            # Lower than the default 6 s, so that a test may choose how soon a killed worker is missed.
            "group.min.session.timeout.ms": "1000",
            # How soon a killed or frozen broker is replaced. Long enough for a pause on a machine that is
            # busy.
            "broker.session.timeout.ms": "4000" if count > 1 else "3000",
            "broker.heartbeat.interval.ms": "500",
            "replica.lag.time.max.ms": "5000",
            "transaction.abort.timed.out.transaction.cleanup.interval.ms": "500",
            # Compaction and retention happen when a topic asks for them, not minutes later.
            "log.cleaner.backoff.ms": "250",
            "log.retention.check.interval.ms": "1000",
            "log.initial.task.delay.ms": "1000",
            # The default of 128 MiB does not fit the heap beside anything else.
            "log.cleaner.dedupe.buffer.size": str(16 * 1024 * 1024),
            "log.cleaner.io.buffer.size": str(1024 * 1024),
            "num.network.threads": "2",
            "num.io.threads": "4",
            "background.threads": "2",
            **self._config,
        }


def _why_not_ready(broker: _Broker, expected: set[int]) -> str | None:
    """Ask one broker itself, not the cluster, whether it serves; return None if it does."""
    # Without this, librdkafka would wait through its own reconnects for a port that is not open yet.
    try:
        socket.create_connection(("127.0.0.1", broker.port), timeout=_PROBE_SECONDS).close()
    except OSError as error:
        return f"does not accept connections on {broker.address} ({error})"
    # A new client each time: an old one may answer from what another broker has told it. Silent, or it would
    # write to standard error about a broker that is still starting.
    client = AdminClient({"bootstrap.servers": broker.address, "log_level": 0})
    try:
        metadata = client.list_topics(timeout=_PROBE_SECONDS)
    except KafkaException as error:
        return f"does not answer on {broker.address} ({error})"
    missing = expected - set(metadata.brokers)
    if missing:
        return f"does not see broker {min(missing)} yet"
    for topic in metadata.topics.values():
        for partition in topic.partitions.values():
            replicas = expected & set(partition.replicas)
            lagging = replicas - set(partition.isrs)
            if lagging:
                return f"says that broker {min(lagging)} is behind on {topic.topic}-{partition.id}"
            if replicas and partition.leader not in expected:
                return f"sees no running leader of {topic.topic}-{partition.id}"
    return None


@contextlib.contextmanager
def _folder(chosen: Path | None) -> Iterator[Path]:
    if chosen is not None:
        yield chosen
        return
    with tempfile.TemporaryDirectory(prefix="klean-kafka-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a cluster until Ctrl-C or SIGTERM; the first line on standard output is the bootstrap address."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.kafka.cluster",
        description="Run real Kafka brokers on localhost, print their address, stay until Ctrl-C or SIGTERM.",
    )
    parser.add_argument("--brokers", type=int, choices=(1, 3), default=1)
    parser.add_argument("--directory", type=Path, help="where data and logs go and stay (default: a temporary folder)")
    options = parser.parse_args(arguments)

    end = threading.Event()
    for interruption in (signal.SIGINT, signal.SIGTERM):
        signal.signal(interruption, lambda *_: end.set())
    try:
        with (
            _folder(options.directory) as folder,
            KafkaCluster(folder, brokers=options.brokers) as cluster,
        ):
            print(cluster.bootstrap, flush=True)
            while not end.wait(timeout=1.0):
                for number, running in cluster.running.items():
                    if not running:
                        print(f"Broker {number} ended; its log:\n{cluster.log(number)[-4000:]}", file=sys.stderr)
                        return 1
    except (MissingToolError, DownloadError, BrokerError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
