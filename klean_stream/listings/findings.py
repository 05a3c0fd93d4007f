"""What is found in a listing: marks, words that say "counterfeit", and a price too good to be true."""

from klean_stream.brands import Registry
from klean_stream.brands.goods import lies_under
from klean_stream.decision.evidence import counting, marks
from klean_stream.events import Brand, Finding, Money
from klean_stream.listings.searched import Searched
from klean_stream.listings.vocabulary import find_counterfeit_words


def find_in_text(
    text: Searched, registry: Registry, *, seller_id: str, category: str | None, now: int
) -> tuple[Finding, ...]:
    """Give the marks and the counterfeit words of a text, and what was cut. ``now`` (ms) tells which rights hold.

    A word that is a part of a mark ("Maison Margiela Replica", where it is registered so) says nothing of its own.
    """
    used = registry.marks_used(text, seller_id=seller_id, category=category, now=now)
    words = (*find_counterfeit_words("title", text.title), *find_counterfeit_words("description", text.description))
    return (*used, *(word for word in words if not any(_lies_in(word, mark) for mark in used)), *text.cuts)


def _lies_in(word: Finding, mark: Finding) -> bool:
    if mark.field != word.field or mark.tier != "act":
        return False
    if mark.start is None or mark.end is None or word.start is None or word.end is None:
        return False
    return mark.start <= word.start and word.end <= mark.end


def find_low_price(
    found: tuple[Finding, ...],
    registry: Registry,
    *,
    price: Money | None,
    category: str | None,
    thousandths: int,
) -> tuple[Finding, ...]:
    """Give a finding for each brand whose genuine product costs far more.

    Only marks that count are compared: a case *for* a phone may be cheap. "Far more": ``price`` is below
    ``thousandths`` of the lowest reference price, which is the brand's for this category (or one above it) or, without
    one, for all; prices in other currencies are not compared.
    """
    if price is None:
        return ()
    brand_ids = dict.fromkeys(mark.brand_id for mark in counting(marks(found)) if mark.brand_id is not None)
    return tuple(
        Finding(kind="price", technique="below_reference_price", brand_id=brand_id, field="price")
        for brand_id in brand_ids
        if _is_low(price, registry.brand(brand_id), category, thousandths)
    )


def _is_low(price: Money, brand: Brand | None, category: str | None, thousandths: int) -> bool:
    if brand is None:
        return False
    comparable = [ref for ref in brand.reference_prices if ref.price.currency == price.currency]
    own = [ref for ref in comparable if ref.category is not None and lies_under(category, ref.category)]
    amounts = [ref.price.amount for ref in own or comparable if ref in own or ref.category is None]
    return bool(amounts) and price.amount * 1_000 < min(amounts) * thousandths
