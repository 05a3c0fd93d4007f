"""What every decision reads besides its rows: the rights registry and the policy, each with its version."""

from dataclasses import dataclass

from klean_stream.brands import Registry
from klean_stream.policy import Policy


@dataclass(frozen=True, slots=True)
class ReferenceView:
    """The registry and the policy in force for one unit of work.

    A version is the number of records of the ``brands`` or ``control`` log that were absorbed: the offset of
    the last one plus one. The two logs have one partition each, so that a version is one number.
    """

    registry: Registry
    registry_version: int
    policy: Policy
    control_version: int
