"""Workers as a test sees them from outside: a process, a log, an HTTP port.

Nothing here imports the worker: what is tested is the command that an operator starts.
"""

import http.client
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from prometheus_client.parser import text_string_to_metric_families

from tests.kafka.child_process import ChildProcess, free_ports, wait_until

WORKER_COMMAND: Final = (sys.executable, "-m", "klean_stream", "worker")
# What the harness itself decides for each worker; a test that sets one of them keeps its own value.
PORT_VARIABLE: Final = "KLEAN_HTTP_PORT"
DATA_VARIABLE: Final = "KLEAN_DATA_DIR"
_HTTP_SECONDS: Final = 2.0

Sample = tuple[str, frozenset[tuple[str, str]]]


class WorkerNotReadyError(RuntimeError):
    """A worker ended or stayed unready; the message quotes the end of its log."""


class WorkerProcess(ChildProcess):
    """One `klean-stream worker`, with a data folder and an HTTP port that it keeps over every restart.

    `environment` holds the KLEAN_* settings of the test; those of the developer's shell are not passed on, or
    a test would pass on one machine only. `command` is for testing this class itself.
    """

    def __init__(
        self,
        directory: Path,
        environment: Mapping[str, str],
        *extra: str,
        name: str = "worker",
        command: Sequence[str] = WORKER_COMMAND,
    ) -> None:
        inherited = {key: value for key, value in os.environ.items() if not key.startswith("KLEAN_")}
        self.data = Path(environment.get(DATA_VARIABLE, directory / "data"))
        self.port = int(environment[PORT_VARIABLE]) if PORT_VARIABLE in environment else free_ports(1)[0]
        own = {
            PORT_VARIABLE: str(self.port),
            DATA_VARIABLE: str(self.data),
            # A worker that is killed must not take the last lines of its log with it.
            "PYTHONUNBUFFERED": "1",
            "PYTHONFAULTHANDLER": "1",
        }
        super().__init__(
            name,
            (*command, *extra),
            log=directory / "worker.log",
            environment={**inherited, **own, **environment},
            # Its own folder, so that it finds no settings file of the developer's either.
            directory=directory,
        )

    def start(self) -> None:
        """Start the worker, again on the same data and port if it ended before."""
        self.data.mkdir(parents=True, exist_ok=True)
        super().start()

    def wait_ready(self, timeout: float = 30.0) -> None:
        """Wait until /ready answers 200.

        It blocks: in a coroutine that has other work, `await asyncio.to_thread(worker.wait_ready)`.
        """
        last = "nothing listened"

        def ready() -> bool:
            nonlocal last
            if not self.running:
                message = f"{self.name} ended with exit code {self.exit_code}; its log ends:\n{self.tail()}"
                raise WorkerNotReadyError(message)
            try:
                status, body = self.get("/ready")
            except (OSError, http.client.HTTPException) as error:
                last = repr(error)
                return False
            last = f"{status} {body[:200]}"
            return status == http.HTTPStatus.OK

        if not wait_until(ready, timeout=timeout):
            message = f"{self.name} was not ready after {timeout:g} s (/ready: {last}); its log ends:\n{self.tail()}"
            raise WorkerNotReadyError(message)

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> tuple[int, str]:
        """GET a path of the worker's HTTP port; return status and body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=_HTTP_SECONDS)
        try:
            connection.request("GET", path, headers=dict(headers or {}))
            response = connection.getresponse()
            return response.status, response.read().decode(errors="replace")
        finally:
            connection.close()

    def metrics(self) -> dict[Sample, float]:
        """Return each sample of /metrics by its name and labels."""
        status, body = self.get("/metrics")
        if status != http.HTTPStatus.OK:
            message = f"/metrics of {self.name} answered {status}: {body[:200]}"
            raise RuntimeError(message)
        return {
            (sample.name, frozenset(sample.labels.items())): sample.value
            for family in text_string_to_metric_families(body)
            for sample in family.samples
        }


class Workers:
    """The workers of one test: makes them, and ends with none left."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._workers: list[WorkerProcess] = []

    def __call__(
        self,
        environment: Mapping[str, str],
        *extra: str,
        name: str | None = None,
        command: Sequence[str] = WORKER_COMMAND,
    ) -> WorkerProcess:
        """Start a worker with these settings; it is not waited for, so that several can start together."""
        name = name or f"worker-{len(self._workers) + 1}"
        worker = WorkerProcess(self._directory / name, environment, *extra, name=name, command=command)
        # Before the start, so that one which fails to start is shown too.
        self._workers.append(worker)
        worker.start()
        return worker

    def __iter__(self) -> Iterator[WorkerProcess]:
        """Go through the workers in the order in which they were made, ended ones included."""
        return iter(self._workers)

    def __len__(self) -> int:
        """Count the workers made so far."""
        return len(self._workers)

    def kill_all(self) -> None:
        """Kill whatever is left."""
        for worker in self._workers:
            worker.kill()
