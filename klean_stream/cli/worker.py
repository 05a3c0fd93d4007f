"""``klean-stream worker``: decide events until told to stop."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from klean_stream.cli.exit_codes import ExitCode
from klean_stream.cli.options import Bootstrap, Config, settings_from

if TYPE_CHECKING:
    from klean_stream.runtime.application import KleanApp


def worker(
    config: Config = None,
    bootstrap: Bootstrap = None,
    group: Annotated[str | None, typer.Option("--group", help="Consumer group; its workers share the work.")] = None,
    http_host: Annotated[str | None, typer.Option("--http-host", help="Address of the HTTP port.")] = None,
    http_port: Annotated[int | None, typer.Option("--http-port", help="Port of /live, /ready, /metrics.")] = None,
    advertised_url: Annotated[
        str | None, typer.Option("--advertised-url", metavar="URL", help="How other machines reach the HTTP port.")
    ] = None,
    data_dir: Annotated[
        Path | None, typer.Option("--data-dir", help="Where rows are kept. Each worker needs its own.")
    ] = None,
    log_level: Annotated[str | None, typer.Option("--log-level", help="debug, info, warning or error.")] = None,
) -> None:
    """Run a worker until SIGTERM or Ctrl-C.

    Workers of one group share the partitions; start as many as there is work for. A worker does not start where a
    topic is missing or wrongly made.

    ```
    klean-stream worker --bootstrap kafka-1:9092,kafka-2:9092 --data-dir /var/lib/klean-stream
    klean-stream worker --http-port 6067 --data-dir second        # another one on the same machine
    ```

    `klean-stream settings` lists all that can be set. Exit code 2: settings or topics are wrong; 3: no broker
    answers; 5: a flood of dead letters has stopped it, and its offsets are held.
    """
    from klean_stream.cli.kafka import one_sentence_errors
    from klean_stream.runtime.worker import run_worker

    with one_sentence_errors():
        settings = settings_from(
            config,
            bootstrap=bootstrap,
            group=group,
            http_host=http_host,
            http_port=http_port,
            advertised_url=advertised_url,
            data_dir=data_dir,
            log_level=log_level,
        )
        raise typer.Exit(run_worker(settings, _register) or int(ExitCode.OK))


def _register(app: "KleanApp") -> None:
    # Imports Faust, which takes its time.
    from klean_stream.agents import register_all

    register_all(app)
