"""What a match is, and the text that it is found in."""

from typing import Literal, Protocol

from msgspec import Struct

from klean_stream.events.outputs import Tier

Use = Literal["compatible", "negated", "common_word"]
"""Use of a name that is not use as a mark: what the goods fit, what they are not, or an ordinary word."""


class ListingText(Protocol):
    """Anything with a title and a description: a listing, a snapshot in a report, a shop name."""

    @property
    def title(self) -> str:
        """The title as the seller wrote it."""
        ...

    @property
    def description(self) -> str:
        """The description as the seller wrote it; may be empty."""
        ...


class BrandMatch(Struct, frozen=True, gc=False):
    """A place where a text uses a brand's name.

    ``start`` and ``end`` are a half-open span in Unicode code points of the original ``field``, and
    ``surface`` is exactly the text of that span. ``technique`` says what had to be undone to read the name
    (``exact``: nothing; those in DISGUISES: a disguise), ``confidence`` is in thousandths. ``use`` is set where
    the text seems not to use the name as the mark of the goods; such a match is never of tier ``act``.
    """

    brand_id: str
    surface: str
    start: int
    end: int
    field: str
    technique: str
    confidence: int
    tier: Tier
    use: Use | None = None
