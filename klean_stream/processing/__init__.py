"""One record in, rows and outputs out: the step that a worker, a replay and a test share.

Pure: it knows records and rows, not where they come from. ``absorb`` is the whole of it.
"""

from klean_stream.processing.absorb import Absorbed, Absorbs, Processor
from klean_stream.processing.record import InputRecord, OutputRecord
from klean_stream.processing.reference import ReferenceView
from klean_stream.processing.routes import ROUTES, Route
from klean_stream.processing.rows import MemoryRows, Overlay, Rows

__all__ = [
    "ROUTES",
    "Absorbed",
    "Absorbs",
    "InputRecord",
    "MemoryRows",
    "OutputRecord",
    "Overlay",
    "Processor",
    "ReferenceView",
    "Route",
    "Rows",
]
