"""The mechanics of worker processes, on a stand-in that takes the worker's place."""

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tests.kafka.child_process import ChildProcess, free_ports, wait_until
from tests.kafka.processes import DATA_VARIABLE, WorkerNotReadyError, WorkerProcess, Workers

# Ready when its data folder holds a file `ready`; counts its starts there; ends with code 7 on SIGTERM.
STAND_IN = """
import os, pathlib, signal, sys
from http.server import BaseHTTPRequestHandler, HTTPServer

data = pathlib.Path(os.environ["KLEAN_DATA_DIR"])
with (data / "starts").open("a") as file:
    file.write("x")

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/metrics":
            status, body = 200, (
                "# TYPE klean_events counter\\n"
                'klean_events_total{topic="listings",verdict="allow"} 3.0\\n'
                "klean_up 1\\n"
            )
        else:
            ready = (data / "ready").exists()
            status, body = (200, "ready") if ready else (503, "catching up")
        self.send_response(status)
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_): ...

def end(*_):
    print("ending")
    sys.exit(7)

signal.signal(signal.SIGTERM, end)
print("started with", sys.argv[1:], os.environ.get("KLEAN_POLICY"))
HTTPServer(("127.0.0.1", int(os.environ["KLEAN_HTTP_PORT"])), Handler).serve_forever()
"""

COMMAND = (sys.executable, "-c", STAND_IN)
PROMPTLY = 10.0


def make_ready(worker: WorkerProcess) -> None:
    """Let the stand-in say that it is ready."""
    (worker.data / "ready").touch()


def test_a_worker_is_ready_only_when_it_says_so(workers: Workers) -> None:
    worker = workers({}, command=COMMAND)
    with pytest.raises(WorkerNotReadyError, match=r"(?s)503 catching up.*started with"):
        worker.wait_ready(timeout=1)
    make_ready(worker)
    worker.wait_ready()


def test_a_worker_gets_its_settings_and_not_those_of_the_shell(
    workers: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KLEAN_POLICY", "mine")
    first = workers({}, "--once", command=COMMAND)
    second = workers({"KLEAN_POLICY": "given"}, command=COMMAND)
    for worker in workers:
        make_ready(worker)
        worker.wait_ready()
    assert "started with ['--once'] None" in first.log
    assert "started with [] given" in second.log
    assert first.port != second.port
    assert first.data != second.data


def test_a_worker_that_ends_at_its_start_fails_the_wait_at_once_with_its_log(workers: Workers) -> None:
    worker = workers({}, command=(sys.executable, "-c", "raise SystemExit('the policy names no threshold')"))
    with pytest.raises(WorkerNotReadyError, match=r"(?s)ended with exit code 1.*the policy names no threshold"):
        worker.wait_ready(timeout=600)


def test_terminating_gives_the_exit_code_and_a_start_goes_on_with_the_same_data(workers: Workers) -> None:
    worker = workers({}, command=COMMAND)
    make_ready(worker)
    worker.wait_ready()
    port = worker.port
    expected = 7
    assert worker.terminate() == expected
    assert not worker.running
    assert worker.log.endswith("ending\n")

    worker.start()
    worker.wait_ready()
    assert worker.port == port
    worker.kill()
    assert worker.exit_code == -signal.SIGKILL
    assert (worker.data / "starts").read_text() == "xx"


def test_a_paused_worker_does_not_answer_and_can_still_be_terminated(workers: Workers) -> None:
    worker = workers({}, command=COMMAND)
    make_ready(worker)
    worker.wait_ready()
    worker.pause()
    assert worker.running
    with pytest.raises(TimeoutError):
        worker.get("/ready")
    worker.resume()
    worker.wait_ready()
    worker.pause()
    expected = 7
    assert worker.terminate() == expected


def test_a_worker_that_ignores_sigterm_is_killed_and_named(tmp_path: Path) -> None:
    deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf'); time.sleep(60)"
    worker = WorkerProcess(tmp_path, {}, command=(sys.executable, "-c", deaf))
    worker.start()
    assert wait_until(lambda: "deaf" in worker.log, timeout=PROMPTLY)
    with pytest.raises(TimeoutError, match=r"(?s)worker ignored SIGTERM for 0\.5 s.*deaf"):
        worker.terminate(timeout=0.5)
    assert not worker.running


def test_metrics_are_read_by_name_and_labels(workers: Workers) -> None:
    worker = workers({}, command=COMMAND)
    make_ready(worker)
    worker.wait_ready()
    assert worker.metrics() == {
        ("klean_events_total", frozenset({("topic", "listings"), ("verdict", "allow")})): 3.0,
        ("klean_up", frozenset()): 1.0,
    }


def test_a_test_may_choose_the_data_folder(workers: Workers, tmp_path: Path) -> None:
    worker = workers({DATA_VARIABLE: str(tmp_path / "chosen")}, command=COMMAND)
    make_ready(worker)
    worker.wait_ready()
    assert (tmp_path / "chosen" / "starts").exists()


async def test_a_child_started_from_a_thread_outlives_that_thread(tmp_path: Path) -> None:
    child = ChildProcess("sleeper", (sys.executable, "-c", "import time; time.sleep(60)"), log=tmp_path / "log")
    await asyncio.to_thread(child.start)
    await asyncio.get_running_loop().shutdown_default_executor()
    await asyncio.sleep(0.3)
    assert child.running
    child.kill()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the death signal is Linux's own")
def test_a_child_dies_with_a_run_that_is_killed(tmp_path: Path) -> None:
    run = textwrap.dedent(
        f"""
        import pathlib, sys, time
        from tests.kafka.child_process import ChildProcess
        child = ChildProcess("sleeper", ("sleep", "60"), log=pathlib.Path({str(tmp_path / "log")!r}))
        child.start()
        print(child.pid, flush=True)
        time.sleep(60)
        """
    )
    tree = Path(__file__).parents[2]
    with subprocess.Popen([sys.executable, "-c", run], cwd=tree, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert is_alive(child)
        parent.kill()
    assert wait_until(lambda: not is_alive(child), timeout=PROMPTLY)


def is_alive(pid: int) -> bool:
    """Tell whether a process that is not our child exists and is no zombie."""
    try:
        os.kill(pid, 0)
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except (ProcessLookupError, FileNotFoundError):
        return False


def test_free_ports_are_distinct() -> None:
    many = 20
    assert len(set(free_ports(many))) == many
