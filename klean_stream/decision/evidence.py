"""Findings as evidence: which count, how many are kept, and what they say whatever stands around them.

A description of 100,000 characters may name a brand thousands of times. Records and rows keep a bounded part,
chosen so that nothing distinct is crowded out by repetition.
"""

import hashlib
from collections.abc import Iterable

import orjson

from klean_stream.events import Finding

MAX_FINDINGS = 40
MAX_RECORD_BYTES = 64 * 1024  # of the findings in an output
MAX_ROW_BYTES = 8 * 1024  # of the findings in a row
MAX_BRANDS = 10  # in a row
MAX_CLEARED = 50  # digests of cleared grounds in a row


def counting(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Give the findings that speak against the seller; rights and context excuse the others."""
    return tuple(finding for finding in findings if finding.disposition == "counts")


def marks(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Give the findings that are marks."""
    return tuple(finding for finding in findings if finding.kind == "mark")


def brands_of(findings: Iterable[Finding]) -> tuple[str, ...]:
    """Give the brands whose marks count, in order of appearance; if none counts, those of all marks."""
    found = marks(findings)
    return tuple(dict.fromkeys(mark.brand_id for mark in counting(found) or found if mark.brand_id is not None))


def kept(findings: tuple[Finding, ...], max_bytes: int) -> tuple[Finding, ...]:
    """Give at most MAX_FINDINGS findings of together at most ``max_bytes`` of JSON, in their order.

    What was not searched is always said. Then what comes first is kept first: a ground's first occurrence, what counts,
    what is of the tier ``act``.
    """
    met: dict[object, int] = {}
    ranked = []
    for place, finding in enumerate(findings):
        said = finding.surface or finding.refers_to
        ground = (finding.kind, finding.brand_id, finding.field, said, finding.disposition)
        met[ground] = met.get(ground, 0) + 1
        ranked.append(
            (finding.kind != "cut", met[ground], finding.disposition != "counts", finding.tier != "act", place)
        )
    places: list[int] = []
    size = 0
    for *_, place in sorted(ranked):
        size += len(orjson.dumps(findings[place]))
        if len(places) == MAX_FINDINGS or size > max_bytes:
            break
        places.append(place)
    return tuple(findings[place] for place in sorted(places))


def grounds(findings: Iterable[Finding]) -> frozenset[str]:
    """Give a digest (16 hex digits) of each thing that counts, wherever in the text it stands.

    Two texts with equal grounds say the same to a moderator: who cleared the one has cleared the other.
    """
    return frozenset(
        hashlib.sha256(
            orjson.dumps((finding.kind, finding.brand_id, finding.refers_to or (finding.surface or "").casefold()))
        ).hexdigest()[:16]
        for finding in counting(findings)
        if finding.kind in ("mark", "counterfeit_word", "price", "relisting", "image")
    )
