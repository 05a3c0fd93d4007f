"""Batches such as a producer makes, without one."""

from aiokafka.producer.message_accumulator import BatchBuilder


def unsent_batch(size: int = 100_000) -> BatchBuilder:
    """Give an empty batch that takes so many bytes."""
    return BatchBuilder(size, 0)
