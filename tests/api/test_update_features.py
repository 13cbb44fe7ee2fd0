from __future__ import annotations

from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.api_versions import ApiVersionsRequest, ApiVersionsResponse
from kafka_compat.protocol.messages.update_features import FeatureUpdateKey, UpdateFeaturesRequest, UpdateFeaturesResponse
from kafka_compat.testing.cluster import Cluster
from tests.api.worlds import World

ELR = "eligible.leader.replicas.version"


def update(world: World, level: int, kind: int, *, validate_only: bool = False) -> int:
    wanted = [FeatureUpdateKey(feature=ELR, max_version_level=level, upgrade_type=kind)]
    request = UpdateFeaturesRequest(feature_updates=wanted, validate_only=validate_only)
    return world.call(request, 2, UpdateFeaturesResponse).error_code


def levels(world: World) -> dict[str, int]:
    request = ApiVersionsRequest(client_software_name="test", client_software_version="1")
    answer = world.call(request, 4, ApiVersionsResponse)
    return {feature.name: feature.max_version_level for feature in answer.finalized_features}


def test_level_falls_and_rises_and_survives_a_restart() -> None:
    with Cluster() as cluster, World(cluster) as world:
        assert levels(world)[ELR] == 1
        assert update(world, 0, 2, validate_only=True) == ErrorCode.NONE
        assert levels(world)[ELR] == 1
        assert update(world, 0, 1) == ErrorCode.INVALID_UPDATE_VERSION
        assert update(world, 0, 2) == ErrorCode.NONE
        assert ELR not in levels(world)
    with Cluster(file_system=cluster.file_system) as again, World(again) as world:
        assert ELR not in levels(world)
        assert update(world, 1, 1) == ErrorCode.NONE
        assert levels(world)[ELR] == 1


def test_a_feature_named_twice_counts_with_its_last_level_and_is_answered_twice(world: World) -> None:
    for given, code in (((0, 1), ErrorCode.NONE), ((1, 0), ErrorCode.INVALID_UPDATE_VERSION)):
        updates = [FeatureUpdateKey(feature=ELR, max_version_level=level, upgrade_type=1) for level in given]
        answer = world.call(UpdateFeaturesRequest(feature_updates=updates, validate_only=True), 1, UpdateFeaturesResponse)
        assert answer.error_code == code
        assert [result.feature for result in answer.results] == ([ELR, ELR] if code == ErrorCode.NONE else [])
