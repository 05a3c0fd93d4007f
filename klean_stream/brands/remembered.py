"""Results remembered in bounded memory: what is forgotten costs time when it is asked for again, and nothing else."""

from collections.abc import Callable
from typing import TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")

_MISSING = object()


class Remembered(dict[Key, Value]):
    """A function of one argument, with its results for the last ``most`` arguments at least, and twice as many at most.

    It is asked as a dictionary is, which costs no call of Python code for what is known.
    """

    def __init__(self, compute: Callable[[Key], Value], most: int) -> None:
        super().__init__()
        self._compute = compute
        self._most = most
        self._older: dict[Key, Value] = {}

    def __missing__(self, key: Key) -> Value:
        """Compute what is not known, or take it over from before."""
        if len(self) >= self._most:
            self._older = self.copy()
            self.clear()
        known = self._older.get(key, _MISSING)
        value: Value = self._compute(key) if known is _MISSING else known  # type: ignore[assignment]
        self[key] = value
        return value

    def forget(self) -> None:
        """Forget all results."""
        self.clear()
        self._older = {}
