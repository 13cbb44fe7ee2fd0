"""ElectLeaders 0-2: make the preferred replica (KIP-460: or any) lead.

v0 knows only the preferred election and has no error for the whole response. For null, all partitions, those whose leader is
the wanted one already are left out of the answer; named ones get ELECTION_NOT_NEEDED. An empty list is not looked at further.

Needs ALTER on the cluster.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kafka_compat.api.authorization import require_cluster
from kafka_compat.api.context import RequestContext, Response
from kafka_compat.api.deadline import check_has_time
from kafka_compat.api.refusals import by_partition
from kafka_compat.metadata.changes import Change
from kafka_compat.metadata.image import ClusterImage
from kafka_compat.metadata.partition_plans import ElectionType, plan_election
from kafka_compat.metadata.request_limits import refuse_if_too_many
from kafka_compat.pacing import Pace
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.protocol.messages.elect_leaders import (
    ElectLeadersRequest,
    ElectLeadersResponse,
    PartitionResult,
    ReplicaElectionResult,
)
from kafka_compat.security.acl import AclOperation


async def handle(context: RequestContext, request: ElectLeadersRequest) -> Response:
    """Elect in one change; each partition succeeds or fails alone."""
    require_cluster(context, AclOperation.ALTER)
    if request.topic_partitions is not None and not request.topic_partitions:
        return ElectLeadersResponse()
    try:
        kind = ElectionType(request.election_type)
    except ValueError:
        raise KafkaError(ErrorCode.INVALID_REQUEST, f"Unknown election type {request.election_type}") from None
    check_has_time(request.timeout_ms)
    results: list[ReplicaElectionResult] = []

    pace = Pace()

    async def decide(image: ClusterImage) -> Sequence[Change]:
        changes: list[Change] = []
        plans = context.services.controller.plans(image)
        async for topic, partitions in pace.over(_wanted(image, request)):
            answers = []
            async for partition in pace.over(partitions):
                try:
                    changes.append(plan_election(plans, image, topic, partition, kind))
                    answers.append(PartitionResult(partition_id=partition, error_message=None))
                except KafkaError as error:
                    if request.topic_partitions is not None or error.error_code != ErrorCode.ELECTION_NOT_NEEDED:
                        answers.append(_failure(partition, error))
            results.append(ReplicaElectionResult(topic=topic, partition_result=answers))
        refuse_if_too_many(len(changes))
        return changes

    await context.services.controller.change(decide)
    return ElectLeadersResponse(replica_election_results=results)


def refuse(request: ElectLeadersRequest, version: int, error_code: ErrorCode, message: str | None) -> Response:
    """The error, for every partition named and from v1 for the response."""
    error = KafkaError(error_code, message)
    return ElectLeadersResponse(
        error_code=error_code if version >= 1 else ErrorCode.NONE,
        replica_election_results=by_partition(
            ((topic.topic, topic.partitions) for topic in request.topic_partitions or ()),
            lambda partition: _failure(partition, error),
            lambda topic, partitions: ReplicaElectionResult(topic=topic, partition_result=partitions),
        ),
    )


def _wanted(image: ClusterImage, request: ElectLeadersRequest) -> Iterator[tuple[str, Sequence[int]]]:
    if request.topic_partitions is None:
        return ((topic.name, range(len(topic.partitions))) for topic in list(image.topics.values()))
    return ((topic.topic, topic.partitions) for topic in request.topic_partitions)


def _failure(partition: int, error: KafkaError) -> PartitionResult:
    return PartitionResult(partition_id=partition, error_code=error.error_code, error_message=error.message)
