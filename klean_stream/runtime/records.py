"""From a Kafka client's record to the core's."""

from aiokafka import ConsumerRecord

from klean_stream.processing import InputRecord


def input_record(record: ConsumerRecord, topic: str, epoch: int = 0) -> InputRecord:
    """Give the record as the core sees it; ``topic`` is the logical name."""
    return InputRecord(
        topic, record.partition, record.offset, record.timestamp, record.key, record.value, record.headers, epoch
    )
