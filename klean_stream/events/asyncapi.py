"""The AsyncAPI 3.0 document over all topics: addresses, messages, keys, headers, who sends and who receives.

Operations are the worker's: it receives what is published to the inputs and sends the outputs. Payloads are
the JSON Schema files beside it.
"""

from typing import Any

from klean_stream.events.channels import (
    CHANNELS,
    DEAD_LETTERS,
    PARTITIONS,
    PREFIX,
    Channel,
)

Node = dict[str, Any]

_KAFKA = "0.5.0"
_JSON = "application/json"
_TITLES = {"ip": "IP", "kr": "KR"}

_DESCRIPTION = f"""\
klean-stream keeps counterfeit and IP-infringing goods off a marketplace: platform services publish listings,
seller sign-ups and IP reports, and receive takedowns, escalations, seller verdicts and report outcomes.

Addresses carry the prefix that the worker is set to, by default `{PREFIX}`. All topics about sellers have the
same number of partitions, by default {PARTITIONS}, and a record lies in partition
`(murmur2(key) & 0x7fffffff) % partitions`, as Kafka's own clients place it; librdkafka needs
`partitioner=murmur2_random` for that. A record under a wrong key or in a wrong partition goes to dead
letters.

Events are CloudEvents 1.0 in the binary mode of the Kafka binding. Unknown fields are ignored."""


def asyncapi_document() -> Node:
    """Give the document."""
    messages = {_name(channel.topic): _message(channel) for channel in CHANNELS}
    messages |= {f"{_name(channel.topic)}Removal": _removal(channel) for channel in CHANNELS if channel.removal}
    messages |= {_name(topic): _dead_letter(topic, summary) for topic, summary in DEAD_LETTERS.items()}
    operations = {_operation_name(channel.topic, channel.direction): _operation(channel) for channel in CHANNELS}
    operations |= {
        _operation_name(topic, "output"): _dead_letter_operation(topic, summary)
        for topic, summary in DEAD_LETTERS.items()
    }
    return {
        "asyncapi": "3.0.0",
        "id": "urn:klean-stream:asyncapi:1",
        "info": {
            "title": "klean-stream",
            "version": "1",
            "description": _DESCRIPTION,
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": _JSON,
        "channels": {
            **{_name(channel.topic): _channel(channel) for channel in CHANNELS},
            **{_name(topic): _dead_letter_channel(topic, summary) for topic, summary in DEAD_LETTERS.items()},
        },
        "operations": operations,
        "components": {"messages": messages},
    }


def _name(topic: str) -> str:
    first, *rest = topic.split("-")
    return first + "".join(part.capitalize() for part in rest)


def _title(topic: str) -> str:
    words = topic.split("-")
    first = _TITLES.get(words[0], words[0].capitalize())
    return " ".join([first, *(_TITLES.get(word, word) for word in words[1:])])


def _operation_name(topic: str, direction: str) -> str:
    name = _name(topic)
    return ("receive" if direction == "input" else "send") + name[:1].upper() + name[1:]


def _channel(channel: Channel) -> Node:
    name = _name(channel.topic)
    names = [name, name + "Removal"] if channel.removal else [name]
    description = f"Keyed by `{channel.key}`."
    if channel.personal_data:
        description += " Personal data: restricted access, short retention."
    if channel.compacted:
        description += " Compacted: the newest record of a key counts."
    return {
        "address": PREFIX + channel.topic,
        "title": _title(channel.topic),
        "summary": channel.summary,
        "description": description,
        "messages": {part: {"$ref": f"#/components/messages/{part}"} for part in names},
        "bindings": {
            "kafka": {
                "topic": PREFIX + channel.topic,
                "partitions": 1 if channel.single else PARTITIONS,
                "topicConfiguration": {"cleanup.policy": ["compact" if channel.compacted else "delete"]},
                "bindingVersion": _KAFKA,
            }
        },
    }


def _dead_letter_channel(topic: str, summary: str) -> Node:
    return {
        "address": PREFIX + topic,
        "title": _title(topic),
        "summary": summary,
        "description": "Key, value and headers of the original record unchanged, and further headers behind "
        "them, in the partition of the same number.",
        "messages": {_name(topic): {"$ref": f"#/components/messages/{_name(topic)}"}},
        "bindings": {
            "kafka": {
                "topic": PREFIX + topic,
                "partitions": PARTITIONS,
                "topicConfiguration": {"cleanup.policy": ["delete"]},
                "bindingVersion": _KAFKA,
            }
        },
    }


def _message(channel: Channel) -> Node:
    return {
        "name": channel.record.__name__,
        "title": _title(channel.topic),
        "summary": channel.summary,
        "contentType": _JSON,
        "headers": _cloud_event_headers(channel),
        "payload": {"$ref": f"./{channel.topic}.schema.json"},
        "bindings": {"kafka": {"key": _key(channel), "bindingVersion": _KAFKA}},
    }


def _removal(channel: Channel) -> Node:
    return {
        "name": channel.record.__name__ + "Removal",
        "title": f"{_title(channel.topic)}: removal",
        "summary": channel.removal,
        "payload": {"type": "null", "description": "A record without a value (a tombstone)."},
        "bindings": {"kafka": {"key": _key(channel), "bindingVersion": _KAFKA}},
    }


def _dead_letter(topic: str, summary: str) -> Node:
    return {
        "name": "DeadLetter",
        "title": _title(topic),
        "summary": summary,
        "contentType": "application/octet-stream",
        "headers": {"$ref": "./dead-letters.schema.json"},
        "payload": {"description": "The original bytes, whatever they are."},
        "bindings": {
            "kafka": {
                "key": {"description": "The original key, whatever it is."},
                "bindingVersion": _KAFKA,
            }
        },
    }


def _key(channel: Channel) -> Node:
    if channel.topic == "decisions":
        text = "The key of the input record: `seller_id`, `brand_id` or the control record's `kind`."
    elif channel.direction == "input":
        text = f"The value of `{channel.key}` in UTF-8. Anything else goes to dead letters."
    else:
        text = f"The value of `{channel.key}` in UTF-8."
    if channel.single:
        place = " The topic has one partition."
    elif channel.direction == "input":
        place = " The partition is that of murmur2 over the key."
    else:
        place = " The partition has the number of the input record's."
    return {"type": "string", "description": text + place}


def _cloud_event_headers(channel: Channel) -> Node:
    """Describe the headers, with each header's value read as UTF-8 text."""
    output = channel.direction == "output"
    properties: Node = {
        "ce_specversion": {"type": "string", "const": "1.0"},
        "ce_id": {
            "type": "string",
            "minLength": 1,
            "description": (
                "The record's `id`, a UUIDv5 of the input event: one input can only give the same ids."
                if output
                else "With `ce_source` the event's identity: a repeat within the window changes nothing."
            ),
        },
        "ce_source": {"type": "string"} | ({"const": "/klean-stream"} if output else {"minLength": 1}),
        "ce_type": {"type": "string", "enum": list(channel.ce_types)},
        "ce_time": {"type": "string", "format": "date-time"},
        "content-type": {"type": "string"} | ({"const": _JSON} if output else {}),
    }
    headers: Node = {"type": "object", "properties": properties}
    if output:
        headers["required"] = list(properties)
    else:
        headers["description"] = (
            "CloudEvents 1.0, binary mode. All of them may be absent: the event's identity is then the "
            "SHA-256 of key and value. A `ce_type` that is present and not of this topic goes to dead "
            "letters; `ce_time` is not read: the time of a decision is the record's Kafka timestamp."
        )
    return headers


def _operation(channel: Channel) -> Node:
    return {
        "action": "receive" if channel.direction == "input" else "send",
        "summary": channel.summary,
        "channel": {"$ref": f"#/channels/{_name(channel.topic)}"},
    }


def _dead_letter_operation(topic: str, summary: str) -> Node:
    return {"action": "send", "summary": summary, "channel": {"$ref": f"#/channels/{_name(topic)}"}}
