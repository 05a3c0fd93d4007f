"""Who takes part, and what each promises: the speed of two contenders is only comparable beside it."""

from dataclasses import dataclass
from typing import Literal

Workload = Literal["transport", "state", "full"]
Size = Literal["large", "medium", "small"]


@dataclass(frozen=True, slots=True)
class Contender:
    """One contender.

    ``package`` is what its own virtualenv holds (`environments.py`), None where klean-stream's own has it.
    ``promises`` says by workload what it guarantees. ``sizes`` says how large an input it is given in `transport` and
    `state`: slower ones get less, so that all runs take about the same time.
    """

    name: str
    title: str
    module: str
    promises: dict[Workload, str]
    package: str | None = None
    sizes: tuple[Size, Size] = ("small", "small")

    def size(self, workload: Workload) -> Size:
        """Give the size of its input; in `full` all are given the same."""
        transport, state = self.sizes
        return transport if workload == "transport" else state if workload == "state" else "small"


_BARE = "nothing: no outputs, no durable state, no offsets"
_COUNTS = "nothing is to be promised"

ROSTER: dict[str, Contender] = {
    contender.name: contender
    for contender in (
        Contender(
            "bare",
            "bare aiokafka + orjson",
            "bench.contenders.bare",
            {
                "transport": _COUNTS,
                "state": f"{_BARE}; it only reads and decodes",
                "full": f"{_BARE}; rows in a dictionary",
            },
            sizes=("large", "large"),
        ),
        Contender(
            "deciding",
            "the same, and deciding",
            "bench.contenders.bare_decisions",
            {"state": "nothing: rows in a dictionary; what is decided is forgotten"},
            sizes=("large", "large"),
        ),
        Contender(
            "writing",
            "the same, deciding and writing",
            "bench.contenders.bare_outputs",
            {"state": "nothing: rows in a dictionary; outputs are sent, and lost with the process or the broker"},
            sizes=("large", "large"),
        ),
        Contender(
            "klean",
            "klean-stream",
            "bench.contenders.klean",
            {
                "transport": _COUNTS,
                "state": "exactly once: rows, positions and outputs in one transaction, a former owner fenced",
                "full": "exactly once, and a repeated event is known by its identity",
            },
            sizes=("large", "large"),
        ),
        Contender(
            "faust",
            "stock Faust, per event, uvloop, Cython",
            "bench.contenders.stock_faust",
            {
                "transport": _COUNTS,
                "state": "at least once; a crash counts events twice in the rows; rows and outputs are not atomic",
                "full": "at least once; rows and outputs are not atomic",
            },
        ),
        Contender(
            "quix",
            "Quix Streams",
            "bench.contenders.quix",
            {
                "transport": _COUNTS,
                "state": "exactly once: changelog, outputs and offsets in one transaction each 5 s",
                "full": "exactly once: changelog, outputs and offsets in one transaction each 5 s",
            },
            package="quixstreams",
            sizes=("medium", "medium"),
        ),
        Contender(
            "arroyo",
            "Arroyo",
            "bench.contenders.arroyo_stream",
            {
                "transport": _COUNTS,
                "state": "outputs at least once; **it has no state**: rows in a dictionary, lost with the process",
                "full": "outputs at least once; **it has no state**: rows in a dictionary, lost with the process",
            },
            package="sentry-arroyo",
            sizes=("medium", "small"),
        ),
        Contender(
            "bytewax",
            "Bytewax",
            "bench.contenders.bytewax_flow",
            {
                "transport": _COUNTS,
                "state": "at least once: rows in SQLite snapshots on this machine each 10 s, none in Kafka",
                "full": "at least once: rows in SQLite snapshots on this machine each 10 s, none in Kafka",
            },
            package="bytewax",
            sizes=("large", "medium"),
        ),
    )
}
