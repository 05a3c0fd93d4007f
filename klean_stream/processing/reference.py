"""What every decision reads besides its rows: registry, policy, and what is known to be counterfeit."""

from dataclasses import dataclass, field

from klean_stream.brands import Registry
from klean_stream.likeness import Known
from klean_stream.policy import Policy


@dataclass(frozen=True, slots=True)
class ReferenceView:
    """What is in force for one unit of work.

    A version says how much of a log (``brands``, ``control``; ``known`` has those of its own) was absorbed: the offset
    of the last record plus one. Each of the logs has one partition, so that a version is one number.
    """

    registry: Registry
    registry_version: int
    policy: Policy
    control_version: int
    known: Known = field(default_factory=Known)
