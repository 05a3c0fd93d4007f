"""Reading what the worker publishes, as any other service would, into the demo's books."""

import asyncio
import time

import orjson
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import OffsetOutOfRangeError

from klean_stream.cli.demo.ledger import Ledger
from klean_stream.processing.dead_letters import PREFIX
from klean_stream.processing.routes import REFERENCE_TOPICS
from klean_stream.processing.rows import POSITION
from klean_stream.runtime.embedded_broker import PARTITIONS
from klean_stream.runtime.settings import Settings

_TOPICS = (
    "decisions",
    "takedowns",
    "reinstatements",
    "escalations",
    "escalations-kr",
    "seller-verdicts",
    "report-outcomes",
    "risk-changes",
    "dead-letters",
    "dead-letters-restricted",
    "state",
    "reference-state",
)


class LostToTrimming(Exception):  # noqa: N818 - it says what happened
    """The embedded broker dropped records that nobody had read: the demo's books cannot be closed."""


class Watcher:
    """Follows every output topic and the changelogs' position rows. Reads committed records only."""

    def __init__(self, settings: Settings, ledger: Ledger) -> None:
        self._settings = settings
        self._ledger = ledger
        self._names = {settings.topic(name): name for name in _TOPICS}

    async def run(self) -> None:
        """Read until cancelled. Raises LostToTrimming."""
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self._settings.bootstrap,
            isolation_level="read_committed",
            # What was trimmed before it was read must be an error, not a jump.
            auto_offset_reset="none",
            enable_auto_commit=False,
            check_crcs=False,
        )
        await consumer.start()
        try:
            tps = [TopicPartition(topic, number) for topic in self._names for number in range(PARTITIONS)]
            consumer.assign(tps)
            await consumer.seek_to_beginning(*tps)
            while True:
                try:
                    fetched = await consumer.getmany(timeout_ms=100)
                except OffsetOutOfRangeError as error:
                    raise LostToTrimming(str(error)) from None
                for tp, records in fetched.items():
                    for record in records:
                        self._note(self._names[tp.topic], record)
                await asyncio.sleep(0)
        finally:
            await consumer.stop()

    def _note(self, topic: str, record: ConsumerRecord) -> None:
        ledger = self._ledger
        if topic in {"state", "reference-state"}:
            if record.key == POSITION:
                ledger.tallies[topic, record.partition] = orjson.loads(record.value)["inputs"]
            return
        ledger.outputs[topic] += 1
        if topic.startswith("dead-letters"):
            headers = {name: content.decode() for name, content in record.headers if name.startswith(PREFIX)}
            ledger.dead[headers[PREFIX + "topic"]] += 1
            ledger.reasons[headers[PREFIX + "reason"]] += 1
            return
        body = orjson.loads(record.value)
        if topic == "decisions":
            ledger.decisions[body["topic"]] += 1
            ledger.repeated_ids += body["id"] in ledger.decision_ids
            ledger.decision_ids.add(body["id"])
            ledger.verdicts[body["verdict"]] += 1
            if body["topic"] not in REFERENCE_TOPICS:
                # The registry was published before the worker started.
                ledger.latencies_ms.append(max(0, int(time.time() * 1000) - body["time"]))
            if body["risk_after"] is not None and body["risk_after"]["points"]:
                ledger.risk[body["key"]] = body["risk_after"]
        elif topic == "takedowns":
            ledger.takedowns.append(body)
        elif topic.startswith("escalations"):
            ledger.escalations.append(body)
