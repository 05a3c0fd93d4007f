"""The full workload: klean-stream's own core, matcher and registry included, for every contender."""

from pathlib import Path

import orjson

from bench.workloads.core import Event, Rows, Written
from klean_stream.brands import Registry
from klean_stream.policy import policy_of
from klean_stream.processing import ROUTES, InputRecord, Processor, ReferenceView
from klean_stream.processing.decoding import decode

# What is known of other sellers' takedowns depends on who was how far, and what the flood breaker counts is not the
# same where state is kept by the message's key; all contenders shall decide the same. The breaker counts nevertheless.
POLICY: dict[str, object] = {"relisting": {"days": 0}, "breaker": {"min_sellers": 1_000_000}}
_ROUTE = ROUTES["listings"]
_MAX_EVENT_BYTES = 524_288


class FullCore:
    """Decides listings under the brands of a JSONL file, one registry entry a line."""

    def __init__(self, brands: Path) -> None:
        changes = []
        for number, line in enumerate(brands.read_bytes().splitlines()):
            key = orjson.loads(line)["brand_id"].encode()
            record = InputRecord("brands", 0, number, 0, key, line)
            changes.append((key.decode(), decode(record, ROUTES["brands"], _MAX_EVENT_BYTES)))
        registry = Registry()
        registry.apply_many(changes, len(changes))
        self._reference = ReferenceView(registry, len(changes), policy_of(POLICY), 1)
        self._processor = Processor(_MAX_EVENT_BYTES)

    def decide(self, event: Event, rows: Rows) -> list[Written]:
        """Decide one listing."""
        record = InputRecord("listings", event.partition, event.offset, event.timestamp, event.key, event.value)
        absorbed = self._processor.absorb(record, _ROUTE, rows, self._reference)
        return [
            Written(output.topic, output.key or b"", output.value or b"", output.headers)  # type: ignore[arg-type]
            for output in absorbed.outputs
        ]
