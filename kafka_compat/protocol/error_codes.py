# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""Kafka's error codes."""

from __future__ import annotations

from enum import IntEnum
from typing import Final


class ErrorCode(IntEnum):
    """Kafka's error codes (org.apache.kafka.common.protocol.Errors)."""

    UNKNOWN_SERVER_ERROR = -1
    """The broker failed in a way it has no code for."""
    NONE = 0
    """Success."""
    OFFSET_OUT_OF_RANGE = 1
    """The offset is below the log start offset or above the log's end."""
    CORRUPT_MESSAGE = 2
    """A batch has a wrong CRC, size or magic."""
    UNKNOWN_TOPIC_OR_PARTITION = 3
    """The broker knows no such topic or partition."""
    INVALID_FETCH_SIZE = 4
    """The fetch size is not allowed."""
    LEADER_NOT_AVAILABLE = 5
    """The partition has no leader at the moment."""
    NOT_LEADER_OR_FOLLOWER = 6
    """The broker does not lead the partition, or has no replica of it."""
    REQUEST_TIMED_OUT = 7
    """The work was not finished within the request's timeout."""
    BROKER_NOT_AVAILABLE = 8
    """The broker is not available."""
    REPLICA_NOT_AVAILABLE = 9
    """The replica is not available, or no such replica is on this broker."""
    MESSAGE_TOO_LARGE = 10
    """A batch is larger than max.message.bytes."""
    STALE_CONTROLLER_EPOCH = 11
    """A newer controller has taken over."""
    OFFSET_METADATA_TOO_LARGE = 12
    """The metadata of a committed offset is longer than offset.metadata.max.bytes."""
    NETWORK_EXCEPTION = 13
    """The connection was lost before the answer came."""
    COORDINATOR_LOAD_IN_PROGRESS = 14
    """The coordinator is still replaying its log."""
    COORDINATOR_NOT_AVAILABLE = 15
    """No broker is coordinator of this group or transaction at the moment."""
    NOT_COORDINATOR = 16
    """Another broker is the coordinator."""
    INVALID_TOPIC_EXCEPTION = 17
    """The topic's name is not legal, or the topic is not open to this use."""
    RECORD_LIST_TOO_LARGE = 18
    """The batch does not fit into one segment."""
    NOT_ENOUGH_REPLICAS = 19
    """Fewer replicas are in sync than min.insync.replicas asks for; nothing was written."""
    NOT_ENOUGH_REPLICAS_AFTER_APPEND = 20
    """The records were written, but fewer replicas are in sync than required."""
    INVALID_REQUIRED_ACKS = 21
    """acks is none of -1, 0 and 1."""
    ILLEGAL_GENERATION = 22
    """The generation is not the group's current one."""
    INCONSISTENT_GROUP_PROTOCOL = 23
    """The member shares no protocol or protocol type with the group."""
    INVALID_GROUP_ID = 24
    """The group id is not legal."""
    UNKNOWN_MEMBER_ID = 25
    """The group has no such member."""
    INVALID_SESSION_TIMEOUT = 26
    """The session timeout is outside the bounds that the broker sets."""
    REBALANCE_IN_PROGRESS = 27
    """The group is rebalancing; the member must join again."""
    INVALID_COMMIT_OFFSET_SIZE = 28
    """The record of a committed offset is too large."""
    TOPIC_AUTHORIZATION_FAILED = 29
    """The principal may not do this with the topic."""
    GROUP_AUTHORIZATION_FAILED = 30
    """The principal may not do this with the group."""
    CLUSTER_AUTHORIZATION_FAILED = 31
    """The principal may not do this with the cluster."""
    INVALID_TIMESTAMP = 32
    """A record's timestamp is out of bounds."""
    UNSUPPORTED_SASL_MECHANISM = 33
    """The listener does not offer this SASL mechanism."""
    ILLEGAL_SASL_STATE = 34
    """The request does not fit the state of the connection's SASL authentication."""
    UNSUPPORTED_VERSION = 35
    """The broker does not support this version of the API, or a feature is too old for it."""
    TOPIC_ALREADY_EXISTS = 36
    """A topic of this name exists."""
    INVALID_PARTITIONS = 37
    """The partition count is not legal."""
    INVALID_REPLICATION_FACTOR = 38
    """The replication factor is not legal, or there are too few brokers for it."""
    INVALID_REPLICA_ASSIGNMENT = 39
    """The assignment of replicas is not legal."""
    INVALID_CONFIG = 40
    """A configuration's name or value is not legal."""
    NOT_CONTROLLER = 41
    """The broker is not the active controller."""
    INVALID_REQUEST = 42
    """The request's fields contradict each other or the protocol."""
    UNSUPPORTED_FOR_MESSAGE_FORMAT = 43
    """The record format on the broker does not support the request."""
    POLICY_VIOLATION = 44
    """The request goes against a policy of the operator."""
    OUT_OF_ORDER_SEQUENCE_NUMBER = 45
    """The producer's sequence number is not the next one."""
    DUPLICATE_SEQUENCE_NUMBER = 46
    """The producer's batch was written before."""
    INVALID_PRODUCER_EPOCH = 47
    """The producer epoch is older than the one the broker knows."""
    INVALID_TXN_STATE = 48
    """The transaction is in a state that does not allow this."""
    INVALID_PRODUCER_ID_MAPPING = 49
    """The producer id is not the one of the transactional id."""
    INVALID_TRANSACTION_TIMEOUT = 50
    """The transaction timeout is above transaction.max.timeout.ms."""
    CONCURRENT_TRANSACTIONS = 51
    """The transactional id has another operation in progress."""
    TRANSACTION_COORDINATOR_FENCED = 52
    """A newer transaction coordinator has written its markers."""
    TRANSACTIONAL_ID_AUTHORIZATION_FAILED = 53
    """The principal may not use the transactional id."""
    SECURITY_DISABLED = 54
    """No authorizer is configured."""
    OPERATION_NOT_ATTEMPTED = 55
    """Another part of the request failed, so this one was not tried."""
    KAFKA_STORAGE_ERROR = 56
    """The broker could not read or write the log on disk."""
    LOG_DIR_NOT_FOUND = 57
    """The broker has no such log directory."""
    SASL_AUTHENTICATION_FAILED = 58
    """The credentials are wrong."""
    UNKNOWN_PRODUCER_ID = 59
    """The broker keeps no state of the producer id."""
    REASSIGNMENT_IN_PROGRESS = 60
    """The partition's replicas are being reassigned."""
    DELEGATION_TOKEN_AUTH_DISABLED = 61
    """Delegation tokens are not enabled."""
    DELEGATION_TOKEN_NOT_FOUND = 62
    """The broker knows no such delegation token."""
    DELEGATION_TOKEN_OWNER_MISMATCH = 63
    """The principal is neither owner nor renewer of the delegation token."""
    DELEGATION_TOKEN_REQUEST_NOT_ALLOWED = 64
    """Delegation tokens cannot be asked for over this connection."""
    DELEGATION_TOKEN_AUTHORIZATION_FAILED = 65
    """The principal may not do this with the delegation token."""
    DELEGATION_TOKEN_EXPIRED = 66
    """The delegation token has expired."""
    INVALID_PRINCIPAL_TYPE = 67
    """The principal type is not supported."""
    NON_EMPTY_GROUP = 68
    """The group still has members."""
    GROUP_ID_NOT_FOUND = 69
    """There is no such group."""
    FETCH_SESSION_ID_NOT_FOUND = 70
    """The broker does not keep the fetch session (any more)."""
    INVALID_FETCH_SESSION_EPOCH = 71
    """The epoch is not the fetch session's next one."""
    LISTENER_NOT_FOUND = 72
    """The leader has no listener of the name that the request came in on."""
    TOPIC_DELETION_DISABLED = 73
    """delete.topic.enable is off."""
    FENCED_LEADER_EPOCH = 74
    """The request's leader epoch is older than the broker's."""
    UNKNOWN_LEADER_EPOCH = 75
    """The request's leader epoch is newer than the broker's."""
    UNSUPPORTED_COMPRESSION_TYPE = 76
    """The version of the request does not allow the batch's compression."""
    STALE_BROKER_EPOCH = 77
    """The broker has registered again since."""
    OFFSET_NOT_AVAILABLE = 78
    """The new leader's high watermark has not caught up with its epoch yet."""
    MEMBER_ID_REQUIRED = 79
    """The member must join again with the id in the response."""
    PREFERRED_LEADER_NOT_AVAILABLE = 80
    """The preferred replica cannot become leader."""
    GROUP_MAX_SIZE_REACHED = 81
    """The group has group.max.size members."""
    FENCED_INSTANCE_ID = 82
    """Another member has joined with this group instance id."""
    ELIGIBLE_LEADERS_NOT_AVAILABLE = 83
    """No replica may become leader."""
    ELECTION_NOT_NEEDED = 84
    """The partition has the leader that the election would choose."""
    NO_REASSIGNMENT_IN_PROGRESS = 85
    """There is no reassignment to cancel."""
    GROUP_SUBSCRIBED_TO_TOPIC = 86
    """The group is subscribed to the topic, so its offsets stay."""
    INVALID_RECORD = 87
    """A batch or record breaks a rule of the topic or the format."""
    UNSTABLE_OFFSET_COMMIT = 88
    """The partition has transactional offsets that are not decided yet."""
    THROTTLING_QUOTA_EXCEEDED = 89
    """The quota of controller mutations is used up."""
    PRODUCER_FENCED = 90
    """A newer producer uses the transactional id."""
    RESOURCE_NOT_FOUND = 91
    """There is no such resource."""
    DUPLICATE_RESOURCE = 92
    """The request names a resource twice, or the resource exists."""
    UNACCEPTABLE_CREDENTIAL = 93
    """The credential does not meet the requirements."""
    INCONSISTENT_VOTER_SET = 94
    """The voter sets of sender and receiver do not fit together."""
    INVALID_UPDATE_VERSION = 95
    """The update's version is not the current one."""
    FEATURE_UPDATE_FAILED = 96
    """A feature could not be updated."""
    PRINCIPAL_DESERIALIZATION_FAILURE = 97
    """The forwarded principal cannot be read."""
    SNAPSHOT_NOT_FOUND = 98
    """There is no such snapshot."""
    POSITION_OUT_OF_RANGE = 99
    """The position is not inside the snapshot."""
    UNKNOWN_TOPIC_ID = 100
    """The broker knows no topic of this id."""
    DUPLICATE_BROKER_REGISTRATION = 101
    """A live broker is registered with this id."""
    BROKER_ID_NOT_REGISTERED = 102
    """No broker is registered with this id."""
    INCONSISTENT_TOPIC_ID = 103
    """The log's topic id is not the request's."""
    INCONSISTENT_CLUSTER_ID = 104
    """The request is for another cluster."""
    TRANSACTIONAL_ID_NOT_FOUND = 105
    """The coordinator knows no such transactional id."""
    FETCH_SESSION_TOPIC_ID_ERROR = 106
    """The fetch session mixes topic names and topic ids."""
    INELIGIBLE_REPLICA = 107
    """The replica may not join the in-sync replicas."""
    NEW_LEADER_ELECTED = 108
    """The change was made, and with it another leader."""
    OFFSET_MOVED_TO_TIERED_STORAGE = 109
    """The offset is only in remote storage."""
    FENCED_MEMBER_EPOCH = 110
    """The member epoch is not one the coordinator accepts; the member must join again."""
    UNRELEASED_INSTANCE_ID = 111
    """A member that still is in the group uses this instance id."""
    UNSUPPORTED_ASSIGNOR = 112
    """The group supports none of the member's assignors."""
    STALE_MEMBER_EPOCH = 113
    """The member epoch is behind; the member must heartbeat first."""
    MISMATCHED_ENDPOINT_TYPE = 114
    """The request reached a controller instead of a broker, or the other way round."""
    UNSUPPORTED_ENDPOINT_TYPE = 115
    """There is no such type of endpoint here."""
    UNKNOWN_CONTROLLER_ID = 116
    """No controller is registered with this id."""
    UNKNOWN_SUBSCRIPTION_ID = 117
    """The telemetry subscription has changed; the client must ask for it again."""
    TELEMETRY_TOO_LARGE = 118
    """The client's metrics are larger than telemetry.max.bytes."""
    INVALID_REGISTRATION = 119
    """The registration of the broker or controller is not legal."""
    TRANSACTION_ABORTABLE = 120
    """The transaction must be aborted; the producer may go on afterwards."""
    INVALID_RECORD_STATE = 121
    """The record is not in a state in which it can be acknowledged."""
    SHARE_SESSION_NOT_FOUND = 122
    """The broker does not keep the share session (any more)."""
    INVALID_SHARE_SESSION_EPOCH = 123
    """The epoch is not the share session's next one."""
    FENCED_STATE_EPOCH = 124
    """The share coordinator knows a newer state epoch."""
    INVALID_VOTER_KEY = 125
    """The voter's id or directory id is not the receiver's."""
    DUPLICATE_VOTER = 126
    """The voter is in the voter set."""
    VOTER_NOT_FOUND = 127
    """The voter is not in the voter set."""
    INVALID_REGULAR_EXPRESSION = 128
    """The regular expression cannot be compiled."""
    REBOOTSTRAP_REQUIRED = 129
    """The client must start anew from its bootstrap servers."""
    STREAMS_INVALID_TOPOLOGY = 130
    """The topology is not legal."""
    STREAMS_INVALID_TOPOLOGY_EPOCH = 131
    """The topology epoch is not legal."""
    STREAMS_TOPOLOGY_FENCED = 132
    """The topology epoch is older than the group's."""
    SHARE_SESSION_LIMIT_REACHED = 133
    """The broker keeps as many share sessions as it may."""

    @property
    def retriable(self) -> bool:
        """Whether a client may try the same request again (RetriableException)."""
        return self in _RETRIABLE


_RETRIABLE: Final = frozenset(
    {
        ErrorCode.CORRUPT_MESSAGE,
        ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
        ErrorCode.LEADER_NOT_AVAILABLE,
        ErrorCode.NOT_LEADER_OR_FOLLOWER,
        ErrorCode.REQUEST_TIMED_OUT,
        ErrorCode.REPLICA_NOT_AVAILABLE,
        ErrorCode.NETWORK_EXCEPTION,
        ErrorCode.COORDINATOR_LOAD_IN_PROGRESS,
        ErrorCode.COORDINATOR_NOT_AVAILABLE,
        ErrorCode.NOT_COORDINATOR,
        ErrorCode.NOT_ENOUGH_REPLICAS,
        ErrorCode.NOT_ENOUGH_REPLICAS_AFTER_APPEND,
        ErrorCode.NOT_CONTROLLER,
        ErrorCode.CONCURRENT_TRANSACTIONS,
        ErrorCode.KAFKA_STORAGE_ERROR,
        ErrorCode.FETCH_SESSION_ID_NOT_FOUND,
        ErrorCode.INVALID_FETCH_SESSION_EPOCH,
        ErrorCode.LISTENER_NOT_FOUND,
        ErrorCode.FENCED_LEADER_EPOCH,
        ErrorCode.UNKNOWN_LEADER_EPOCH,
        ErrorCode.OFFSET_NOT_AVAILABLE,
        ErrorCode.PREFERRED_LEADER_NOT_AVAILABLE,
        ErrorCode.ELIGIBLE_LEADERS_NOT_AVAILABLE,
        ErrorCode.ELECTION_NOT_NEEDED,
        ErrorCode.UNSTABLE_OFFSET_COMMIT,
        ErrorCode.THROTTLING_QUOTA_EXCEEDED,
        ErrorCode.UNKNOWN_TOPIC_ID,
        ErrorCode.INCONSISTENT_TOPIC_ID,
        ErrorCode.FETCH_SESSION_TOPIC_ID_ERROR,
        ErrorCode.SHARE_SESSION_NOT_FOUND,
        ErrorCode.INVALID_SHARE_SESSION_EPOCH,
        ErrorCode.SHARE_SESSION_LIMIT_REACHED,
    }
)
