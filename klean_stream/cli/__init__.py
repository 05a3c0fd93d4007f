"""The ``klean-stream`` command. Its subcommands are registered in ``commands.py``.

Not here: a function ``publish`` in this package would hide the module ``klean_stream.cli.publish``.
"""


def main() -> None:
    """Run the command line."""
    from klean_stream.cli.commands import app

    app()
