"""Who takes part, and what each promises: the speed of two contenders is only comparable beside it."""

from dataclasses import dataclass
from typing import Literal

Workload = Literal["transport", "state", "full"]
Size = Literal["large", "small"]


@dataclass(frozen=True, slots=True)
class Contender:
    """One contender.

    ``package`` is what its own virtualenv holds (`environments.py`), None where klean-stream's own has it.
    ``promises`` says by workload what it guarantees; a workload that is not in it is not its own. A ``slow``
    contender is given a smaller input in ``transport`` and ``state``, so that its runs take as long as the
    others'.
    """

    name: str
    title: str
    module: str
    promises: dict[Workload, str]
    package: str | None = None
    slow: bool = False


_NO_PROMISE = "nothing: no state, no outputs, no offsets"

ROSTER: dict[str, Contender] = {
    contender.name: contender
    for contender in (
        Contender(
            "bare",
            "bare aiokafka + orjson",
            "bench.contenders.bare",
            {
                "transport": _NO_PROMISE,
                "state": f"{_NO_PROMISE}; only reads and decodes",
            },
        ),
        Contender(
            "klean",
            "klean-stream",
            "bench.contenders.klean",
            {
                "transport": "none needed: it only counts",
                "state": "exactly once: rows, positions and outputs in one transaction; a former owner is fenced",
            },
        ),
    )
}
