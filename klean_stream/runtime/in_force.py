"""What is in force: what the records of the reference log's topics add up to."""

import logging

from aiokafka import ConsumerRecord

from klean_stream.brands import Registry
from klean_stream.decision import Rejected
from klean_stream.events import Brand
from klean_stream.likeness import ImageBank, TakenDown
from klean_stream.policy import Policy, PolicyError, apply_control, default_policy
from klean_stream.processing import ROUTES
from klean_stream.processing.decoding import decode
from klean_stream.processing.known import fingerprint_change, image_change
from klean_stream.runtime.records import input_record

log = logging.getLogger(__name__)


class InForce:
    """The registry, the policy, the bank of pictures and the titles taken down, each with its version."""

    def __init__(self) -> None:
        self.registry = Registry()
        self.policy: Policy = default_policy()
        self.registry_version = 0
        self.control_version = 0
        self.images = ImageBank()
        self.images_version = 0
        self.taken_down = TakenDown()
        self.taken_down_version = 0

    def apply(self, topic: str, records: list[ConsumerRecord], version: int, max_bytes: int) -> None:
        """Take records of a topic (logical name); what is not valid is passed over."""
        if topic == "brands":
            self._apply_brands(records, version, max_bytes)
        elif topic == "control":
            self._apply_control(records, version, max_bytes)
        elif topic == "images":
            changed = (image_change(input_record(record, topic, record.partition), max_bytes) for record in records)
            self.images.apply(change for change in changed if change is not None)
            self.images_version = version
        else:
            made = (fingerprint_change(input_record(record, topic, record.partition)) for record in records)
            self.taken_down.apply((change for change in made if change is not None), records[-1].timestamp)
            self.taken_down_version = version

    def _apply_brands(self, records: list[ConsumerRecord], version: int, max_bytes: int) -> None:
        changes: list[tuple[str, Brand | None]] = []
        for record in records:
            try:
                brand = decode(input_record(record, "brands", record.partition), ROUTES["brands"], max_bytes)
            except Rejected:
                continue
            changes.append((record.key.decode(), brand))
        self.registry.apply_many(changes, version)
        self.registry_version = version

    def _apply_control(self, records: list[ConsumerRecord], version: int, max_bytes: int) -> None:
        for record in records:
            try:
                event = decode(input_record(record, "control", record.partition), ROUTES["control"], max_bytes)
                self.policy = apply_control(self.policy, event)
            except (Rejected, PolicyError):
                continue
            log.warning("policy %s (%s) is in force", self.policy.hash, self.policy.mode)
        self.control_version = version
