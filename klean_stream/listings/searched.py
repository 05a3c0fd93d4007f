"""How much of a text is searched, and the evidence of what is not.

The limits are the policy's (``limits.searched_…``): a text costs what it is long, and a seller chooses how long it is.
"""

from dataclasses import dataclass

from klean_stream.brands import ListingText
from klean_stream.events import Finding
from klean_stream.policy.settings import Limits


@dataclass(frozen=True, slots=True)
class Searched:
    """The part of a text that is searched, and a finding for each field that is cut."""

    title: str
    description: str
    cuts: tuple[Finding, ...]


def searched(text: ListingText, limits: Limits, *, description_length: int = 0) -> Searched:
    """Cut a text to the policy's limits.

    ``description_length`` is that of the description as it was published, in code points, where ``text`` keeps only its
    beginning.
    """
    title, description = text.title[: limits.searched_title], text.description[: limits.searched_description]
    lengths = len(text.title), max(len(text.description), description_length)
    cuts = [
        Finding(
            kind="cut",
            technique="length_limit",
            field=field,
            start=len(part),
            end=length,
            tier="review",
            disposition="not_searched",
        )
        for field, part, length in zip(("title", "description"), (title, description), lengths, strict=True)
        if len(part) < length
    ]
    return Searched(title, description, tuple(cuts))
