"""What Prometheus sees. Names follow its conventions: base units, ``_total`` for counters."""

import contextlib
from collections import Counter as Counts
from collections.abc import Iterable

from prometheus_client import Counter, Gauge, Histogram

from klean_stream.events import BrandHold, ReportOutcome
from klean_stream.processing import Absorbed

EVENTS = Counter("klean_events_total", "Input records by what became of them.", ["topic", "fate"])
VERDICTS = Counter("klean_verdicts_total", "Decisions by verdict and rule.", ["topic", "verdict", "rule"])
DEAD_LETTERS = Counter("klean_dead_letters_total", "Dead letters by reason.", ["topic", "reason"])
REPORTS_CLOSED = Counter(
    "klean_reports_closed_total", "IP reports with an outcome, by whether it came in time.", ["within_deadline"]
)
BRAND_HOLDS = Counter(
    "klean_brand_holds_total", "Times that a brand began to be held at review, by brand.", ["brand_id"]
)
UNITS = Counter("klean_units_committed_total", "Units of work made durable.")
UNIT_SECONDS = Histogram(
    "klean_unit_seconds",
    "From the first record of a unit to its commit.",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
UNIT_FAILURES = Counter(
    "klean_unit_failures_total",
    "Units rolled back and repeated, or (StillOpen) committed and not shown.",
    ["kind", "partition", "error"],
)
REWINDS = Counter("klean_rewinds_total", "Fetched batches refused because they left a gap.", ["topic"])
LOST_TO_RETENTION = Counter(
    "klean_lost_to_retention_total", "Records that retention deleted before they were absorbed.", ["topic"]
)
TOPICS_REMADE = Counter(
    "klean_topics_remade_total", "Times that a partition found a topic deleted and made again.", ["topic"]
)
LAG = Gauge("klean_lag_records", "Records between the last absorbed one and the end.", ["topic", "partition"])
RECOVERED_ROWS = Counter("klean_recovered_rows_total", "Changelog records applied.", ["kind", "partition"])
RECOVERY_REMAINING = Gauge(
    "klean_recovery_remaining_records", "Changelog records still to be applied.", ["kind", "partition"]
)
RECOVERY_SECONDS = Gauge("klean_recovery_seconds", "How long the last recovery took.", ["kind", "partition"])
PARTITIONS = Gauge("klean_partitions", "Owned partitions by what they are doing.", ["doing"])
BUSY_SECONDS = Gauge(
    "klean_partition_busy_seconds",
    "For how long the partition has waited for one thing, or failed over and over; 0 while it is idle.",
    ["kind", "partition"],
)
STUCK = Gauge("klean_partition_stuck", "1 while the partition has come no further for too long.", ["kind", "partition"])
REFERENCE_VERSION = Gauge("klean_reference_version", "Records absorbed of the log.", ["log"])
REVIEW_ONLY = Gauge("klean_review_only", "1 while every machine takedown becomes an escalation.")


class Tally:
    """Counts of what a unit decided, told to Prometheus when the unit is durable.

    Gathered first because a labelled counter costs more than a microsecond each time, and a unit that is rolled back
    must not have counted.
    """

    def __init__(self) -> None:
        self._verdicts: Counts[tuple[str, str, str]] = Counts()
        self._reasons: Counts[tuple[str, str]] = Counts()
        self._reports: Counts[bool] = Counts()
        self._holds: Counts[str] = Counts()

    def add(self, topic: str, absorbed: Absorbed) -> None:
        """Take one record."""
        if absorbed.decision is not None:
            self._verdicts[topic, absorbed.decision.verdict, absorbed.decision.rule] += 1
        if absorbed.reason is not None:
            self._reasons[topic, absorbed.reason] += 1
        for outcome in absorbed.published:
            # Who is asked for more gets an outcome yet, and that is the one that counts.
            if (
                isinstance(outcome, ReportOutcome)
                and outcome.within_deadline is not None
                and outcome.result != "more_information_needed"
            ):
                self._reports[outcome.within_deadline] += 1
            elif isinstance(outcome, BrandHold):
                self._holds[outcome.brand_id] += 1

    def publish(self) -> None:
        """Count all of it."""
        for verdict, count in self._verdicts.items():
            VERDICTS.labels(*verdict).inc(count)
        for reason, count in self._reasons.items():
            DEAD_LETTERS.labels(*reason).inc(count)
        for within, count in self._reports.items():
            REPORTS_CLOSED.labels(str(within).lower()).inc(count)
        for brand_id, count in self._holds.items():
            BRAND_HOLDS.labels(brand_id).inc(count)


def forget_partition(kind: str, number: int, topics: Iterable[str]) -> None:
    """Drop the gauges of a partition that is not owned any more: another worker tells them now."""
    for gauge in (BUSY_SECONDS, STUCK, RECOVERY_REMAINING):
        with contextlib.suppress(KeyError):
            gauge.remove(kind, number)
    for topic in topics:
        with contextlib.suppress(KeyError):
            LAG.remove(topic, number)
