"""Which worker owns a seller: asked of the consumer group, whose members say what they own and where they are.

Imports the Kafka client, so commands import it when they run.
"""

import orjson
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.coordinator.protocol import ConsumerProtocolMemberAssignment, ConsumerProtocolMemberMetadata
from aiokafka.errors import GroupCoordinatorNotAvailableError

from klean_stream.runtime.ownership import partition_of
from klean_stream.runtime.settings import Settings


class NoOwner(Exception):  # noqa: N818 - it says what was found
    """No worker owns the seller's partition now; the message says why, in one sentence."""


async def owner_of(settings: Settings, seller_id: str) -> str:
    """Give the advertised address of the worker that owns the seller's partition. Raises NoOwner."""
    number = partition_of(seller_id.encode(), settings.partitions)
    members = await _members(settings)
    for metadata, assignment in members:
        if not assignment:
            continue
        owned = ConsumerProtocolMemberAssignment.decode(assignment).assignment
        if any(topic == settings.topic("listings") and number in numbers for topic, numbers in owned):
            # What Faust puts into a member's metadata (ClientMetadata) names the worker's own address.
            return str(orjson.loads(ConsumerProtocolMemberMetadata.decode(metadata).user_data)["url"])
    if not members:
        raise NoOwner(f"No worker of group {settings.group} is running.")
    raise NoOwner(
        f"Partition {number} of {settings.topic('listings')} belongs to none of the {len(members)} workers of group "
        f"{settings.group} now: the group is rebalancing; try again."
    )


async def _members(settings: Settings) -> list[tuple[bytes, bytes]]:
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.bootstrap)
    try:
        await admin.start()
        (response,) = await admin.describe_consumer_groups([settings.group])
    except GroupCoordinatorNotAvailableError:
        # No group was ever joined here.
        return []
    finally:
        await admin.close()
    (group,) = response.to_object()["groups"]
    return [(member["member_metadata"], member["member_assignment"]) for member in group["members"]]
