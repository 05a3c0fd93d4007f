"""A seller's story, from sign-up to reinstatement, on real Kafka and through the command line."""

import asyncio
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson

from klean_stream.events import (
    Brand,
    Document,
    IpReport,
    Listing,
    ListingSnapshot,
    ModeratorDecision,
    RightsHolder,
    SellerSignup,
)
from klean_stream.processing.rows import POSITION
from tests.kafka.cluster import Kafka
from tests.kafka.marketplace import Marketplace
from tests.kafka.processes import Workers

NIKE = Brand(
    brand_id="nike",
    name="Nike",
    aliases=("나이키", "耐克"),
    classes=(18, 25, 28),
    owner=RightsHolder(name="Nike Innovate C.V.", reporter_ids=("rh-nike",)),
)
ADIDAS = Brand(
    brand_id="adidas",
    name="adidas",
    aliases=("아디다스", "阿迪达斯"),
    classes=(18, 25, 28),
    owner=RightsHolder(name="adidas AG", reporter_ids=("rh-adidas",)),
    authorised_sellers=("s-honest",),
)
SIGNUP = SellerSignup(
    seller_id="s-honest",
    change="signed_up",
    shop_name="Sunny Sneakers",
    legal_name="써니 주식회사",
    country="KR",
    registration_number="120-81-47521",
    phone="+82 2-2128-1234",
    email="hello@example.com",
    documents=(
        Document(kind="business_registration", document_id="d-1"),
        Document(kind="identity", document_id="d-2"),
        Document(kind="bank_account", document_id="d-3"),
    ),
)


def listing(seller_id: str, listing_id: str, title: str, **more: Any) -> Listing:
    """Give a new listing."""
    return Listing(seller_id=seller_id, listing_id=listing_id, version=1, change="created", title=title, **more)


def report(reporter_id: str, seller_id: str, listing_id: str, brand_id: str, title: str) -> IpReport:
    """Give a report whose reporter claims to be the rights holder."""
    return IpReport(
        report_id=f"r-{reporter_id}-{listing_id}",
        seller_id=seller_id,
        listing_id=listing_id,
        reporter_id=reporter_id,
        reporter_role="rights_holder",
        brand_id=brand_id,
        ground="counterfeit",
        statement="This is not ours.",
        listing=ListingSnapshot(title=title),
    )


async def klean(market: Marketplace, *arguments: str) -> str:
    """Run a klean-stream command as an operator would; gives what it printed."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("KLEAN_")}
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "klean_stream", *arguments],
        env=environment | market.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


async def seller(market: Marketplace, seller_id: str) -> dict[str, Any]:
    """What `klean-stream seller` says, and that its points explain the whole score."""
    said: dict[str, Any] = json.loads(await klean(market, "seller", seller_id, "--output-format", "json"))
    assert sum(point["points_now"] for point in said["points"]) == said["risk"]["points"]
    return said


async def test_the_story_of_a_seller(kafka: Kafka, topic_prefix: str, workers: Workers, tmp_path: Path) -> None:
    async with Marketplace(kafka.bootstrap, topic_prefix, workers) as market:
        await market.publish("brands", NIKE, ADIDAS)
        await asyncio.gather(market.worker("one"), market.worker("two"))

        # A seller signs up, with everything in order.
        await market.publish("seller-signups", SIGNUP)
        verdict = await market.until("seller-verdicts", lambda body: body["seller_id"] == "s-honest")
        assert (verdict["verdict"], verdict["payout_hold"]) == ("approved", False)

        # It lists a product of a brand that authorised it: nothing happens.
        await market.publish("listings", listing("s-honest", "l-1", "adidas 삼바 OG 정품"))
        decision = await market.until("decisions", lambda body: body["listing_id"] == "l-1")
        assert decision["verdict"] == "allow"
        assert {finding["disposition"] for finding in decision["findings"] if finding["brand_id"]} == {
            "authorised_seller"
        }
        assert (await seller(market, "s-honest"))["risk"]["points"] == 0

        # Then it lists "나이키 미러급", for which it is not authorised: taken down, with the reason in Korean.
        await market.publish("listings", listing("s-honest", "l-2", "나이키 미러급 운동화", locale="ko-KR"))
        takedown = await market.until("takedowns", lambda body: body["listing_id"] == "l-2")
        assert takedown["brand_ids"] == ["nike"]
        assert takedown["listing_version"] == 1
        surfaces = {finding["surface"] for finding in takedown["findings"]}
        assert {"나이키", "미러급"} <= surfaces
        for finding in takedown["findings"]:
            if finding["field"] == "title":
                assert takedown["title"][finding["start"] : finding["end"]] == finding["surface"]
        assert "나이키" in takedown["reasons"]["text"]["ko"]
        assert takedown["reasons"]["automated_decision"] is True
        after_takedown = await seller(market, "s-honest")
        assert after_takedown["risk"]["points"] > 0

        # A brand owner reports another seller's listing that the machine had let pass: taken down at once.
        await market.publish("seller-signups", replace(SIGNUP, seller_id="s-other", shop_name="Other Sneakers"))
        verdict = await market.until("seller-verdicts", lambda body: body["seller_id"] == "s-other")
        assert verdict["verdict"] == "approved"
        await market.publish("listings", listing("s-other", "l-3", "Nike Air Max 270 new"))
        decision = await market.until("decisions", lambda body: body["listing_id"] == "l-3")
        assert (decision["verdict"], decision["rule"]) == ("allow", "below_threshold")
        await market.publish("ip-reports", report("rh-nike", "s-other", "l-3", "nike", "Nike Air Max 270 new"))
        await market.until("takedowns", lambda body: body["listing_id"] == "l-3")
        answers = [body for body in await market.bodies("report-outcomes") if body["reporter_id"] == "rh-nike"]
        assert [body["kind"] for body in answers] == ["acknowledgement", "outcome"]
        assert answers[-1]["result"] == "taken_down"
        assert answers[-1]["within_deadline"] is True

        # A forged brand owner reports a rival: the claimed role takes nothing down, a person shall look.
        await market.publish("listings", listing("s-rival", "l-5", "수제 도자기 머그컵 350ml", locale="ko-KR"))
        await market.until("decisions", lambda body: body["listing_id"] == "l-5")
        before = await seller(market, "s-rival")
        await market.publish("listings", listing("s-rival", "l-4", "나이키 조던 정품 새상품", locale="ko-KR"))
        await market.until("decisions", lambda body: body["listing_id"] == "l-4")
        await market.publish("ip-reports", report("rh-forged", "s-rival", "l-4", "nike", "나이키 조던 정품 새상품"))
        decision = await market.until(
            "decisions", lambda body: body["listing_id"] == "l-4" and body["topic"] == "ip-reports"
        )
        assert decision["verdict"] == "escalate"
        assert not [body for body in await market.bodies("takedowns") if body["listing_id"] == "l-4"]
        escalations = await market.bodies("escalations-kr")
        escalation = next(body for body in reversed(escalations) if body["listing_id"] == "l-4")
        assert escalation["deadline"] - escalation["time"] == 24 * 3_600_000

        # A moderator looks, and upholds it.
        listed = json.loads(await klean(market, "escalations", "list", "--output-format", "json"))
        case = next(case for case in listed if case["listing_id"] == "l-4")
        uphold = ModeratorDecision(
            seller_id="s-rival",
            case_id=case["case_id"],
            case_version=case["case_version"],
            action="uphold",
            moderator_id="m-1",
            reason="No proof of purchase.",
        )
        await market.publish("moderator-decisions", uphold)
        await market.until("takedowns", lambda body: body["listing_id"] == "l-4")
        outcome = await market.until(
            "report-outcomes", lambda body: body["reporter_id"] == "rh-forged" and body["kind"] == "outcome"
        )
        assert outcome["result"] == "taken_down"

        # The seller's level rises, and every point of it is explained.
        risen = await seller(market, "s-rival")
        assert risen["risk"]["points"] > before["risk"]["points"]
        assert risen["risk"]["strikes"] == 1
        change = await market.until("risk-changes", lambda body: body["seller_id"] == "s-rival")
        assert change["after"]["level"] == risen["risk"]["level"] != "normal"

        # A second moderator was too late.
        late = ModeratorDecision(
            seller_id="s-rival",
            case_id=case["case_id"],
            case_version=case["case_version"],
            action="dismiss",
            moderator_id="m-2",
        )
        await market.publish("moderator-decisions", late)
        await market.until("cases", lambda body: body["answer"] == "conflict")

        # The seller shows the invoice; the reinstatement takes back exactly what the case had given.
        upheld = await market.until(
            "cases", lambda body: body["case_id"] == case["case_id"] and body["answer"] == "accepted"
        )
        await klean(
            market,
            *("escalations", "decide", case["case_id"], "reinstate", "--moderator", "m-1"),
            *("--reason", "Invoice of an authorised dealer.", "--case-version", str(upheld["case_version"])),
        )
        await market.until("reinstatements", lambda body: body["listing_id"] == "l-4")
        back = await seller(market, "s-rival")
        gone = [point for point in risen["points"] if point not in back["points"]]
        assert gone
        assert {point["signal"]["listing_id"] for point in gone} == {"l-4"}
        assert back["row"]["ledger"] == before["row"]["ledger"]
        assert back["risk"] == before["risk"]

        # The day can be exported, and ends the same when it is replayed.
        journal, again, rows = tmp_path / "day.jsonl.gz", tmp_path / "again.jsonl", tmp_path / "rows.jsonl"
        await klean(market, "export", "--output", str(journal))
        await klean(market, "replay", "--input", str(journal), "--output", str(again), "--rows", str(rows))
        decisions = [record.value for record in await market.records("decisions")]
        assert sorted(again.read_bytes().splitlines()) == sorted(decisions)
        replayed = {line["key"]: line["row"] for line in map(orjson.loads, rows.read_bytes().splitlines())}
        replayed.pop(POSITION.decode(), None)
        assert replayed == {key.decode(): orjson.loads(row) for key, row in (await market.rows()).items()}
