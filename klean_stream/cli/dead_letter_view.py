"""A dead letter taken apart: the original record, and what was said about it."""

from dataclasses import dataclass, replace

from aiokafka import ConsumerRecord

from klean_stream.cli.publication import Publication
from klean_stream.processing.dead_letters import PREFIX
from klean_stream.processing.record import Headers
from klean_stream.processing.routes import ROUTES


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A dead letter at its place. ``topic``, ``partition``, ``offset``, ``time`` are the original's, where told.

    ``size`` is the body's length, None for a null. ``value`` may have been dropped: a topic of dead letters can be
    larger than the memory.
    """

    place: str
    key: bytes | None
    size: int | None
    value: bytes | None
    headers: Headers
    topic: str
    partition: int
    offset: int
    time: int | None
    reason: str
    detail: str

    @classmethod
    def of(cls, record: ConsumerRecord) -> "DeadLetter":
        """Take a record of a dead-letter topic apart."""
        headers, said = _apart(tuple(record.headers))
        return cls(
            place=f"{record.partition}@{record.offset}",
            key=record.key,
            size=None if record.value is None else len(record.value),
            value=record.value,
            headers=headers,
            topic=said.get("topic", "?"),
            partition=_number(said.get("partition")) or 0,
            offset=_number(said.get("offset")) or 0,
            time=_number(said.get("time")),
            reason=said.get("reason", "?"),
            detail=said.get("detail", ""),
        )

    def without_value(self) -> "DeadLetter":
        """Give what a list needs of it."""
        return replace(self, value=None)

    def comes_from_an_input(self) -> bool:
        """Say whether there is a topic to publish it to again."""
        return self.topic in ROUTES

    def original(self) -> Publication:
        """Give the record that went wrong, to be published again; to be called with the value still there."""
        return Publication(
            topic=self.topic,
            key=self.key,
            value=self.value,
            headers=self.headers,
            # Its key says where it belongs, which need not be where it lay. A key of null says nothing.
            partition=self.partition if self.key is None else None,
        )


def _apart(headers: Headers) -> tuple[Headers, dict[str, str]]:
    """Give the original headers and what was added behind them.

    Only the last of each name was added: a publisher may have sent headers of these names, and they are part of
    the original.
    """
    said: dict[str, str] = {}
    end = len(headers)
    while end:
        name, content = headers[end - 1]
        short = name.removeprefix(PREFIX)
        if short == name or short in said:
            break
        said[short] = (content or b"").decode("utf-8", "replace")
        end -= 1
    return headers[:end], said


def _number(text: str | None) -> int | None:
    try:
        return None if text is None else int(text)
    except ValueError:
        return None


def text_of(data: bytes | None) -> str:
    """Give bytes as text; bytes that are no UTF-8 in hexadecimal."""
    return "null" if data is None else data.decode("utf-8", "backslashreplace")


def hexdump(data: bytes, most: int) -> list[str]:
    """Give up to ``most`` bytes, sixteen a line: offset, hexadecimal, printable ASCII."""
    lines = []
    for start in range(0, min(len(data), most), 16):
        part = data[start : min(start + 16, most)]
        digits = " ".join(f"{byte:02x}" for byte in part)
        printable = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in part)
        lines.append(f"{start:08x}  {digits:<47}  {printable}")
    if len(data) > most:
        lines.append(f"… {len(data) - most} bytes more (--bytes)")
    return lines
