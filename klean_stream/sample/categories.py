"""The shelves of the sample marketplace: what is sold there, in three languages, and for how much."""

import tomllib
from dataclasses import dataclass
from importlib.resources import files
from typing import Literal

import msgspec

Language = Literal["ko", "en", "zh"]


@dataclass(frozen=True, slots=True)
class Category:
    """A shelf: its class of the Nice Classification, lowest and highest price in won, and its goods."""

    nice: int
    won: tuple[int, int]
    ko: tuple[str, ...]
    en: tuple[str, ...]
    zh: tuple[str, ...]

    def goods(self, language: Language) -> tuple[str, ...]:
        """Give what lies on the shelf, as it is called in this language."""
        return {"ko": self.ko, "en": self.en, "zh": self.zh}[language]


def load(file: str) -> object:
    """Read one of the TOML files of this package."""
    return tomllib.loads(files(__package__).joinpath(file).read_text(encoding="utf-8"))


CATEGORIES = msgspec.convert(load("shelves.toml"), dict[str, Category])
