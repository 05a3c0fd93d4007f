"""The demo's worker: the same ``klean-stream worker`` that anybody runs, as a process beside the demo."""

import asyncio
import os
import subprocess
import sys
import time
from dataclasses import fields
from pathlib import Path
from types import TracebackType
from typing import Self

import aiohttp

from klean_stream.runtime.settings import Settings

_START_SECONDS = 60.0
_STOP_SECONDS = 15.0


class WorkerFailed(Exception):  # noqa: N818 - it says what happened
    """The worker ended, or did not get ready; the message holds the end of its log."""


class DemoWorker:
    """A worker process; as an async context it is stopped at the end, whatever happened."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self._settings = settings
        self._log = folder / "worker.log"
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    async def __aenter__(self) -> Self:
        """Start it and wait until it is ready. Raises WorkerFailed."""
        values = {field.name: getattr(self._settings, field.name) for field in fields(Settings)}
        environment = {name: text for name, text in os.environ.items() if not name.startswith("KLEAN_")}
        environment |= {f"KLEAN_{name.upper()}": _text(value) for name, value in values.items()}
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(  # noqa: ASYNC220 - starting takes no time worth awaiting
                [sys.executable, "-m", "klean_stream", "worker"],
                env=environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self._folder,
            )
        try:
            await self._ready()
        except BaseException:
            self._stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop it in good order."""
        await asyncio.to_thread(self._stop)

    def check(self) -> None:
        """Raise WorkerFailed if it has ended."""
        assert self._process is not None
        code = self._process.poll()
        if code is not None:
            raise WorkerFailed(f"The worker ended with exit code {code}:\n{self.log_tail()}")

    def log_tail(self) -> str:
        """Give the end of its log."""
        return self._log.read_text(errors="replace")[-4_000:]

    async def _ready(self) -> None:
        ends = time.monotonic() + _START_SECONDS
        async with aiohttp.ClientSession() as session:
            while time.monotonic() < ends:
                self.check()
                try:
                    async with session.get(f"{self._settings.own_url}/ready") as answer:
                        if answer.status == 200:
                            return
                except aiohttp.ClientError:
                    pass
                await asyncio.sleep(0.1)
        raise WorkerFailed(f"The worker was not ready within {_START_SECONDS:.0f} s:\n{self.log_tail()}")

    def _stop(self) -> None:
        assert self._process is not None
        self._process.terminate()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
