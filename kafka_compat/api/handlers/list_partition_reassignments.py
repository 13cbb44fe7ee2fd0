"""ListPartitionReassignments 0: always empty, since a reassignment here is over when it begins (KIP-455).

Topics and partitions that do not exist are no error in Kafka either: they are left out.
"""

from __future__ import annotations

from kafka_compat.api.context import RequestContext, Response
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.list_partition_reassignments import (
    ListPartitionReassignmentsRequest,
    ListPartitionReassignmentsResponse,
)


def handle(context: RequestContext, request: ListPartitionReassignmentsRequest) -> Response:
    """Nothing is under way."""
    return ListPartitionReassignmentsResponse(error_message=None)


def refuse(request: ListPartitionReassignmentsRequest, version: int, error_code: ErrorCode, message: str | None) -> Response:
    """The error alone."""
    return ListPartitionReassignmentsResponse(error_code=error_code, error_message=message)
