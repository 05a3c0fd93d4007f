"""Results remembered in bounded memory: what is forgotten costs time when it is asked for again, and nothing else."""

from collections.abc import Callable, Sized
from typing import TypeVar

Key = TypeVar("Key", bound=Sized)
Value = TypeVar("Value")

_MISSING = object()
_LONGEST = 128
"""What is longer is computed each time: a seller may write words of any length."""
_FREED = 4
"""Results of former times that are freed for each new one."""


class Remembered(dict[Key, Value]):
    """A function of one argument, with its results for the last ``most`` arguments at least, and twice as many at most.

    It is asked as a dictionary is, which costs no call of Python code for what is known.
    """

    def __init__(self, compute: Callable[[Key], Value], most: int) -> None:
        super().__init__()
        self._compute = compute
        self._most = most
        self._older: dict[Key, Value] = {}
        self._forgotten: list[dict[Key, Value]] = []

    def __missing__(self, key: Key) -> Value:
        """Compute what is not known, or take it over from before."""
        if len(key) > _LONGEST:
            return self._compute(key)
        known = self._older.get(key, _MISSING)
        if len(self) >= self._most:
            self._older = self.copy()
            self.clear()
        if self._forgotten:
            self._free()
        value: Value = self._compute(key) if known is _MISSING else known  # type: ignore[assignment]
        self[key] = value
        return value

    def renewed(self) -> "Remembered[Key, Value]":
        """Give the same function without any result.

        To free tens of thousands of results takes milliseconds, which whoever changes an index must not wait for. So
        those of this one are freed bit by bit as new ones come.
        """
        if not self and not self._older:
            return self
        fresh = Remembered(self._compute, self._most)
        fresh._forgotten = [one for one in (self, self._older, *self._forgotten) if one]
        return fresh

    def _free(self) -> None:
        forgotten = self._forgotten[-1]
        for _ in range(min(_FREED, len(forgotten))):
            forgotten.popitem()
        if not forgotten:
            self._forgotten.pop()
