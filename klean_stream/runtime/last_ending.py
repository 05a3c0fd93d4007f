"""How the last transaction of a producer ended, as its coordinator knows it.

It answers ``DescribeTransactions`` (KIP-664, Kafka 3.0), which neither aiokafka nor librdkafka can ask.
"""

import asyncio
from typing import Any, Final, Literal

from aiokafka.client import AIOKafkaClient, ConnectionGroup, CoordinationType
from aiokafka.errors import IncompatibleBrokerVersion, KafkaError, for_code
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import CompactArray, CompactString, Int16, Int32, Int64, Schema, TaggedFields

Ending = Literal["committed", "aborted", "unknown"]

_RETRY_SECONDS: Final = 0.1
_UNKNOWN_TRANSACTIONAL_ID: Final = 105
_ENDINGS: Final[dict[str, Ending]] = {
    "PrepareCommit": "committed",
    "CompleteCommit": "committed",
    # Whoever opens the partition next aborts it.
    "Ongoing": "aborted",
    "PrepareAbort": "aborted",
    "PrepareEpochFence": "aborted",
    "CompleteAbort": "aborted",
}


class _DescribedTransactions(Response):  # type: ignore[misc]  # aiokafka's protocol has no types
    API_KEY = 65
    API_VERSION = 0
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "transactions",
            CompactArray(
                ("error_code", Int16),
                ("transactional_id", CompactString("utf-8")),
                ("state", CompactString("utf-8")),
                ("timeout_ms", Int32),
                ("start_time_ms", Int64),
                ("producer_id", Int64),
                ("producer_epoch", Int16),
                (
                    "topics",
                    CompactArray(
                        ("topic", CompactString("utf-8")), ("partitions", CompactArray(Int32)), ("tags", TaggedFields)
                    ),
                ),
                ("tags", TaggedFields),
            ),
        ),
        ("tags", TaggedFields),
    )


class _DescribeTransactionsV0(RequestStruct):  # type: ignore[misc]  # the same
    API_KEY = 65
    API_VERSION = 0
    FLEXIBLE_VERSION = True
    RESPONSE_TYPE = _DescribedTransactions
    SCHEMA = Schema(("transactional_ids", CompactArray(CompactString("utf-8"))), ("tags", TaggedFields))


class _DescribeTransactions(Request[_DescribeTransactionsV0]):  # type: ignore[misc]  # the same
    API_KEY = 65

    def __init__(self, transactional_id: str) -> None:
        self._transactional_id = transactional_id

    def build(self, request_struct_class: type[_DescribeTransactionsV0]) -> _DescribeTransactionsV0:
        return request_struct_class([self._transactional_id], {})


async def last_ending(bootstrap: str, transactional_id: str) -> Ending:
    """Give how the last transaction ended, or will end now that the next owner comes.

    To be asked before the next owner's ``init_transactions``: that makes the coordinator forget, and this ``unknown``.
    So do brokers that cannot say. Waits while the coordinator loads. Raises KafkaErrors.
    """
    client = AIOKafkaClient(bootstrap_servers=bootstrap)
    try:
        await client.bootstrap()
        while True:
            try:
                return await _ask(client, transactional_id)
            except IncompatibleBrokerVersion:
                return "unknown"
            except KafkaError as error:
                if not error.retriable:
                    raise
            await asyncio.sleep(_RETRY_SECONDS)
            await client.force_metadata_update()
    finally:
        await client.close()


async def _ask(client: AIOKafkaClient, transactional_id: str) -> Ending:
    coordinator = await client.coordinator_lookup(CoordinationType.TRANSACTION, transactional_id)
    request = _DescribeTransactions(transactional_id)
    answer: Any = await client.send(coordinator, request, group=ConnectionGroup.COORDINATION)
    error_code, _, state, *_ = answer.transactions[0]
    if error_code == _UNKNOWN_TRANSACTIONAL_ID:
        return "unknown"
    if error_code:
        raise for_code(error_code)(f"DescribeTransactions of {transactional_id}")
    return _ENDINGS.get(state, "unknown")
