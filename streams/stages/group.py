"""Which partitions a consumer group has given to its workers, asked of Kafka itself.

After a restart of Kafka a group's leader may not know the topic yet: then it gives nobody anything, and nothing would
ever make it try again (seen: two workers, alive and idle for ever). A worker that has had no partitions for a while
looks whether others have them all; if not, it stops, and its successor makes the group share them out anew.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

LOOK_AFTER = timedelta(seconds=15)
"""How long a worker may be without partitions before it looks."""


class Orphaned(Exception):  # noqa: N818 - the house names errors for what is wrong
    """Partitions of the input belong to no worker."""


async def check_owned(client: Mapping[str, Any], group: str, topic: str, partitions: int) -> None:
    """Raises `Orphaned` where a settled group has not given away all partitions of a topic."""
    from aiokafka.admin import AIOKafkaAdminClient
    from aiokafka.coordinator.protocol import ConsumerProtocolMemberAssignment

    admin = AIOKafkaAdminClient(**client)
    await admin.start()
    try:
        answers = await admin.describe_consumer_groups([group])
    finally:
        await admin.close()
    for answer in answers:
        for error, _, state, _, _, members in (described[:6] for described in answer.groups):
            if error or state != "Stable":
                continue  # it is being shared out right now
            assignments = [ConsumerProtocolMemberAssignment.decode(member[4]) for member in members if member[4]]
            owned = {
                number
                for each in assignments
                for name, numbers in each.assignment
                if name == topic
                for number in numbers
            }
            if len(owned) < partitions:
                raise Orphaned(
                    f"only {len(owned)} of the {partitions} partitions of {topic} belong to a worker of {group}: "
                    "stopping, so that they are shared out anew"
                )
