"""Sign-ups: who wants to sell, what is checked, and what is decided."""

from klean_stream.sellers.decide import decide_signup

__all__ = ["decide_signup"]
