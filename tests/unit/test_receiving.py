"""Responses received by hand: each whole and once, however it came, and the connection's end told as before."""

import asyncio
import gc
import socket
import struct
import weakref
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any, NamedTuple

import pytest

from klean_stream.runtime.receiving import ResponseReceiver, receive_whole

_KEPT = 8 * 1024 * 1024
_SECONDS = 20.0


class _Connection:
    """What is asked of aiokafka's connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader: Any = reader
        self._writer: Any = writer
        self._requests: list[object] = []
        self.responses: list[bytes] = []

    def connected(self) -> bool:
        return self._reader is not None and not self._reader.at_eof()

    def close(self) -> None:
        self._writer.close()
        self._reader = self._writer = None

    def _handle_frame(self, response: bytes) -> None:
        self.responses.append(response)

    @property
    def protocol(self) -> Any:
        return self._writer.transport.get_protocol()

    async def has(self, responses: int) -> None:
        async with asyncio.timeout(_SECONDS):
            while len(self.responses) < responses:
                await asyncio.sleep(0.001)


class _Broker(NamedTuple):
    """The connection's other end."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, data: bytes, piece: int) -> None:
        for at in range(0, len(data), piece):
            self.writer.write(data[at : at + piece])
            await self.writer.drain()
            # For a piece to come alone, and not with the next one.
            await asyncio.sleep(0.0005)


@pytest.fixture
async def broker() -> AsyncIterator[Callable[[], Any]]:
    """Give what opens a connection, and gives it with its other end."""
    accepted: asyncio.Queue[_Broker] = asyncio.Queue()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await accepted.put(_Broker(reader, writer))

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    opened: list[asyncio.StreamWriter] = []

    async def connect() -> tuple[_Connection, _Broker]:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        end = await accepted.get()
        opened.extend([writer, end.writer])
        return _Connection(reader, writer), end

    yield connect
    for writer in opened:
        writer.close()
    server.close()


def _sent(responses: Iterable[bytes]) -> bytes:
    return b"".join(len(response).to_bytes(4) + response for response in responses)


@pytest.mark.parametrize(
    ("sizes", "piece"), [((5, 1, 300, 4, 5), 1), ((5, 1, 300, 4, 5), 7), ((70_000, 4, _KEPT + 1, 9, _KEPT), 500_000)]
)
async def test_responses_come_whole_and_once_however_the_socket_cuts_them(
    broker: Callable[[], Any], sizes: tuple[int, ...], piece: int
) -> None:
    connection, end = await broker()
    receive_whole(connection)
    responses = [bytes([number + 1]) * size for number, size in enumerate(sizes)]
    await end.send(_sent(responses), piece)
    await connection.has(len(responses))
    assert connection.responses == responses


async def test_a_response_stays_as_it_came_when_the_next_one_comes(broker: Callable[[], Any]) -> None:
    connection, end = await broker()
    receive_whole(connection)
    await end.send(_sent([b"first"]), 100)
    await connection.has(1)
    (first,) = connection.responses
    await end.send(_sent([b"other"]), 100)
    await connection.has(2)
    assert first == b"first"


async def test_only_so_much_memory_is_kept_for_a_broker(broker: Callable[[], Any]) -> None:
    connection, end = await broker()
    receive_whole(connection)
    kept = []
    for number, size in enumerate((100, 50_000, _KEPT + 1, 10)):
        await end.send(_sent([bytes(size)]), 1_000_000)
        await connection.has(number + 1)
        kept.append(len(connection.protocol._kept))
    assert kept == [100, 50_000, 50_000, 50_000]


async def test_a_connection_on_which_something_is_under_way_is_left_until_nothing_is(broker: Callable[[], Any]) -> None:
    connection, end = await broker()
    before = connection.protocol
    connection._requests.append("under way")
    receive_whole(connection)
    assert connection.protocol is before
    end.writer.write(_sent([b"old"]))
    async with asyncio.timeout(_SECONDS):
        assert await connection._reader.readexactly(7) == _sent([b"old"])
    connection._requests.clear()
    receive_whole(connection)
    receiver = connection.protocol
    assert isinstance(receiver, ResponseReceiver)
    await end.send(_sent([b"new"]), 5)
    receive_whole(connection)
    assert connection.protocol is receiver, "it is put in its place once"
    await connection.has(1)
    assert connection.responses == [b"new"]


async def test_the_connections_end_is_told_to_who_read_before(broker: Callable[[], Any]) -> None:
    connection, end = await broker()
    receive_whole(connection)
    await end.send(_sent([b"last"]), 100)
    end.writer.write(_sent([b"cut short"])[:8])
    end.writer.close()
    async with asyncio.timeout(_SECONDS):
        assert await connection._reader.read() == b""
    assert not connection.connected()
    assert connection.responses == [b"last"]
    assert not connection._writer.is_closing(), "aiokafka closes it when it has learned of it"
    connection.close()
    receive_whole(connection)


async def test_a_connection_that_is_reset_tells_why(broker: Callable[[], Any]) -> None:
    connection, end = await broker()
    receive_whole(connection)
    # Closed without lingering, a connection is reset.
    end.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    end.writer.transport.abort()
    async with asyncio.timeout(_SECONDS):
        with pytest.raises(ConnectionResetError):
            await connection._reader.read()


@pytest.mark.parametrize("size", [0, -1])
async def test_a_connection_ends_on_what_cannot_be_a_size(broker: Callable[[], Any], size: int) -> None:
    connection, end = await broker()
    receive_whole(connection)
    end.writer.write(struct.pack(">i", size))
    async with asyncio.timeout(_SECONDS):
        with pytest.raises(ValueError, match=f"a response of {size} bytes"):
            await connection._reader.read()
    assert not connection.responses


async def test_requests_wait_for_a_broker_that_does_not_read(broker: Callable[[], Any]) -> None:
    connection, end = await broker()
    receive_whole(connection)
    size = 64 * 1024 * 1024
    connection._writer.write(bytes(size))
    waiting = asyncio.create_task(connection._writer.drain())
    await asyncio.sleep(0.05)
    assert not waiting.done()
    await asyncio.wait_for(end.reader.readexactly(size), _SECONDS)
    await asyncio.wait_for(waiting, _SECONDS)


async def test_who_receives_does_not_hold_the_connection(broker: Callable[[], Any]) -> None:
    connection, end = await broker()
    receive_whole(connection)
    transport, dropped = connection._writer.transport, weakref.ref(connection)
    receiver = connection.protocol
    gc.disable()
    try:
        del connection
        assert dropped() is None, "aiokafka closes a connection that nobody holds"
    finally:
        gc.enable()
    end.writer.write(_sent([b"to nobody"]))
    async with asyncio.timeout(_SECONDS):
        while len(receiver._kept) != len(b"to nobody"):
            await asyncio.sleep(0.001)
    await asyncio.sleep(0.05)
    assert receiver.get_buffer(-1).nbytes == 4
    assert not transport.is_closing()
