"""Which topics there are right now, as the brokers know them: a topic's id and its number of partitions.

A topic that was deleted and made again has the same name and another id (KIP-516). Offsets alone cannot tell: the
new topic may well hold more records than the old one had. aiokafka does not ask for ids; librdkafka does.
"""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from confluent_kafka import KafkaException, TopicCollection
from confluent_kafka.admin import AdminClient

_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class TopicIdentity:
    """A topic's id (base64, as Kafka's tools show it) and its number of partitions."""

    id: str
    partitions: int


def remade_topic(known: Mapping[str, str], now: Mapping[str, TopicIdentity]) -> str | None:
    """Give a topic whose id is not the one that was ``known``; None if there is none. Gone is not remade."""
    return next((topic for topic, was in known.items() if topic in now and now[topic].id != was), None)


class TopicIdentities:
    """Asks the brokers. ``known`` is False on the embedded broker, which has no ids: then nothing is ever found."""

    def __init__(self, bootstrap: str, *, known: bool) -> None:
        self._known = known
        self._client = AdminClient({"bootstrap.servers": bootstrap, "log_level": 0}) if known else None

    async def read(self, topics: Iterable[str]) -> Mapping[str, TopicIdentity]:
        """Give the topics that exist. Raises TimeoutError where the brokers do not answer within 5 s."""
        if self._client is None:
            return {}
        return await asyncio.to_thread(self._read, self._client, sorted(set(topics)))

    @staticmethod
    def _read(client: AdminClient, topics: list[str]) -> dict[str, TopicIdentity]:
        found = {}
        for name, answer in client.describe_topics(TopicCollection(topics), request_timeout=_SECONDS).items():
            try:
                description = answer.result(_SECONDS + 1)
            except KafkaException as error:
                if error.args[0].code() == 3:  # UNKNOWN_TOPIC_OR_PARTITION
                    continue
                raise TimeoutError(f"topic {name}: {error.args[0].str()}") from error
            found[name] = TopicIdentity(str(description.topic_id), len(description.partitions))
        return found
