"""The id of a case, which says whose it is: ``<seller>/<listing>/<number>``, each part percent-encoded.

A moderator's decision names nothing but the case; the rows that it touches are read from the id.
"""

from urllib.parse import quote, unquote


def case_id(seller_id: str, listing_id: str | None, number: int) -> str:
    """Give the id of the ``number``-th case of a listing, or of a sign-up where ``listing_id`` is None."""
    return f"{case_prefix(seller_id, listing_id)}{number}"


def case_prefix(seller_id: str, listing_id: str | None) -> str:
    """Give what the ids of all cases of a listing begin with, and no others."""
    return f"{quote(seller_id, safe='')}/{quote(listing_id or '', safe='')}/"


def parse_case_id(text: str) -> tuple[str, str | None, int]:
    """Give (seller_id, listing_id or None, number). Raises ValueError for what ``case_id`` never gives."""
    parts = text.split("/")
    if len(parts) != 3:
        raise ValueError("a case id has three parts: seller/listing/number")
    seller, listing, number = parts
    if not (number.isascii() and number.isdigit()):
        raise ValueError("the last part of a case id is a number")
    parsed = unquote(seller, errors="strict"), unquote(listing, errors="strict") or None, int(number)
    # One case has one id: "%41" for "A" or "01" for "1" names nothing.
    if not parsed[0] or case_id(*parsed) != text:
        raise ValueError("not in the form in which case ids are written")
    return parsed
