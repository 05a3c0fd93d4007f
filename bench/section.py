"""What a section of the results is given and gives."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Target:
    """Something that has to hold: ``value`` at least (or, ``at_most``, at most) ``wanted``."""

    what: str
    value: float
    wanted: float
    at_most: bool = False

    @property
    def holds(self) -> bool:
        """Whether it holds."""
        return self.value <= self.wanted if self.at_most else self.value >= self.wanted

    def __str__(self) -> str:
        relation = "at most" if self.at_most else "at least"
        return f"{self.what}: {self.value:.3g}, wanted {relation} {self.wanted:g}"


@dataclass(frozen=True, slots=True)
class Section:
    """One section of ``results.md``: a title, Markdown (tables, and what they mean), and its targets.

    ``block`` names the place in the README that shows the body, too.
    """

    title: str
    body: str
    targets: tuple[Target, ...] = ()
    block: str | None = None


@dataclass(frozen=True, slots=True)
class Context:
    """What all sections share.

    ``bootstrap`` is the broker of this run, ``folder`` a temporary folder, ``runs`` how often each measurement is
    repeated (the median counts), ``quick`` asks for small sizes: the numbers are then a smoke test. ``wanted``
    says whether a contender was asked for; ``say`` tells the terminal how far the section is. ``brands`` and
    ``titles`` are files of real data, where given. ``profiles`` is a folder for profiles of the contenders.
    """

    bootstrap: str
    folder: Path
    runs: int
    quick: bool
    say: Callable[[str], None]
    contenders: frozenset[str] | None = None
    brands: Path | None = None
    titles: Path | None = None
    profiles: Path | None = None

    def wanted(self, contender: str) -> bool:
        """Whether a contender takes part in this run."""
        return self.contenders is None or contender in self.contenders


class WrongOutputError(Exception):
    """A contender's outputs are not those that it should have written: its speed counts for nothing."""
