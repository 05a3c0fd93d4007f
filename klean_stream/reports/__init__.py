"""IP reports: intake, verification, and what is decided on them."""

from klean_stream.moderation import case_id, decide_moderation, parse_case_id
from klean_stream.reports.decide import decide_report

__all__ = ["case_id", "decide_moderation", "decide_report", "parse_case_id"]
