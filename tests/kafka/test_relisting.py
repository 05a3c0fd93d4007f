"""A listing that was taken down comes back from another account, in another partition, on another worker."""

import asyncio
import json
from pathlib import Path
from typing import Any

import orjson

from klean_stream.events import Brand, Image, Listing, ModeratorDecision
from klean_stream.runtime.ownership import partition_of
from tests.kafka.cluster import Kafka
from tests.kafka.marketplace import Marketplace
from tests.kafka.processes import Workers
from tests.kafka.test_story import klean

_NIKE = Brand(brand_id="nike", name="Nike", aliases=("나이키", "耐克"))
_FAKE = "나이키 미러급 에어맥스 97 운동화 남녀공용 260 270"
_REWORDED = "에어맥스 97 운동화 남녀공용 270 260 N.I 미러급 특가"
_HASH = "f8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22"


def listing(seller_id: str, listing_id: str, title: str, **more: Any) -> Listing:
    return Listing(seller_id=seller_id, listing_id=listing_id, version=1, change="created", title=title, **more)


async def decided(market: Marketplace, listing_id: str) -> dict[str, Any]:
    return await market.until(
        "decisions", lambda body: body["topic"] == "listings" and body["listing_id"] == listing_id
    )


async def known(market: Marketplace, version: int) -> None:
    """Wait until every partition decides under at least this many fingerprints: ask each with a listing of its own."""
    for number in range(200):
        sellers = [f"p-{number}-{seller}" for seller in range(24)]
        await market.publish("listings", *(listing(seller, "probe", f"Probe {number}") for seller in sellers))
        await market.until("decisions", lambda body: body["key"] == sellers[-1])  # noqa: B023 - asked at once
        asked = [body for body in await market.bodies("decisions") if body["key"] in sellers]
        if len(asked) == len(sellers) and min(body["fingerprints_version"] for body in asked) >= version:
            return
    raise AssertionError(f"no worker came as far as fingerprint {version}")


async def test_a_relisting_in_another_partition_is_escalated_until_the_first_is_reinstated(
    kafka: Kafka, topic_prefix: str, workers: Workers, tmp_path: Path
) -> None:
    async with Marketplace(kafka.bootstrap, topic_prefix, workers) as market:
        await market.publish("brands", _NIKE)
        await market.publish("images", Image(image_id="img-1", hash=_HASH, kind="counterfeit", brand_id="nike"))
        await asyncio.gather(market.worker("one"), market.worker("two"))

        first = "s-first"
        partition = partition_of(first.encode(), market.settings.partitions)
        others = [
            name for name in (f"s-{number}" for number in range(40)) if partition_of(name.encode(), 4) != partition
        ]
        await market.publish("listings", listing(first, "l-0", _FAKE))
        taken = await market.until("takedowns", lambda body: body["listing_id"] == "l-0")
        await market.until("taken-down-fingerprints", lambda body: body["case_id"] == taken["case_id"])
        await known(market, 1)

        # Sellers of the three other partitions offer it again; at least one of these is the other worker's.
        again = others[:9]
        await market.publish("listings", *(listing(name, f"l-{name}", _REWORDED) for name in again))
        for name in again:
            decision = await decided(market, f"l-{name}")
            (finding,) = [finding for finding in decision["findings"] if finding["kind"] == "relisting"]
            assert (decision["verdict"], decision["rule"]) == ("escalate", "repeats_takedown")
            assert finding["refers_to"] == taken["case_id"]
            assert decision["fingerprints_version"] > 0
        escalation = await market.until("escalations-kr", lambda body: body["seller_id"] == again[0])
        assert taken["case_id"] in {finding["refers_to"] for finding in escalation["findings"]}

        # The picture of a known counterfeit is named as well.
        shown = listing(others[9], "l-picture", "Cotton shirt", image_hashes=(_HASH,))
        await market.publish("listings", shown)
        assert (await decided(market, "l-picture"))["rule"] == "known_image"

        # A moderator puts the first back: nobody repeats it any more.
        back = ModeratorDecision(
            seller_id=first, case_id=taken["case_id"], case_version=1, action="reinstate", moderator_id="m-1"
        )
        await market.publish("moderator-decisions", back)
        await market.until("reinstatements", lambda body: body["listing_id"] == "l-0")
        records = await market.records("taken-down-fingerprints")
        assert [(record.key, record.value is None, record.partition) for record in records] == [
            (taken["case_id"].encode(), False, 0),
            (taken["case_id"].encode(), True, 0),
        ]
        await known(market, records[-1].offset + 1)
        await market.publish("listings", *(listing(name, f"later-{name}", _REWORDED) for name in again))
        for name in again:
            found = (await decided(market, f"later-{name}"))["findings"]
            assert not [finding for finding in found if finding["kind"] == "relisting"]

        # The day, exported and replayed, gives the same decisions.
        journal, replayed = tmp_path / "day.jsonl.gz", tmp_path / "decisions.jsonl"
        await klean(market, "export", "--output", str(journal))
        await klean(market, "replay", "--input", str(journal), "--output", str(replayed))
        wanted = sorted(record.value for record in await market.records("decisions"))
        made = sorted(replayed.read_bytes().splitlines())
        assert len(made) == len(wanted)
        assert [json.loads(line) for line in made] == [orjson.loads(value) for value in wanted]
        assert made == wanted
