"""What brokers send to aiokafka's fetcher: received into memory that stays, and kept until it is taken.

aiokafka reads connections by asyncio's streams. A response of some mebibytes then grows by what the socket has at a
time, stops the reading and starts it again each time, and is copied over and over, under Python's lock.
"""

import asyncio
import weakref
from typing import Any, Final

from aiokafka import TopicPartition
from aiokafka.client import AIOKafkaClient, ConnectionGroup

# The number of Kafka's Fetch requests, https://kafka.apache.org/protocol#protocol_api_keys.
_FETCH: Final = 1
# Before each response stands its size (https://kafka.apache.org/protocol#protocol_common).
_SIZE_BYTES: Final = 4
# This is kept for each broker. A larger response has memory of its own, as when more than eight partitions catch up.
_KEPT_BYTES: Final = 8 * 1024 * 1024


class FetchersClient:
    """aiokafka's client, as its fetcher sees it: ``fetched`` is what came last of each partition, as it came."""

    def __init__(self, client: AIOKafkaClient) -> None:
        self._client = client
        self.fetched: dict[TopicPartition, bytes] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    async def send(self, node_id: int, request: Any) -> Any:
        """Send a request and give the response."""
        connection = self._client._conns.get((node_id, ConnectionGroup.DEFAULT))  # noqa: SLF001
        if connection is not None:
            receive_whole(connection)
        response = await self._client.send(node_id, request)
        if response.API_KEY == _FETCH:
            for topic, partitions in response.topics:
                for partition, *_, records in partitions:
                    if records:
                        self.fetched[TopicPartition(topic, partition)] = records
        return response


def receive_whole(connection: Any) -> None:
    """Have an ``AIOKafkaConnection`` receive by ``ResponseReceiver`` from here on, where nothing is under way on it."""
    if connection.connected() and not connection._requests:  # noqa: SLF001
        transport = connection._writer.transport  # noqa: SLF001
        if not isinstance(transport.get_protocol(), ResponseReceiver):
            transport.set_protocol(ResponseReceiver(connection, transport.get_protocol()))


class ResponseReceiver(asyncio.BufferedProtocol):
    """Gives each response to its connection when all of it is there; what else happens goes to ``before``.

    ``before`` is aiokafka's own protocol, whose stream has nothing more to read but its end.
    """

    def __init__(self, connection: Any, before: Any) -> None:
        # aiokafka's own hold no more of it either: a connection that is dropped is closed.
        self._connection = weakref.ref(connection)
        self._before = before
        self._size = memoryview(bytearray(_SIZE_BYTES))
        self._kept = memoryview(b"")
        self._awaited = self._size
        self._received = 0

    def get_buffer(self, sizehint: int) -> memoryview:
        """Give the memory for the rest of what is awaited, and not for more: nothing has to be moved."""
        del sizehint
        return self._awaited[self._received :]

    def buffer_updated(self, nbytes: int) -> None:
        """Take what has come. Raises ValueError for what cannot be a size: asyncio then closes the connection."""
        self._received += nbytes
        if self._received < len(self._awaited):
            return
        self._received = 0
        if self._awaited is self._size:
            size = int.from_bytes(self._size, signed=True)
            if size <= 0:
                raise ValueError(f"a response of {size} bytes")
            self._awaited = self._memory_for(size)
            return
        response, self._awaited = bytes(self._awaited), self._size
        connection = self._connection()
        if connection is not None:
            connection._handle_frame(response)  # noqa: SLF001

    def _memory_for(self, size: int) -> memoryview:
        if size > _KEPT_BYTES:
            return memoryview(bytearray(size))
        if size > len(self._kept):
            self._kept = memoryview(bytearray(size))
        return self._kept[:size]

    def eof_received(self) -> bool | None:
        """The broker sends no more; gives whether the connection stays open for requests."""
        stays_open: bool | None = self._before.eof_received()
        return stays_open

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is closed; aiokafka's reader learns of it by its stream."""
        self._before.connection_lost(exc)

    def pause_writing(self) -> None:
        """Requests are to wait."""
        self._before.pause_writing()

    def resume_writing(self) -> None:
        """Requests need not wait any more."""
        self._before.resume_writing()
