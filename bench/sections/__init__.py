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
    "commit_ways",
)
