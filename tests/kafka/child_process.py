"""Processes that never outlive the test run.

A broker or worker left behind by an aborted run holds a port, a group membership and half a gigabyte; after a
few of them every later result is suspect. So each child gets its own session (a Ctrl-C in the terminal
reaches only pytest, which then stops the children in order), is killed at interpreter exit, and on Linux is
killed by the kernel when this process dies without getting to its exit handlers.
"""

import atexit
import contextlib
import ctypes
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

_PR_SET_PDEATHSIG: Final = 1
_LOWEST_PORT: Final = 20_000
_LIVE: Final[set["ChildProcess"]] = set()

# The kernel's death signal fires when the *thread* that forked ends. Tests start children from wherever they
# are, also from `asyncio.to_thread`, whose threads end with their event loop; this thread ends with the run.
_FORKER: Final = ThreadPoolExecutor(max_workers=1, thread_name_prefix="forker")


class ChildProcess:
    """A program whose output is appended to a log file, and which can be killed, paused and started again."""

    def __init__(
        self,
        name: str,
        argv: Sequence[str],
        *,
        log: Path,
        environment: Mapping[str, str] | None = None,
        directory: Path | None = None,
    ) -> None:
        self.name = name
        self.argv = tuple(argv)
        self.log_file = log
        self.environment = None if environment is None else dict(environment)
        self.directory = directory
        self._process: subprocess.Popen[bytes] | None = None
        self._paused = False

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name} pid={self.pid} exit_code={self.exit_code}>"

    @property
    def pid(self) -> int | None:
        """The process id of the latest start."""
        return self._process.pid if self._process else None

    @property
    def running(self) -> bool:
        """Whether the process exists; a paused one does."""
        return self._process is not None and self._process.poll() is None

    @property
    def paused(self) -> bool:
        """Whether the process exists and is held by `pause`."""
        return self._paused and self.running

    @property
    def exit_code(self) -> int | None:
        """The exit code, minus the signal's number for one that was killed; None before the end."""
        return self._process.poll() if self._process else None

    @property
    def log(self) -> str:
        """All that the program has written, over all its starts."""
        try:
            return self.log_file.read_text(errors="replace")
        except FileNotFoundError:
            return ""

    def tail(self, lines: int = 40) -> str:
        """Return the end of the log, for messages."""
        return "\n".join(self.log.splitlines()[-lines:]) or "(the log is empty)"

    def start(self) -> None:
        """Start the program, again if it ended before."""
        if self.running:
            message = f"{self.name} is already running."
            raise RuntimeError(message)
        self.log_file.parent.mkdir(parents=True, exist_ok=True)
        with self.log_file.open("ab") as output:
            self._process = _FORKER.submit(
                subprocess.Popen,
                self.argv,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=self.environment,
                cwd=self.directory,
                start_new_session=True,
                preexec_fn=_die_with_parent(),
            ).result()
        self._paused = False
        _LIVE.add(self)

    def terminate(self, timeout: float = 20.0) -> int:
        """Ask the program to end (SIGTERM), return its exit code; kill it and raise if it does not obey."""
        process = self._started()
        if process.poll() is None:
            self.ask_to_end()
            try:
                process.wait(timeout)
            except subprocess.TimeoutExpired as error:
                self.kill()
                message = f"{self.name} ignored SIGTERM for {timeout:g} s and was killed; its log ends:\n{self.tail()}"
                raise TimeoutError(message) from error
        _LIVE.discard(self)
        return process.wait()

    def ask_to_end(self) -> None:
        """Send SIGTERM without waiting; a paused program is let go first, or it could not hear it."""
        self.signal(signal.SIGTERM)
        self.resume()

    def kill(self) -> None:
        """Kill the program and its own children as a crash would (SIGKILL); return when it is gone."""
        self.signal(signal.SIGKILL)
        if self._process is not None:
            self._process.wait()
        _LIVE.discard(self)

    def pause(self) -> None:
        """Freeze the program (SIGSTOP): to the rest of the world it hangs with its connections open."""
        self.signal(signal.SIGSTOP)
        self._paused = True

    def resume(self) -> None:
        """Let a frozen program go on (SIGCONT) without knowing that time has passed."""
        self.signal(signal.SIGCONT)
        self._paused = False

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the program's whole process group; nothing happens if it has ended."""
        if self.running and self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)

    def wait_ended(self, timeout: float) -> bool:
        """Wait for the program to end by itself; tell whether it did."""
        try:
            self._started().wait(timeout)
        except subprocess.TimeoutExpired:
            return False
        _LIVE.discard(self)
        return True

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            message = f"{self.name} was never started."
            raise RuntimeError(message)
        return self._process


def free_ports(count: int) -> list[int]:
    """Choose localhost ports that nothing listens on and that no outgoing connection will be given.

    A port from `bind(0)` is one of the ephemeral range: while a killed broker is down, any client's
    connection may take it, and the restart then fails once in some hundred runs.
    """
    try:
        ephemeral = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    except (OSError, ValueError):
        ephemeral = 32_768
    highest = ephemeral if ephemeral > _LOWEST_PORT + 1_000 else 32_768
    ports: list[int] = []
    for port in random.SystemRandom().sample(range(_LOWEST_PORT, highest), k=highest - _LOWEST_PORT):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        ports.append(port)
        if len(ports) == count:
            return ports
    message = f"There are no {count} free ports between {_LOWEST_PORT} and {highest}."
    raise RuntimeError(message)


def wait_until(done: Callable[[], bool], *, timeout: float, pause: float = 0.05) -> bool:
    """Ask again and again until `done` says yes or the time is over; tell whether it did."""
    deadline = time.monotonic() + timeout
    while not done():
        if time.monotonic() >= deadline:
            return False
        time.sleep(pause)
    return True


def _die_with_parent() -> Callable[[], None] | None:
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    parent = os.getpid()

    def in_child() -> None:
        prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
        # The parent may have died before the line above asked to be told of it.
        if os.getppid() != parent:
            os._exit(1)

    return in_child


@atexit.register
def _kill_what_is_left() -> None:
    for child in list(_LIVE):
        child.kill()
