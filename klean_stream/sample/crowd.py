"""The crowd of sellers: who signs up, and who is how busy.

A few sellers have most of the listings, as on every marketplace, and counterfeits come from a few sellers
that do little else: so some end the day as the riskiest.
"""

from collections.abc import Iterator
from random import Random

from klean_stream.events import Brand, SellerSignup
from klean_stream.sample.chance import Deck, Zipf, happens
from klean_stream.sample.people import LANGUAGES, Land, Role, Seller, brand_shop_name, shop_name, signup
from klean_stream.sample.registry import name_in

Signed = tuple[SellerSignup, str]

_ROLES: dict[Role, int] = {"honest": 30, "official": 6, "counterfeiter": 4}
_LANDS: dict[Land, int] = {"KR": 11, "CN": 5, "US": 3, "JP": 1}
_HONEST_FLAWED = 15
_COUNTERFEITER_BRAND_SHOP = 35
_COUNTERFEITER_FLAWED = 40


class Crowd:
    """The sellers of one day, in the order in which they signed up: the earlier, the busier."""

    def __init__(self, rng: Random, brands: tuple[Brand, ...]) -> None:
        self._rng = rng
        self._brands = brands
        self._coveted = Zipf(brands)
        self._roles = Deck(rng, _ROLES)
        self._lands = Deck(rng, _LANDS)
        self._signed_up = 0
        self._unrepresented = iter(brands)
        self._sellers: dict[Role, Zipf[Seller]] = {
            "honest": Zipf(),
            "official": Zipf(),
            "counterfeiter": Zipf(),
        }

    def opening(self) -> Iterator[Signed]:
        """Yield the sign-ups that a day begins with: at least one seller of each role and language."""
        roles: tuple[Role, ...] = ("honest", "official", "counterfeiter")
        lands: tuple[Land, ...] = ("KR", "CN", "US")
        for role in roles:
            for land in lands:
                yield self._join(role, land)

    def newcomer(self) -> Signed:
        """Give the sign-up of the next seller, and of which kind it is."""
        return self._join(self._roles.draw(), self._lands.draw())

    def details_change(self) -> SellerSignup:
        """Give new details of a seller that is known already."""
        seller = self.somebody()
        return signup(self._rng, seller, shop=self._shop(seller), change="details_changed")

    def stillborn(self, seller: Seller) -> SellerSignup:
        """Give details that will never be read, for a broken event."""
        return signup(self._rng, seller, shop=shop_name(self._rng, seller.language), change="details_changed")

    def seller_for(self, kind: str) -> Seller:
        """Choose who makes a listing of this kind."""
        if kind == "authorised":
            return self._sellers["official"].choose(self._rng)
        if kind in {"counterfeit", "disguised"}:
            return self._sellers["counterfeiter"].choose(self._rng)
        # Who sells counterfeits shows some honest goods, too.
        role: Role = "counterfeiter" if kind == "honest" and happens(self._rng, 5) else "honest"
        return self._sellers[role].choose(self._rng)

    def somebody(self) -> Seller:
        """Choose any seller."""
        roles: tuple[Role, ...] = ("honest", "honest", "official", "counterfeiter")
        return self._sellers[self._rng.choice(roles)].choose(self._rng)

    def somebody_but(self, seller: Seller) -> Seller:
        """Choose a seller that is not this one."""
        while (other := self.somebody()) == seller:
            pass
        return other

    def coveted(self) -> Brand:
        """Choose a brand that is worth copying: the well-known ones more often."""
        return self._coveted.choose(self._rng)

    def _join(self, role: Role, land: Land) -> Signed:
        brand = next(self._unrepresented, None) if role == "official" else None
        if brand is None and role == "official":
            # Every brand of the registry has its shop by now.
            role = "honest"
        self._signed_up += 1
        seller_id = f"s-{self._signed_up:06d}" if brand is None else brand.authorised_sellers[0]
        seller = Seller(seller_id, role, land, brand)
        self._sellers[role].add(seller)
        return self._sign(seller)

    def _sign(self, seller: Seller) -> Signed:
        rng = self._rng
        if seller.role == "counterfeiter":
            flawed = happens(rng, _COUNTERFEITER_FLAWED)
            if happens(rng, _COUNTERFEITER_BRAND_SHOP):
                name = brand_shop_name(rng, seller.language, self.coveted(), disguised=happens(rng, 40))
                return signup(rng, seller, shop=name, flawed=flawed), "brand_shop_signup"
        else:
            flawed = seller.role == "honest" and happens(rng, _HONEST_FLAWED)
        kind = "flawed_signup" if flawed else "signup"
        return signup(rng, seller, shop=self._shop(seller), flawed=flawed), kind

    def _shop(self, seller: Seller) -> str:
        if seller.brand is not None:
            return name_in(seller.brand, LANGUAGES[seller.land], self._rng)
        return shop_name(self._rng, seller.language)
