"""Folding the ``control`` topic: which policy is in force after a record.

The topic is compacted, one record for the policy and one for the mode, and either may be read first. So a
``mode`` record overrides the mode of any policy, before and after it, until the next ``mode`` record: the
emergency stop holds although someone publishes a policy that says ``mode = "enforce"``.
"""

from klean_stream.events import Control
from klean_stream.policy.policy import Policy, policy_of


def apply_control(policy: Policy, control: Control) -> Policy:
    """Give the policy in force after ``control``. Raises PolicyError if its policy is not valid.

    A policy record is laid over the packaged default, never over the policy before it.
    """
    if control.kind == "mode" and control.mode is not None:
        return policy.with_mode(control.mode)
    replacement = policy_of(control.policy or {})
    return replacement.with_mode(policy.mode) if policy.mode_recorded else replacement
