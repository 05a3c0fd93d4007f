"""Thresholds and weights as data: one validated TOML file, and its hash in every decision."""

from klean_stream.policy.in_force import apply_control
from klean_stream.policy.policy import Policy, PolicyError, default_policy, load_policy, policy_of

__all__ = [
    "Policy",
    "PolicyError",
    "apply_control",
    "default_policy",
    "load_policy",
    "policy_of",
]
