"""Cases: how they are opened, escalated and closed, and what a moderator's decision changes."""

from klean_stream.moderation.case_ids import case_id, parse_case_id
from klean_stream.moderation.decide import decide_moderation

__all__ = ["case_id", "decide_moderation", "parse_case_id"]
