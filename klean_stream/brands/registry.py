"""The rights registry in force."""

from collections.abc import Iterable

from klean_stream.brands.match import ListingText
from klean_stream.events import Brand, Finding


class Registry:
    version: int = 0

    def __init__(self) -> None:
        self._brands: dict[str, Brand] = {}

    def __len__(self) -> int:
        return len(self._brands)

    def apply(self, brand_id: str, brand: Brand | None, version: int) -> None:
        self.apply_many([(brand_id, brand)], version)

    def apply_many(self, changes: Iterable[tuple[str, Brand | None]], version: int) -> None:
        for brand_id, brand in changes:
            if brand is None:
                self._brands.pop(brand_id, None)
            else:
                self._brands[brand_id] = brand
        self.version = version

    def brand(self, brand_id: str) -> Brand | None:
        return self._brands.get(brand_id)

    def represents(self, reporter_id: str, brand_id: str) -> bool:
        brand = self._brands.get(brand_id)
        return brand is not None and (
            reporter_id in brand.agents or (brand.owner is not None and reporter_id in brand.owner.reporter_ids)
        )

    def marks_used(
        self, text: ListingText, *, seller_id: str, category: str | None, now: int
    ) -> tuple[Finding, ...]:
        return ()
