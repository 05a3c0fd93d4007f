"""What makes a listing suspicious, and what is decided on it."""

from klean_stream.listings.decide import decide_listing
from klean_stream.listings.rescan import decide_rescan

__all__ = ["decide_listing", "decide_rescan"]
