"""The sections of ``results.md``, in their order. To add one, write a module with ``run`` and name it here."""

SECTIONS: tuple[str, ...] = (
    "matching",
    "transport",
    "state",
    "full",
    "scaling",
    "latency",
    "rebalance",
    "recovery",
)
SPIKES: tuple[str, ...] = ("commit_ways",)
"""What a decision was made by: they run when they are asked for."""
