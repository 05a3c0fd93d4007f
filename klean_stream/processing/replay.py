"""The same decisions again, from a file of events, without Kafka.

A journal line is an input record, and (where it comes from ``export``) the versions of registry and policy that
it was decided under. Lines are in the order in which they were taken; reference records stand before the first
decision that was made under them.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from klean_stream.brands import Registry
from klean_stream.decision import Rejected
from klean_stream.events import Brand
from klean_stream.likeness import ImageBank, Known, TakenDown
from klean_stream.policy import Policy, PolicyError, apply_control, default_policy
from klean_stream.processing.absorb import Absorbed, Processor
from klean_stream.processing.decoding import decode
from klean_stream.processing.known import fingerprint_change, image_change
from klean_stream.processing.record import InputRecord
from klean_stream.processing.reference import ReferenceView
from klean_stream.processing.routes import FINGERPRINTS, REFERENCE_TOPICS, ROUTES
from klean_stream.processing.rows import MemoryRows


class JournalError(Exception):
    """The journal does not hold together; the message says where and why."""


@dataclass(frozen=True, slots=True)
class Under:
    """The versions that a decision was made under."""

    registry: int
    control: int
    fingerprints: int = 0
    images: int = 0


@dataclass(frozen=True, slots=True)
class JournalLine:
    """One input record. ``decided`` is False for a reference record that only changes what is in force."""

    record: InputRecord
    under: Under | None = None
    decided: bool = True


class Replay:
    """Absorbs journal lines in order; ``rows`` is the state after them."""

    def __init__(self, brands: Iterable[Brand] = (), max_event_bytes: int = 524_288) -> None:
        self.rows = MemoryRows()
        self._max_event_bytes = max_event_bytes
        self._processor = Processor(max_event_bytes)
        self._registry = Registry()
        self._registry.apply_many([(brand.brand_id, brand) for brand in brands], 0)
        self._pending: list[tuple[str, Brand | None]] = []
        self._registry_version = 0
        self._policies: dict[int, Policy] = {0: default_policy()}
        self._control_version = 0
        # Asked as of the version that a decision was made under, so their whole history is kept.
        self._taken_down, self._taken_down_version = TakenDown(keep_history=True), 0
        self._images, self._images_version = ImageBank(keep_history=True), 0

    def run(self, lines: Iterable[JournalLine]) -> Iterator[Absorbed]:
        """Yield what becomes of each line that is to be decided. Raises JournalError."""
        for line in lines:
            if line.record.topic == FINGERPRINTS:
                self._follow_fingerprint(line.record)
            elif line.record.topic == "images":
                self._follow_image(line.record)
            elif line.record.topic in REFERENCE_TOPICS:
                self._follow(line.record)
            if line.decided:
                yield self._absorb(line)

    def _follow_fingerprint(self, record: InputRecord) -> None:
        change = fingerprint_change(record)
        self._taken_down.apply(() if change is None else (change,), record.timestamp)
        self._taken_down_version = record.offset + 1

    def _follow_image(self, record: InputRecord) -> None:
        change = image_change(record, self._max_event_bytes)
        self._images.apply(() if change is None else (change,))
        self._images_version = record.offset + 1

    def _follow(self, record: InputRecord) -> None:
        route = ROUTES[record.topic]
        try:
            event = decode(record, route, self._max_event_bytes)
            if record.topic == "brands":
                self._pending.append(((record.key or b"").decode(), event))
            else:
                policy = apply_control(self._policies[self._control_version], event)
                self._policies[record.offset + 1] = policy
        except (Rejected, PolicyError):
            if record.topic == "control":
                self._policies[record.offset + 1] = self._policies[self._control_version]
        if record.topic == "brands":
            self._registry_version = record.offset + 1
        else:
            self._control_version = record.offset + 1

    def _absorb(self, line: JournalLine) -> Absorbed:
        record = line.record
        under = line.under or Under(
            self._registry_version, self._control_version, self._taken_down_version, self._images_version
        )
        if record.topic not in REFERENCE_TOPICS:
            self._bring_registry_up_to_date(under, record)
        policy = self._policies.get(under.control)
        if policy is None:
            raise JournalError(
                f"{record.topic} {record.partition}@{record.offset} was decided under control version "
                f"{under.control}, which the journal does not hold"
            )
        known = Known(self._taken_down, under.fingerprints, self._images, under.images)
        view = ReferenceView(self._registry, under.registry, policy, under.control, known)
        absorbed = self._processor.absorb(record, ROUTES[record.topic], self.rows, view)
        if line.under is None:
            self._take_back(absorbed, record.timestamp)
        return absorbed

    def _take_back(self, absorbed: Absorbed, now: int) -> None:
        """Follow what a journal without versions cannot hold: the fingerprints of its own takedowns."""
        for output in absorbed.outputs:
            if output.topic == FINGERPRINTS:
                self._follow_fingerprint(
                    InputRecord(FINGERPRINTS, 0, self._taken_down_version, now, output.key, output.value)
                )

    def _bring_registry_up_to_date(self, under: Under, record: InputRecord) -> None:
        if under.registry != self._registry_version:
            raise JournalError(
                f"{record.topic} {record.partition}@{record.offset} was decided under registry version "
                f"{under.registry}, and the journal holds version {self._registry_version} before it"
            )
        if self._pending:
            # One change of the index for all that came since the last decision.
            self._registry.apply_many(self._pending, self._registry_version)
            self._pending = []
