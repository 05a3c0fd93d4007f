"""The reports that a case holds, and the answers that their reporters get.

Every report is acknowledged, and every report gets a final outcome: that of its case, or at once ``joined``
where the case holds as many reports as fit into a row (then it is counted). None is lost silently.
"""

from dataclasses import replace

import orjson

from klean_stream.decision.replies import reply
from klean_stream.decision.rows import ReportEntry
from klean_stream.events import ReportOutcome
from klean_stream.events.outputs import ReportResult
from klean_stream.moderation.cases import HOUR
from klean_stream.moderation.draft import Draft

MAX_REPORTS = 300
MAX_BYTES = 32 * 1024  # of the reports in a row
# The longest possible entry (ids of 128 four-byte characters) is under 1,300 bytes: below this, nothing to
# measure.
_SURELY_FITS = 24


def join(draft: Draft, entry: ReportEntry, *, if_full: ReportResult = "joined") -> None:
    """Acknowledge a report and add it to the case; if the case is full, count it and answer it at once."""
    case = draft.require_case()
    _tell(draft, entry, "received")
    reports = (*case.reports, entry)
    if len(reports) <= _SURELY_FITS or (len(reports) <= MAX_REPORTS and len(orjson.dumps(reports)) <= MAX_BYTES):
        draft.note_in_case(reports=reports)
        return
    draft.note_in_case(reports_beyond=case.reports_beyond + 1)
    _tell(draft, entry, if_full)


def answer_reporters(draft: Draft, result: ReportResult) -> None:
    """Send the outcome to everyone who waits for one, and to those who were told another."""
    case = draft.require_case()
    for entry in case.reports:
        if entry.outcome != result:
            _tell(draft, entry, result)
    draft.note_in_case(reports=tuple(replace(entry, outcome=result) for entry in case.reports))


def ask_reporters(draft: Draft, deadline: int) -> None:
    """Ask those who still wait for more, and move the deadline of their answers to ``deadline``."""
    entries = []
    for entry in draft.require_case().reports:
        if entry.outcome is not None:
            entries.append(entry)
            continue
        _tell(draft, entry, "more_information_needed")
        entries.append(replace(entry, deadline=deadline))
    draft.note_in_case(reports=tuple(entries))


def _tell(draft: Draft, entry: ReportEntry, result: ReportResult) -> None:
    case = draft.require_case()
    received = result == "received"
    correction = entry.outcome is not None
    hours = draft.policy.deadlines.need_more if result == "more_information_needed" else _hours(entry)
    draft.emit(
        ReportOutcome(
            id=draft.output_id("report_acknowledgement" if received else "report_outcome"),
            kind="acknowledgement" if received else "outcome",
            report_id=entry.report_id,
            reporter_id=entry.reporter_id,
            seller_id=draft.seller_id,
            listing_id=draft.listing_id or "",
            case_id=case.case_id,
            result=result,
            received=entry.received,
            deadline=entry.deadline,
            within_deadline=None if received or correction else draft.now <= entry.deadline,
            text=reply(result, report_id=entry.report_id, listing_id=draft.listing_id or "", hours=hours),
            decision_id=draft.context.decision_id,
            time=draft.now,
        )
    )


def _hours(entry: ReportEntry) -> int:
    return (entry.deadline - entry.received) // HOUR
