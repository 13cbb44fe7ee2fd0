"""THE table of what this broker supports: dispatch, ApiVersions and the README's table are read from it.

A handler's module has `handle(context, request)`, which returns a response, None (no answer), a Future or a coroutine, and
`refuse(request, version, error_code, message)`, the response in which the whole request fails with one error. Modules and
messages are imported when their API is first used: start-up does not pay for what nobody calls.
"""

from __future__ import annotations

from importlib import import_module
from typing import Protocol, cast

from kafka_compat.api.context import Answer, RequestContext, Response
from kafka_compat.protocol.api_keys import ApiKey
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.message import Message
from kafka_compat.protocol.registry import request_class
from kafka_compat.wire.primitives import Reader


class HandlerModule(Protocol):
    """What each module of `api/` that is named in the table provides."""

    def handle(self, context: RequestContext, request: Message) -> Answer:
        """Answer the request."""

    def refuse(self, request: Message, version: int, error_code: ErrorCode, message: str | None) -> Response:
        """The response in which all of the request failed."""


class Handler:
    """One row of the table: an API key, the versions that work, and where its code is."""

    __slots__ = (
        "_module",
        "_module_name",
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
        module_name: str,
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
        self._module_name = module_name
        self._module: HandlerModule | None = None
        self._request_class: type[Message] | None = None

    def decode(self, reader: Reader, version: int) -> Message:
        """The request's body.

        Raises:
            WireError: it cannot be read.
        """
        if self._request_class is None:
            self._request_class = request_class(self.api_key)
        return self._request_class.decode(reader, version)

    def handle(self, context: RequestContext, request: Message) -> Answer:
        """Run the handler."""
        return (self._module or self._load()).handle(context, request)

    def refuse(self, request: Message, version: int, error_code: ErrorCode, message: str | None) -> Response:
        """The response in which all of the request failed."""
        return (self._module or self._load()).refuse(request, version, error_code, message)

    def _load(self) -> HandlerModule:
        # A module satisfies the protocol structurally; its handle takes the one request class that this row decodes.
        self._module = cast(HandlerModule, import_module(f"kafka_compat.api.{self._module_name}"))
        return self._module


def _versions(first: int, last: int) -> range:
    return range(first, last + 1)


_TABLE = (
    Handler(ApiKey.PRODUCE, _versions(3, 13), "produce", listed_min_version=0),
    Handler(ApiKey.FETCH, _versions(4, 18), "fetch", only_looks=True),
    Handler(ApiKey.LIST_OFFSETS, _versions(1, 11), "list_offsets", only_looks=True),
    Handler(ApiKey.METADATA, _versions(0, 13), "metadata"),
    Handler(ApiKey.OFFSET_COMMIT, _versions(2, 10), "offset_commit"),
    Handler(ApiKey.OFFSET_FETCH, _versions(1, 10), "offset_fetch", only_looks=True),
    Handler(ApiKey.FIND_COORDINATOR, _versions(0, 6), "find_coordinator"),
    Handler(ApiKey.JOIN_GROUP, _versions(0, 9), "join_group", waits=True),
    Handler(ApiKey.HEARTBEAT, _versions(0, 4), "heartbeat"),
    Handler(ApiKey.LEAVE_GROUP, _versions(0, 5), "leave_group"),
    Handler(ApiKey.SYNC_GROUP, _versions(0, 5), "sync_group", waits=True),
    Handler(ApiKey.DESCRIBE_GROUPS, _versions(0, 6), "describe_groups", only_looks=True),
    Handler(ApiKey.LIST_GROUPS, _versions(0, 5), "list_groups", only_looks=True),
    Handler(ApiKey.SASL_HANDSHAKE, _versions(0, 1), "sasl_handshake"),
    Handler(ApiKey.API_VERSIONS, _versions(0, 4), "api_versions", only_looks=True),
    Handler(ApiKey.CREATE_TOPICS, _versions(2, 7), "create_topics"),
    Handler(ApiKey.DELETE_TOPICS, _versions(1, 6), "delete_topics"),
    Handler(ApiKey.DELETE_RECORDS, _versions(0, 2), "delete_records"),
    Handler(ApiKey.INIT_PRODUCER_ID, _versions(0, 5), "init_producer_id"),
    Handler(ApiKey.OFFSET_FOR_LEADER_EPOCH, _versions(2, 4), "offset_for_leader_epoch", only_looks=True),
    Handler(ApiKey.DESCRIBE_ACLS, _versions(1, 3), "describe_acls", only_looks=True),
    Handler(ApiKey.CREATE_ACLS, _versions(1, 3), "create_acls"),
    Handler(ApiKey.DELETE_ACLS, _versions(1, 3), "delete_acls"),
    Handler(ApiKey.DESCRIBE_CONFIGS, _versions(1, 4), "describe_configs", only_looks=True),
    Handler(ApiKey.ALTER_CONFIGS, _versions(0, 2), "alter_configs"),
    Handler(ApiKey.DESCRIBE_LOG_DIRS, _versions(1, 5), "describe_log_dirs", only_looks=True),
    Handler(ApiKey.SASL_AUTHENTICATE, _versions(0, 2), "sasl_authenticate"),
    Handler(ApiKey.CREATE_PARTITIONS, _versions(0, 3), "create_partitions"),
    Handler(ApiKey.CREATE_DELEGATION_TOKEN, _versions(1, 3), "create_delegation_token"),
    Handler(ApiKey.RENEW_DELEGATION_TOKEN, _versions(1, 2), "renew_delegation_token"),
    Handler(ApiKey.EXPIRE_DELEGATION_TOKEN, _versions(1, 2), "expire_delegation_token"),
    Handler(ApiKey.DESCRIBE_DELEGATION_TOKEN, _versions(1, 3), "describe_delegation_token", only_looks=True),
    Handler(ApiKey.DELETE_GROUPS, _versions(0, 2), "delete_groups"),
    Handler(ApiKey.ELECT_LEADERS, _versions(0, 2), "elect_leaders"),
    Handler(ApiKey.INCREMENTAL_ALTER_CONFIGS, _versions(0, 1), "incremental_alter_configs"),
    Handler(ApiKey.ALTER_PARTITION_REASSIGNMENTS, _versions(0, 1), "alter_partition_reassignments"),
    Handler(ApiKey.LIST_PARTITION_REASSIGNMENTS, _versions(0, 0), "list_partition_reassignments", only_looks=True),
    Handler(ApiKey.OFFSET_DELETE, _versions(0, 0), "offset_delete"),
    Handler(ApiKey.DESCRIBE_CLIENT_QUOTAS, _versions(0, 1), "describe_client_quotas", only_looks=True),
    Handler(ApiKey.ALTER_CLIENT_QUOTAS, _versions(0, 1), "alter_client_quotas"),
    Handler(ApiKey.DESCRIBE_USER_SCRAM_CREDENTIALS, _versions(0, 0), "describe_user_scram_credentials", only_looks=True),
    Handler(ApiKey.ALTER_USER_SCRAM_CREDENTIALS, _versions(0, 0), "alter_user_scram_credentials"),
    Handler(ApiKey.DESCRIBE_QUORUM, _versions(0, 2), "describe_quorum", only_looks=True),
    Handler(ApiKey.UPDATE_FEATURES, _versions(0, 2), "update_features"),
    Handler(ApiKey.DESCRIBE_CLUSTER, _versions(0, 2), "describe_cluster", only_looks=True),
    Handler(ApiKey.DESCRIBE_PRODUCERS, _versions(0, 0), "describe_producers", only_looks=True),
    Handler(ApiKey.UNREGISTER_BROKER, _versions(0, 0), "unregister_broker"),
    Handler(ApiKey.DESCRIBE_TRANSACTIONS, _versions(0, 0), "describe_transactions", only_looks=True),
    Handler(ApiKey.LIST_TRANSACTIONS, _versions(0, 2), "list_transactions", only_looks=True),
    Handler(ApiKey.LIST_CONFIG_RESOURCES, _versions(0, 1), "list_config_resources", only_looks=True),
    Handler(ApiKey.DESCRIBE_TOPIC_PARTITIONS, _versions(0, 0), "describe_topic_partitions", only_looks=True),
)

HANDLERS: dict[int, Handler] = {int(handler.api_key): handler for handler in _TABLE}
