"""A broker inside this process, for the demo and the stream tests: librdkafka's mock cluster.

Real consumers, producers, consumer groups and transactions run on it unchanged. What it has not: CreateTopics (a
topic comes into being when it is named, with four partitions), compaction, timestamps by the broker, more than
about 5 MB a partition, anything after the process's exit; and it hands transactional batches back with a checksum
that is not theirs, so readers must not check it (setting ``embedded_broker``). Faults are not to be tested on it.
"""

from confluent_kafka import Producer

PARTITIONS = 4


class EmbeddedBroker:
    """Starts when made; lives as long as the object."""

    def __init__(self) -> None:
        # The mock cluster belongs to a client that asks for it by this setting.
        self._client = Producer({"test.mock.num.brokers": 1, "log_level": 0})
        broker = next(iter(self._client.list_topics(timeout=10).brokers.values()))
        self.bootstrap = f"{broker.host}:{broker.port}"
