"""The cases as the ``cases`` topic tells them, and deciding one.

Imports the Kafka client, so commands import it when they run.
"""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from aiokafka import ConsumerRecord

from klean_stream.cli.kafka import partitions_of, read_topic, reading
from klean_stream.cli.progress import Report, no_progress
from klean_stream.cli.publication import BadEvent, event_record
from klean_stream.cli.publishing import publish
from klean_stream.events.identity import Identity
from klean_stream.moderation import parse_case_id
from klean_stream.processing import ROUTES
from klean_stream.runtime.ownership import partition_of
from klean_stream.runtime.settings import Settings

# A `cases` body as JSON: a newer worker may write fields that this command does not know.
Case = Mapping[str, Any]
_OPEN = frozenset({"open", "need_more"})
_LAST = 2**63


class UnknownCaseError(Exception):
    """The case is not on ``cases``; the message says so in one sentence."""


def is_open(case: Case) -> bool:
    """Say whether a case waits for a moderator."""
    return case["status"] in _OPEN


def fold(cases: dict[str, Case], key: bytes | None, value: bytes | None) -> None:
    """Bring ``cases`` (by id) forward by one record of the topic: the newest of an id counts, null ends it.

    What was answered ``unknown_case`` is no case.
    """
    case_id = (key or b"").decode("utf-8", "replace")
    body = None if value is None else orjson.loads(value)
    if body is None:
        cases.pop(case_id, None)
    elif body["status"] != "unknown":
        cases[case_id] = body


def in_order(cases: Iterable[Case]) -> list[Case]:
    """Give open cases first, by priority and deadline; the others behind them, the newest first."""

    def rank(case: Case) -> tuple[bool, int, int, str]:
        if is_open(case):
            deadline = _LAST if case["deadline"] is None else case["deadline"]
            return False, case["priority"], deadline, case["case_id"]
        return True, -case["time"], 0, case["case_id"]

    return sorted(cases, key=rank)


async def read_cases(
    settings: Settings, *, seller_id: str | None = None, progress: Report = no_progress
) -> dict[str, Case]:
    """Read ``cases`` to its end; only the partition of ``seller_id`` if one is given. Raises TopicsError."""
    number = None if seller_id is None else partition_of(seller_id.encode(), settings.partitions)
    cases: dict[str, Case] = {}
    # A seller's outputs lie in the partition of the seller's inputs, whatever their own key.
    async for record in read_topic(settings, "cases", partition=number, progress=progress):
        fold(cases, record.key, record.value)
    return cases


async def decide_case(settings: Settings, body: dict[str, Any], wait: float) -> Case | None:
    """Publish a moderator's decision and give the answer, or None if none came within ``wait`` seconds.

    ``body`` is a ModeratorDecision without its seller; a ``case_version`` of None means the current one. Raises
    BadEvent, UnknownCaseError, TopicsError, PublishError.
    """
    try:
        seller_id, _, _ = parse_case_id(body["case_id"])
    except ValueError as error:
        raise BadEvent(str(error)) from None
    version = body["case_version"]
    if version is None:
        case = (await read_cases(settings, seller_id=seller_id)).get(body["case_id"])
        if case is None:
            raise UnknownCaseError(f"There is no case {body['case_id']}.")
        version = case["case_version"]
    decision = event_record(
        ROUTES["moderator-decisions"],
        {**body, "seller_id": seller_id, "case_version": version},
        settings.max_event_bytes,
    )
    answer_id = Identity.of(decision.key, decision.value, decision.headers).output_id("case")
    if not wait:
        await publish(settings, [decision], count=1)
        return None
    tps = await partitions_of(settings, ["cases"], partition_of(seller_id.encode(), settings.partitions))
    async with reading(settings) as consumer:
        consumer.assign(tps)
        # From where the topic ends before the decision is published: the answer can only come behind that.
        await consumer.seek_to_end(*tps)
        await consumer.position(tps[0])
        await publish(settings, [decision], count=1)
        try:
            async with asyncio.timeout(wait):
                while True:
                    for records in (await consumer.getmany(*tps, timeout_ms=500)).values():
                        for record in records:
                            if (answer := _answer(record, answer_id)) is not None:
                                return answer
        except TimeoutError:
            return None


def _answer(record: ConsumerRecord, answer_id: str) -> Case | None:
    body: Case | None = None if record.value is None else orjson.loads(record.value)
    return body if body is not None and body.get("id") == answer_id else None
