"""A realistic day on the marketplace, the same bytes for the same arguments on every machine.

Chance comes from ``Random(seed)`` alone, there is no clock and no ``hash()``, and numbers stay integers where
a mathematical library could round differently. A longer day begins with the shorter one of the same seed.

Sellers sign up before they list, and a seller's events of one topic are in order; topics have no order among
each other, so no event's fate hangs on an event of another topic.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from random import Random

from klean_stream.events import Listing
from klean_stream.sample.broken import WAYS
from klean_stream.sample.categories import Language
from klean_stream.sample.chance import Deck, happens
from klean_stream.sample.crowd import Crowd
from klean_stream.sample.event import (
    TOPICS,
    Body,
    Expect,
    SampleEvent,
    cloud_event_headers,
    encode,
)
from klean_stream.sample.notices import Reporter, answer_without_case, report, reporter_id_for
from klean_stream.sample.offers import (
    Offer,
    changed,
    common_word,
    compatible,
    counterfeit,
    honest,
    official,
    resale,
)
from klean_stream.sample.people import Seller
from klean_stream.sample.registry import sample_brands

_ACTS = {
    "listing": 70, "update": 7, "removal": 3, "late_version": 2, "newcomer": 5, "details": 1, "report": 8,
    "moderator": 1, "duplicate": 2, "broken": 1,
}  # fmt: skip
_OFFERS = {
    "honest": 71, "authorised": 8, "counterfeit": 5, "disguised": 5, "compatible": 5, "common_word": 4,
    "resale": 2,
}  # fmt: skip
_REPORTERS: dict[Reporter, int] = {"rights_holder": 7, "agent": 2, "buyer": 5, "rival": 3, "forged": 3}
_OVERSIZED_AT = (5, 60)
_REMEMBERED = 512


@dataclass(slots=True, eq=False)
class _Shown:
    """A listing that is on offer: what the generator must remember to change or report it."""

    seller: Seller
    listing_id: str
    version: int
    offer: Offer


def day(events: int, seed: int) -> Iterator[SampleEvent]:
    """Yield the first ``events`` events of the day that ``seed`` stands for.

    The kinds: ``honest``, ``authorised``, ``counterfeit``, ``disguised``, ``compatible``, ``common_word``,
    ``resale``, ``update``, ``removal`` (listings); ``late_version`` (superseded); ``signup``,
    ``flawed_signup``, ``brand_shop_signup``, ``details_change``; ``rights_holder_report``, ``agent_report``,
    ``buyer_report``, ``rival_report``, ``forged_report``; ``unknown_case`` (a moderator's answer,
    superseded); ``duplicate``; and, for dead letters, ``version_conflict`` and ``broken_…`` with a way of
    ``broken``.
    """
    if events < 0:
        raise ValueError(f"a day cannot have {events} events")
    return islice(_Day(seed).run(), events)


class _Day:
    def __init__(self, seed: int) -> None:
        rng = Random(seed)  # noqa: S311 - it has to be repeatable, not secret
        self._rng = rng
        self._brands = tuple(sample_brands())
        self._by_id = {brand.brand_id: brand for brand in self._brands}
        self._crowd = Crowd(rng, self._brands)
        self._acts = Deck(rng, _ACTS)
        self._offers = Deck(rng, _OFFERS)
        self._reporters = Deck(rng, _REPORTERS)
        ways = [way for way in WAYS if way != "oversized"]
        self._ways = Deck(rng, dict.fromkeys((*ways, "version_conflict"), 1))
        self._number = 0
        self._listings = 0
        self._broken = 0
        # Only the newest are remembered, so that a long day needs no more memory than a short one.
        self._shown: deque[_Shown] = deque(maxlen=_REMEMBERED)
        self._suspects: deque[_Shown] = deque(maxlen=_REMEMBERED)
        self._late: deque[Listing] = deque(maxlen=_REMEMBERED)
        self._decided: deque[SampleEvent] = deque(maxlen=_REMEMBERED)

    def run(self) -> Iterator[SampleEvent]:
        """Yield events without end."""
        for body, kind in self._crowd.opening():
            yield self._publish(body, kind)
        acts = {
            "listing": self._list,
            "update": self._update,
            "removal": self._remove,
            "late_version": self._come_late,
            "newcomer": self._sign_up,
            "details": self._change_details,
            "report": self._report,
            "moderator": self._moderate,
            "duplicate": self._repeat,
            "broken": self._break,
        }
        while True:
            yield acts[self._acts.draw()]()

    def _publish(self, body: Body, kind: str, expect: Expect = "decided") -> SampleEvent:
        self._number += 1
        headers = cloud_event_headers(self._rng, body, self._number)
        # Some publishers send no headers. New details could repeat the old ones: only an id tells them apart.
        if kind != "details_change" and happens(self._rng, 6):
            headers = ()
        event = SampleEvent(TOPICS[type(body)], body.seller_id.encode(), encode(body), headers, expect, kind)
        if expect == "decided":
            self._decided.append(event)
        return event

    # Listings

    def _list(self) -> SampleEvent:
        kind = self._offers.draw()
        seller = self._crowd.seller_for(kind)
        offer = self._offer(kind, seller)
        self._listings += 1
        shown = _Shown(seller, f"l-{self._listings:07d}", 1, offer)
        self._shown.append(shown)
        if kind in {"counterfeit", "disguised"}:
            self._suspects.append(shown)
        return self._publish(self._listing(shown, "created"), kind)

    def _offer(self, kind: str, seller: Seller) -> Offer:
        rng, language = self._rng, self._language(seller)
        if kind == "authorised" and seller.brand is not None:
            return official(rng, language, seller.brand)
        if kind in {"counterfeit", "disguised"}:
            return counterfeit(rng, language, self._crowd.coveted(), disguised=kind == "disguised")
        if kind == "resale":
            return resale(rng, language, self._crowd.coveted())
        if kind == "compatible":
            return compatible(rng, language)
        return common_word(rng, language) if kind == "common_word" else honest(rng, language)

    def _language(self, seller: Seller) -> Language:
        """Give the language of a listing: mostly the seller's own; sellers from abroad write Korean, too."""
        return "ko" if happens(self._rng, 15) else seller.language

    def _update(self) -> SampleEvent:
        shown = self._rng.choice(self._shown) if self._shown else None
        if shown is None:
            return self._list()
        before = shown.offer
        shown.offer = changed(self._rng, before)
        shown.version += 1
        if happens(self._rng, 40):  # enough to feed the late versions
            # This version is held up on its way, the next one overtakes it.
            self._late.append(self._listing(shown, "updated"))
            shown.offer = changed(self._rng, before)
            shown.version += 1
        return self._publish(self._listing(shown, "updated"), "update")

    def _remove(self) -> SampleEvent:
        if not self._shown:
            return self._list()
        place = self._rng.randrange(len(self._shown))
        shown = self._shown[place]
        del self._shown[place]
        if shown in self._suspects:
            self._suspects.remove(shown)
        shown.version += 1
        body = Listing(
            seller_id=shown.seller.seller_id,
            listing_id=shown.listing_id,
            version=shown.version,
            change="removed",
        )
        return self._publish(body, "removal")

    def _come_late(self) -> SampleEvent:
        if not self._late:
            return self._update()
        return self._publish(self._late.popleft(), "late_version", "superseded")

    def _listing(self, shown: _Shown, change: str) -> Listing:
        rng, offer = self._rng, shown.offer
        return Listing(
            # A publisher that is ahead of us: readers take a newer schema and ignore what they do not know.
            schema_version=2 if happens(rng, 2) else 1,
            seller_id=shown.seller.seller_id,
            listing_id=shown.listing_id,
            version=shown.version,
            change="created" if change == "created" else "updated",
            title=offer.title,
            description=offer.description,
            category=offer.category,
            price=offer.price,
            attributes={"origin": shown.seller.land, "condition": rng.choice(("new", "new", "new", "used"))},
            image_hashes=tuple(f"{rng.getrandbits(256):064x}" for _ in range(rng.randint(0, 2))),
            locale=offer.locale,
        )

    # Sellers

    def _sign_up(self) -> SampleEvent:
        return self._publish(*self._crowd.newcomer())

    def _change_details(self) -> SampleEvent:
        return self._publish(self._crowd.details_change(), "details_change")

    # Reports and decisions

    def _report(self) -> SampleEvent:
        reporter = self._reporters.draw()
        # Rivals and forgers report honest sellers; all others what looks like a counterfeit.
        shelf = self._shown if reporter in {"rival", "forged"} else self._suspects
        if not shelf:
            return self._list()
        shown = self._rng.choice(shelf)
        brand = None if shown.offer.brand_id is None else self._by_id[shown.offer.brand_id]
        offer = shown.offer
        if brand is None and reporter == "forged":
            brand = self._crowd.coveted()
            offer = replace(offer, brand_id=brand.brand_id)
        if reporter == "agent" and (brand is None or not brand.agents):
            reporter = "rights_holder"
        reporter_id = (
            self._crowd.somebody_but(shown.seller).seller_id
            if reporter == "rival"
            else reporter_id_for(self._rng, reporter, brand, self._brands)
        )
        body = report(
            self._rng,
            f"r-{self._number + 1:07d}",
            reporter,
            reporter_id=reporter_id,
            seller_id=shown.seller.seller_id,
            listing_id=shown.listing_id,
            version=shown.version,
            offer=offer,
        )
        return self._publish(body, f"{reporter}_report")

    def _moderate(self) -> SampleEvent:
        seller = self._crowd.somebody()
        body = answer_without_case(self._rng, seller.seller_id, self._number)
        return self._publish(body, "unknown_case", "superseded")

    # Faults

    def _repeat(self) -> SampleEvent:
        """Send an event again, as a publisher does that missed the acknowledgement."""
        return replace(self._rng.choice(self._decided), expect="duplicate", kind="duplicate")

    def _break(self) -> SampleEvent:
        self._broken += 1
        # Two at most: the demo's broker keeps only a few megabytes.
        way = "oversized" if self._broken in _OVERSIZED_AT else self._ways.draw()
        if way == "version_conflict":
            return self._conflict()
        body = self._victim()
        self._number += 1
        good = cloud_event_headers(self._rng, body, self._number)
        key, value, headers = WAYS[way](self._rng, body.seller_id.encode(), encode(body), good)
        return SampleEvent(TOPICS[type(body)], key, value, headers, "dead_lettered", f"broken_{way}")

    def _victim(self) -> Body:
        """Give a good body to be broken; no other event speaks of what it speaks of."""
        body = self._rng.choice(("listing", "listing", "listing", "signup", "report", "answer"))
        seller = self._crowd.somebody()
        if body == "answer":
            return answer_without_case(self._rng, seller.seller_id, self._number)
        if body == "signup":
            return self._crowd.stillborn(seller)
        shown = _Shown(seller, f"l-broken-{self._number:07d}", 1, honest(self._rng, seller.language))
        if body == "listing":
            return self._listing(shown, "created")
        return report(
            self._rng,
            f"r-broken-{self._number:07d}",
            "buyer",
            reporter_id=reporter_id_for(self._rng, "buyer", None, self._brands),
            seller_id=seller.seller_id,
            listing_id=shown.listing_id,
            version=1,
            offer=shown.offer,
        )

    def _conflict(self) -> SampleEvent:
        """Send the newest version of a listing again, with other content and an id of its own."""
        if not self._shown:
            return self._list()
        shown = self._rng.choice(self._shown)
        other = replace(shown, offer=replace(shown.offer, title=f"{shown.offer.title} (2)"))
        return self._publish(self._listing(other, "updated"), "version_conflict", "dead_lettered")
