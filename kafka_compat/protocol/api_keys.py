# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""API keys and the versions of their schemas."""

from __future__ import annotations

from enum import IntEnum
from typing import Final, NamedTuple


class ApiKey(IntEnum):
    """The API keys, by the names of Kafka's ApiKeys. Keys 4 to 7 have no version left."""

    PRODUCE = 0
    FETCH = 1
    LIST_OFFSETS = 2
    METADATA = 3
    LEADER_AND_ISR = 4
    STOP_REPLICA = 5
    UPDATE_METADATA = 6
    CONTROLLED_SHUTDOWN = 7
    OFFSET_COMMIT = 8
    OFFSET_FETCH = 9
    FIND_COORDINATOR = 10
    JOIN_GROUP = 11
    HEARTBEAT = 12
    LEAVE_GROUP = 13
    SYNC_GROUP = 14
    DESCRIBE_GROUPS = 15
    LIST_GROUPS = 16
    SASL_HANDSHAKE = 17
    API_VERSIONS = 18
    CREATE_TOPICS = 19
    DELETE_TOPICS = 20
    DELETE_RECORDS = 21
    INIT_PRODUCER_ID = 22
    OFFSET_FOR_LEADER_EPOCH = 23
    ADD_PARTITIONS_TO_TXN = 24
    ADD_OFFSETS_TO_TXN = 25
    END_TXN = 26
    WRITE_TXN_MARKERS = 27
    TXN_OFFSET_COMMIT = 28
    DESCRIBE_ACLS = 29
    CREATE_ACLS = 30
    DELETE_ACLS = 31
    DESCRIBE_CONFIGS = 32
    ALTER_CONFIGS = 33
    ALTER_REPLICA_LOG_DIRS = 34
    DESCRIBE_LOG_DIRS = 35
    SASL_AUTHENTICATE = 36
    CREATE_PARTITIONS = 37
    CREATE_DELEGATION_TOKEN = 38
    RENEW_DELEGATION_TOKEN = 39
    EXPIRE_DELEGATION_TOKEN = 40
    DESCRIBE_DELEGATION_TOKEN = 41
    DELETE_GROUPS = 42
    ELECT_LEADERS = 43
    INCREMENTAL_ALTER_CONFIGS = 44
    ALTER_PARTITION_REASSIGNMENTS = 45
    LIST_PARTITION_REASSIGNMENTS = 46
    OFFSET_DELETE = 47
    DESCRIBE_CLIENT_QUOTAS = 48
    ALTER_CLIENT_QUOTAS = 49
    DESCRIBE_USER_SCRAM_CREDENTIALS = 50
    ALTER_USER_SCRAM_CREDENTIALS = 51
    VOTE = 52
    BEGIN_QUORUM_EPOCH = 53
    END_QUORUM_EPOCH = 54
    DESCRIBE_QUORUM = 55
    ALTER_PARTITION = 56
    UPDATE_FEATURES = 57
    ENVELOPE = 58
    FETCH_SNAPSHOT = 59
    DESCRIBE_CLUSTER = 60
    DESCRIBE_PRODUCERS = 61
    BROKER_REGISTRATION = 62
    BROKER_HEARTBEAT = 63
    UNREGISTER_BROKER = 64
    DESCRIBE_TRANSACTIONS = 65
    LIST_TRANSACTIONS = 66
    ALLOCATE_PRODUCER_IDS = 67
    CONSUMER_GROUP_HEARTBEAT = 68
    CONSUMER_GROUP_DESCRIBE = 69
    CONTROLLER_REGISTRATION = 70
    GET_TELEMETRY_SUBSCRIPTIONS = 71
    PUSH_TELEMETRY = 72
    ASSIGN_REPLICAS_TO_DIRS = 73
    LIST_CONFIG_RESOURCES = 74
    DESCRIBE_TOPIC_PARTITIONS = 75
    SHARE_GROUP_HEARTBEAT = 76
    SHARE_GROUP_DESCRIBE = 77
    SHARE_FETCH = 78
    SHARE_ACKNOWLEDGE = 79
    ADD_RAFT_VOTER = 80
    REMOVE_RAFT_VOTER = 81
    UPDATE_RAFT_VOTER = 82
    INITIALIZE_SHARE_GROUP_STATE = 83
    READ_SHARE_GROUP_STATE = 84
    WRITE_SHARE_GROUP_STATE = 85
    DELETE_SHARE_GROUP_STATE = 86
    READ_SHARE_GROUP_STATE_SUMMARY = 87
    STREAMS_GROUP_HEARTBEAT = 88
    STREAMS_GROUP_DESCRIBE = 89
    DESCRIBE_SHARE_GROUP_OFFSETS = 90
    ALTER_SHARE_GROUP_OFFSETS = 91
    DELETE_SHARE_GROUP_OFFSETS = 92


class ApiVersions(NamedTuple):
    """The versions of one API's schemas; none when `min_version` is above `max_version`.

    Attributes:
        max_stable_version: the highest version that is not marked unstable; a broker does not offer the one above it.
        flexible_from: the first version with compact fields and tags (KIP-482), 32768 when there is none.
        listeners: who answers it: `broker`, `controller`.
    """

    min_version: int
    max_version: int
    max_stable_version: int
    flexible_from: int
    listeners: tuple[str, ...]


API_VERSIONS: Final[dict[int, ApiVersions]] = {
    ApiKey.PRODUCE: ApiVersions(3, 13, 13, 9, ("broker",)),
    ApiKey.FETCH: ApiVersions(4, 18, 18, 12, ("broker", "controller")),
    ApiKey.LIST_OFFSETS: ApiVersions(1, 11, 11, 6, ("broker",)),
    ApiKey.METADATA: ApiVersions(0, 13, 13, 9, ("broker",)),
    ApiKey.LEADER_AND_ISR: ApiVersions(0, -1, -1, 32768, ()),
    ApiKey.STOP_REPLICA: ApiVersions(0, -1, -1, 32768, ()),
    ApiKey.UPDATE_METADATA: ApiVersions(0, -1, -1, 32768, ()),
    ApiKey.CONTROLLED_SHUTDOWN: ApiVersions(0, -1, -1, 32768, ()),
    ApiKey.OFFSET_COMMIT: ApiVersions(2, 10, 10, 8, ("broker",)),
    ApiKey.OFFSET_FETCH: ApiVersions(1, 10, 10, 6, ("broker",)),
    ApiKey.FIND_COORDINATOR: ApiVersions(0, 6, 6, 3, ("broker",)),
    ApiKey.JOIN_GROUP: ApiVersions(0, 9, 9, 6, ("broker",)),
    ApiKey.HEARTBEAT: ApiVersions(0, 4, 4, 4, ("broker",)),
    ApiKey.LEAVE_GROUP: ApiVersions(0, 5, 5, 4, ("broker",)),
    ApiKey.SYNC_GROUP: ApiVersions(0, 5, 5, 4, ("broker",)),
    ApiKey.DESCRIBE_GROUPS: ApiVersions(0, 6, 6, 5, ("broker",)),
    ApiKey.LIST_GROUPS: ApiVersions(0, 5, 5, 3, ("broker",)),
    ApiKey.SASL_HANDSHAKE: ApiVersions(0, 1, 1, 32768, ("broker", "controller")),
    ApiKey.API_VERSIONS: ApiVersions(0, 4, 4, 3, ("broker", "controller")),
    ApiKey.CREATE_TOPICS: ApiVersions(2, 7, 7, 5, ("broker", "controller")),
    ApiKey.DELETE_TOPICS: ApiVersions(1, 6, 6, 4, ("broker", "controller")),
    ApiKey.DELETE_RECORDS: ApiVersions(0, 2, 2, 2, ("broker",)),
    ApiKey.INIT_PRODUCER_ID: ApiVersions(0, 6, 5, 2, ("broker",)),
    ApiKey.OFFSET_FOR_LEADER_EPOCH: ApiVersions(2, 4, 4, 4, ("broker",)),
    ApiKey.ADD_PARTITIONS_TO_TXN: ApiVersions(0, 5, 5, 3, ("broker",)),
    ApiKey.ADD_OFFSETS_TO_TXN: ApiVersions(0, 4, 4, 3, ("broker",)),
    ApiKey.END_TXN: ApiVersions(0, 5, 5, 3, ("broker",)),
    ApiKey.WRITE_TXN_MARKERS: ApiVersions(1, 2, 2, 1, ("broker",)),
    ApiKey.TXN_OFFSET_COMMIT: ApiVersions(0, 5, 5, 3, ("broker",)),
    ApiKey.DESCRIBE_ACLS: ApiVersions(1, 3, 3, 2, ("broker", "controller")),
    ApiKey.CREATE_ACLS: ApiVersions(1, 3, 3, 2, ("broker", "controller")),
    ApiKey.DELETE_ACLS: ApiVersions(1, 3, 3, 2, ("broker", "controller")),
    ApiKey.DESCRIBE_CONFIGS: ApiVersions(1, 4, 4, 4, ("broker", "controller")),
    ApiKey.ALTER_CONFIGS: ApiVersions(0, 2, 2, 2, ("broker", "controller")),
    ApiKey.ALTER_REPLICA_LOG_DIRS: ApiVersions(1, 2, 2, 2, ("broker",)),
    ApiKey.DESCRIBE_LOG_DIRS: ApiVersions(1, 5, 5, 2, ("broker",)),
    ApiKey.SASL_AUTHENTICATE: ApiVersions(0, 2, 2, 2, ("broker", "controller")),
    ApiKey.CREATE_PARTITIONS: ApiVersions(0, 3, 3, 2, ("broker", "controller")),
    ApiKey.CREATE_DELEGATION_TOKEN: ApiVersions(1, 3, 3, 2, ("broker", "controller")),
    ApiKey.RENEW_DELEGATION_TOKEN: ApiVersions(1, 2, 2, 2, ("broker", "controller")),
    ApiKey.EXPIRE_DELEGATION_TOKEN: ApiVersions(1, 2, 2, 2, ("broker", "controller")),
    ApiKey.DESCRIBE_DELEGATION_TOKEN: ApiVersions(1, 3, 3, 2, ("broker", "controller")),
    ApiKey.DELETE_GROUPS: ApiVersions(0, 2, 2, 2, ("broker",)),
    ApiKey.ELECT_LEADERS: ApiVersions(0, 2, 2, 2, ("broker", "controller")),
    ApiKey.INCREMENTAL_ALTER_CONFIGS: ApiVersions(0, 1, 1, 1, ("broker", "controller")),
    ApiKey.ALTER_PARTITION_REASSIGNMENTS: ApiVersions(0, 1, 1, 0, ("broker", "controller")),
    ApiKey.LIST_PARTITION_REASSIGNMENTS: ApiVersions(0, 0, 0, 0, ("broker", "controller")),
    ApiKey.OFFSET_DELETE: ApiVersions(0, 0, 0, 32768, ("broker",)),
    ApiKey.DESCRIBE_CLIENT_QUOTAS: ApiVersions(0, 1, 1, 1, ("broker",)),
    ApiKey.ALTER_CLIENT_QUOTAS: ApiVersions(0, 1, 1, 1, ("broker", "controller")),
    ApiKey.DESCRIBE_USER_SCRAM_CREDENTIALS: ApiVersions(0, 0, 0, 0, ("broker", "controller")),
    ApiKey.ALTER_USER_SCRAM_CREDENTIALS: ApiVersions(0, 0, 0, 0, ("broker", "controller")),
    ApiKey.VOTE: ApiVersions(0, 2, 2, 0, ("controller",)),
    ApiKey.BEGIN_QUORUM_EPOCH: ApiVersions(0, 1, 1, 1, ("controller",)),
    ApiKey.END_QUORUM_EPOCH: ApiVersions(0, 1, 1, 1, ("controller",)),
    ApiKey.DESCRIBE_QUORUM: ApiVersions(0, 2, 2, 0, ("broker", "controller")),
    ApiKey.ALTER_PARTITION: ApiVersions(2, 3, 3, 0, ("controller",)),
    ApiKey.UPDATE_FEATURES: ApiVersions(0, 2, 2, 0, ("broker", "controller")),
    ApiKey.ENVELOPE: ApiVersions(0, 0, 0, 0, ("controller",)),
    ApiKey.FETCH_SNAPSHOT: ApiVersions(0, 1, 1, 0, ("controller",)),
    ApiKey.DESCRIBE_CLUSTER: ApiVersions(0, 2, 2, 0, ("broker", "controller")),
    ApiKey.DESCRIBE_PRODUCERS: ApiVersions(0, 0, 0, 0, ("broker",)),
    ApiKey.BROKER_REGISTRATION: ApiVersions(0, 4, 4, 0, ("controller",)),
    ApiKey.BROKER_HEARTBEAT: ApiVersions(0, 2, 2, 0, ("controller",)),
    ApiKey.UNREGISTER_BROKER: ApiVersions(0, 0, 0, 0, ("broker", "controller")),
    ApiKey.DESCRIBE_TRANSACTIONS: ApiVersions(0, 0, 0, 0, ("broker",)),
    ApiKey.LIST_TRANSACTIONS: ApiVersions(0, 2, 2, 0, ("broker",)),
    ApiKey.ALLOCATE_PRODUCER_IDS: ApiVersions(0, 0, 0, 0, ("controller",)),
    ApiKey.CONSUMER_GROUP_HEARTBEAT: ApiVersions(0, 1, 1, 0, ("broker",)),
    ApiKey.CONSUMER_GROUP_DESCRIBE: ApiVersions(0, 1, 1, 0, ("broker",)),
    ApiKey.CONTROLLER_REGISTRATION: ApiVersions(0, 0, 0, 0, ("controller",)),
    ApiKey.GET_TELEMETRY_SUBSCRIPTIONS: ApiVersions(0, 0, 0, 0, ("broker",)),
    ApiKey.PUSH_TELEMETRY: ApiVersions(0, 0, 0, 0, ("broker",)),
    ApiKey.ASSIGN_REPLICAS_TO_DIRS: ApiVersions(0, 0, 0, 0, ("controller",)),
    ApiKey.LIST_CONFIG_RESOURCES: ApiVersions(0, 1, 1, 0, ("broker",)),
    ApiKey.DESCRIBE_TOPIC_PARTITIONS: ApiVersions(0, 0, 0, 0, ("broker",)),
    ApiKey.SHARE_GROUP_HEARTBEAT: ApiVersions(1, 1, 1, 0, ("broker",)),
    ApiKey.SHARE_GROUP_DESCRIBE: ApiVersions(1, 1, 1, 0, ("broker",)),
    ApiKey.SHARE_FETCH: ApiVersions(1, 2, 2, 0, ("broker",)),
    ApiKey.SHARE_ACKNOWLEDGE: ApiVersions(1, 2, 2, 0, ("broker",)),
    ApiKey.ADD_RAFT_VOTER: ApiVersions(0, 1, 1, 0, ("controller", "broker")),
    ApiKey.REMOVE_RAFT_VOTER: ApiVersions(0, 0, 0, 0, ("controller", "broker")),
    ApiKey.UPDATE_RAFT_VOTER: ApiVersions(0, 0, 0, 0, ("controller",)),
    ApiKey.INITIALIZE_SHARE_GROUP_STATE: ApiVersions(0, 0, 0, 0, ("broker",)),
    ApiKey.READ_SHARE_GROUP_STATE: ApiVersions(0, 0, 0, 0, ("broker",)),
    ApiKey.WRITE_SHARE_GROUP_STATE: ApiVersions(0, 1, 1, 0, ("broker",)),
    ApiKey.DELETE_SHARE_GROUP_STATE: ApiVersions(0, 0, 0, 0, ("broker",)),
    ApiKey.READ_SHARE_GROUP_STATE_SUMMARY: ApiVersions(0, 1, 1, 0, ("broker",)),
    ApiKey.STREAMS_GROUP_HEARTBEAT: ApiVersions(0, 0, 0, 0, ("broker",)),
    ApiKey.STREAMS_GROUP_DESCRIBE: ApiVersions(0, 0, 0, 0, ("broker",)),
    ApiKey.DESCRIBE_SHARE_GROUP_OFFSETS: ApiVersions(0, 1, 1, 0, ("broker",)),
    ApiKey.ALTER_SHARE_GROUP_OFFSETS: ApiVersions(0, 0, 0, 0, ("broker",)),
    ApiKey.DELETE_SHARE_GROUP_OFFSETS: ApiVersions(0, 0, 0, 0, ("broker",)),
}
