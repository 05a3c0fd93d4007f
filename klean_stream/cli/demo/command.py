"""The ``demo`` command: broker, worker, publisher, screen, and the closing of the books."""

import asyncio
import contextlib
import socket
import tempfile
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.live import Live

from klean_stream.cli.render import console as plain_console

# How long the demo waits for the worker to deal with one more event before it says that it stalled.
_STALL_SECONDS = 30.0


def demo(
    events: Annotated[int, typer.Option(min=1, max=1_000_000, help="How many events the day has.")] = 6_000,
    rate: Annotated[float, typer.Option(min=1, help="Events published a second, at the most.")] = 400.0,
    seed: Annotated[int, typer.Option(help="Another seed is another day; the same seed is the same day.")] = 7,
    quiet: Annotated[bool, typer.Option("--quiet", help="No live view, only the reconciliation.")] = False,
) -> None:
    """Play a realistic day on the marketplace and watch it being decided.

    Starts a broker inside this process and a real worker beside it, publishes a sample registry and the day's
    events, shows what is decided, and closes the books: for each topic, published = decided + superseded +
    duplicate + dead-lettered. Nothing is installed, nothing is left behind.

    Exit code 1 if one event is unaccounted for or met another fate than the day meant for it.
    """
    from klean_stream.cli.demo.watcher import LostToTrimming
    from klean_stream.cli.demo.worker_process import WorkerFailed

    console = plain_console()
    try:
        balanced = asyncio.run(_play(console, events, rate, seed, quiet=quiet))
    except LostToTrimming as lost:
        console.print(f"The embedded broker trimmed records that nobody had read yet: {lost}.")
        raise typer.Exit(1) from None
    except WorkerFailed as failed:
        console.print(str(failed))
        raise typer.Exit(1) from None
    raise typer.Exit(0 if balanced else 1)


async def _play(console: Console, events: int, rate: float, seed: int, *, quiet: bool) -> bool:
    from klean_stream.cli.demo.ledger import Ledger
    from klean_stream.cli.demo.publisher import Publisher
    from klean_stream.cli.demo.screen import closing, screen
    from klean_stream.cli.demo.watcher import Watcher
    from klean_stream.cli.demo.worker_process import DemoWorker
    from klean_stream.runtime.embedded_broker import PARTITIONS, EmbeddedBroker
    from klean_stream.runtime.settings import Settings
    from klean_stream.sample import day

    broker = EmbeddedBroker()
    settings = Settings(
        bootstrap=broker.bootstrap,
        partitions=PARTITIONS,
        store="memory",
        embedded_broker=True,
        http_port=_free_port(),
        commit_interval_ms=50,
        log_level="warning",
    )
    ledger = Ledger()
    publisher, watcher = Publisher(settings, ledger), Watcher(settings, ledger)
    console.print(f"Broker at {broker.bootstrap}, starting a worker …")
    await publisher.start()
    watching = asyncio.create_task(watcher.run())
    try:
        await publisher.brands()
        with tempfile.TemporaryDirectory(prefix="klean-demo-") as folder:
            async with DemoWorker(settings, Path(folder)) as worker:
                total = events + ledger.published["brands"]
                publishing = asyncio.create_task(publisher.day(day(events, seed), rate))
                view = None if quiet else Live(console=console, refresh_per_second=4, transient=not console.is_terminal)
                began = last_moved = time.monotonic()
                before = 0
                with view or contextlib.nullcontext():
                    # A little longer than the last count: what repeats an event would show only then.
                    while not (publishing.done() and ledger.accounted() >= total):
                        await asyncio.sleep(0.25)
                        worker.check()
                        for task in (publishing, watching):
                            if task.done():
                                task.result()
                        done = ledger.accounted()
                        if done > before:
                            last_moved = time.monotonic()
                        elif time.monotonic() - last_moved > _STALL_SECONDS:
                            console.print(f"Nothing moved for {_STALL_SECONDS:.0f} s.", worker.log_tail())
                            break
                        before = done
                        if view is not None:
                            view.update(screen(ledger, total, done / (time.monotonic() - began)))
                    await asyncio.sleep(0.5)
                publishing.cancel()
    finally:
        watching.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watching
        await publisher.stop()
    console.print(closing(ledger))
    return ledger.balanced()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
