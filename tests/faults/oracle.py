"""Who knows what must have become of everything, whatever happened to the workers and brokers meanwhile.

Events have unique ids. After a disturbance has settled, three lists must be empty:

- LOST: a published event without a decision, a dead letter or an earlier event of the same identity;
- COUNTED TWICE: a decision, output or dead letter that committed readers see more than once, or books that count
  an event twice;
- DIFFERENT: a decision, output or row that is not the one of a single-threaded replay of the exported inputs, or that
  lies in another partition or order than it was decided in.
"""

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

import msgspec
import orjson
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from klean_stream.events.identity import Identity
from klean_stream.processing import ROUTES
from klean_stream.processing.absorb import FATES
from klean_stream.processing.dead_letters import PREFIX
from klean_stream.processing.replay import JournalLine, Replay
from klean_stream.processing.routes import FINGERPRINTS, REFERENCE_TOPICS
from klean_stream.processing.rows import POSITION
from klean_stream.runtime.export import ExportError, export_journal
from klean_stream.runtime.topics import SHARED_TOPICS, TOPICS
from klean_stream.sample import SampleEvent, sample_brands
from tests.kafka.marketplace import Headers, Marketplace
from tests.kafka.topics import create_topics, delete_records, delete_topics, end_offsets, until_shown

DEAD_LETTERS = ("dead-letters", "dead-letters-restricted")
OUTPUTS = tuple(spec.name for spec in TOPICS if spec.direction == "output" and spec.name not in DEAD_LETTERS)
_WRITTEN = (*OUTPUTS, *DEAD_LETTERS)
LOST = "lost_to_retention"
_SHOWN = 5
# Topics that are made anew begin at offset 0 again. Here they go on, so that a place is one record and in order.
_EPOCH = 1 << 40

_Place = tuple[str, int, int]
# A partition that decides in an order of its own: "sellers" or a reference topic, and its number.
_Cause = tuple[str, int]
# Where it lies, key, value and headers.
_Output = tuple[int, bytes | None, bytes | None, tuple[tuple[str, bytes | None], ...]]


@dataclass(slots=True)
class Verdict:
    """What is wrong; nothing if all three are empty."""

    lost: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    different: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        named = {"LOST": self.lost, "COUNTED TWICE": self.twice, "DIFFERENT": self.different}
        return "\n".join(f"{name}: {len(found)} {found[:_SHOWN]}" for name, found in named.items())

    @property
    def clean(self) -> bool:
        """Whether nothing was lost, counted twice or decided differently."""
        return not (self.lost or self.twice or self.different)


class Oracle:
    """Publishes to a marketplace, follows the workers' books, and compares what came of it with what must have."""

    def __init__(self, market: Marketplace) -> None:
        self.market = market
        self.published: Counter[tuple[str, str]] = Counter()
        self.expected: dict[str, Counter[str]] = defaultdict(Counter)
        self._books: dict[tuple[str, int], Mapping[str, Mapping[str, int]]] = {}
        self._epochs: Counter[str] = Counter()
        self._remembered: dict[_Place, ConsumerRecord] = {}
        self._deleted: set[_Place] = set()
        self._outputs_begin: dict[tuple[str, int], int] = {}
        self._consumer: AIOKafkaConsumer | None = None

    async def __aenter__(self) -> Self:
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=self.market.settings.bootstrap,
            isolation_level="read_committed",
            auto_offset_reset="earliest",
            enable_auto_commit=False,
        )
        await self._consumer.start()
        self._consumer.assign(self._changelogs())
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._consumer is not None
        await self._consumer.stop()

    # -- publishing --------------------------------------------------------------------------------------------

    async def load_registry(self) -> None:
        """Publish the sample registry, as most days begin."""
        await self.market.publish("brands", *sample_brands())

    async def publish(self, events: Iterable[SampleEvent], *, rate: float | None = None) -> None:
        """Publish sample events in their order, at most ``rate`` a second; wait for all deliveries."""
        began = time.monotonic()
        for number, event in enumerate(events):
            self.expected[event.topic][event.expect] += 1
            await self.publish_raw(event.topic, event.key, event.value, event.headers)
            if rate is not None:
                await asyncio.sleep(max(0.0, began + number / rate - time.monotonic()))
        await self.market.flush()

    async def publish_raw(
        self, topic: str, key: bytes | None, value: bytes | None, headers: Headers = (), *, skew_ms: int = 0
    ) -> None:
        """Hand over one record and remember its identity; ``Marketplace.flush`` waits for the delivery.

        ``skew_ms`` is how wrong its publisher's clock is.
        """
        timestamp = int(time.time() * 1000) + skew_ms if skew_ms else None
        await self.market.publish_raw(topic, key, value, headers, timestamp=timestamp)
        self.published[topic, Identity.of(key, value, headers).text] += 1

    # -- what Kafka no longer has ----------------------------------------------------------------------------

    async def remember(self) -> None:
        """Keep what the inputs hold now: a replay needs it, wherever it is gone by then."""
        for topic in ROUTES:
            self._remembered |= {_at(topic, record): record for record in await self._inputs(topic)}

    async def make_anew(self, topic: str) -> None:
        """Delete an input and make it again; what it held is remembered."""
        await self.remember()
        settings = self.market.settings
        name = settings.topic(topic)
        await delete_topics(settings.bootstrap, [name])
        await create_topics(settings.bootstrap, {name: (settings.partitions, {})})
        self._epochs[topic] += 1

    async def make_changelogs_anew(self) -> None:
        """Delete the changelogs and make them again; of the outputs only those from here on are judged."""
        bootstrap = self.market.settings.bootstrap
        for topic in _WRITTEN:
            ends = await end_offsets(bootstrap, self.market.settings.topic(topic))
            self._outputs_begin |= {(topic, tp.partition): end for tp, end in ends.items()}
        partitions = Counter(tp.topic for tp in self._changelogs())
        await delete_topics(bootstrap, partitions)
        compacted = {"cleanup.policy": "compact"}
        await create_topics(bootstrap, {name: (count, compacted) for name, count in partitions.items()})
        assert self._consumer is not None
        await self._consumer.seek_to_beginning(*self._changelogs())
        self._books.clear()

    def _changelogs(self) -> list[TopicPartition]:
        settings = self.market.settings
        tps = [TopicPartition(settings.topic("state"), number) for number in range(settings.partitions)]
        return [*tps, TopicPartition(settings.topic("reference-state"), 0)]

    async def delete_as_retention_does(self, topic: str) -> None:
        """Delete all that an input holds; what of it no worker has absorbed may be lost, and is remembered."""
        bootstrap = self.market.settings.bootstrap
        ends = await end_offsets(bootstrap, self.market.settings.topic(topic))
        await self.remember()
        await self.books()
        await delete_records(bootstrap, ends)
        begins = self._epochs[topic] * _EPOCH
        for tp, end in ends.items():
            inputs = self._books.get((self.market.settings.topic("state"), tp.partition), {})
            absorbed = inputs[topic]["next_offset"] if topic in inputs else 0
            offsets = range(begins + absorbed, begins + end)
            self._deleted |= {(topic, tp.partition, offset) for offset in offsets} & self._remembered.keys()

    async def _inputs(self, topic: str) -> list[ConsumerRecord]:
        """Give what an input holds and what it held when that was remembered, each once and in order."""
        begins = self._epochs[topic] * _EPOCH
        held = [record for place, record in self._remembered.items() if place[0] == topic]
        holds = [replace(record, offset=begins + record.offset) for record in await self.market.records(topic)]
        found = {(record.partition, record.offset): record for record in held + holds}
        return [found[place] for place in sorted(found)]

    async def _outputs(self, topic: str) -> list[ConsumerRecord]:
        begin = self._outputs_begin
        records = await self.market.records(topic)
        return [record for record in records if record.offset >= begin.get((topic, record.partition), 0)]

    # -- waiting -----------------------------------------------------------------------------------------------

    async def books(self) -> dict[str, Counter[str]]:
        """Give, for each input topic, what the workers' committed books say became of its records."""
        assert self._consumer is not None
        while fetched := await self._consumer.getmany(timeout_ms=100):
            for tp, records in fetched.items():
                for record in records:
                    if record.key == POSITION:
                        self._books[tp.topic, tp.partition] = orjson.loads(record.value)["inputs"]
        total: dict[str, Counter[str]] = {topic: Counter() for topic in ROUTES}
        for inputs in self._books.values():
            for topic, counts in inputs.items():
                total[topic].update({fate: counts[fate] for fate in (*FATES, LOST)})
        return total

    async def until(self, holds: Callable[[], bool], timeout: float = 60.0, *, said: str) -> None:
        """Wait for something that the test can see."""
        ends = time.monotonic() + timeout
        while not holds():
            assert time.monotonic() < ends, f"not within {timeout:g} s: {said}"
            await asyncio.sleep(0.05)

    async def until_absorbed(self, count: int, timeout: float = 60.0) -> None:
        """Wait until that many records of the sellers' topics are accounted for."""
        ends = time.monotonic() + timeout
        while (found := (await self._absorbed())) < count:
            assert time.monotonic() < ends, f"{found} of {count} records were absorbed within {timeout:g} s"

    async def _absorbed(self) -> int:
        books = await self.books()
        return sum(counts.total() for topic, counts in books.items() if topic not in REFERENCE_TOPICS)

    async def settle(self, timeout: float = 60.0) -> None:
        """Wait until every record that can be read on an input topic, or is remembered, is accounted for."""
        wanted = {topic: len(await self._inputs(topic)) for topic in ROUTES}
        ends = time.monotonic() + timeout
        while True:
            books = await self.books()
            missing = {topic: count - books[topic].total() for topic, count in wanted.items()}
            if not any(count > 0 for count in missing.values()):
                # The books may be shown before the outputs of the same unit are.
                await until_shown(self.market.settings.bootstrap, map(self.market.settings.topic, _WRITTEN))
                return
            assert time.monotonic() < ends, f"LOST, or late by {timeout:g} s: {missing}"

    async def until_compacted(self, topic: str, below: int, timeout: float = 30.0) -> None:
        """Wait until a topic holds fewer records than were published."""
        ends = time.monotonic() + timeout
        while len(await self.market.records(topic)) >= below:
            assert time.monotonic() < ends, f"{topic} was not compacted within {timeout:g} s"
            await asyncio.sleep(0.3)

    # -- judging -----------------------------------------------------------------------------------------------

    async def check(self, *, fates: bool = True) -> None:
        """Settle nothing, compare everything; ``fates`` also against what each sample event is expected to become."""
        verdict = await self.judge()
        assert verdict.clean, f"\n{verdict}"
        if fates:
            books = await self.books()
            for topic, expected in self.expected.items():
                assert +books[topic] == expected, f"fates of {topic}"

    async def judge(self) -> Verdict:
        """Give what is wrong."""
        read = {topic: await self._outputs(topic) for topic in _WRITTEN}
        read |= {topic: await self._inputs(topic) for topic in ROUTES}
        verdict = Verdict()
        decisions = [orjson.loads(record.value) for record in read["decisions"]]
        decided = Counter(_place(body["position"]) for body in decisions)
        letters = Counter(_source(record) for topic in DEAD_LETTERS for record in read[topic])
        self._find_lost(verdict, read, decided, letters, {body["identity"] for body in decisions})
        await self._find_twice(verdict, read, decided, letters)
        await self._find_different(verdict, read)
        self._find_out_of_order(verdict, read)
        return verdict

    def _find_lost(
        self,
        verdict: Verdict,
        read: Mapping[str, list[ConsumerRecord]],
        decided: Counter[_Place],
        letters: Counter[_Place],
        identities: set[str],
    ) -> None:
        logged: Counter[tuple[str, str]] = Counter()
        for topic in ROUTES:
            for record in read[topic]:
                identity = Identity.of(record.key, record.value, record.headers).text
                logged[topic, identity] += 1
                place = _at(topic, record)
                if not (decided[place] or letters[place] or identity in identities or place in self._deleted):
                    verdict.lost.append(f"input {place}")
        for (topic, identity), count in (self.published - logged).items():
            verdict.lost.append(f"{count} of {identity} on the way to {topic}")
        places = {_at(topic, record) for topic in ROUTES for record in read[topic]}
        verdict.different += [f"a decision or dead letter of {place}" for place in (decided + letters).keys() - places]

    async def _find_twice(
        self,
        verdict: Verdict,
        read: Mapping[str, list[ConsumerRecord]],
        decided: Counter[_Place],
        letters: Counter[_Place],
    ) -> None:
        verdict.twice += [
            f"dead letter or decision of {place}" for place, count in (decided + letters).items() if count > 1
        ]
        for topic in OUTPUTS:
            ids = Counter(dict(record.headers)["ce_id"] for record in read[topic])
            verdict.twice += [f"{topic} {output_id!r}" for output_id, count in ids.items() if count > 1]
        books = await self.books()
        for topic in ROUTES:
            seen = {
                "decided": sum(count for place, count in decided.items() if place[0] == topic),
                "dead_lettered": sum(count for place, count in letters.items() if place[0] == topic),
            }
            seen[LOST] = sum(place[0] == topic for place in self._deleted - decided.keys() - letters.keys())
            seen["duplicate"] = len(read[topic]) - sum(seen.values())
            counted = dict(books[topic])
            counted["decided"] = counted.get("decided", 0) + counted.pop("superseded", 0)
            if any(counted.get(fate, 0) != count for fate, count in seen.items()):
                verdict.twice.append(f"the books of {topic} say {counted}, the topics {seen}")

    async def _find_different(self, verdict: Verdict, read: Mapping[str, list[ConsumerRecord]]) -> None:
        replay = Replay()
        wanted: dict[str, list[tuple[_Cause | None, _Output]]] = defaultdict(list)
        # Decisions follow these, also those of before.
        followed = {FINGERPRINTS: await self.market.records(FINGERPRINTS)}
        try:
            journal = await _journal({**read, **followed})
        except ExportError as error:
            # What is lost, or counted twice, has been found by now.
            verdict.different.append(str(error))
            return
        for absorbed in replay.run(journal):
            if absorbed.decision is None:
                continue
            topic, number = absorbed.decision.position.topic, absorbed.decision.position.partition
            # A replay takes reference topics one after the other, in whatever order they were decided.
            cause = topic if topic in REFERENCE_TOPICS else "sellers", number
            for output in absorbed.outputs:
                place = 0 if output.topic in SHARED_TOPICS else number
                wanted[output.topic].append((cause, (place, output.key, output.value, output.headers)))
        for topic in OUTPUTS:
            self._compare_outputs(verdict, topic, wanted[topic], read[topic])
        rows = await self.market.rows()
        replayed = {key: row for key, row in replay.rows.rows.items() if not key.startswith(b"seen/")}
        verdict.different += [
            f"row {key!r}" for key in rows.keys() | replayed.keys() if rows.get(key) != replayed.get(key)
        ]
        inputs = {_at(topic, record): record for topic in ROUTES for record in read[topic]}
        for topic in DEAD_LETTERS:
            for letter in read[topic]:
                source = inputs.get(_source(letter))
                if source is None or (letter.key, letter.value) != (source.key, source.value):
                    verdict.different.append(f"dead letter of {_source(letter)}")

    @staticmethod
    def _compare_outputs(
        verdict: Verdict, topic: str, wanted: list[tuple[_Cause | None, _Output]], read: list[ConsumerRecord]
    ) -> None:
        caused_by = {dict(output[-1])["ce_id"]: cause for cause, output in wanted}
        found = [
            (
                caused_by.get(dict(record.headers)["ce_id"]),
                (record.partition, record.key, record.value, tuple(record.headers)),
            )
            for record in read
        ]
        verdict.different += [f"{topic} without {output[:3]}" for _, output in Counter(wanted) - Counter(found)]
        verdict.different += [f"{topic} with {output[:3]}" for _, output in Counter(found) - Counter(wanted)]
        for cause in set(caused_by.values()):
            if [output for by, output in found if by == cause] != [output for by, output in wanted if by == cause]:
                verdict.different.append(f"the order on {topic} of what came from {cause}")

    @staticmethod
    def _find_out_of_order(verdict: Verdict, read: Mapping[str, list[ConsumerRecord]]) -> None:
        """The replay takes its order from the decisions: theirs is the inputs', and so is that of the dead letters."""
        for topic in ("decisions", *DEAD_LETTERS):
            newest: dict[tuple[str, int], _Place] = {}
            for record in read[topic]:
                place = _place(orjson.loads(record.value)["position"]) if topic == "decisions" else _source(record)
                before = newest.get(place[:2], place)
                if before > place or place[1] != record.partition:
                    verdict.different.append(f"{topic} {record.partition}: {place} behind {before}")
                newest[place[:2]] = place


async def _journal(read: Mapping[str, list[ConsumerRecord]]) -> Iterator[JournalLine]:
    """Export what was read: by places that are one record each, and then as it stood."""

    async def stored(topic: str) -> AsyncIterator[ConsumerRecord]:
        for record in read[topic]:
            if topic == "decisions":
                body = orjson.loads(record.value)
                body["position"] |= {"offset": _place(body["position"])[2], "epoch": 0}
                yield replace(record, value=orjson.dumps(body))
            else:
                yield record

    def as_it_stood(line: JournalLine) -> JournalLine:
        epoch, offset = divmod(line.record.offset, _EPOCH)
        return replace(line, record=msgspec.structs.replace(line.record, epoch=epoch, offset=offset))

    return map(as_it_stood, await export_journal(stored))


def _at(topic: str, record: ConsumerRecord) -> _Place:
    return topic, record.partition, record.offset


def _place(position: Mapping[str, Any]) -> _Place:
    return position["topic"], position["partition"], position["epoch"] * _EPOCH + position["offset"]


def _source(letter: ConsumerRecord) -> _Place:
    # Of the first epoch: dead letters do not tell.
    headers = {name: content for name, content in letter.headers if name.startswith(PREFIX)}
    topic, partition, offset = (headers[PREFIX + name].decode() for name in ("topic", "partition", "offset"))
    return topic, int(partition), int(offset)
