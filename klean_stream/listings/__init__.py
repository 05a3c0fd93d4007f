"""What makes a listing suspicious, and what is decided on it."""

from klean_stream.listings.decide import decide_listing

__all__ = ["decide_listing"]
