"""``klean-stream brands``: load the rights registry, import one from outside, and look for marks that would flood."""

import typer

from klean_stream.cli.registry.importing import import_brands
from klean_stream.cli.registry.linting import lint_brands
from klean_stream.cli.registry.load import load

brands = typer.Typer(no_args_is_help=True, help="Load, import and check the rights registry.")
brands.command()(load)
brands.command(name="import")(import_brands)
brands.command(name="lint")(lint_brands)
