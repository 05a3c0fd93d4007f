"""The topics: which there are, how each is configured, making them, and checking them at start.

Names carry the configured prefix. All topics about sellers have the same number of partitions, so that partition
p of each lies with the same worker; the reference topics have one.
"""

import asyncio
import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import TopicAlreadyExistsError, for_code

from klean_stream.runtime.settings import Settings

log = logging.getLogger(__name__)

_DAY = 86_400_000
_MIB = 1_048_576
# The dead-letter topics take whatever the input topics take, with headers beside it, and however well it had been
# compressed on its way in.
_DEAD_LETTER_BYTES = 16 * _MIB
_SHOWN_SECONDS = 30.0
_SHOWN_PAUSE_SECONDS = 0.1


class TopicsError(Exception):
    """Topics are missing or made wrongly; the message says which, what is wrong and what to do."""


@dataclass(frozen=True, slots=True)
class TopicSpec:
    """How one topic is to be made. ``name`` is the logical name."""

    name: str
    direction: Literal["input", "output", "internal"]
    single: bool = False
    compacted: bool = False
    retention_days: int = 7
    max_message_bytes: int = _MIB
    config: dict[str, str] = field(default_factory=dict)

    def partitions(self, settings: Settings) -> int:
        """Give the number of partitions."""
        return 1 if self.single else settings.partitions

    def wanted(self) -> dict[str, str]:
        """Give the configuration that the topic is made with."""
        config = {
            "cleanup.policy": "compact" if self.compacted else "delete",
            "max.message.bytes": str(self.max_message_bytes),
            # A publisher cannot steer decay or deadlines by its own clock.
            "message.timestamp.type": "LogAppendTime" if self.direction == "input" else "CreateTime",
        }
        if self.compacted:
            # Whoever follows a log, and `export`, have at least this long to read every version of a row.
            config["min.compaction.lag.ms"] = str(_DAY)
        else:
            config["retention.ms"] = str(self.retention_days * _DAY)
        return config | self.config


# Personal data is kept no longer than the promise to process within a day and a margin for repair need.
_PERSONAL_DAYS = 3

TOPICS: tuple[TopicSpec, ...] = (
    TopicSpec("listings", "input"),
    TopicSpec("seller-signups", "input", retention_days=_PERSONAL_DAYS),
    TopicSpec("ip-reports", "input"),
    TopicSpec("moderator-decisions", "input"),
    TopicSpec("rescans", "input"),
    TopicSpec("brands", "input", single=True, compacted=True),
    TopicSpec("control", "input", single=True, compacted=True),
    TopicSpec("images", "input", single=True, compacted=True),
    TopicSpec("decisions", "output", retention_days=30),
    TopicSpec("takedowns", "output"),
    TopicSpec("reinstatements", "output"),
    TopicSpec("escalations", "output"),
    TopicSpec("escalations-kr", "output"),
    TopicSpec("cases", "output", compacted=True),
    TopicSpec("seller-verdicts", "output"),
    TopicSpec("report-outcomes", "output"),
    TopicSpec("risk-changes", "output"),
    TopicSpec("brand-holds", "output", retention_days=30),
    # What has expired leaves the topic by itself: policy allows no longer than a year.
    TopicSpec(
        "taken-down-fingerprints",
        "output",
        single=True,
        compacted=True,
        config={"cleanup.policy": "compact,delete", "retention.ms": str(366 * _DAY)},
    ),
    TopicSpec("dead-letters", "output", retention_days=30, max_message_bytes=_DEAD_LETTER_BYTES),
    TopicSpec(
        "dead-letters-restricted",
        "output",
        retention_days=_PERSONAL_DAYS,
        max_message_bytes=_DEAD_LETTER_BYTES,
    ),
    TopicSpec("state", "internal", compacted=True),
    TopicSpec("reference-state", "internal", single=True, compacted=True),
)
OUTPUT_TOPICS = tuple(spec.name for spec in TOPICS if spec.direction == "output")
SHARED_TOPICS = frozenset(spec.name for spec in TOPICS if spec.direction == "output" and spec.single)
SINGLE_TOPICS = frozenset(spec.name for spec in TOPICS if spec.single)


@dataclass(frozen=True, slots=True)
class TopicState:
    """What was found of one topic. A ``problem`` stops a worker's start; a ``warning`` is only said."""

    spec: TopicSpec
    topic: str
    partitions: int | None
    problem: str | None = None
    warning: str | None = None


async def create_topics(settings: Settings) -> list[tuple[str, bool]]:
    """Make the topics that are missing; give (name, was made) for each, once a broker shows them all.

    Raises TopicsError.
    """
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.bootstrap)
    await admin.start()
    try:
        existing = set(await admin.list_topics())
        made = []
        for spec in TOPICS:
            topic = settings.topic(spec.name)
            made.append((topic, topic not in existing and await _create(admin, spec, settings)))
        await _until_shown(admin, {topic for topic, _ in made})
        return made
    finally:
        await admin.close()


async def _create(admin: AIOKafkaAdminClient, spec: TopicSpec, settings: Settings) -> bool:
    """Make a topic; tell if it was not there: a broker's list is behind when the topic was made just now."""
    topic = settings.topic(spec.name)
    response = await admin.create_topics(
        [
            NewTopic(
                topic,
                spec.partitions(settings),
                settings.replication_factor,
                topic_configs=spec.wanted(),
            )
        ]
    )
    _, code, *rest = response.topic_errors[0]
    error = for_code(code)
    if error is TopicAlreadyExistsError:
        return False
    if code:
        detail = rest[0] if rest and rest[0] else error.__name__
        raise TopicsError(f"Topic {topic} cannot be made: {detail}.")
    return True


async def _until_shown(admin: AIOKafkaAdminClient, topics: set[str]) -> None:
    """Wait until a broker lists these topics: whoever looks for them next, as a worker that starts does, finds them."""
    gives_up = time.monotonic() + _SHOWN_SECONDS
    while missing := topics - set(await admin.list_topics()):
        if time.monotonic() > gives_up:
            raise TopicsError(
                f"Topics were made, and after {_SHOWN_SECONDS:g} s the brokers do not list them: "
                f"{', '.join(sorted(missing))}."
            )
        await asyncio.sleep(_SHOWN_PAUSE_SECONDS)


async def check_topics(settings: Settings) -> list[TopicState]:
    """Compare each topic with how it should be made."""
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.bootstrap)
    await admin.start()
    try:
        names = [settings.topic(spec.name) for spec in TOPICS]
        existing = set(await admin.list_topics())
        present = [name for name in names if name in existing]
        partitions = {
            described["topic"]: len(described["partitions"]) for described in await admin.describe_topics(present)
        }
        configs = await _configs(admin, present)
        return [_judge(spec, settings, partitions, configs) for spec in TOPICS]
    finally:
        await admin.close()


def _judge(
    spec: TopicSpec, settings: Settings, partitions: dict[str, int], configs: dict[str, dict[str, str]]
) -> TopicState:
    topic = settings.topic(spec.name)
    count = partitions.get(topic)
    found = configs.get(topic, {})
    problem = warning = None
    if count is None:
        problem = "is missing; `klean-stream topics create` makes it"
    elif count != spec.partitions(settings):
        problem = (
            f"has {count} partitions and needs {spec.partitions(settings)}: all topics about sellers need the "
            "same number (setting `partitions`)"
        )
    elif differs := _difference(spec, found, "cleanup.policy"):
        # Compacting a log of events loses events; deleting from a changelog loses rows.
        problem = differs
    else:
        # Tests and replays of a day bring their own settings, so they stop nothing.
        warning = "; ".join(_doubts(spec, found)) or None
    return TopicState(spec, topic, count, problem, warning)


def _doubts(spec: TopicSpec, found: dict[str, str]) -> Iterator[str]:
    if differs := _difference(spec, found, "message.timestamp.type"):
        yield f"{differs}: with it a publisher's clock decides on decay and deadlines"
    lag = found.get("min.compaction.lag.ms")
    if spec.compacted and lag is not None and int(lag) < _DAY:
        yield (
            f"has min.compaction.lag.ms={lag} and needs {_DAY} or more: what is overwritten may be gone before "
            "anybody, such as `klean-stream export`, has read it"
        )


def _difference(spec: TopicSpec, found: dict[str, str], name: str) -> str | None:
    value, wanted = found.get(name), spec.wanted()[name]
    return None if value in {None, wanted} else f"has {name}={value} and needs {wanted}"


async def _configs(admin: AIOKafkaAdminClient, topics: list[str]) -> dict[str, dict[str, str]]:
    if not topics:
        return {}
    responses = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name) for name in topics])
    found: dict[str, dict[str, str]] = {}
    for response in responses:
        for _code, _message, _kind, name, entries in response.resources:
            found[name] = {entry[0]: entry[1] for entry in entries}
    return found


async def require_topics(settings: Settings) -> None:
    """Raise TopicsError, naming every topic that is missing or wrongly made; log what is only to be known."""
    states = await check_topics(settings)
    for state in states:
        if state.warning is not None:
            log.warning("topic %s %s", state.topic, state.warning)
    wrong = [state for state in states if state.problem is not None]
    if wrong:
        raise TopicsError(" ".join(f"Topic {state.topic} {state.problem}." for state in wrong))
