"""A mark that is registered after its listings, and one that floods, on real Kafka."""

import asyncio
import json

import orjson

from klean_stream.events import Brand, Control, Listing
from tests.kafka.cluster import Kafka
from tests.kafka.marketplace import Marketplace
from tests.kafka.processes import Workers
from tests.kafka.test_story import klean
from tests.kafka.topics import create_topics, delete_topics

_NORDA = Brand(brand_id="norda", name="Norda", aliases=("노르다",))
_HOUR = 3_600_000


def listing(number: int, title: str, *, version: int = 1, seller_id: str | None = None) -> Listing:
    return Listing(
        seller_id=seller_id or f"s-{number % 50}",
        listing_id=f"l-{number}",
        version=version,
        change="created",
        title=title,
    )


def title_of(number: int) -> str:
    if number % 20 == 0:
        return f"노르다 미러급 등산화 {number}"
    return f"Norda trail jacket {number}" if number % 20 == 10 else f"Cotton socks {number}"


async def test_a_rescan_decides_the_live_listings_of_a_new_mark_and_no_others(
    kafka: Kafka, topic_prefix: str, workers: Workers
) -> None:
    async with Marketplace(kafka.bootstrap, topic_prefix, workers) as market:
        await asyncio.gather(market.worker("one"), market.worker("two"))
        await market.publish("listings", *[listing(number, title_of(number)) for number in range(400)])
        # One of each is gone, and one has become something else, before the mark is registered.
        await market.publish("listings", Listing(seller_id="s-0", listing_id="l-0", version=2, change="removed"))
        await market.publish("listings", listing(10, "Cotton hat", version=2))
        await market.settled("listings", 402)
        assert not await market.bodies("takedowns")

        await market.publish("brands", _NORDA)
        counted = json.loads(await klean(market, "rescan", "--brand", "norda", "--dry-run", "--output-format", "json"))
        assert (counted["live"], counted["using_the_mark"], counted["published"]) == (399, 38, 0)
        rescan = asyncio.create_task(klean(market, "rescan", "--brand", "norda", "--rate", "20"))
        # New listings come meanwhile.
        for number in range(400, 460):
            await market.publish("listings", listing(number, title_of(number)))
        assert "are to be decided again" in await rescan
        rescans = len(await market.records("rescans"))
        await market.settled("rescans", rescans)
        await market.settled("listings", 462)

        decisions = {
            body["listing_id"]: body for body in await market.bodies("decisions") if body["topic"] == "rescans"
        }
        old = set(range(0, 400, 10)) - {0, 10}
        assert {f"l-{number}" for number in old} <= decisions.keys()
        # What came after the mark was decided with it at once; a rescan may find that out once more.
        assert decisions.keys() <= {f"l-{number}" for number in range(20, 460, 10)}
        for number in old:
            expected = ("takedown", "counterfeit_offer") if number % 20 == 0 else ("escalate", "suspicious_offer")
            decision = decisions[f"l-{number}"]
            assert (decision["verdict"], decision["rule"]) == expected
        down = {body["listing_id"] for body in await market.bodies("takedowns")}
        assert down == {f"l-{number}" for number in range(20, 460, 20)}
        first = {body["listing_id"] for body in await market.bodies("decisions") if body["topic"] == "listings"}
        assert first == {f"l-{number}" for number in range(460)}

        # Again, nothing is decided twice.
        decided = (await market.tally())["rescans"]["decided"]
        await klean(market, "rescan", "--brand", "norda")
        more = len(await market.records("rescans"))
        books = await market.settled("rescans", more)
        assert books["decided"] <= decided + 3
        assert {body["listing_id"] for body in await market.bodies("takedowns")} == down


async def test_a_brand_that_floods_is_held_and_the_worker_says_so(
    kafka: Kafka, topic_prefix: str, workers: Workers
) -> None:
    async with Marketplace(kafka.bootstrap, topic_prefix, workers, partitions=1) as market:
        # The hours of this day are the publisher's, so that it does not take hours.
        name = market.settings.topic("listings")
        await delete_topics(kafka.bootstrap, [name])
        await create_topics(
            kafka.bootstrap, {name: (1, {"message.timestamp.type": "CreateTime", "retention.ms": "-1"})}
        )
        policy: dict[str, object] = {"breaker": {"min_listings": 100, "min_sellers": 10}}
        await market.publish("control", Control(kind="policy", policy=policy, by="test"))
        await market.publish("brands", _NORDA)
        worker = await market.worker()
        now = 1_772_409_600_000 // _HOUR * _HOUR

        async def publish(first: int, count: int, title: str, at: int) -> None:
            for number in range(first, first + count):
                event = listing(number, title, seller_id=f"s-{number}")
                key = event.seller_id.encode()
                await market.publish_raw("listings", key, orjson.dumps(event), timestamp=at + number)
            await market.flush()

        await publish(0, 200, "Cotton socks", now)
        await publish(200, 30, "Norda replica shoes", now + 2 * _HOUR)
        await market.settled("listings", 230)
        assert len(await market.bodies("takedowns")) == 9
        (hold,) = await market.bodies("brand-holds")
        assert (hold["brand_id"], hold["sellers"], hold["listings"]) == ("norda", 10, 10)
        held = [body for body in await market.bodies("decisions") if any(f.get("held") for f in body["findings"])]
        assert {(body["verdict"], body["rule"]) for body in held} == {("escalate", "suspicious_offer")}
        assert len(held) == 21
        assert worker.metrics()["klean_brand_holds_total", frozenset({("brand_id", "norda")})] == 1

        # Another worker goes on where this one stopped: the hold lies in the rows.
        worker.kill()
        await market.worker("next")
        await publish(230, 5, "Norda replica shoes", now + 3 * _HOUR)
        await market.settled("listings", 235)
        assert len(await market.bodies("takedowns")) == 9
        assert len(await market.bodies("brand-holds")) == 1
