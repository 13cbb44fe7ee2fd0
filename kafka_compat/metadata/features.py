"""Kafka's features (KIP-584) as this broker has them: only what is built, since clients switch protocols by them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from kafka_compat.ids import BrokerId
from kafka_compat.metadata.changes import FeatureChanged
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError

if TYPE_CHECKING:
    from kafka_compat.metadata.image import ClusterImage

METADATA_VERSION: Final = "metadata.version"
KRAFT_VERSION: Final = "kraft.version"
TRANSACTION_VERSION: Final = "transaction.version"
ELIGIBLE_LEADER_REPLICAS: Final = "eligible.leader.replicas.version"


class SupportedFeature(NamedTuple):
    """A feature and the levels this software could run at."""

    name: str
    min_level: int
    max_level: int


class FinalizedFeature(NamedTuple):
    """A feature and the level the cluster runs at."""

    name: str
    level: int


# 30 is 4.3-IV0, the level at which Apache Kafka 4.3.1 formats a new cluster.
SUPPORTED_FEATURES: Final = (
    SupportedFeature(KRAFT_VERSION, 0, 1),
    SupportedFeature(METADATA_VERSION, 7, 30),
    SupportedFeature(ELIGIBLE_LEADER_REPLICAS, 0, 1),
    SupportedFeature(TRANSACTION_VERSION, 0, 2),
)
# Of a new cluster; UpdateFeatures may lower a level or raise it again (`finalized_features`).
FINALIZED_FEATURES: Final = (
    FinalizedFeature(KRAFT_VERSION, 1),
    FinalizedFeature(METADATA_VERSION, 30),
    FinalizedFeature(ELIGIBLE_LEADER_REPLICAS, 1),
    FinalizedFeature(TRANSACTION_VERSION, 2),
)


class UpgradeType(IntEnum):
    """What an update may do (Kafka: FeatureUpdate.UpgradeType)."""

    UPGRADE = 1
    """Only raise the level."""
    SAFE_DOWNGRADE = 2
    """Lower it unless that loses metadata."""
    UNSAFE_DOWNGRADE = 3
    """Lower it in any case; never supported for metadata.version."""


class FeatureUpdate(NamedTuple):
    """The level a client wants a feature at; `upgrade_type` None stands for a code that Kafka does not know."""

    name: str
    level: int
    upgrade_type: UpgradeType | None


def finalized_features(changed: Mapping[str, int]) -> list[FinalizedFeature]:
    """The levels in force; a feature at level 0 is not listed, as in Kafka.

    Args:
        changed: feature to level, of `ClusterImage.feature_levels`.
    """
    levels = {feature.name: feature.level for feature in FINALIZED_FEATURES} | dict(changed)
    return [FinalizedFeature(name, level) for name, level in levels.items() if level > 0]


def finalized_level(changed: Mapping[str, int], name: str) -> int:
    """The level in force of one feature; `changed` as in `finalized_features`."""
    level = changed.get(name)
    if level is None:
        level = next((feature.level for feature in FINALIZED_FEATURES if feature.name == name), 0)
    return level


def plan_feature_updates(
    image: ClusterImage, controller_id: BrokerId, updates: Sequence[FeatureUpdate]
) -> list[FeatureChanged]:
    """The changes that bring the features to the levels asked for: all or none.

    Order of checks and messages: Kafka's `FeatureControlManager.updateFeature`.

    Raises:
        KafkaError: INVALID_UPDATE_VERSION.
    """
    current = {feature.name: feature.level for feature in finalized_features(image.feature_levels)}
    changes = []
    for update in updates:
        reason = _why_refused(update, current.get(update.name, 0), controller_id)
        if reason is not None:
            raise KafkaError(
                ErrorCode.INVALID_UPDATE_VERSION,
                f"The update failed for all features since the following feature had an error: {reason}",
            )
        if update.level != current.get(update.name, 0):
            changes.append(FeatureChanged(update.name, update.level))
    return changes


def _why_refused(update: FeatureUpdate, current: int, controller_id: BrokerId) -> str | None:
    name, level, kind = update
    prefix = f"Invalid update version {level} for feature {name}."
    if kind is None:
        return f"{prefix} The controller does not support the given upgrade type."
    if level < 0:
        return f"{prefix} A feature version cannot be less than 0."
    supported = next((feature for feature in SUPPORTED_FEATURES if feature.name == name), None)
    if supported is None:
        if level == 0:
            return f"{prefix} Feature {name} not found."
        return f"{prefix} Local controller {controller_id} does not support this feature."
    if not supported.min_level <= level <= supported.max_level:
        versions = f"{supported.min_level}-{supported.max_level}"
        return f"{prefix} Local controller {controller_id} only supports versions {versions}"
    if level < current and kind is UpgradeType.UPGRADE:
        return (
            f"{prefix} Can't downgrade the version of this feature without setting the upgrade type to either safe or "
            "unsafe downgrade."
        )
    if level > current and kind is not UpgradeType.UPGRADE:
        return f"{prefix} Can't downgrade to a newer version."
    if level < current and name == KRAFT_VERSION:
        return f"{prefix} Can't downgrade the version of this feature."
    if level < current and name == METADATA_VERSION:
        # Every level below the newest lacks records that Kafka may have written.
        why = (
            "Unsafe metadata downgrade is not supported in this version."
            if kind is UpgradeType.UNSAFE_DOWNGRADE
            else "Refusing to perform the requested downgrade because it might delete metadata information."
        )
        return f"Unsupported metadata.version downgrade from {current} to {level}. {why}"
    return None
