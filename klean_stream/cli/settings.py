"""``klean-stream settings``: what can be set, and what is in force."""

from dataclasses import fields

from rich.text import Text

from klean_stream.cli.exit_codes import ExitCode, stop
from klean_stream.cli.options import Bootstrap, Config, Format, settings_from
from klean_stream.cli.render import OutputFormat, print_result, seller_text, table
from klean_stream.runtime.settings import Settings, SettingsError

_SECRET = frozenset({"http_token"})
_MASK = "(set, not shown)"


def settings(config: Config = None, bootstrap: Bootstrap = None, output_format: Format = OutputFormat.table) -> None:
    """List every setting: its name in the file, its environment variable, the value in force, the default.

    Flags win over the environment, that over the file (`--config`, or the one that KLEAN_CONFIG names).

    ```
    KLEAN_PARTITIONS=16 klean-stream settings
    klean-stream settings --config klean.toml --output-format json
    ```
    """
    try:
        in_force = settings_from(config, bootstrap=bootstrap)
    except SettingsError as error:
        stop(str(error), ExitCode.USAGE)
    default = Settings()
    rows = [
        {
            "name": field.name,
            "variable": f"KLEAN_{field.name.upper()}",
            "value": _shown(field.name, getattr(in_force, field.name)),
            "default": getattr(default, field.name),
        }
        for field in fields(Settings)
    ]
    changed = [row["value"] != row["default"] for row in rows]
    shown = table(
        ("setting", "environment variable", "value", "default"),
        (
            (
                Text(str(row["name"])),
                Text(str(row["variable"])),
                seller_text(row["value"], "bold green" if is_changed else ""),
                seller_text(row["default"], "dim"),
            )
            for row, is_changed in zip(rows, changed, strict=True)
        ),
    )
    print_result(output_format, rows, shown)


def _shown(name: str, value: object) -> object:
    return _MASK if name in _SECRET and value else value
