"""Absorbing one record: decode, know duplicates, decide, write rows, give outputs."""

import logging
from collections.abc import Callable
from typing import Literal, Protocol

from msgspec import Struct

from klean_stream.decision import CaseRow, Context, ListingRow, Outcome, Rejected, SellerRow, State
from klean_stream.events import Decision, Output, RiskView
from klean_stream.events.identity import Identity
from klean_stream.processing.dead_letters import dead_letter
from klean_stream.processing.decoding import decode
from klean_stream.processing.flow import StoredFlow, changes_of
from klean_stream.processing.outputs import to_record
from klean_stream.processing.record import InputRecord, OutputRecord
from klean_stream.processing.reference import ReferenceView
from klean_stream.processing.routes import Route
from klean_stream.processing.rows import (
    Rows,
    RowsError,
    case_key,
    dump_row,
    listing_key,
    load_row,
    seen_key,
    seller_key,
)
from klean_stream.risk import view

log = logging.getLogger(__name__)

Fate = Literal["decided", "superseded", "duplicate", "dead_lettered"]
FATES: tuple[Fate, ...] = ("decided", "superseded", "duplicate", "dead_lettered")
_DAY = 86_400_000
# No row is larger (docs/concepts.md); no record is larger than the output topics take, with room for headers.
_ROW_LIMIT = 65_536
_OUTPUT_LIMIT = 1_000_000


class Absorbed(Struct, frozen=True, gc=False):
    """What became of a record, what is to be published (as records and typed), and the decision if there is one.

    ``reason`` is the dead letter's.
    """

    fate: Fate
    outputs: tuple[OutputRecord, ...] = ()
    decision: Decision | None = None
    published: tuple[Output, ...] = ()
    reason: str | None = None


class Absorbs(Protocol):
    """What a partition asks for each record: its fate, its rows written into ``rows``, its outputs."""

    def absorb(self, record: InputRecord, route: Route, rows: Rows, reference: ReferenceView) -> Absorbed:
        """Decide one record. Raises only what befalls any record; the whole unit is then tried again."""


class Processor:
    """Absorbs records. ``max_event_bytes`` bounds a record's value.

    ``placement`` may refuse a record for where it lies (it raises Rejected): only who knows the partitions can
    judge that. A replay has none.
    """

    def __init__(self, max_event_bytes: int = 524_288, placement: Callable[[InputRecord], None] | None = None) -> None:
        self._max_event_bytes = max_event_bytes
        self._placement = placement

    def absorb(self, record: InputRecord, route: Route, rows: Rows, reference: ReferenceView) -> Absorbed:
        """Decide one record, write its rows into ``rows`` and give what is to be published.

        Never raises for what a record may hold: a record that cannot be decided becomes a dead letter and
        changes no row. A fault of the code on one record is a dead letter too (``processing_error``), so that
        its batch goes on. Raises RowsError where rows cannot be read, and MemoryError: those would befall any
        record, and the whole unit has to be tried again.
        """
        try:
            event = decode(record, route, self._max_event_bytes)
            if self._placement is not None:
                self._placement(record)
            identity = Identity.of(record.key, record.value, record.headers)
            seen = seen_key(identity.text)
            window = reference.policy.seen_window_days * _DAY
            last = rows.get(seen)
            if last is not None and record.timestamp - int(last) <= window:
                return Absorbed("duplicate")
            absorbed, changes = self._decide(event, record, route, rows, reference, identity)
            _check_sizes(absorbed, changes)
        except Rejected as rejected:
            return self._dead_letter(record, route, rejected.reason, rejected.detail)
        except (RowsError, MemoryError):
            raise
        except Exception as error:
            log.exception("%s %d@%d cannot be processed", record.topic, record.partition, record.offset)
            return self._dead_letter(record, route, "processing_error", type(error).__name__)
        for key, value in changes:
            rows.put(key, value)
        rows.put(seen, str(record.timestamp).encode())
        return absorbed

    def _decide(
        self,
        event: object,
        record: InputRecord,
        route: Route,
        rows: Rows,
        reference: ReferenceView,
        identity: Identity,
    ) -> tuple[Absorbed, list[tuple[bytes, bytes | None]]]:
        context = Context(
            now=record.timestamp,
            identity=identity,
            registry=reference.registry,
            policy=reference.policy,
            flow=StoredFlow(record.partition, rows),
            known=reference.known,
        )
        subject = None if event is None else route.subject(event)
        keys = _row_keys(subject)
        before = _load(keys, rows)
        outcome = route.decide(event, context, before)
        changes = _changes(keys, before, outcome.state)
        if outcome.counted is not None:
            changes += changes_of(outcome.counted, record.partition)
        listing_id = None if subject is None else subject[1]
        decision = _record_of(outcome, before, record, reference, context, listing_id)
        outputs = tuple(to_record(output, record.timestamp) for output in (decision, *outcome.outputs))
        fate: Fate = "superseded" if outcome.superseded else "decided"
        return Absorbed(fate, outputs, decision, outcome.outputs), changes

    @staticmethod
    def _dead_letter(record: InputRecord, route: Route, reason: str, detail: str) -> Absorbed:
        letter = dead_letter(record, reason, detail, personal_data=route.personal_data)
        return Absorbed("dead_lettered", (letter,), reason=reason)


def _check_sizes(absorbed: Absorbed, changes: list[tuple[bytes, bytes | None]]) -> None:
    """Raise Rejected for an outcome that Kafka would refuse: it must not hold up the whole partition."""
    for key, value in changes:
        if value is not None and len(value) > _ROW_LIMIT:
            raise Rejected("outcome_too_large", f"a row of {len(value)} bytes: {key[:100]!r}")
    for output in absorbed.outputs:
        if len(output.value or b"") > _OUTPUT_LIMIT:
            raise Rejected("outcome_too_large", f"a record of {len(output.value or b'')} bytes for {output.topic}")


_RowKeys = tuple[bytes, bytes | None, bytes]


def _row_keys(subject: tuple[str, str | None] | None) -> _RowKeys | None:
    if subject is None:
        return None
    seller_id, listing_id = subject
    listing = None if listing_id is None else listing_key(seller_id, listing_id)
    return seller_key(seller_id), listing, case_key(seller_id, listing_id)


def _load(keys: _RowKeys | None, rows: Rows) -> State:
    if keys is None:
        return State()
    seller, listing, case = keys
    return State(
        seller=load_row(rows.get(seller), SellerRow),
        listing=None if listing is None else load_row(rows.get(listing), ListingRow),
        case=load_row(rows.get(case), CaseRow),
    )


def _changes(keys: _RowKeys | None, before: State, after: State) -> list[tuple[bytes, bytes | None]]:
    if keys is None:
        return []
    seller, listing, case = keys
    changes = []
    if after.seller != before.seller:
        changes.append((seller, dump_row(after.seller)))
    if listing is not None and after.listing != before.listing:
        changes.append((listing, dump_row(after.listing)))
    if after.case != before.case:
        changes.append((case, dump_row(after.case)))
    return changes


def _record_of(
    outcome: Outcome,
    before: State,
    record: InputRecord,
    reference: ReferenceView,
    context: Context,
    listing_id: str | None,
) -> Decision:
    def risk(state: State) -> RiskView | None:
        return None if state.seller is None else view(state.seller, record.timestamp, reference.policy)

    return Decision(
        id=context.decision_id,
        identity=context.identity.text,
        topic=record.topic,
        key=(record.key or b"").decode("utf-8", "replace"),
        listing_id=listing_id,
        case_id=outcome.case_id,
        verdict=outcome.verdict,
        rule=outcome.rule,
        score=outcome.score,
        findings=outcome.findings,
        weights=outcome.weights,
        risk_before=risk(before),
        risk_after=risk(outcome.state),
        policy=reference.policy.hash,
        registry_version=reference.registry_version,
        control_version=reference.control_version,
        fingerprints_version=reference.known.taken_down_version,
        images_version=reference.known.images_version,
        position=record.position,
        time=record.timestamp,
    )
