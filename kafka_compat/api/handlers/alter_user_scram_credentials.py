"""AlterUserScramCredentials 0: SCRAM credentials of users set and deleted (KIP-554).

A credential counts from the answer on, on every broker of the process. A user is answered once, in the order in which users
are first named; Kafka's order is that of its hash maps. What is decided, and why somebody is refused, is in
`security/sasl/scram_plans.py`.
"""

from __future__ import annotations

from collections.abc import Sequence

from kafka_compat.api.authorization import require_cluster
from kafka_compat.api.context import RequestContext, Response
from kafka_compat.metadata.changes import Change
from kafka_compat.metadata.image import ClusterImage
from kafka_compat.pacing import Pace
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.alter_user_scram_credentials import (
    AlterUserScramCredentialsRequest,
    AlterUserScramCredentialsResponse,
    AlterUserScramCredentialsResult,
)
from kafka_compat.security.acl import AclOperation
from kafka_compat.security.sasl.scram_plans import Deletion, Refusal, Upsertion, plan_scram_changes


async def handle(context: RequestContext, request: AlterUserScramCredentialsRequest) -> Response:
    """Set and delete what is valid; the rest is refused user by user."""
    require_cluster(context, AclOperation.ALTER)
    pace = Pace()
    deletions = [Deletion(each.name, each.mechanism) async for each in pace.over(request.deletions)]
    upsertions = [
        Upsertion(each.name, each.mechanism, each.iterations, bytes(each.salt), bytes(each.salted_password))
        async for each in pace.over(request.upsertions)
    ]
    outcomes: dict[str, Refusal] = {}

    async def decide(image: ClusterImage) -> Sequence[Change]:
        plan = await plan_scram_changes(image, deletions, upsertions)
        outcomes.update(plan.outcomes)
        return plan.changes

    await context.services.controller.change(decide)
    results = [_result(name, outcome) async for name, outcome in pace.over(outcomes.items())]
    return AlterUserScramCredentialsResponse(results=results)


def refuse(request: AlterUserScramCredentialsRequest, version: int, error_code: ErrorCode, message: str | None) -> Response:
    """Every user failed with `error_code`."""
    names = dict.fromkeys(deletion.name for deletion in request.deletions)
    names |= dict.fromkeys(upsertion.name for upsertion in request.upsertions)
    return AlterUserScramCredentialsResponse(results=[_result(name, (error_code, message)) for name in names])


def _result(name: str, outcome: Refusal) -> AlterUserScramCredentialsResult:
    return AlterUserScramCredentialsResult(user=name, error_code=outcome[0], error_message=outcome[1])
