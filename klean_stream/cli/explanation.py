"""What ``klean-stream match --explain`` prints of a text."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from rich.console import Group, RenderableType
from rich.text import Text

from klean_stream.brands import BrandMatcher
from klean_stream.brands.explain import Explanation, Outcome, explain
from klean_stream.brands.goods import nice_classes
from klean_stream.brands.match import ListingText
from klean_stream.brands.rights import Ruling, rule_on
from klean_stream.cli.render import BRACKETS, highlighted, seller_text, table
from klean_stream.events import Brand, Finding
from klean_stream.listings.searched import searched
from klean_stream.listings.vocabulary import find_counterfeit_words
from klean_stream.policy import default_policy

_STYLE: dict[Outcome, str] = {"act": "bold red", "review": "yellow", "dropped": "dim"}


class CategorisedText(ListingText, Protocol):
    """A text that stands in a category."""

    @property
    def category(self) -> str | None:
        """The category, as a name or a path of names; None if there is none."""
        ...


@dataclass(frozen=True, slots=True)
class TextExplanation:
    """What was found in a text: names, words that say "counterfeit", and what the packaged policy cuts."""

    text: CategorisedText
    classes: tuple[int, ...] | None
    explained: Explanation
    words: tuple[Finding, ...]
    cuts: tuple[Finding, ...]

    def as_json(self) -> dict[str, Any]:
        """Give it for programs."""
        return {
            "nice_classes": self.classes,
            "views": [asdict(view) for view in self.explained.views],
            "places": [asdict(place) for place in self.explained.places],
            "counterfeit_words": [asdict(word) for word in self.words],
            "cut": [{"field": cut.field, "at": cut.start, "of": cut.end} for cut in self.cuts],
        }

    def as_tables(self) -> RenderableType:
        """Give it for people: seller text with its hidden characters shown and what was found set off."""
        shown = [place for place in self.explained.places if place.outcome != "dropped"]
        found = [*map(asdict, shown), *map(asdict, self.words)]
        fields: list[RenderableType] = [
            Text.assemble(f"{field}: ", highlighted(text, found, field=field, brackets=BRACKETS))
            for field, text in (("title", self.text.title), ("description", self.text.description))
            if text
        ]
        fields += [
            Text(f"{cut.field}: not searched from code point {cut.start} to {cut.end} (limits of the policy)", "yellow")
            for cut in self.cuts
        ]
        named = "any" if self.classes is None else ", ".join(map(str, self.classes))
        fields.append(Text(f"category: {self.text.category or 'none'} (Nice classes: {named})"))
        views = table(
            ("field", "view", "what is searched"),
            ((Text(view.field), Text(view.view), seller_text(view.text)) for view in self.explained.views),
        )
        names = table(
            ("outcome", "in the text", "span", "name", "brand", "technique", "confidence#", "right", "why"),
            (
                (
                    Text(place.outcome, style=_STYLE[place.outcome]),
                    seller_text(place.surface),
                    Text(f"{place.field} {place.start}–{place.end}"),
                    seller_text(place.name),
                    seller_text(place.brand_id),
                    Text(place.technique),
                    Text(str(place.confidence)),
                    seller_text("–" if place.right is None else f"{place.right} ({place.jurisdiction or '?'})"),
                    Text(f"{place.reason}: {place.why}"),
                )
                for place in self.explained.places
            ),
        )
        words = table(
            ("counterfeit word", "span", "technique", "confidence#", "disposition"),
            (
                (
                    seller_text(word.surface),
                    Text(f"{word.field} {word.start}–{word.end}"),
                    Text(word.technique),
                    Text(str(word.confidence)),
                    Text(word.disposition),
                )
                for word in self.words
            ),
        )
        nothing = Text("No name of the registry, and no part of one, is in the text.")
        return Group(*fields, views, names if self.explained.places else nothing, *([words] if self.words else []))


def explain_text(
    text: CategorisedText, brands: Iterable[Brand], *, seller_id: str, territory: str, day: datetime | None
) -> TextExplanation:
    """Explain a text against a registry. ``day`` is when rights must be in force (UTC), None for now."""
    registry = {brand.brand_id: brand for brand in brands}
    classes = nice_classes(text.category)
    now = int((datetime.now(UTC) if day is None else day.replace(tzinfo=UTC)).timestamp() * 1000)

    def ruling_on(brand_id: str) -> Ruling:
        return rule_on(registry[brand_id], seller_id=seller_id, classes=classes, now=now, territory=territory)

    part = searched(text, default_policy().limits)
    words = (*find_counterfeit_words("title", part.title), *find_counterfeit_words("description", part.description))
    return TextExplanation(
        text=text,
        classes=None if classes is None else tuple(sorted(classes)),
        explained=explain(BrandMatcher.build(registry.values()), part, classes, ruling_on),
        words=words,
        cuts=part.cuts,
    )
