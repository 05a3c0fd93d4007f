"""Topics that are deleted and made again under their name, and topics that get more partitions than the others."""

import asyncio
import time
from collections import Counter
from typing import Any

import pytest
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewPartitions

from klean_stream.events import Brand, Listing
from klean_stream.events.identity import Identity
from klean_stream.sample import day
from tests.faults.conftest import MarketOracle
from tests.faults.oracle import Oracle
from tests.kafka.cluster import Kafka
from tests.kafka.topics import create_topics, delete_topics, end_offsets, topic_id

_USAGE = 2


async def until_decided(oracle: Oracle, identities: set[str], timeout: float = 60.0) -> Counter[str]:
    """Wait until each of these events has a decision; give how many each has."""
    ends = time.monotonic() + timeout
    while True:
        found = Counter(body["identity"] for body in await oracle.market.bodies("decisions"))
        if identities <= found.keys():
            return found
        missing = len(identities - found.keys())
        assert time.monotonic() < ends, f"{missing} of {len(identities)} were not decided within {timeout:g} s"
        await asyncio.sleep(0.5)


def offers(version: int) -> list[Listing]:
    """Give a counterfeit of a brand of the sample registry, and one of a brand that it does not know."""
    return [
        Listing(
            seller_id=f"s-{brand}",
            listing_id=f"{brand}-{version}",
            version=1,
            change="created",
            title=f"{brand.title()} replica sneaker",
        )
        for brand in ("nike", "quorvex")
    ]


async def taken_down(oracle: Oracle, versions: int) -> set[str]:
    """Wait until so many times both offers are decided; give the listings that were taken down."""
    await oracle.market.settled("listings", 2 * versions)
    return {body["listing_id"] for body in await oracle.market.bodies("takedowns")}


async def until_positions_are_of(oracle: Oracle, topic: str, epoch: int, timeout: float = 30.0) -> None:
    """Wait until each partition's durable position in an input is one in the topic as it is now."""
    market = oracle.market
    now = epoch, await topic_id(market.settings.bootstrap, market.settings.topic(topic))
    ends = time.monotonic() + timeout
    while True:
        positions = [inputs[topic] for inputs in (await market.positions()).values()]
        found = [(position["epoch"], position["topic_id"]) for position in positions]
        if found == [now] * market.settings.partitions:
            return
        assert time.monotonic() < ends, f"{found} and not {now} after {timeout:g} s"
        await asyncio.sleep(0.5)


@pytest.mark.parametrize("when", ["while it is down", "while it runs", "while it runs, with events that do not wait"])
async def test_a_topic_that_was_made_anew_is_read_from_its_beginning(
    when: str, kafka: Kafka, oracle_on: MarketOracle
) -> None:
    async with oracle_on(kafka) as oracle:
        market = oracle.market
        worker = await market.worker()
        events = [event for event in day(1_600, seed=33) if event.topic == "listings" and event.kind == "honest"]
        identities = [Identity.of(event.key, event.value, event.headers).text for event in events]
        first = len(events) // 4

        def is_counted() -> bool:
            return any(value for (name, _), value in worker.metrics().items() if name == "klean_topics_remade_total")

        await oracle.publish(events[:first])
        await until_decided(oracle, set(identities[:first]))
        if when == "while it is down":
            assert await asyncio.to_thread(worker.terminate) == 0
        await oracle.make_anew("listings")
        if when == "while it runs":
            await oracle.until(is_counted, 30, said="the new topic is counted")
        # More than the old one held: by their offsets alone, the first of them would be taken for known.
        await oracle.publish(events[first:])
        if when == "while it is down":
            worker.start()
            await asyncio.to_thread(worker.wait_ready)
        found = await until_decided(oracle, set(identities))
        assert {found[identity] for identity in identities} == {1}
        assert "was deleted and made again" in worker.log
        # By the offsets it was noticed at once; ids are looked at every five seconds.
        await oracle.until(is_counted, 30, said="the new topic is counted")
        await until_positions_are_of(oracle, "listings", epoch=1)
        # What is decided before the ids are looked at says the old epoch, and counts as a repeat when it is read again.
        if when != "while it runs, with events that do not wait":
            await oracle.settle()
            await oracle.check()


@pytest.mark.long
@pytest.mark.parametrize("running", [True, False], ids=["while it runs", "while it is down"])
@pytest.mark.parametrize("longer", [False, True], ids=["shorter", "longer"])
async def test_a_registry_that_was_made_anew_replaces_the_old_one(
    running: bool, longer: bool, kafka: Kafka, oracle_on: MarketOracle
) -> None:
    async with oracle_on(kafka) as oracle:
        market = oracle.market
        worker = await market.worker()
        version = ("klean_reference_version", frozenset({("log", "brands")}))
        before = worker.metrics()[version]
        await market.publish("listings", *offers(1))
        assert await taken_down(oracle, 1) == {"nike-1"}
        if not running:
            assert await asyncio.to_thread(worker.terminate) == 0
        name = market.settings.topic("brands")
        await delete_topics(kafka.bootstrap, [name])
        await create_topics(kafka.bootstrap, {name: (1, {"cleanup.policy": "compact"})})
        # None of the old one's. With more records than that had, a reader that was at its end would find what to add.
        more = [Brand(brand_id=f"made-up-{number}", name=f"Zyxwo{number}") for number in range(int(before) + 10)]
        anew = [Brand(brand_id="quorvex", name="Quorvex"), *(more if longer else [])]
        await market.publish("brands", *anew)
        if not running:
            worker.start()
            await asyncio.to_thread(worker.wait_ready)
        await oracle.until(lambda: worker.metrics()[version] == len(anew), 30, said="the new registry is in force")
        await market.publish("listings", *offers(2))
        assert await taken_down(oracle, 2) == {"nike-1", "quorvex-2"}
        assert before > 1
        versions = {
            body["registry_version"] for body in await market.bodies("decisions") if body["topic"] == "listings"
        }
        assert versions == {before, len(anew)}
        # The partitions learn of it by the topic's id, and begin to count versions anew.
        await oracle.until(lambda: "and so versions begin anew" in worker.log, 30, said="partitions know of it")
        await asyncio.to_thread(worker.wait_ready)


@pytest.mark.long
async def test_fingerprints_that_were_made_anew_begin_anew_and_listings_are_decided_on(
    kafka: Kafka, oracle_on: MarketOracle
) -> None:
    async with oracle_on(kafka) as oracle:
        market = oracle.market
        worker = await market.worker()
        version = ("klean_reference_version", frozenset({("log", "taken-down-fingerprints")}))

        async def offered_by(seller_id: str) -> dict[str, Any]:
            """Offer the same counterfeit from one more account; give the decision."""
            offer = Listing(
                seller_id=seller_id,
                listing_id=f"l-{seller_id}",
                version=1,
                change="created",
                title="Nike replica sneakers for running and walking, all sizes",
            )
            await market.publish("listings", offer)
            return await market.until("decisions", lambda body: body.get("listing_id") == offer.listing_id)

        def repeats(decision: dict[str, Any]) -> list[str]:
            assert decision["verdict"] == "takedown"
            return [finding["refers_to"] for finding in decision["findings"] if finding["kind"] == "relisting"]

        assert repeats(await offered_by("s-1")) == []
        await oracle.until(lambda: worker.metrics()[version] > 0, 30, said="the first title is known")
        assert repeats(await offered_by("s-2")) == ["s-1/l-s-1/1"]

        name = market.settings.topic("taken-down-fingerprints")
        await delete_topics(kafka.bootstrap, [name])
        await create_topics(kafka.bootstrap, {name: (1, {"cleanup.policy": "compact,delete"})})
        await oracle.until(lambda: worker.metrics()[version] == 0, 30, said="the old titles are forgotten")
        assert f"topic {name} was deleted and made again" in worker.log

        forgotten = await offered_by("s-3")
        assert (repeats(forgotten), forgotten["fingerprints_version"]) == ([], 0)
        await oracle.until(lambda: worker.metrics()[version] > 0, 30, said="a title of the new log is known")
        again = await offered_by("s-4")
        assert repeats(again) == ["s-3/l-s-3/1"]
        assert again["fingerprints_version"] > 0


@pytest.mark.parametrize("longer", [pytest.param(False, marks=pytest.mark.long), True], ids=["shorter", "longer"])
async def test_changelogs_that_were_made_anew_are_an_empty_state_and_all_inputs_are_decided_again(
    longer: bool, kafka: Kafka, oracle_on: MarketOracle
) -> None:
    async with oracle_on(kafka) as oracle:
        market = oracle.market
        events = list(day(1_500, seed=37))
        worker = await market.worker()
        await oracle.publish(events[:300])
        await oracle.settle()
        assert await asyncio.to_thread(worker.terminate) == 0
        before = Counter(body["identity"] for body in await market.bodies("decisions"))
        ended = await end_offsets(kafka.bootstrap, market.settings.topic("state"))
        await oracle.make_changelogs_anew()
        await oracle.publish(events[300:1_200])
        if longer:
            # By offsets alone, what the first one has on its disk would be taken for a copy of it.
            second = await market.worker("second")
            await oracle.settle()
            assert await asyncio.to_thread(second.terminate) == 0
            ends = await end_offsets(kafka.bootstrap, market.settings.topic("state"))
            assert all(end > ended[tp] for tp, end in ends.items())
        worker.start()
        await asyncio.to_thread(worker.wait_ready)
        await oracle.publish(events[1_200:])
        await oracle.settle()
        await oracle.check()
        after = Counter(body["identity"] for body in await market.bodies("decisions"))
        assert {after[identity] for identity in before} == {2}
        # Each of four partitions of sellers, and that of the reference topics.
        assert worker.log.count("was made anew: rows of") == 5


async def test_partitions_added_to_one_topic_stop_the_workers_and_refuse_the_next(
    kafka: Kafka, oracle_on: MarketOracle
) -> None:
    async with oracle_on(kafka) as oracle:
        market = oracle.market
        worker = await market.worker()
        await oracle.publish(day(300, seed=34))
        await oracle.settle()
        topic = market.settings.topic("ip-reports")
        admin = AdminClient({"bootstrap.servers": kafka.bootstrap, "log_level": 0})
        await asyncio.to_thread(admin.create_partitions([NewPartitions(topic, 6)])[topic].result, 10)
        for _ in range(2):
            assert await asyncio.to_thread(worker.wait_ended, 30)
            assert worker.exit_code == _USAGE
            assert f"Topic {topic} has 6 partitions and needs 4" in worker.tail(3)
            worker.start()
        await oracle.check()
