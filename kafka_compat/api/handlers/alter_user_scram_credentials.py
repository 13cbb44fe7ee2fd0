"""AlterUserScramCredentials 0: SCRAM credentials of users set and deleted (KIP-554).

Credentials are not stored yet. What Kafka would refuse is refused in the same words, there is never one to delete, and one that
is to be set is UNSUPPORTED_VERSION, Kafka's own error where it cannot store any. A user is answered once, with
the first refusal.
"""

from __future__ import annotations

from typing import Final

from kafka_compat.api.authorization import require_cluster
from kafka_compat.api.context import Answer, RequestContext, Response
from kafka_compat.api.slices import Work, in_slices
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.alter_user_scram_credentials import (
    AlterUserScramCredentialsRequest,
    AlterUserScramCredentialsResponse,
    AlterUserScramCredentialsResult,
)
from kafka_compat.security.acl import AclOperation

Refusal = tuple[ErrorCode, str | None]

# SCRAM-SHA-256 and SCRAM-SHA-512.
_MECHANISMS: Final = (1, 2)
_MIN_ITERATIONS: Final = 4096
_MAX_ITERATIONS: Final = 16384

_NO_CREDENTIAL: Final = (ErrorCode.RESOURCE_NOT_FOUND, "Attempt to delete a user credential that does not exist")
_NOT_STORED: Final = (ErrorCode.UNSUPPORTED_VERSION, "This broker does not store SCRAM credentials")
_TWICE: Final = (ErrorCode.DUPLICATE_RESOURCE, "A user credential cannot be altered twice in the same request")


def handle(context: RequestContext, request: AlterUserScramCredentialsRequest) -> Answer:
    """Refuse each user."""
    require_cluster(context, AclOperation.ALTER)
    return in_slices(_response(request))


def refuse(request: AlterUserScramCredentialsRequest, version: int, error_code: ErrorCode, message: str | None) -> Response:
    """Every user failed with `error_code`."""
    names = dict.fromkeys(deletion.name for deletion in request.deletions)
    names |= dict.fromkeys(upsertion.name for upsertion in request.upsertions)
    return AlterUserScramCredentialsResponse(results=[_result(name, (error_code, message)) for name in names])


def _response(request: AlterUserScramCredentialsRequest) -> Work[Response]:
    results: dict[str, AlterUserScramCredentialsResult] = {}
    valid: set[str] = set()
    for deletion in request.deletions:
        name = deletion.name
        if name not in results:
            results[name] = _result(name, _why_invalid(name, deletion.mechanism) or _NO_CREDENTIAL)
        yield
    for upsertion in request.upsertions:
        name = upsertion.name
        if name not in results:
            refusal = _why_invalid(name, upsertion.mechanism) or _why_iterations_invalid(upsertion.iterations)
            results[name] = _result(name, refusal or _NOT_STORED)
            if refusal is None:
                valid.add(name)
        elif name in valid:
            results[name] = _result(name, _TWICE)
        yield
    return AlterUserScramCredentialsResponse(results=list(results.values()))


def _why_invalid(name: str, mechanism: int) -> Refusal | None:
    if not name:
        return ErrorCode.UNACCEPTABLE_CREDENTIAL, "Username must not be empty"
    if mechanism not in _MECHANISMS:
        return ErrorCode.UNSUPPORTED_SASL_MECHANISM, "Unknown SCRAM mechanism"
    return None


def _why_iterations_invalid(iterations: int) -> Refusal | None:
    if iterations < _MIN_ITERATIONS:
        return ErrorCode.UNACCEPTABLE_CREDENTIAL, "Too few iterations"
    if iterations > _MAX_ITERATIONS:
        return ErrorCode.UNACCEPTABLE_CREDENTIAL, "Too many iterations"
    return None


def _result(name: str, refusal: Refusal) -> AlterUserScramCredentialsResult:
    return AlterUserScramCredentialsResult(user=name, error_code=refusal[0], error_message=refusal[1])
