"""Workers that come, go, are killed and freeze: what was published is decided once, whoever decides it."""

import asyncio
import time
from collections import Counter
from pathlib import Path

import orjson

from klean_stream.events import Brand, Control, Listing
from klean_stream.policy import default_policy
from tests.kafka.child_process import wait_until
from tests.kafka.cluster import Kafka, KafkaCluster
from tests.kafka.marketplace import TOKEN, Marketplace
from tests.kafka.processes import Workers

_NIKE = Brand(brand_id="nike", name="Nike", aliases=("나이키", "耐克"))
_IN_FORCE_SECONDS = 5.0


def listings(count: int, *, first: int = 0, title: str = "Nike replica sneaker") -> list[Listing]:
    """Give listings of a hundred sellers."""
    return [
        Listing(
            seller_id=f"s-{number % 100}",
            listing_id=f"l-{number}",
            version=1,
            change="created",
            title=f"{title} {number}",
        )
        for number in range(first, first + count)
    ]


def mapped_files(pid: int | None) -> str:
    return Path(f"/proc/{pid}/maps").read_text(encoding="utf-8")


async def undisturbed_rows(market: Marketplace, wanted: int) -> dict[bytes, bytes]:
    """Check that each listing has exactly one decision, and give the rows."""
    ids = Counter(body["id"] for body in await market.bodies("decisions") if body["topic"] == "listings")
    assert len(ids) == wanted
    assert set(ids.values()) == {1}
    return await market.rows()


async def test_a_worker_killed_in_the_middle_loses_nothing_and_counts_nothing_twice(
    kafka: Kafka, topic_prefix: str, workers: Workers
) -> None:
    async with Marketplace(kafka.bootstrap, topic_prefix, workers) as market:
        await market.publish("brands", _NIKE)
        survivor, victim = await asyncio.gather(market.worker("survivor"), market.worker("victim"))
        total = 12_000
        publishing = asyncio.create_task(market.publish("listings", *listings(total)))
        while (await market.tally())["listings"].total() < total // 6:
            await asyncio.sleep(0.05)
        victim.kill()
        await publishing
        await market.settled("listings", total)
        assert survivor.running
        rows = await undisturbed_rows(market, total)
        sellers = [orjson.loads(row) for key, row in rows.items() if key.startswith(b"seller/")]
        assert len(sellers) == 100
        assert sum(row["listings"] for row in sellers) == total


async def test_a_frozen_worker_that_wakes_up_as_a_zombie_writes_nothing(
    kafka: Kafka, topic_prefix: str, workers: Workers
) -> None:
    async with Marketplace(kafka.bootstrap, topic_prefix, workers) as market:
        await market.publish("brands", _NIKE)
        _, zombie = await asyncio.gather(market.worker("other"), market.worker("zombie"))
        total = 9_000
        publishing = asyncio.create_task(market.publish("listings", *listings(total)))
        while (await market.tally())["listings"].total() < total // 6:
            await asyncio.sleep(0.05)
        zombie.pause()
        await publishing
        await market.settled("listings", total)
        before = await market.rows()
        zombie.resume()
        await market.publish("listings", *listings(500, first=total))
        await market.settled("listings", total + 500)
        after = await undisturbed_rows(market, total + 500)
        assert {key for key in before if key.startswith(b"listing/")} <= after.keys()


async def test_a_worker_that_joins_takes_over_without_loss_and_a_term_is_quick(
    kafka: Kafka, topic_prefix: str, workers: Workers
) -> None:
    async with Marketplace(kafka.bootstrap, topic_prefix, workers) as market:
        await market.publish("brands", _NIKE)
        first = await market.worker("first")
        total = 9_000
        publishing = asyncio.create_task(market.publish("listings", *listings(total)))
        while (await market.tally())["listings"].total() < total // 9:
            await asyncio.sleep(0.05)
        await market.worker("second")
        began = time.monotonic()
        assert await asyncio.to_thread(first.terminate) == 0
        assert time.monotonic() - began < 10
        await publishing
        await market.settled("listings", total)
        await undisturbed_rows(market, total)


async def test_rows_come_back_from_the_changelog_when_the_state_folder_is_gone(
    kafka: Kafka, topic_prefix: str, workers: Workers
) -> None:
    async with Marketplace(kafka.bootstrap, topic_prefix, workers) as market:
        await market.publish("brands", _NIKE)
        lost = await market.worker("lost")
        await market.publish("listings", *listings(1_000))
        await market.settled("listings", 1_000)
        before = await market.rows()
        await asyncio.to_thread(lost.terminate)
        await market.worker("fresh")
        # The same version again, as another event, is superseded only by who knows the listing's row.
        await market.publish("listings", *listings(1_000), headers=(("retry", b"1"),))
        again = await market.settled("listings", 2_000)
        assert again["duplicate"] == 1_000
        assert await market.rows() == before


async def test_the_emergency_stop_and_a_new_brand_are_in_force_on_every_worker_within_five_seconds(
    kafka: Kafka, topic_prefix: str, workers: Workers
) -> None:
    async with Marketplace(kafka.bootstrap, topic_prefix, workers) as market:
        await asyncio.gather(market.worker("one"), market.worker("two"))
        await market.publish("listings", *listings(200))
        await market.settled("listings", 200)
        assert not await market.bodies("takedowns")

        await market.publish("brands", _NIKE)
        await asyncio.sleep(_IN_FORCE_SECONDS)
        await market.publish("listings", *listings(200, first=200))
        await market.settled("listings", 400)
        taken_down = {body["listing_id"] for body in await market.bodies("takedowns")}
        assert taken_down == {listing.listing_id for listing in listings(200, first=200)}

        await market.publish("control", Control(kind="mode", mode="review_only", by="test"))
        await asyncio.sleep(_IN_FORCE_SECONDS)
        await market.publish("listings", *listings(200, first=400))
        await market.settled("listings", 600)
        assert {body["listing_id"] for body in await market.bodies("takedowns")} == taken_down
        escalated = {body["listing_id"] for body in await market.bodies("escalations")}
        assert escalated >= {listing.listing_id for listing in listings(200, first=400)}
        stopped = [body for body in await market.bodies("decisions") if body["control_version"] == 1]
        assert {body["policy"] for body in stopped} == {default_policy().with_mode("review_only").hash}


async def test_a_sellers_data_needs_the_token_and_comes_from_the_owner(
    kafka: Kafka, topic_prefix: str, workers: Workers
) -> None:
    async with Marketplace(kafka.bootstrap, topic_prefix, workers) as market:
        both = await asyncio.gather(market.worker("one"), market.worker("two"))
        await market.publish("listings", *listings(10))
        await market.settled("listings", 10)
        assert [worker.get("/sellers/s-1")[0] for worker in both] == [401, 401]
        wrong = {"Authorization": "Bearer wrong"}
        assert [worker.get("/sellers/s-1", wrong)[0] for worker in both] == [401, 401]
        right = {"Authorization": f"Bearer {TOKEN}"}
        assert sorted(worker.get("/sellers/s-1", right)[0] for worker in both) == [200, 421]
        assert {worker.get("/live")[0] for worker in both} == {200}


async def test_a_missing_or_mispartitioned_topic_stops_the_start_with_a_sentence_that_names_it(
    kafka: Kafka, topic_prefix: str, workers: Workers
) -> None:
    async with Marketplace(kafka.bootstrap, topic_prefix, workers) as market:
        wrong = market.start_worker("wrong", partitions=5)
        assert await asyncio.to_thread(wrong.wait_ended, 30)
        assert wrong.exit_code == 2
        assert f"{topic_prefix}listings has 4 partitions and needs 5" in wrong.log
        nowhere = market.start_worker("nowhere", topic_prefix=f"{topic_prefix}none.")
        assert await asyncio.to_thread(nowhere.wait_ended, 30)
        assert nowhere.exit_code == 2
        assert f"{topic_prefix}none.listings is missing" in nowhere.log


async def test_a_time_out_that_the_brokers_do_not_allow_stops_the_worker_with_a_sentence(
    kafka: Kafka, topic_prefix: str, workers: Workers
) -> None:
    async with Marketplace(kafka.bootstrap, topic_prefix, workers) as market:
        worker = market.start_worker(transaction_timeout_ms=10_000_000)
        assert await asyncio.to_thread(worker.wait_ended, 30)
        assert worker.exit_code == 2
        assert "The setting transaction_timeout_ms is 10000000, and the brokers allow less" in worker.log


async def test_a_session_time_out_that_the_brokers_do_not_allow_stops_the_worker_with_a_sentence(
    topic_prefix: str, workers: Workers, tmp_path: Path
) -> None:
    # Kafka's own default; the brokers of the other tests allow a second.
    strict = KafkaCluster(tmp_path / "strict", config={"group.min.session.timeout.ms": "6000"})
    try:
        strict.start()
        async with Marketplace(strict.bootstrap, topic_prefix, workers, session_timeout_ms=2_000) as market:
            worker = market.start_worker()
            assert await asyncio.to_thread(worker.wait_ended, 40)
            assert worker.exit_code == 2
            assert "The setting session_timeout_ms is 2000, which is not within what the brokers allow" in worker.log
    finally:
        strict.discard()


async def test_a_worker_does_not_run_on_uvloop(kafka: Kafka, topic_prefix: str, workers: Workers) -> None:
    # Why not: test_the_event_loop_takes_writes_to_a_connection_that_was_just_lost.
    async with Marketplace(kafka.bootstrap, topic_prefix, workers) as market:
        worker = await market.worker()
        mapped = mapped_files(worker.pid)
        assert "rocksdict" in mapped, "what a worker has loaded is to be seen there"
        assert "uvloop" not in mapped


async def test_a_publishers_transactions_are_read_as_they_ended(
    kafka: Kafka, topic_prefix: str, workers: Workers
) -> None:
    async with Marketplace(kafka.bootstrap, topic_prefix, workers) as market:
        await market.worker()
        offered = listings(100)
        await market.publish_in_transaction("listings", offered[:40], commit=True)
        await market.publish_in_transaction("listings", offered[40:70], commit=False)
        await market.publish("listings", *offered[70:])
        assert (await market.settled("listings", 70)).total() == 70
        decided = {body["listing_id"] for body in await market.bodies("decisions")}
        assert decided == {listing.listing_id for listing in offered[:40] + offered[70:]}


async def test_a_worker_that_waits_for_the_others_in_a_rebalance_does_not_begin_another(
    kafka: Kafka, topic_prefix: str, workers: Workers
) -> None:
    async with Marketplace(kafka.bootstrap, topic_prefix, workers, session_timeout_ms=15_000) as market:
        waiting, late = await asyncio.gather(market.worker("waiting"), market.worker("late"))
        await market.publish("listings", *listings(400))
        await market.settled("listings", 400)
        seen = waiting.log.count("rebalancing")
        new = market.start_worker("new")
        assert await asyncio.to_thread(wait_until, lambda: "BatchConsumerThread]: Starting" in new.log, timeout=20)
        late.pause()
        # It joins when its heartbeat tells it to, and then waits for the one that does not hear.
        told = await asyncio.to_thread(wait_until, lambda: waiting.log.count("rebalancing") > seen, timeout=14)
        # As long as it takes to publish positions twice.
        await asyncio.sleep(2.0)
        late.resume()
        assert told
        for worker in (waiting, late, new):
            await asyncio.to_thread(worker.wait_ready)
        await market.publish("listings", *listings(400, first=400))
        await market.settled("listings", 800)
        # aiokafka says so and joins anew, and that is another rebalance for all of them.
        assert [worker.name for worker in (waiting, late, new) if "OffsetCommit failed" in worker.log] == []
