"""What Prometheus sees. Names follow its conventions: base units, ``_total`` for counters."""

import contextlib
from collections.abc import Iterable

from prometheus_client import Counter, Gauge, Histogram

from klean_stream.events import ReportOutcome
from klean_stream.processing import Absorbed

EVENTS = Counter("klean_events_total", "Input records by what became of them.", ["topic", "fate"])
VERDICTS = Counter("klean_verdicts_total", "Decisions by verdict and rule.", ["topic", "verdict", "rule"])
DEAD_LETTERS = Counter("klean_dead_letters_total", "Dead letters by reason.", ["topic", "reason"])
REPORTS_CLOSED = Counter(
    "klean_reports_closed_total", "IP reports with an outcome, by whether it came in time.", ["within_deadline"]
)
UNITS = Counter("klean_units_committed_total", "Units of work made durable.")
UNIT_SECONDS = Histogram(
    "klean_unit_seconds",
    "From the first record of a unit to its commit.",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
UNIT_FAILURES = Counter("klean_unit_failures_total", "Units rolled back and repeated.", ["kind", "partition", "error"])
REWINDS = Counter("klean_rewinds_total", "Fetched batches refused because they left a gap.", ["topic"])
LOST_TO_RETENTION = Counter(
    "klean_lost_to_retention_total", "Records that retention deleted before they were absorbed.", ["topic"]
)
LAG = Gauge("klean_lag_records", "Records between the last absorbed one and the end.", ["topic", "partition"])
RECOVERED_ROWS = Counter("klean_recovered_rows_total", "Changelog records applied.", ["kind", "partition"])
RECOVERY_SECONDS = Gauge("klean_recovery_seconds", "How long the last recovery took.", ["kind", "partition"])
PARTITIONS = Gauge("klean_partitions", "Owned partitions by what they are doing.", ["doing"])
BUSY_SECONDS = Gauge(
    "klean_partition_busy_seconds",
    "For how long the partition has been doing the same thing; 0 while it waits for records.",
    ["kind", "partition"],
)
REFERENCE_VERSION = Gauge("klean_reference_version", "Records absorbed of the log.", ["log"])
REVIEW_ONLY = Gauge("klean_review_only", "1 while every machine takedown becomes an escalation.")


def count_absorbed(topic: str, absorbed: Absorbed) -> None:
    """Count one record of a unit that was committed."""
    EVENTS.labels(topic, absorbed.fate).inc()
    if absorbed.decision is not None:
        VERDICTS.labels(topic, absorbed.decision.verdict, absorbed.decision.rule).inc()
    if absorbed.reason is not None:
        DEAD_LETTERS.labels(topic, absorbed.reason).inc()
    for outcome in absorbed.published:
        if isinstance(outcome, ReportOutcome) and outcome.within_deadline is not None:
            REPORTS_CLOSED.labels(str(outcome.within_deadline).lower()).inc()


def forget_partition(kind: str, number: int, topics: Iterable[str]) -> None:
    """Drop the gauges of a partition that is not owned any more: another worker tells them now."""
    with contextlib.suppress(KeyError):
        BUSY_SECONDS.remove(kind, number)
    for topic in topics:
        with contextlib.suppress(KeyError):
            LAG.remove(topic, number)
