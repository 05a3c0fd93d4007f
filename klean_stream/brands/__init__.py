"""Rights registry and brand index: build, update, match; then the rights filter."""

from klean_stream.brands import matcher
from klean_stream.brands.evidence import DISGUISES
from klean_stream.brands.match import BrandMatch, ListingText
from klean_stream.brands.matcher import BrandMatcher
from klean_stream.brands.registry import Registry

__all__ = ["COMPILED", "DISGUISES", "BrandMatch", "BrandMatcher", "ListingText", "Registry"]

COMPILED = not matcher.__file__.endswith(".py")
"""Whether the matcher, and with it all that setup.py names, was compiled when it was installed."""
