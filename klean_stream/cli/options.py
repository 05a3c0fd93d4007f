"""Options that several commands have, and the settings that they lead to."""

import os
from pathlib import Path
from typing import Annotated

import typer

from klean_stream.cli.render import OutputFormat
from klean_stream.runtime.settings import Settings, SettingsError, load_settings

Config = Annotated[
    Path | None,
    typer.Option("--config", metavar="FILE", help="Settings file (TOML). Environment variables win over it."),
]
Bootstrap = Annotated[
    str | None,
    typer.Option("--bootstrap", metavar="HOST:PORT", help="Kafka's address; wins over KLEAN_BOOTSTRAP."),
]
Format = Annotated[OutputFormat, typer.Option("--output-format", help="A table for people, or JSON for programs.")]


def settings_from(config: Path | None, **flags: object) -> Settings:
    """Give the settings in force; ``flags`` (by the setting's name, None where not given) win over all else.

    Flags take the way of the environment, so that they are checked as it is. Raises SettingsError.
    """
    given = {f"KLEAN_{name.upper()}": str(value) for name, value in flags.items() if value is not None}
    try:
        return load_settings(config, {**os.environ, **given})
    except SettingsError as error:
        sentence = str(error)
        for variable in given:
            # Name what the user typed.
            flag = "--" + variable.removeprefix("KLEAN_").lower().replace("_", "-")
            sentence = sentence.replace(f"{variable} is wrong", f"{flag} is wrong")
        raise SettingsError(sentence) from None
