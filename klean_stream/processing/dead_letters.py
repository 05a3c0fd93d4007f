"""What could not be processed: the original bytes, with source and reason in further headers."""

from klean_stream.processing.record import InputRecord, OutputRecord

PREFIX = "klean_dl_"
_DETAIL_LIMIT = 1_000


def dead_letter(record: InputRecord, reason: str, detail: str, *, personal_data: bool) -> OutputRecord:
    """Give the dead letter of a record: key, value and headers unchanged, further headers behind them.

    The further headers are ``klean_dl_topic`` (logical name), ``_partition``, ``_offset``, ``_epoch`` (how
    often the topic was made anew), ``_time`` (the record's timestamp in milliseconds), ``_reason`` (a stable code) and
    ``_detail``. Topics with personal data have a dead-letter topic of their own. The detail of those never quotes the
    content.
    """
    further = {
        "topic": record.topic,
        "partition": str(record.partition),
        "offset": str(record.offset),
        "epoch": str(record.epoch),
        "time": str(record.timestamp),
        "reason": reason,
        "detail": detail[:_DETAIL_LIMIT],
    }
    return OutputRecord(
        topic="dead-letters-restricted" if personal_data else "dead-letters",
        key=record.key,
        value=record.value,
        headers=record.headers
        + tuple((PREFIX + name, text.encode("utf-8", "replace")) for name, text in further.items()),
    )
