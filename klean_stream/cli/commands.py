"""The ``klean-stream`` command: which subcommands there are.

Commands import Kafka and Faust inside their functions, so that ``--help`` and what needs neither start at once.
"""

import logging

import typer

from klean_stream import __version__
from klean_stream.brands import COMPILED
from klean_stream.cli.dead_letters import dead_letters
from klean_stream.cli.demo.command import demo
from klean_stream.cli.escalations import escalations
from klean_stream.cli.exit_codes import EXIT_CODES_HELP
from klean_stream.cli.export import export
from klean_stream.cli.images import images
from klean_stream.cli.match import match
from klean_stream.cli.policy import policy
from klean_stream.cli.publish import publish
from klean_stream.cli.registry import brands
from klean_stream.cli.replay import replay
from klean_stream.cli.rescan import rescan
from klean_stream.cli.seller import seller
from klean_stream.cli.settings import settings
from klean_stream.cli.tail import tail
from klean_stream.cli.topics import topics
from klean_stream.cli.worker import worker

app = typer.Typer(
    name="klean-stream",
    help="Keep counterfeit and IP-infringing goods off a marketplace.",
    epilog=EXIT_CODES_HELP,
    no_args_is_help=True,
    rich_markup_mode="markdown",
    # A traceback with the values of variables would show tokens and sellers' data.
    pretty_exceptions_enable=False,
)


def _version(wanted: bool) -> None:
    if wanted:
        how = "compiled" if COMPILED else "not compiled: matching takes about 1.7 times as long"
        typer.echo(f"{__version__} ({how})")
        raise typer.Exit


@app.callback()
def _prepare(
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Show the version."),
) -> None:
    del version
    # What goes wrong with a broker is said in one sentence; the client's own complaints would bury it. Where a
    # command sets up logging (the worker does), they are logged all the same.
    for name in ("aiokafka", "asyncio"):
        logging.getLogger(name).addHandler(logging.NullHandler())


app.command()(worker)
app.command()(settings)
app.add_typer(topics, name="topics")
app.add_typer(policy, name="policy")
app.add_typer(brands, name="brands")
app.add_typer(images, name="images")
app.command()(publish)
app.command()(rescan)
app.command()(tail)
app.command()(seller)
app.add_typer(escalations, name="escalations")
app.add_typer(dead_letters, name="dead-letters")
app.command()(match)
app.command()(replay)
app.command()(export)
app.command()(demo)
