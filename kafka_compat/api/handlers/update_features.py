"""UpdateFeatures 0-2: raise or lower the levels of the cluster's features (KIP-584, KIP-778).

v0 has a flag for downgrades where v1 has the upgrade type, and v1 can validate only. Up to v1 a success lists each feature,
and the reference puts "NONE" into its message. All updates succeed or none does.

Needs ALTER on the cluster.
"""

from __future__ import annotations

from collections.abc import Sequence

from kafka_compat.api.authorization import require_cluster
from kafka_compat.api.context import RequestContext, Response
from kafka_compat.metadata.changes import Change
from kafka_compat.metadata.features import FeatureUpdate, UpgradeType, plan_feature_updates
from kafka_compat.metadata.image import ClusterImage
from kafka_compat.pacing import Pace
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.update_features import (
    FeatureUpdateKey,
    UpdatableFeatureResult,
    UpdateFeaturesRequest,
    UpdateFeaturesResponse,
)
from kafka_compat.security.acl import AclOperation

_LAST_VERSION_WITH_RESULTS = 1


async def handle(context: RequestContext, request: UpdateFeaturesRequest) -> Response:
    """Decide, and commit unless only asked to validate."""
    require_cluster(context, AclOperation.ALTER)
    # A feature that comes twice counts once, with its last level, and is answered twice.
    pace = Pace()
    updates = {}
    async for update in pace.over(request.feature_updates):
        updates[update.feature] = _update(context.version, update)

    def decide(image: ClusterImage) -> Sequence[Change]:
        changes = plan_feature_updates(image, image.controller_id, list(updates.values()))
        return () if request.validate_only else changes

    await context.services.controller.change(decide)
    results = []
    if context.version <= _LAST_VERSION_WITH_RESULTS:
        async for update in pace.over(request.feature_updates):
            results.append(UpdatableFeatureResult(feature=update.feature, error_message="NONE"))
    return UpdateFeaturesResponse(error_message=None, results=results)


def refuse(request: UpdateFeaturesRequest, version: int, error_code: ErrorCode, message: str | None) -> Response:
    """The error, and no results."""
    return UpdateFeaturesResponse(error_code=error_code, error_message=message)


def _update(version: int, update: FeatureUpdateKey) -> FeatureUpdate:
    if version == 0:
        kind = UpgradeType.SAFE_DOWNGRADE if update.allow_downgrade else UpgradeType.UPGRADE
        return FeatureUpdate(update.feature, update.max_version_level, kind)
    known = update.upgrade_type in UpgradeType.__members__.values()
    return FeatureUpdate(update.feature, update.max_version_level, UpgradeType(update.upgrade_type) if known else None)
