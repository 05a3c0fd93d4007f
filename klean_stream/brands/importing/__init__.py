"""Registries from outside: from other people's files to brands, with what was merged and what was refused.

Pure: lines or documents go in, :class:`Row` and :class:`Refused` come out of the parser of each format, and
:func:`merge` makes brands of them.
"""

from klean_stream.brands.importing.csv_lines import COLUMNS, read_csv
from klean_stream.brands.importing.json_lines import read_json_lines
from klean_stream.brands.importing.merging import Import, Merged, merge
from klean_stream.brands.importing.nsi import read_nsi
from klean_stream.brands.importing.row import ForeignFormat, Refused, Row

__all__ = [
    "COLUMNS",
    "ForeignFormat",
    "Import",
    "Merged",
    "Refused",
    "Row",
    "merge",
    "read_csv",
    "read_json_lines",
    "read_nsi",
]
