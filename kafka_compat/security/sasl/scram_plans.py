"""Decides what AlterUserScramCredentials changes. Source: Kafka's ScramControlManager (KIP-554).

A user stands for one change in a request: who is named twice, whatever the mechanisms, keeps what he has. Who is refused is
looked at no more. What a client sends is the salted password; of it the keys are kept, not the password.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from kafka_compat.metadata.changes import Change, ScramCredentialRemoved, ScramCredentialSet
from kafka_compat.metadata.image import ClusterImage
from kafka_compat.pacing import Pace
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.security.sasl.scram_credentials import MAX_ITERATIONS, MIN_ITERATIONS, ScramMechanism, credential_of

Refusal = tuple[ErrorCode, str | None]

_OK: Final[Refusal] = (ErrorCode.NONE, None)
_NO_CREDENTIAL: Final = (ErrorCode.RESOURCE_NOT_FOUND, "Attempt to delete a user credential that does not exist")
_TWICE: Final = (ErrorCode.DUPLICATE_RESOURCE, "A user credential cannot be altered twice in the same request")


class Deletion(NamedTuple):
    """A user is to have no password for the mechanism, which is a code that a client sent."""

    name: str
    mechanism: int


class Upsertion(NamedTuple):
    """A user is to have this password for the mechanism, which is a code that a client sent."""

    name: str
    mechanism: int
    iterations: int
    salt: bytes
    salted_password: bytes


class ScramPlan(NamedTuple):
    """What changes, and for each user that was named whether it does."""

    changes: list[Change]
    outcomes: dict[str, Refusal]


async def plan_scram_changes(image: ClusterImage, deletions: Sequence[Deletion], upsertions: Sequence[Upsertion]) -> ScramPlan:
    """What the request changes over `image`; it lets others run in between."""
    pace = Pace()
    changes: dict[str, Change] = {}
    outcomes: dict[str, Refusal] = {}
    async for deletion in pace.over(deletions):
        name = deletion.name
        if _refuse_twice(name, changes, outcomes):
            continue
        mechanism = ScramMechanism.of_code(deletion.mechanism)
        outcomes[name] = _why_deletion_refused(image, name, mechanism)
        if outcomes[name] is _OK:
            changes[name] = ScramCredentialRemoved(name, deletion.mechanism)
    async for upsertion in pace.over(upsertions):
        name = upsertion.name
        if _refuse_twice(name, changes, outcomes):
            continue
        mechanism = ScramMechanism.of_code(upsertion.mechanism)
        outcomes[name] = _why_upsertion_refused(upsertion, mechanism)
        if outcomes[name] is _OK:
            assert mechanism is not None
            credential = credential_of(mechanism, upsertion.salted_password, upsertion.salt, upsertion.iterations)
            changes[name] = ScramCredentialSet(name, upsertion.mechanism, *credential)
    return ScramPlan(list(changes.values()), outcomes)


def _refuse_twice(name: str, changes: dict[str, Change], outcomes: dict[str, Refusal]) -> bool:
    """Whether the user was named before; takes back what would have changed."""
    if name not in outcomes:
        return False
    if changes.pop(name, None) is not None:
        outcomes[name] = _TWICE
    return True


def _why_deletion_refused(image: ClusterImage, name: str, mechanism: ScramMechanism | None) -> Refusal:
    if (refusal := _why_invalid(name, mechanism)) is not _OK:
        return refusal
    assert mechanism is not None
    return _OK if mechanism.code in image.scram_credentials.get(name, {}) else _NO_CREDENTIAL


def _why_upsertion_refused(upsertion: Upsertion, mechanism: ScramMechanism | None) -> Refusal:
    if (refusal := _why_invalid(upsertion.name, mechanism)) is not _OK:
        return refusal
    if upsertion.iterations < MIN_ITERATIONS:
        return ErrorCode.UNACCEPTABLE_CREDENTIAL, "Too few iterations"
    if upsertion.iterations > MAX_ITERATIONS:
        return ErrorCode.UNACCEPTABLE_CREDENTIAL, "Too many iterations"
    if not upsertion.salted_password:
        # Java makes no key of nothing.
        return ErrorCode.UNKNOWN_SERVER_ERROR, None
    return _OK


def _why_invalid(name: str, mechanism: ScramMechanism | None) -> Refusal:
    if not name:
        return ErrorCode.UNACCEPTABLE_CREDENTIAL, "Username must not be empty"
    if mechanism is None:
        return ErrorCode.UNSUPPORTED_SASL_MECHANISM, "Unknown SCRAM mechanism"
    return _OK
