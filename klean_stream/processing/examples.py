"""The examples of the published contract: what comes in, and what the very core makes of it.

``python -m klean_stream.processing.examples DIRECTORY`` writes ``<topic>.json`` for every topic; with
``--check`` it writes nothing, names the files that are stale and exits with 1. Each file is an array of
records with key, headers and value.

The events are a short story: two sellers sign up, listings go down and to moderators, people report,
moderators answer, and what was wrong is taken back.
"""

import sys
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import orjson

from klean_stream.events import (
    Brand,
    Case,
    Control,
    Document,
    Image,
    IpReport,
    Listing,
    ListingSnapshot,
    ModeratorDecision,
    Rescan,
    SellerSignup,
)
from klean_stream.events.json_schema import as_file, write_or_check
from klean_stream.processing.record import Headers, InputRecord, OutputRecord
from klean_stream.processing.replay import JournalLine, Replay
from klean_stream.processing.routes import ROUTES
from klean_stream.sample import examples

_MORNING = 1_772_409_600_000  # 2026-03-02T00:00:00Z
_STEP = 60_000
_SOURCES = {
    "listings": "/platform/catalogue",
    "seller-signups": "/platform/accounts",
    "ip-reports": "/platform/ip-desk",
    "moderator-decisions": "/platform/moderation",
    "rescans": "/klean-stream/publish",
    "brands": "/platform/registry",
    "control": "/platform/operations",
    "images": "/platform/ip-desk",
}
_KEPT = 6  # records of a topic that a reader needs to see


def example_files() -> dict[str, bytes]:
    """Give the content of each file by name."""
    story = _Story()
    story.tell(examples())
    flood = _Story()
    flood.tell_of_a_flood()
    story.shown["brand-holds"] = flood.shown["brand-holds"]
    return {f"{topic}.json": as_file(records) for topic, records in sorted(story.shown.items())}


class _Story:
    """Events one after another through the core, and the records that are shown of each topic."""

    def __init__(self) -> None:
        self.shown: dict[str, list[dict[str, Any]]] = {}
        self._kinds: set[tuple[str, str]] = set()
        self._replay = Replay()
        self._taken: dict[str, int] = {}
        self._minute = 0
        self._cases: dict[str, Case] = {}

    def tell(self, sample: dict[str, list[Any]]) -> None:
        """Tell the story, on the sample's inputs and some more."""
        for topic in ("brands", "images", "control", "seller-signups"):
            for event in sample[topic]:
                self._take(topic, event)
        self._take("control", Control(kind="policy", policy={"weights": {"low_price": 30}}, by="m-01"))
        papers = (
            *sample["seller-signups"][0].documents,
            Document(kind="bank_account", document_id="d-5a0c12"),
        )
        self._take("seller-signups", replace(sample["seller-signups"][0], change="details_changed", documents=papers))
        # A counterfeit that says so itself: the machine takes it down. Two people report it later.
        fake, removal = sample["listings"]
        self._take("listings", fake)
        for report in sample["ip-reports"]:
            self._take("ip-reports", report)
        # It comes back in other words, from another account, with the picture of a known counterfeit.
        again = replace(
            fake,
            seller_id="s-000044",
            listing_id="l-0001204",
            title="미러급 에어 운동화 나.이.키 260~280 특가",
            image_hashes=tuple(image.hash for image in sample["images"]),
        )
        self._take("listings", again)
        # A mark alone, of a seller who is not approved: a person has to look. The answer is no.
        bag = Listing(
            seller_id="s-000043",
            listing_id="l-0000918",
            version=1,
            change="created",
            title="Nike running shoes, size 9",
            category="shoes",
            locale="en-US",
        )
        self._take("listings", bag)
        self._answer("dismiss", "m-13", "An authorised reseller's invoice was shown.")
        # A disguised one in Korea, of a seller who is approved: the answer is yes.
        shirt = replace(bag, seller_id="s-000042", listing_id="l-0000919", title="나.이.키 반팔 티셔츠", locale="ko-KR")
        self._take("listings", shirt)
        self._answer("reassign", "m-07", "Needs someone who knows the shop.", assignee="m-21")
        self._answer("uphold", "m-21", "Test purchase: no genuine label.")
        # A verified rights holder and the matcher agree: down at once.
        self._take(
            "ip-reports",
            IpReport(
                report_id="r-0000313",
                seller_id="s-000042",
                listing_id="l-0000920",
                reporter_id="rh-nike",
                reporter_role="rights_holder",
                brand_id="nike",
                ground="counterfeit",
                listing=ListingSnapshot(title="나이키 덩크 로우", category="shoes"),
                locale="ko-KR",
            ),
        )
        # Which turns out to be wrong.
        self._answer("reinstate", "m-07", "The goods are genuine.")
        self._answer("uphold", "m-13", "I think that it is a fake.", behind=1)
        self._take("listings", removal)
        for decision in sample["moderator-decisions"]:
            self._take("moderator-decisions", decision)
        # A mark that is registered when a listing that uses it is on offer already.
        jacket = replace(bag, listing_id="l-0000921", title="Velmora trail jacket", category="clothing")
        self._take("listings", jacket)
        self._take("brands", Brand(brand_id="velmora", name="Velmora", aliases=("벨모라",), classes=(25,)))
        for rescan in sample["rescans"]:
            self._take("rescans", rescan)
        self._take("listings", fake, key=b"s-999999")
        self._take("seller-signups", sample["seller-signups"][0], key=b"s-999999")

    def tell_of_a_flood(self) -> None:
        """Tell how a mark that everybody uses from one hour to the next comes to be held."""
        self._take("brands", Brand(brand_id="velmora", name="Velmora", aliases=("벨모라",)))
        self._take("control", Control(kind="policy", policy={"breaker": {"min_listings": 20}}))
        for number in range(30):
            self._list(number, "Cotton socks")
        self._minute += 120
        for number in range(30, 60):
            self._list(number, "Velmora jacket")

    def _list(self, number: int, title: str) -> None:
        self._take(
            "listings",
            Listing(
                seller_id=f"s-{number:06}",
                listing_id=f"l-{number:07}",
                version=1,
                change="created",
                title=title,
                locale="en-US",
            ),
        )

    def _answer(
        self, action: Any, moderator_id: str, reason: str, assignee: str | None = None, behind: int = 0
    ) -> None:
        """Let a moderator answer the case that changed last, or a version ``behind`` it."""
        case = list(self._cases.values())[-1]
        self._take(
            "moderator-decisions",
            ModeratorDecision(
                seller_id=case.seller_id,
                case_id=case.case_id,
                case_version=case.case_version - behind,
                action=action,
                moderator_id=moderator_id,
                reason=reason,
                assignee=assignee,
            ),
        )

    def _take(self, topic: str, event: Any, key: bytes | None = None) -> None:
        self._minute += 1
        offset = self._taken.get(topic, 0)
        self._taken[topic] = offset + 1
        now = _MORNING + self._minute * _STEP
        record = InputRecord(
            topic=topic,
            partition=0,
            offset=offset,
            timestamp=now,
            key=key or ROUTES[topic].key_of(event).encode(),
            value=orjson.dumps(event),
            headers=_headers(topic, event, f"{topic}-{offset}"),
        )
        if key is None:
            self._show(OutputRecord(topic, record.key, record.value, record.headers), _kind_of_input(event))
        for absorbed in self._replay.run([JournalLine(record)]):
            if absorbed.reason == "processing_error":
                raise RuntimeError(f"the core fails on {event}")
            for output in absorbed.outputs:
                self._show(output, _kind_of_output(output))
            for published in absorbed.published:
                if isinstance(published, Case) and published.answer == "accepted":
                    self._cases.pop(published.case_id, None)
                    self._cases[published.case_id] = published

    def _show(self, record: OutputRecord, kind: str) -> None:
        """Keep the first record of each kind, and not more than a reader wants."""
        shown = self.shown.setdefault(record.topic, [])
        value = orjson.loads(record.value or b"null")
        tells_nothing = record.topic == "decisions" and not value["findings"]
        if (record.topic, kind) in self._kinds or len(shown) == _KEPT or tells_nothing:
            return
        self._kinds.add((record.topic, kind))
        shown.append(
            {
                "key": (record.key or b"").decode(),
                "headers": {name: (content or b"").decode() for name, content in record.headers},
                "value": value,
            }
        )


def _headers(topic: str, event: Any, ce_id: str) -> Headers:
    headers = {
        "ce_specversion": "1.0",
        "ce_id": ce_id,
        "ce_source": _SOURCES[topic],
        "ce_type": _ce_type(event),
        "content-type": "application/json",
    }
    return tuple((name, text.encode()) for name, text in headers.items())


def _ce_type(event: Any) -> str:
    match event:
        case Listing():
            return f"klean.listing.{event.change}"
        case SellerSignup():
            return f"klean.seller.{event.change}"
        case IpReport():
            return "klean.ip.reported"
        case ModeratorDecision():
            return "klean.moderator.decided"
        case Rescan():
            return "klean.listing.rescan"
        case Brand():
            return "klean.brand.registered"
        case Image():
            return "klean.image.added"
        case _:
            return "klean.control.changed"


def _kind_of_input(event: Any) -> str:
    """Say what sets an input apart from others of its topic."""
    marks = ("change", "action", "reporter_role", "brand_id", "kind")
    return "/".join(str(getattr(event, mark, "")) for mark in marks)


def _kind_of_output(record: OutputRecord) -> str:
    """Say what sets an output apart from others of its topic."""
    if record.topic.startswith("dead-letters"):
        return dict(record.headers)["klean_dl_reason"].decode()  # type: ignore[union-attr]
    value = orjson.loads(record.value or b"{}")
    marks = ("verdict", "result", "status", "answer", "rule", "cause")
    return "/".join(str(value[mark]) for mark in marks if mark in value)


def main(arguments: Iterable[str] | None = None) -> int:
    """Write or check the files; give the exit code."""
    return write_or_check(example_files(), __doc__, arguments)


if __name__ == "__main__":
    sys.exit(main())
