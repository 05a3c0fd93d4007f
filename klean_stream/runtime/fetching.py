"""What aiokafka has fetched, taken in the batches that publishers made of their records.

aiokafka's consumer unpacks each record when it is taken and makes another one of it, with eleven fields, of which a
batch says all but five for all of its records. Here its batches are taken packed. Which of them are committed, and
where the reader stands, is told by their headers.
"""

import asyncio
import inspect
from collections.abc import Iterator
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.consumer.fetcher import FetchResult, PartitionRecords
from aiokafka.errors import CorruptRecordException

from klean_stream.runtime.checksums import Checksums
from klean_stream.runtime.fetched import PackedBatch
from klean_stream.runtime.receiving import FetchersClient
from klean_stream.runtime.records import KafkaRecord


class PackedRecords(PartitionRecords):  # type: ignore[misc]  # aiokafka's consumer has no types
    """A partition's fetch, batch by batch. It takes over from aiokafka's own before the first record was taken."""

    next_fetch_offset: int

    def __init__(self, fetched: PartitionRecords, as_it_came: bytes) -> None:
        self.__dict__.update(vars(fetched))
        self._checksums = Checksums(as_it_came)
        self._records_iterator = self._batches()
        # It and its iterator hold each other, and the whole fetch.
        fetched._records_iterator = None  # noqa: SLF001

    def __iter__(self) -> Iterator[PackedBatch]:
        batches: Iterator[PackedBatch] = self._records_iterator
        return batches

    def _batches(self) -> Iterator[PackedBatch]:
        log = self._records
        fetch_bytes = log.size_in_bytes()
        while log.has_next():
            batch = log.next_batch()
            if self._check_crcs and not self._checksums.is_whole(batch):
                # Not here: whoever takes a fetch cannot tell one partition's error from another's. What its header says
                # is not to be trusted either.
                start, self.next_fetch_offset = self.next_fetch_offset, self.next_fetch_offset + 1
                yield PackedBatch(start, self.next_fetch_offset, fetch_bytes, _Corrupt(self._tp))
                return
            start, self.next_fetch_offset = self.next_fetch_offset, batch.next_offset
            if self._holds_records(batch):
                yield PackedBatch(start, batch.next_offset, fetch_bytes, batch)

    def _holds_records(self, batch: Any) -> bool:
        """Tell a batch of records from a transaction's marker, and from records of a transaction that was aborted."""
        if batch.producer_id is None:
            return True
        self._consume_aborted_up_to(batch.base_offset)
        if batch.is_control_batch:
            if self._contains_abort_marker(batch):
                self._aborted_producers.discard(batch.producer_id)
            return False
        return not (batch.is_transactional and batch.producer_id in self._aborted_producers)


class _Corrupt:
    """Records whose checksum is wrong."""

    def __init__(self, at: TopicPartition) -> None:
        self._at = at

    def __iter__(self) -> Iterator[KafkaRecord]:
        raise CorruptRecordException(f"Invalid CRC - {self._at}")


def leave_packed(consumer: AIOKafkaConsumer) -> None:
    """Leave what was fetched and not yet taken as it is packed."""
    fetcher: Any = consumer._fetcher  # noqa: SLF001
    client = fetcher._client  # noqa: SLF001
    if type(client) is not FetchersClient:
        fetcher._client = client = FetchersClient(client)  # noqa: SLF001
    for tp, fetched in fetcher._records.items():  # noqa: SLF001
        if type(fetched) is FetchResult and _is_untouched(fetched._partition_records):  # noqa: SLF001
            packed = PackedRecords(fetched._partition_records, client.fetched.get(tp, b""))  # noqa: SLF001
            fetched._partition_records = packed  # noqa: SLF001
    # The rest was fetched in vain.
    client.fetched.clear()


async def more_has_come(consumer: AIOKafkaConsumer, seconds: float, unless: asyncio.Event) -> bool:
    """Wait for the next fetch, up to so many seconds or until the event is set; tell if it came.

    Raises KafkaErrors of authorisation.
    """
    fetcher: Any = consumer._fetcher  # noqa: SLF001
    with fetcher._subscriptions.fetch_context():  # noqa: SLF001
        waiter = fetcher._create_fetch_waiter()  # noqa: SLF001
        called_off = asyncio.ensure_future(unless.wait())
        try:
            # Not by a timeout around it: where both come in the same turn the error would be lost, and aiokafka tells
            # each only once.
            await asyncio.wait([waiter, called_off], timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            if not waiter.done():
                return False
            waiter.result()
            return True
        finally:
            called_off.cancel()
            waiter.cancel()


def _is_untouched(records: Any) -> bool:
    """Tell if these are aiokafka's, and none was taken: a second iterator would begin behind the batch at hand."""
    if type(records) is not PartitionRecords:
        return False
    return inspect.getgeneratorstate(records._records_iterator) == inspect.GEN_CREATED  # noqa: SLF001
