"""What the demo shows: rates, verdicts, the latest takedowns and escalations, risk, dead letters, latency."""

import statistics
from typing import Any

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from klean_stream.cli.demo.ledger import Ledger
from klean_stream.cli.render import highlighted
from klean_stream.processing.absorb import FATES

_RISKIEST = 6


def screen(ledger: Ledger, total: int, rate: float) -> RenderableType:
    """Give the live view. ``rate`` is the number of events dealt with in a second, ``total`` those of the day."""
    done = ledger.accounted()
    head = Text.assemble(
        ("klean-stream ", "bold"),
        f"{done:,} of {total:,} events   {rate:,.0f} events/s   ",
        f"latency p50 {percentile(ledger, 50):,} ms  p95 {percentile(ledger, 95):,} ms",
    )
    counts = Table.grid(padding=(0, 3))
    counts.add_row(_counted("Decisions", ledger.verdicts), _riskiest(ledger), _counted("Dead letters", ledger.reasons))
    return Group(
        head,
        Panel(counts, title="so far"),
        Panel(_listed(ledger.takedowns), title="latest takedowns"),
        Panel(_listed(ledger.escalations), title="latest escalations"),
    )


def percentile(ledger: Ledger, percent: int) -> int:
    """Give a percentile of the latest latencies (publish to decision read), in milliseconds."""
    latencies = list(ledger.latencies_ms)
    if len(latencies) < 2:
        return latencies[0] if latencies else 0
    return int(statistics.quantiles(latencies, n=100)[percent - 1])


def _counted(title: str, counts: dict[str, int]) -> Table:
    table = Table(title=title, box=None, show_header=False, title_justify="left")
    for name, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:8]:
        table.add_row(Text(name), Text(f"{count:,}", style="cyan"))
    return table


def _riskiest(ledger: Ledger) -> Table:
    table = Table(title="Riskiest sellers", box=None, show_header=False, title_justify="left")
    ranked = sorted(ledger.risk.items(), key=lambda item: (-item[1]["points"], item[0]))[:_RISKIEST]
    for seller_id, risk in ranked:
        table.add_row(Text(seller_id), Text(str(risk["points"]), style="red"), Text(risk["level"]))
    return table


def _listed(found: Any) -> Table:
    table = Table(box=None, show_header=False)
    for body in reversed(found):
        table.add_row(
            Text(body["seller_id"], style="dim"),
            highlighted(body["title"], body["findings"], field="title"),
            Text(body["rule"], style="yellow"),
            Text(", ".join(body["brand_ids"]), style="green"),
        )
    return table


def closing(ledger: Ledger) -> RenderableType:
    """Give the closing of the books: published = decided + superseded + duplicate + dead-lettered, by topic."""
    table = Table(title="Reconciliation")
    for name in ("topic", "published", "decided", "superseded", "duplicate", "dead-lettered", "gap"):
        table.add_column(name, justify="left" if name in {"topic", "gap"} else "right")
    for line in ledger.reconciliation():
        table.add_row(
            line.topic,
            f"{line.published:,}",
            *(f"{line.tally[fate]:,}" for fate in FATES),
            Text(line.gap or "none", style="red" if line.gap else "green"),
        )
    outputs = ", ".join(f"{count:,} {topic}" for topic, count in sorted(ledger.outputs.items()))
    verdict = Text("Every event is accounted for.", style="green bold")
    if not ledger.balanced():
        verdict = Text("The books do not balance.", style="red bold")
        if ledger.repeated_ids:
            verdict.append(f" {ledger.repeated_ids} decision ids came more than once.")
    return Group(table, Text(f"Published by the worker: {outputs}"), verdict)
