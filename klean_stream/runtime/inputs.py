"""What a partition asks of the consumer that reads its inputs."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from faust.types import TP

from klean_stream.runtime.topic_identity import TopicIdentity


@dataclass(frozen=True, slots=True)
class Inputs:
    """The consumer's part of a partition's life. ``identities`` takes full topic names."""

    seek: Callable[[Mapping[TP, int]], Awaitable[None]]
    pause: Callable[[set[TP]], None]
    resume: Callable[[set[TP]], None]
    log_start: Callable[[TP], Awaitable[int]]
    publish_positions: Callable[[Mapping[TP, int]], Awaitable[bool]]
    identities: Callable[[list[str]], Awaitable[Mapping[str, TopicIdentity]]]
