"""DescribeUserScramCredentials 0: which SCRAM credentials users have (KIP-554), not what they are.

Without names everybody who has one is described. A user who has none is RESOURCE_NOT_FOUND; one who is named twice is answered
once, DUPLICATE_RESOURCE.
"""

from __future__ import annotations

from kafka_compat.api.authorization import require_cluster
from kafka_compat.api.context import Answer, RequestContext, Response
from kafka_compat.api.slices import Work, in_slices
from kafka_compat.metadata.image import ClusterImage
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.describe_user_scram_credentials import (
    CredentialInfo,
    DescribeUserScramCredentialsRequest,
    DescribeUserScramCredentialsResponse,
    DescribeUserScramCredentialsResult,
)
from kafka_compat.security.acl import AclOperation


def handle(context: RequestContext, request: DescribeUserScramCredentialsRequest) -> Answer:
    """Mechanisms and iterations of each user."""
    require_cluster(context, AclOperation.DESCRIBE, None)
    return in_slices(_response(context.services.image, request))


def refuse(request: DescribeUserScramCredentialsRequest, version: int, error_code: ErrorCode, message: str | None) -> Response:
    """The error, and as often as users were named; Kafka leaves their names out."""
    result = DescribeUserScramCredentialsResult(error_code=error_code, error_message=message)
    return DescribeUserScramCredentialsResponse(
        error_code=error_code, error_message=message, results=[result] * len(request.users or ())
    )


def _response(image: ClusterImage, request: DescribeUserScramCredentialsRequest) -> Work[Response]:
    results: dict[str, DescribeUserScramCredentialsResult] = {}
    for name in [user.name for user in request.users] if request.users else list(image.scram_credentials):
        results[name] = _described(image, name) if name not in results else _named_twice(name)
        yield
    return DescribeUserScramCredentialsResponse(results=list(results.values()))


def _described(image: ClusterImage, name: str) -> DescribeUserScramCredentialsResult:
    credentials = image.scram_credentials.get(name)
    if not credentials:
        return DescribeUserScramCredentialsResult(
            user=name,
            error_code=ErrorCode.RESOURCE_NOT_FOUND,
            error_message=f"Attempt to describe a user credential that does not exist: {name}",
        )
    return DescribeUserScramCredentialsResult(
        user=name,
        credential_infos=[
            CredentialInfo(mechanism=mechanism, iterations=credential.iterations)
            for mechanism, credential in sorted(credentials.items())
        ],
    )


def _named_twice(name: str) -> DescribeUserScramCredentialsResult:
    return DescribeUserScramCredentialsResult(
        user=name,
        error_code=ErrorCode.DUPLICATE_RESOURCE,
        error_message=f"Cannot describe SCRAM credentials for the same user twice in a single request: {name}",
    )
