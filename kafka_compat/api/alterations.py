"""The change of configs that AlterConfigs and IncrementalAlterConfigs ask for, each in its own words."""

from __future__ import annotations

from collections.abc import Sequence

from kafka_compat.api.authorization import is_authorized_for_cluster, is_authorized_this_once, of_config, refusal
from kafka_compat.api.broker_loggers import change_levels
from kafka_compat.api.context import RequestContext
from kafka_compat.metadata.changes import Change
from kafka_compat.metadata.config_plans import Alteration, plan_alterations
from kafka_compat.metadata.image import ClusterImage
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.security.acl import AclOperation


async def alter(context: RequestContext, alterations: Sequence[Alteration], *, validate_only: bool) -> list[KafkaError | None]:
    """Decide and commit; one outcome per alteration."""
    services = context.services
    outcomes: list[KafkaError | None] = []

    def change_loggers(alteration: Alteration) -> None:
        if not is_authorized_for_cluster(context, AclOperation.ALTER_CONFIGS):
            raise KafkaError(ErrorCode.CLUSTER_AUTHORIZATION_FAILED)
        change_levels(services.node_id, alteration, validate_only=validate_only)

    def authorize(alteration: Alteration) -> None:
        kind, name = of_config(alteration.resource_type, alteration.resource_name)
        if not is_authorized_this_once(context, AclOperation.ALTER_CONFIGS, kind, name):
            raise refusal(kind)

    async def decide(image: ClusterImage) -> Sequence[Change]:
        decided, changes = await plan_alterations(
            image, services.config, services.node_id, alterations, authorize, change_loggers, services.tasks.in_thread
        )
        outcomes.extend(decided)
        return () if validate_only else changes

    await services.controller.change(decide)
    return outcomes
