"""Records as aiokafka unpacks them, without the one that its consumer makes of each.

That one has eleven fields, and what is in them but for five a batch says for all of its records: to make it, with the
calls around it, is half of what reading costs. Which records are committed, and where the reader stands, stays
aiokafka's.
"""

import asyncio
import inspect
from collections.abc import Iterator
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.consumer.fetcher import FetchResult, PartitionRecords

from klean_stream.runtime.records import KafkaRecord


class UnpackedRecords(PartitionRecords):  # type: ignore[misc]  # aiokafka's consumer has no types
    """A partition's records as they are unpacked. It takes over from aiokafka's own before the first was taken."""

    def __init__(self, fetched: PartitionRecords) -> None:
        self.__dict__.update(vars(fetched))
        self._records_iterator = self._unpack_records()
        # It and its iterator hold each other, and the whole fetch.
        fetched._records_iterator = None  # noqa: SLF001

    def __iter__(self) -> Iterator[KafkaRecord]:
        records: Iterator[KafkaRecord] = self._records_iterator
        return records

    def _consumer_record(self, tp: TopicPartition, record: KafkaRecord) -> KafkaRecord:
        del tp
        return record


def leave_unpacked(consumer: AIOKafkaConsumer) -> None:
    """Leave what was fetched and not yet taken as it is unpacked."""
    fetcher: Any = consumer._fetcher  # noqa: SLF001
    for fetched in fetcher._records.values():  # noqa: SLF001
        if type(fetched) is FetchResult and _is_untouched(fetched._partition_records):  # noqa: SLF001
            fetched._partition_records = UnpackedRecords(fetched._partition_records)  # noqa: SLF001


async def more_has_come(consumer: AIOKafkaConsumer, seconds: float) -> bool:
    """Wait for the next fetch, up to so many seconds; tell if it came. Raises KafkaErrors of authorisation."""
    fetcher: Any = consumer._fetcher  # noqa: SLF001
    with fetcher._subscriptions.fetch_context():  # noqa: SLF001
        waiter = fetcher._create_fetch_waiter()  # noqa: SLF001
        try:
            # Not by a timeout around it: where both come in the same turn the error would be lost, and aiokafka tells
            # each only once.
            await asyncio.wait([waiter], timeout=seconds)
            if not waiter.done():
                return False
            waiter.result()
            return True
        finally:
            waiter.cancel()


def _is_untouched(records: Any) -> bool:
    """Tell if these are aiokafka's, and none was taken: a second iterator would begin behind the batch at hand."""
    if type(records) is not PartitionRecords:
        return False
    return inspect.getgeneratorstate(records._records_iterator) == inspect.GEN_CREATED  # noqa: SLF001
