"""THE table of what this broker supports: dispatch, ApiVersions and the README's table are read from it.

A handler's module has `handle(context, request)`, which returns a response, None (no answer), a Future or a coroutine, and
`refuse(request, version, error_code, message)`, the response in which the whole request fails with one error. Modules and
messages are imported when their API is first used: start-up does not pay for what nobody calls.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Generic, Protocol, TypeVar, cast

from kafka_compat.api import handlers
from kafka_compat.api.context import Answer, RequestContext, Response
from kafka_compat.protocol.api_keys import ApiKey
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.message import Message
from kafka_compat.protocol.registry import request_class
from kafka_compat.wire.primitives import Reader

R = TypeVar("R", bound=Message)
R_contra = TypeVar("R_contra", bound=Message, contravariant=True)


class HandlerModule(Protocol[R_contra]):
    """What each module of `api/handlers/` provides, for the one request class that it takes."""

    @property
    def handle(self) -> Callable[[RequestContext, R_contra], Answer]:
        """Answer the request."""

    @property
    def refuse(self) -> Callable[[R_contra, int, ErrorCode, str | None], Response]:
        """The response in which all of the request failed."""


class Handler(Generic[R]):
    """One row of the table: an API key, the versions that work, and where its code is."""

    __slots__ = (
        "_load",
        "_module",
        "_request_class",
        "api_key",
        "listed_min_version",
        "max_version",
        "min_version",
        "only_looks",
        "waits",
    )

    def __init__(
        self,
        api_key: ApiKey,
        versions: range,
        load: Callable[[], HandlerModule[R]],
        listed_min_version: int | None = None,
        *,
        only_looks: bool = False,
        waits: bool = False,
    ) -> None:
        self.api_key = api_key
        # Nothing is lost when it is dropped with its client.
        self.only_looks = only_looks
        # Its answer may take as long as other clients let it.
        self.waits = waits
        self.min_version = versions.start
        self.max_version = versions.stop - 1
        # Produce is listed from 0 although its schema begins at 3: old librdkafka checks for it (Kafka does the same).
        self.listed_min_version = versions.start if listed_min_version is None else listed_min_version
        self._load = load
        self._module: HandlerModule[R] | None = None
        self._request_class: type[R] | None = None

    def decode(self, reader: Reader, version: int) -> R:
        """The request's body.

        Raises:
            WireError: it cannot be read.
        """
        if self._request_class is None:
            # The registry's class is the one that the module takes, which a test sees to.
            self._request_class = cast("type[R]", request_class(self.api_key))
        return self._request_class.decode(reader, version)

    def handle(self, context: RequestContext, request: R) -> Answer:
        """Run the handler."""
        return (self._module or self._import()).handle(context, request)

    def refuse(self, request: R, version: int, error_code: ErrorCode, message: str | None) -> Response:
        """The response in which all of the request failed."""
        return (self._module or self._import()).refuse(request, version, error_code, message)

    def limited(self, first: int, last: int) -> Handler[R]:
        """This row with fewer versions: those that are listed from `first` on, and none above `last`."""
        limited: Handler[R] = Handler(
            self.api_key,
            _versions(max(first, self.min_version), last),
            self._load,
            max(first, self.listed_min_version),
            only_looks=self.only_looks,
            waits=self.waits,
        )
        return limited

    def _import(self) -> HandlerModule[R]:
        self._module = self._load()
        return self._module


def _versions(first: int, last: int) -> range:
    return range(first, last + 1)


_TABLE: tuple[Handler[Any], ...] = (
    Handler(ApiKey.PRODUCE, _versions(3, 13), lambda: handlers.produce, listed_min_version=0),
    Handler(ApiKey.FETCH, _versions(4, 18), lambda: handlers.fetch, only_looks=True),
    Handler(ApiKey.LIST_OFFSETS, _versions(1, 11), lambda: handlers.list_offsets, only_looks=True),
    Handler(ApiKey.METADATA, _versions(0, 13), lambda: handlers.metadata),
    Handler(ApiKey.OFFSET_COMMIT, _versions(2, 10), lambda: handlers.offset_commit),
    Handler(ApiKey.OFFSET_FETCH, _versions(1, 10), lambda: handlers.offset_fetch, only_looks=True),
    Handler(ApiKey.FIND_COORDINATOR, _versions(0, 6), lambda: handlers.find_coordinator),
    Handler(ApiKey.JOIN_GROUP, _versions(0, 9), lambda: handlers.join_group, waits=True),
    Handler(ApiKey.HEARTBEAT, _versions(0, 4), lambda: handlers.heartbeat),
    Handler(ApiKey.LEAVE_GROUP, _versions(0, 5), lambda: handlers.leave_group),
    Handler(ApiKey.SYNC_GROUP, _versions(0, 5), lambda: handlers.sync_group, waits=True),
    Handler(ApiKey.DESCRIBE_GROUPS, _versions(0, 6), lambda: handlers.describe_groups, only_looks=True),
    Handler(ApiKey.LIST_GROUPS, _versions(0, 5), lambda: handlers.list_groups, only_looks=True),
    Handler(ApiKey.SASL_HANDSHAKE, _versions(0, 1), lambda: handlers.sasl_handshake),
    Handler(ApiKey.API_VERSIONS, _versions(0, 4), lambda: handlers.api_versions, only_looks=True),
    Handler(ApiKey.CREATE_TOPICS, _versions(2, 7), lambda: handlers.create_topics),
    Handler(ApiKey.DELETE_TOPICS, _versions(1, 6), lambda: handlers.delete_topics),
    Handler(ApiKey.DELETE_RECORDS, _versions(0, 2), lambda: handlers.delete_records),
    Handler(ApiKey.INIT_PRODUCER_ID, _versions(0, 5), lambda: handlers.init_producer_id),
    Handler(ApiKey.OFFSET_FOR_LEADER_EPOCH, _versions(2, 4), lambda: handlers.offset_for_leader_epoch, only_looks=True),
    Handler(ApiKey.ADD_PARTITIONS_TO_TXN, _versions(0, 5), lambda: handlers.add_partitions_to_txn),
    Handler(ApiKey.ADD_OFFSETS_TO_TXN, _versions(0, 4), lambda: handlers.add_offsets_to_txn),
    Handler(ApiKey.END_TXN, _versions(0, 5), lambda: handlers.end_txn),
    Handler(ApiKey.WRITE_TXN_MARKERS, _versions(1, 2), lambda: handlers.write_txn_markers),
    Handler(ApiKey.TXN_OFFSET_COMMIT, _versions(0, 5), lambda: handlers.txn_offset_commit),
    Handler(ApiKey.DESCRIBE_ACLS, _versions(1, 3), lambda: handlers.describe_acls, only_looks=True),
    Handler(ApiKey.CREATE_ACLS, _versions(1, 3), lambda: handlers.create_acls),
    Handler(ApiKey.DELETE_ACLS, _versions(1, 3), lambda: handlers.delete_acls),
    Handler(ApiKey.DESCRIBE_CONFIGS, _versions(1, 4), lambda: handlers.describe_configs, only_looks=True),
    Handler(ApiKey.ALTER_CONFIGS, _versions(0, 2), lambda: handlers.alter_configs),
    Handler(ApiKey.ALTER_REPLICA_LOG_DIRS, _versions(1, 2), lambda: handlers.alter_replica_log_dirs),
    Handler(ApiKey.DESCRIBE_LOG_DIRS, _versions(1, 5), lambda: handlers.describe_log_dirs, only_looks=True),
    Handler(ApiKey.SASL_AUTHENTICATE, _versions(0, 2), lambda: handlers.sasl_authenticate),
    Handler(ApiKey.CREATE_PARTITIONS, _versions(0, 3), lambda: handlers.create_partitions),
    Handler(ApiKey.CREATE_DELEGATION_TOKEN, _versions(1, 3), lambda: handlers.create_delegation_token),
    Handler(ApiKey.RENEW_DELEGATION_TOKEN, _versions(1, 2), lambda: handlers.renew_delegation_token),
    Handler(ApiKey.EXPIRE_DELEGATION_TOKEN, _versions(1, 2), lambda: handlers.expire_delegation_token),
    Handler(ApiKey.DESCRIBE_DELEGATION_TOKEN, _versions(1, 3), lambda: handlers.describe_delegation_token, only_looks=True),
    Handler(ApiKey.DELETE_GROUPS, _versions(0, 2), lambda: handlers.delete_groups),
    Handler(ApiKey.ELECT_LEADERS, _versions(0, 2), lambda: handlers.elect_leaders),
    Handler(ApiKey.INCREMENTAL_ALTER_CONFIGS, _versions(0, 1), lambda: handlers.incremental_alter_configs),
    Handler(ApiKey.ALTER_PARTITION_REASSIGNMENTS, _versions(0, 1), lambda: handlers.alter_partition_reassignments),
    Handler(
        ApiKey.LIST_PARTITION_REASSIGNMENTS, _versions(0, 0), lambda: handlers.list_partition_reassignments, only_looks=True
    ),
    Handler(ApiKey.OFFSET_DELETE, _versions(0, 0), lambda: handlers.offset_delete),
    Handler(ApiKey.DESCRIBE_CLIENT_QUOTAS, _versions(0, 1), lambda: handlers.describe_client_quotas, only_looks=True),
    Handler(ApiKey.ALTER_CLIENT_QUOTAS, _versions(0, 1), lambda: handlers.alter_client_quotas),
    Handler(
        ApiKey.DESCRIBE_USER_SCRAM_CREDENTIALS,
        _versions(0, 0),
        lambda: handlers.describe_user_scram_credentials,
        only_looks=True,
    ),
    Handler(ApiKey.ALTER_USER_SCRAM_CREDENTIALS, _versions(0, 0), lambda: handlers.alter_user_scram_credentials),
    Handler(ApiKey.DESCRIBE_QUORUM, _versions(0, 2), lambda: handlers.describe_quorum, only_looks=True),
    Handler(ApiKey.UPDATE_FEATURES, _versions(0, 2), lambda: handlers.update_features),
    Handler(ApiKey.DESCRIBE_CLUSTER, _versions(0, 2), lambda: handlers.describe_cluster, only_looks=True),
    Handler(ApiKey.DESCRIBE_PRODUCERS, _versions(0, 0), lambda: handlers.describe_producers, only_looks=True),
    Handler(ApiKey.UNREGISTER_BROKER, _versions(0, 0), lambda: handlers.unregister_broker),
    Handler(ApiKey.DESCRIBE_TRANSACTIONS, _versions(0, 0), lambda: handlers.describe_transactions, only_looks=True),
    Handler(ApiKey.LIST_TRANSACTIONS, _versions(0, 2), lambda: handlers.list_transactions, only_looks=True),
    Handler(ApiKey.GET_TELEMETRY_SUBSCRIPTIONS, _versions(0, 0), lambda: handlers.get_telemetry_subscriptions, only_looks=True),
    Handler(ApiKey.PUSH_TELEMETRY, _versions(0, 0), lambda: handlers.push_telemetry),
    Handler(ApiKey.LIST_CONFIG_RESOURCES, _versions(0, 1), lambda: handlers.list_config_resources, only_looks=True),
    Handler(ApiKey.DESCRIBE_TOPIC_PARTITIONS, _versions(0, 0), lambda: handlers.describe_topic_partitions, only_looks=True),
    Handler(ApiKey.ADD_RAFT_VOTER, _versions(0, 1), lambda: handlers.add_raft_voter),
    Handler(ApiKey.REMOVE_RAFT_VOTER, _versions(0, 0), lambda: handlers.remove_raft_voter),
)

# Listed only where somebody wants what clients push, and answered all the same, as Kafka does.
TELEMETRY_KEYS = frozenset({int(ApiKey.GET_TELEMETRY_SUBSCRIPTIONS), int(ApiKey.PUSH_TELEMETRY)})

HANDLERS: dict[int, Handler[Any]] = {int(handler.api_key): handler for handler in _TABLE}


def limited_handlers(limits: Mapping[int, tuple[int, int] | None]) -> dict[int, Handler[Any]]:
    """The table of a broker that has fewer versions, by API key, or lacks an API (None)."""
    if not limits:
        return HANDLERS
    limited = {}
    for key, handler in HANDLERS.items():
        limit = limits.get(key, (handler.listed_min_version, handler.max_version))
        if limit is not None:
            limited[key] = handler.limited(*limit) if key in limits else handler
    return limited
