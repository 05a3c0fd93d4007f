"""Barring the last owner of a partition, and learning from the coordinator how its last transaction ended.

To bar somebody makes the coordinator forget, so it is asked before, and again for as long as a transaction is about to
end. ``DescribeTransactions`` (KIP-664, Kafka 3.0) is a question that neither aiokafka nor librdkafka has.
"""

import asyncio
from collections.abc import Callable
from typing import Any, Final, Literal

from aiokafka.client import AIOKafkaClient, ConnectionGroup, CoordinationType
from aiokafka.errors import (
    ConcurrentTransactions,
    IncompatibleBrokerVersion,
    InvalidTransactionTimeout,
    KafkaError,
    NoError,
    for_code,
)
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.transaction import InitProducerIdRequest
from aiokafka.protocol.types import CompactArray, CompactString, Int16, Int32, Int64, Schema, TaggedFields

Ending = Literal["committed", "aborted", "unknown"]

_SECONDS: Final = 30.0
_RETRY_SECONDS: Final = 0.2
_ENDING_SECONDS: Final = 0.02
_UNKNOWN_TRANSACTIONAL_ID: Final = 105
_ENDINGS: Final[dict[str, Ending]] = {
    "PrepareCommit": "committed",
    "CompleteCommit": "committed",
    # It is ended by barring its owner. Where it is not there any more after that, its owner was quicker.
    "Ongoing": "unknown",
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


async def bar_last_owner(
    client: AIOKafkaClient, transactional_id: str, timeout_ms: int, hear: Callable[[Ending], None]
) -> None:
    """Bar whoever writes under a transactional id. A transaction that is open ends with this.

    ``hear`` is told how the last transaction ended, whenever something is heard of it: the last word holds. Nothing is
    where there was none, where somebody was barred before and nobody has written since, and where brokers cannot say.
    ``timeout_ms`` is that of the transactions that follow.

    Waits while the coordinator loads. Raises KafkaErrors, and TimeoutError after 30 s.
    """
    async with asyncio.timeout(_SECONDS):
        while True:
            try:
                state = await _state(client, transactional_id)
                if state in _ENDINGS:
                    hear(_ENDINGS[state])
                if await _is_barred(client, transactional_id, timeout_ms):
                    return
                pause = _ENDING_SECONDS
            except KafkaError as error:
                if not error.retriable:
                    raise
                pause = _RETRY_SECONDS
                await client.force_metadata_update()
            await asyncio.sleep(pause)


async def _state(client: AIOKafkaClient, transactional_id: str) -> str:
    """Give the coordinator's word for where the last transaction is; empty where it has none."""
    coordinator = await client.coordinator_lookup(CoordinationType.TRANSACTION, transactional_id)
    request = _DescribeTransactions(transactional_id)
    try:
        answer: Any = await client.send(coordinator, request, group=ConnectionGroup.COORDINATION)
    except IncompatibleBrokerVersion:
        return ""
    error_code, _, state, *_ = answer.transactions[0]
    if error_code == _UNKNOWN_TRANSACTIONAL_ID:
        return ""
    if error_code:
        raise for_code(error_code)(f"DescribeTransactions of {transactional_id}")
    return str(state)


async def _is_barred(client: AIOKafkaClient, transactional_id: str, timeout_ms: int) -> bool:
    """Tell if nobody has anything open any more under this id; ends what somebody has, and is to be called again."""
    coordinator = await client.coordinator_lookup(CoordinationType.TRANSACTION, transactional_id)
    request = InitProducerIdRequest(transactional_id=transactional_id, transaction_timeout_ms=timeout_ms)
    answer: Any = await client.send(coordinator, request, group=ConnectionGroup.COORDINATION)
    error = for_code(answer.error_code)
    if error is ConcurrentTransactions:
        return False
    # The producer is told that too when it starts, and it knows what to say.
    if error is not NoError and error is not InvalidTransactionTimeout:
        raise error(f"InitProducerId of {transactional_id}")
    return True
