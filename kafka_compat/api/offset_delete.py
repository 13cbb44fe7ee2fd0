"""OffsetDelete 0: forget committed offsets of topics that no member of the group consumes (KIP-496)."""

from __future__ import annotations

from kafka_compat.api.context import RequestContext, Response
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.protocol.messages.offset_delete import (
    OffsetDeleteRequest,
    OffsetDeleteResponse,
    OffsetDeleteResponsePartition,
    OffsetDeleteResponseTopic,
)


async def handle(context: RequestContext, request: OffsetDeleteRequest) -> Response:
    """Delete what exists; the answer goes out when it is durable."""
    if not request.group_id:
        raise KafkaError(ErrorCode.INVALID_GROUP_ID)
    image = context.services.image
    codes: dict[str, dict[int, ErrorCode]] = {}
    wanted: list[tuple[str, int]] = []
    for topic in request.topics:
        if topic.name not in image.topics:
            codes.setdefault(topic.name, {})
        for partition in topic.partitions:
            index = partition.partition_index
            if image.partition(topic.name, index) is None:
                codes.setdefault(topic.name, {})[index] = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
            else:
                wanted.append((topic.name, index))
    # The group is looked at even when nothing is left to delete.
    outcomes = await context.services.groups.run(
        request.group_id, lambda shard, _: shard.offsets.delete(request.group_id, wanted)
    )
    for (name, index), code in zip(wanted, outcomes, strict=True):
        codes.setdefault(name, {})[index] = code
    return OffsetDeleteResponse(
        topics=[
            OffsetDeleteResponseTopic(
                name=name,
                partitions=[
                    OffsetDeleteResponsePartition(partition_index=index, error_code=code) for index, code in partitions.items()
                ],
            )
            for name, partitions in codes.items()
        ]
    )


def refuse(request: OffsetDeleteRequest, version: int, error_code: ErrorCode, message: str | None) -> Response:
    """Nothing was deleted because of `error_code`."""
    return OffsetDeleteResponse(error_code=error_code)
