"""Results remembered in bounded memory: what is forgotten costs time when it is asked for again, and nothing else."""

from collections.abc import Callable, Sized
from typing import Final, Generic, TypeVar, cast

Key = TypeVar("Key", bound=Sized)
Value = TypeVar("Value")

_MISSING: Final = object()
_LONGEST: Final = 128
"""What is longer is computed each time: a seller may write words of any length."""
_FREED: Final = 4
"""Results of former times that are freed for each new one."""


class Remembered(Generic[Key, Value]):
    """A function of one argument, with its results for the last ``most`` arguments at least, twice as many at most."""

    def __init__(self, compute: Callable[[Key], Value], most: int) -> None:
        self._compute = compute
        self._most = most
        self._newer: dict[Key, Value] = {}
        self._older: dict[Key, Value] = {}
        self._forgotten: list[dict[Key, Value]] = []

    def __getitem__(self, key: Key) -> Value:
        """Give the function's result."""
        known = self._newer.get(key, _MISSING)
        return self._remember(key) if known is _MISSING else cast("Value", known)

    def __len__(self) -> int:
        return len(self._newer)

    def renewed(self) -> "Remembered[Key, Value]":
        """Give the same function without any result.

        To free tens of thousands of results takes milliseconds, which whoever changes an index must not wait for. So
        those of this one are freed bit by bit as new ones come.
        """
        if not self._newer and not self._older:
            return self
        fresh = Remembered(self._compute, self._most)
        fresh._forgotten = [one for one in (self._newer, self._older, *self._forgotten) if one]
        return fresh

    def _remember(self, key: Key) -> Value:
        if len(key) > _LONGEST:
            return self._compute(key)
        known = self._older.get(key, _MISSING)
        if len(self._newer) >= self._most:
            self._older = self._newer
            self._newer = {}
        if self._forgotten:
            self._free()
        value = self._compute(key) if known is _MISSING else cast("Value", known)
        self._newer[key] = value
        return value

    def _free(self) -> None:
        forgotten = self._forgotten[-1]
        for _ in range(min(_FREED, len(forgotten))):
            forgotten.popitem()
        if not forgotten:
            self._forgotten.pop()
