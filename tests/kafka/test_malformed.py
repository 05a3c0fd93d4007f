"""What publishers get wrong: 10,000 malformed records on each input topic, and good ones between them.

Every malformed record lies in dead letters with its bytes, the workers live, and each good event, sent twice, counts
once.
"""

import random
from collections import Counter
from collections.abc import Iterator

import orjson
import pytest
from confluent_kafka import Producer

from klean_stream.processing import ROUTES
from klean_stream.processing.dead_letters import PREFIX
from klean_stream.processing.routes import REFERENCE_TOPICS
from klean_stream.runtime.ownership import partition_of
from klean_stream.sample import examples
from tests.kafka.cluster import Kafka
from tests.kafka.marketplace import Marketplace
from tests.kafka.processes import Workers

_MALFORMED = 10_000
_EVERY = 20
_OVERSIZED = 524_288 + 1


def good(topic: str, number: int) -> tuple[bytes, bytes]:
    """Give key and body of a good event, another one for each number."""
    body = orjson.loads(orjson.dumps(examples()[topic][0]))
    route = ROUTES[topic]
    match topic:
        case "control":
            body = {"kind": "mode", "mode": "enforce", "by": f"operator {number}"}
        case "brands":
            body |= {"brand_id": f"brand-{number}", "name": f"Exampla{number}", "aliases": []}
        case "images":
            body |= {"image_id": f"img-{number}", "hash": f"{number:064x}"}
        case "listings":
            body |= {"seller_id": f"s-{number % 97}", "listing_id": f"l-{number}", "version": 1}
        case "ip-reports":
            body |= {"seller_id": f"s-{number % 97}", "listing_id": f"l-{number % 211}", "report_id": f"r-{number}"}
        case "moderator-decisions":
            body |= {"seller_id": f"s-{number % 97}", "case_id": f"s-{number % 97}/none/{number + 1}"}
        case _:
            body |= {"seller_id": f"s-{number}"}
    return str(body[route.key_field]).encode(), orjson.dumps(body)


def malformed(topic: str, partitions: int, rng: random.Random) -> Iterator[tuple[str, bytes | None, bytes | None, int]]:
    """Yield (reason, key, value, partition) without end, all ways of being wrong in turn."""
    number = 0
    single = topic in REFERENCE_TOPICS

    def place(key: bytes | None) -> int:
        return 0 if single or key is None else partition_of(key, partitions)

    while True:
        number += 1
        key, body = good(topic, 1_000_000 + number)
        fields = orjson.loads(body)
        at = rng.randrange(1, len(body) - 1)
        yield "not_json", key, b"\x00\xff" + rng.randbytes(40), place(key)
        yield "not_json", key, body[:at], place(key)
        yield "invalid", key, orjson.dumps(fields | {ROUTES[topic].key_field: number}), place(key)
        yield "invalid", key, orjson.dumps([fields]), place(key)
        yield "not_json", key, body[:-1] + b', "note": "\xff\xfe"}', place(key)
        yield "wrong_key", b"someone-else", body, place(b"someone-else")
        if ROUTES[topic].null_removes:
            yield "wrong_key", b"\xff\xfe", None, 0
        else:
            yield "null_value", key, None, place(key)
        if not single:
            yield "wrong_partition", key, body, (place(key) + 1) % partitions


@pytest.mark.parametrize("topic", list(ROUTES))
async def test_ten_thousand_malformed_records_are_dead_letters_and_the_good_ones_count_once(
    topic: str, kafka: Kafka, topic_prefix: str, workers: Workers
) -> None:
    rng = random.Random(topic)
    async with Marketplace(kafka.bootstrap, topic_prefix, workers) as market:
        worker = await market.worker(dead_letter_flood_run=0, dead_letter_flood_ratio=1)
        sent: Counter[tuple[str, bytes | None, bytes | None]] = Counter()
        wrong = malformed(topic, market.settings.partitions, rng)
        goods = 0
        for number in range(_MALFORMED):
            reason, key, value, partition = next(wrong)
            if number % 1_000 == 500:
                key, body = good(topic, 2_000_000 + number)
                reason, value = "oversized", body[:-1] + b', "padding": "' + b"x" * _OVERSIZED + b'"}'
                partition = 0 if topic in REFERENCE_TOPICS else partition_of(key, market.settings.partitions)
            await market.publish_raw(topic, key, value, (("trace", b"\xfe\x00"), ("none", None)), partition)
            sent[reason, key, value] += 1
            if number % _EVERY == 0:
                key, value = good(topic, number)
                for _ in range(2):
                    await market.publish_raw(topic, key, value)
                goods += 1
        await market.flush()

        tally = await market.settled(topic, _MALFORMED + 2 * goods, timeout=120)
        assert tally["dead_lettered"] == _MALFORMED
        assert tally["duplicate"] == goods
        assert tally["decided"] + tally["superseded"] == goods
        assert worker.running

        restricted = ROUTES[topic].personal_data
        letters = await market.records("dead-letters-restricted" if restricted else "dead-letters")
        assert not await market.records("dead-letters" if restricted else "dead-letters-restricted")
        found: Counter[tuple[str, bytes | None, bytes | None]] = Counter()
        inputs = {(record.partition, record.offset): record for record in await market.records(topic)}
        for letter in letters:
            headers = dict(letter.headers)
            assert letter.headers[:2] == (("trace", b"\xfe\x00"), ("none", None))
            found[headers[PREFIX + "reason"].decode(), letter.key, letter.value] += 1
            source = inputs[int(headers[PREFIX + "partition"]), int(headers[PREFIX + "offset"])]
            assert headers[PREFIX + "topic"].decode() == topic
            assert (source.key, source.value) == (letter.key, letter.value)
            assert int(headers[PREFIX + "time"]) == source.timestamp
        assert found == sent


@pytest.mark.parametrize("codec", ["gzip", "lz4", "snappy", "zstd"])
async def test_compressed_records_are_read_however_large_they_are_unpacked(
    codec: str, kafka: Kafka, topic_prefix: str, workers: Workers
) -> None:
    async with Marketplace(kafka.bootstrap, topic_prefix, workers) as market:
        await market.worker(dead_letter_flood_run=0, dead_letter_flood_ratio=1)
        producer = Producer(
            {"bootstrap.servers": kafka.bootstrap, "compression.type": codec, "message.max.bytes": 9_000_000}
        )
        key, body = good("listings", 1)
        huge = body[:-1] + b', "padding": "' + b"x" * 6_000_000 + b'"}'
        partition = partition_of(key, market.settings.partitions)
        for value in (huge, body):
            producer.produce(market.settings.topic("listings"), value, key, partition=partition)
        assert producer.flush(20) == 0
        tally = await market.settled("listings", 2)
        assert (tally["dead_lettered"], tally["decided"]) == (1, 1)
        (letter,) = await market.records("dead-letters")
        assert letter.value == huge
