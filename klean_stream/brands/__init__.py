"""Rights registry and brand index: build, update, match; then the rights filter."""

from klean_stream.brands.evidence import DISGUISES
from klean_stream.brands.match import BrandMatch, ListingText
from klean_stream.brands.matcher import BrandMatcher
from klean_stream.brands.registry import Registry

__all__ = ["DISGUISES", "BrandMatch", "BrandMatcher", "ListingText", "Registry"]
