"""What it takes for a group to be assigned, and to have consumed what it reads."""

from __future__ import annotations

from typing import Final

from kafka_compat.testing.inspection import Inspection
from kafka_compat.testing.log_reading import read_records
from kafka_compat.testing.positions import Positions
from kafka_compat.testing.views import GroupView

_CONSUMER: Final = "consumer"


def has_assignment(inspection: Inspection, positions: Positions, view: GroupView, members: int | None) -> bool:
    """Whether each partition that the group subscribes to has a member, and each member knows where to begin with it.

    While consumers rebalance cooperatively, and before they have heard of a new topic, a group is stable with partitions that
    nobody has. A group of another protocol than consumers' need only be stable.
    """
    if view.state != "Stable" or not view.members or members not in (None, len(view.members)):
        return False
    if not all(member.has_synced for member in view.members):
        return False
    if view.protocol_type != _CONSUMER:
        return True
    assigned = {partition for member in view.members for partition in member.assignment}
    if not assigned:
        return False
    for name in {name for member in view.members for name in member.topics}:
        topic = inspection.topic(name)
        if topic is not None and not all((name, number) in assigned for number in range(len(topic.partitions))):
            return False
    return all(partition in view.offsets for member in view.members for partition in positions.unplaced(member))


async def has_consumed(inspection: Inspection, view: GroupView, topic: str | None) -> bool:
    """Whether no record that a consumer could read lies behind what the group has committed.

    Of a topic each partition counts that has records, otherwise each of which the group has committed an offset. End markers of
    transactions, and records of aborted ones, need not be consumed.
    """
    if topic is None:
        names = sorted({name for name, _ in view.offsets if inspection.topic(name) is not None})
    elif inspection.topic(topic) is None:
        return False
    else:
        names = [topic]
    if not view.offsets:
        return False
    for name in names:
        async for log in inspection.logs(name, None):
            committed = view.offsets.get(log.topic_partition)
            if committed is None and topic is None:
                continue
            start = log.log_start_offset if committed is None else committed
            if start < log.last_stable_offset:
                async for _ in read_records(log, "committed", inspection.tasks, start_offset=start):
                    return False
    return True
