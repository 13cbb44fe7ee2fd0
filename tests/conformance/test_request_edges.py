"""UNKNOWN_SERVER_ERROR where Apache Kafka knows nothing better: what tests/api/test_request_edges.py lets pass."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from kafka_compat.protocol.api_keys import ApiKey
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.registry import request_class
from tests.conformance.both import Both, Side
from tests.conformance.data_plane import FETCHED, batch, produce_now
from tests.conformance.group_script import GroupScript
from tests.support.edge_requests import LONGEST, Path, request_of

SERVER_ERROR = ErrorCode.UNKNOWN_SERVER_ERROR


def made(api_key: ApiKey, version: int, topic: str, changes: Mapping[Path, Any]) -> Callable[[Side], Any]:
    return lambda side: request_of(request_class(api_key), version, side.ids[topic], changes)


@pytest.mark.parametrize(
    ("api_key", "path"),
    [
        (ApiKey.CREATE_TOPICS, ("topics", "name")),
        (ApiKey.DESCRIBE_CONFIGS, ("resources", "resource_name")),
        (ApiKey.ALTER_CONFIGS, ("resources", "resource_name")),
        (ApiKey.ALTER_CONFIGS, ("resources", "configs", "name")),
        (ApiKey.ALTER_CONFIGS, ("resources", "configs", "value")),
        (ApiKey.INCREMENTAL_ALTER_CONFIGS, ("resources", "resource_name")),
        (ApiKey.INCREMENTAL_ALTER_CONFIGS, ("resources", "configs", "name")),
        (ApiKey.INCREMENTAL_ALTER_CONFIGS, ("resources", "configs", "value")),
        (ApiKey.ELECT_LEADERS, ("topic_partitions", "topic")),
        (ApiKey.ALTER_PARTITION_REASSIGNMENTS, ("topics", "name")),
        (ApiKey.ALTER_CLIENT_QUOTAS, ("entries", "entity", "entity_type")),
        (ApiKey.ALTER_CLIENT_QUOTAS, ("entries", "ops", "key")),
        (ApiKey.UPDATE_FEATURES, ("feature_updates", "feature")),
        (ApiKey.DESCRIBE_PRODUCERS, ("topics", "name")),
        (ApiKey.JOIN_GROUP, ("group_instance_id",)),
        (ApiKey.ADD_RAFT_VOTER, ("cluster_id",)),
        (ApiKey.REMOVE_RAFT_VOTER, ("cluster_id",)),
    ],
    ids=lambda value: value.name.lower() if isinstance(value, ApiKey) else ".".join(value),
)
def test_messages_that_quote_more_than_a_message_holds(both: Both, api_key: ApiKey, path: Path) -> None:
    """The longest text that a request can carry, in a message that says what is wrong with it, is too long for the answer."""
    topic = both.create_topic(both.name("topic"), 1)
    if api_key is ApiKey.JOIN_GROUP:
        GroupScript(both, "ready").finish()
    request = request_class(api_key)
    for version in sorted({request.MIN_VERSION, request.MAX_VERSION}):  # type: ignore[attr-defined]
        if api_key is ApiKey.JOIN_GROUP and version < 5:
            continue
        changes: dict[Path, Any] = {("resources", "resource_name"): topic, ("group_id",): both.name("group"), path: LONGEST}
        both.compare(
            f"{'.'.join(path)} of {len(LONGEST)} bytes",
            made(api_key, version, topic, changes),
            [version],
            expect={SERVER_ERROR},
        )


def test_other_edges(both: Both) -> None:
    topic = both.create_topic(both.name("topic"), 1)
    for side in both.sides:
        produce_now(side, topic, 0, batch())

    def play(api_key: ApiKey, version: int, *paths: Path, values: tuple[Any, ...]) -> None:
        for path in paths:
            for value in values:
                label = f"{'.'.join(path)} {value if isinstance(value, int) else repr(value)[:99]}"
                changes = {("resources", "resource_name"): topic, path: value}
                request = made(api_key, version, topic, changes)
                both.compare(label, request, [version], expect={SERVER_ERROR}, replace=FETCHED)

    ends = (-128, -1, 2, 127)
    play(ApiKey.FETCH, 18, ("isolation_level",), values=ends)
    play(ApiKey.FETCH, 18, ("max_bytes",), ("topics", "partitions", "partition_max_bytes"), values=(-(2**31), -1))
    play(ApiKey.LIST_OFFSETS, 11, ("isolation_level",), values=ends)
    play(ApiKey.INCREMENTAL_ALTER_CONFIGS, 1, ("resources", "configs", "config_operation"), values=(-128, -1, 126, 127))
    play(ApiKey.CREATE_DELEGATION_TOKEN, 3, ("owner_principal_type",), values=(None,))
