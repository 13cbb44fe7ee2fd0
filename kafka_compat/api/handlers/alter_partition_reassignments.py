"""AlterPartitionReassignments 0-1: put partitions on other brokers (KIP-455).

v1 may forbid another number of replicas (KIP-860). A reassignment is over when its new replicas are in sync, which takes no
time unless their brokers are down or their replication stands still; until then `replicas` null cancels it.

Needs ALTER on the cluster.
"""

from __future__ import annotations

from collections.abc import Sequence

from kafka_compat.api.authorization import require_cluster
from kafka_compat.api.context import RequestContext, Response
from kafka_compat.api.deadline import check_has_time
from kafka_compat.api.refusals import by_partition
from kafka_compat.metadata.changes import Change
from kafka_compat.metadata.image import ClusterImage
from kafka_compat.metadata.partition_plans import plan_reassignment
from kafka_compat.metadata.request_limits import refuse_if_too_many
from kafka_compat.pacing import Pace
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.protocol.messages.alter_partition_reassignments import (
    AlterPartitionReassignmentsRequest,
    AlterPartitionReassignmentsResponse,
    ReassignablePartitionResponse,
    ReassignableTopicResponse,
)
from kafka_compat.security.acl import AclOperation


async def handle(context: RequestContext, request: AlterPartitionReassignmentsRequest) -> Response:
    """Reassign in one change; each partition succeeds or fails alone."""
    require_cluster(context, AclOperation.ALTER)
    if not request.topics:
        return AlterPartitionReassignmentsResponse(
            allow_replication_factor_change=request.allow_replication_factor_change, error_message=""
        )
    check_has_time(request.timeout_ms)
    responses: list[ReassignableTopicResponse] = []

    pace = Pace()

    async def decide(image: ClusterImage) -> Sequence[Change]:
        changes: list[Change] = []
        plans = context.services.controller.plans(image)
        async for topic in pace.over(request.topics):
            answers = []
            async for partition in pace.over(topic.partitions):
                answer = ReassignablePartitionResponse(partition_index=partition.partition_index, error_message=None)
                try:
                    change = plan_reassignment(
                        plans,
                        image,
                        topic.name,
                        partition.partition_index,
                        partition.replicas,
                        may_change_factor=request.allow_replication_factor_change,
                    )
                    if change is not None:
                        changes.append(change)
                except KafkaError as error:
                    answer.error_code, answer.error_message = error.error_code, error.message
                answers.append(answer)
            responses.append(ReassignableTopicResponse(name=topic.name, partitions=answers))
        refuse_if_too_many(len(changes))
        return changes

    await context.services.controller.change(decide)
    return AlterPartitionReassignmentsResponse(
        allow_replication_factor_change=request.allow_replication_factor_change, error_message=None, responses=responses
    )


def refuse(request: AlterPartitionReassignmentsRequest, version: int, error_code: ErrorCode, message: str | None) -> Response:
    """The response as a whole failed, and so did every partition."""
    # What the request said of the number of replicas is not repeated here.
    return AlterPartitionReassignmentsResponse(
        error_code=error_code,
        error_message=message,
        responses=by_partition(
            ((topic, topic.partitions) for topic in request.topics),
            lambda partition: ReassignablePartitionResponse(
                partition_index=partition.partition_index, error_code=error_code, error_message=message
            ),
            lambda topic, partitions: ReassignableTopicResponse(name=topic.name, partitions=partitions),
        ),
    )
