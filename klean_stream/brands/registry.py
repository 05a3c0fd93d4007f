"""The rights registry in force: which brands stand in it, who speaks for them, whose marks a text uses."""

from collections.abc import Iterable

from klean_stream.brands.goods import nice_classes
from klean_stream.brands.match import ListingText
from klean_stream.brands.matcher import BrandMatcher
from klean_stream.brands.rights import rule_on
from klean_stream.events import Brand, Finding

_MOST_FINDINGS = 40
"""Findings for one text, the surest first, so that rows and records that hold them stay small."""


class Registry:
    """The brands absorbed so far, with their search index.

    ``version`` is the number of records of the ``brands`` topic absorbed. Many changes at once cost one update
    of the index; it is made at the next question.
    """

    def __init__(self, territory: str = "KR") -> None:
        self.version = 0
        self._territory = territory
        self._brands: dict[str, Brand] = {}
        self._matcher = BrandMatcher()

    def __len__(self) -> int:
        return len(self._brands)

    def apply(self, brand_id: str, brand: Brand | None, version: int) -> None:
        """Add or replace a brand, or remove it (None)."""
        self.apply_many([(brand_id, brand)], version)

    def apply_many(self, changes: Iterable[tuple[str, Brand | None]], version: int) -> None:
        """Apply changes in their order; of several about one brand only the last costs work."""
        for brand_id, brand in dict(changes).items():
            if brand is None:
                self._brands.pop(brand_id, None)
                self._matcher.remove(brand_id)
            else:
                self._brands[brand_id] = brand
                self._matcher.put(brand)
        self.version = version

    def brand(self, brand_id: str) -> Brand | None:
        """Give a brand, or None if it does not stand in the registry."""
        return self._brands.get(brand_id)

    def represents(self, reporter_id: str, brand_id: str) -> bool:
        """Tell if the reporter stands in the registry as owner or agent of that very brand."""
        brand = self._brands.get(brand_id)
        if brand is None:
            return False
        return reporter_id in brand.agents or (brand.owner is not None and reporter_id in brand.owner.reporter_ids)

    def marks_used(self, text: ListingText, *, seller_id: str, category: str | None, now: int) -> tuple[Finding, ...]:
        """Give the marks that a text uses, each with what the rights make of it; in the order of the text.

        ``now`` is in milliseconds since the epoch. A disposition other than those of :mod:`.rights` says how
        the name is used: ``compatible``, ``negated`` or ``common_word``.
        """
        classes = nice_classes(category)
        findings = []
        for match in self._matcher.match(text, classes):
            ruling = rule_on(
                self._brands[match.brand_id],
                seller_id=seller_id,
                classes=classes,
                now=now,
                territory=self._territory,
            )
            counts = ruling.disposition == "counts"
            findings.append(
                Finding(
                    kind="mark",
                    technique=match.technique,
                    brand_id=match.brand_id,
                    field=match.field,
                    surface=match.surface,
                    start=match.start,
                    end=match.end,
                    confidence=match.confidence,
                    tier=match.tier,
                    disposition=match.use or "counts" if counts else ruling.disposition,
                    right=None if ruling.mark is None else ruling.mark.number,
                    jurisdiction=None if ruling.mark is None else ruling.mark.jurisdiction,
                )
            )
        if len(findings) > _MOST_FINDINGS:
            surest = sorted(range(len(findings)), key=lambda i: (findings[i].tier != "act", i))[:_MOST_FINDINGS]
            findings = [findings[i] for i in sorted(surest)]
        return tuple(findings)
