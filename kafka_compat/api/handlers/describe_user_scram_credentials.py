"""DescribeUserScramCredentials 0: which SCRAM credentials users have (KIP-554).

There are no credentials yet: none are listed when no users are named, and a user who is named is RESOURCE_NOT_FOUND. One who is
named twice is answered once, DUPLICATE_RESOURCE.
"""

from __future__ import annotations

from kafka_compat.api.authorization import require_cluster
from kafka_compat.api.context import Answer, RequestContext, Response
from kafka_compat.api.slices import Work, in_slices
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.describe_user_scram_credentials import (
    DescribeUserScramCredentialsRequest,
    DescribeUserScramCredentialsResponse,
    DescribeUserScramCredentialsResult,
)
from kafka_compat.security.acl import AclOperation


def handle(context: RequestContext, request: DescribeUserScramCredentialsRequest) -> Answer:
    """Answer that nobody has any."""
    require_cluster(context, AclOperation.DESCRIBE, None)
    return in_slices(_response(request))


def refuse(request: DescribeUserScramCredentialsRequest, version: int, error_code: ErrorCode, message: str | None) -> Response:
    """The error, and as often as users were named; Kafka leaves their names out."""
    result = DescribeUserScramCredentialsResult(error_code=error_code, error_message=message)
    return DescribeUserScramCredentialsResponse(
        error_code=error_code, error_message=message, results=[result] * len(request.users or ())
    )


def _response(request: DescribeUserScramCredentialsRequest) -> Work[Response]:
    results: dict[str, DescribeUserScramCredentialsResult] = {}
    for user in request.users or ():
        if user.name not in results:
            error_code = ErrorCode.RESOURCE_NOT_FOUND
            message = f"Attempt to describe a user credential that does not exist: {user.name}"
        else:
            error_code = ErrorCode.DUPLICATE_RESOURCE
            message = f"Cannot describe SCRAM credentials for the same user twice in a single request: {user.name}"
        results[user.name] = DescribeUserScramCredentialsResult(user=user.name, error_code=error_code, error_message=message)
        yield
    return DescribeUserScramCredentialsResponse(results=list(results.values()))
