"""Starting a worker: settings in, a running Faust worker out."""

import asyncio
import gc
import logging
import socket
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from klean_stream.processing import Absorbs
from klean_stream.runtime.settings import Settings, SettingsError

if TYPE_CHECKING:
    from klean_stream.runtime.application import KleanApp


def run_worker(
    settings: Settings, register_agents: "Callable[[KleanApp], None]", processor: Absorbs | None = None
) -> int:
    """Run a worker with these agents until SIGTERM or SIGINT; give the exit code.

    ``processor`` decides instead of the core: what the benchmarks measure the runtime by.

    Raises TopicsError where a topic is missing or wrongly made, SettingsError where the HTTP port is not to be
    had, aiokafka's KafkaConnectionError where no broker answers, DeadLetterFlood where a flood has stopped it.
    """
    _configure_logging(settings)
    # Faust takes a second to import: who only wants the settings refused should not wait for it.
    from klean_stream.runtime.application import KleanApp
    from klean_stream.runtime.topics import require_topics

    _require_port(settings)
    if not settings.embedded_broker:
        asyncio.run(require_topics(settings))
    # A unit holds tens of thousands of objects at once, and none of them in a cycle: by default the collector would
    # walk through all of them, and through the registry, over and over (a seventh of the time of a unit).
    gc.set_threshold(50_000, 20, 50)
    app = KleanApp(settings, processor)
    register_agents(app)
    worker = app.Worker(quiet=True, override_logging=False, redirect_stdouts=False)
    # It writes control characters even where nobody looks at a terminal.
    worker.spinner = None
    try:
        worker.execute_from_commandline()
    except SystemExit as stopped:
        if app.failed is not None:
            raise app.failed from None
        return int(stopped.code or 0)


def _require_port(settings: Settings) -> None:
    """Try the HTTP port before anything else starts: found later, it would end a half-started worker."""
    try:
        family = socket.AF_INET6 if ":" in settings.http_host else socket.AF_INET
        with socket.create_server((settings.http_host, settings.http_port), family=family):
            pass
    except OSError as error:
        raise SettingsError(
            f"The settings http_host and http_port ask for {settings.http_host}:{settings.http_port}, which is not to "
            f"be had: {error.strerror}."
        ) from None


def _configure_logging(settings: Settings) -> None:
    logging.basicConfig(
        level=settings.log_level.upper(),
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        stream=sys.stderr,
    )
    # What Faust and aiokafka say of every rebalance and reconnect is noise to an operator unless it warns.
    if settings.log_level != "debug":
        for name in ("faust", "mode", "aiokafka"):
            logging.getLogger(name).setLevel(logging.WARNING)
