"""One line for each error code, in our own words: what the code tells a client."""

from __future__ import annotations

_TEXTS = """
UNKNOWN_SERVER_ERROR The broker failed in a way it has no code for.
NONE Success.
OFFSET_OUT_OF_RANGE The offset is below the log start offset or above the log's end.
CORRUPT_MESSAGE A batch has a wrong CRC, size or magic.
UNKNOWN_TOPIC_OR_PARTITION The broker knows no such topic or partition.
INVALID_FETCH_SIZE The fetch size is not allowed.
LEADER_NOT_AVAILABLE The partition has no leader at the moment.
NOT_LEADER_OR_FOLLOWER The broker does not lead the partition, or has no replica of it.
REQUEST_TIMED_OUT The work was not finished within the request's timeout.
BROKER_NOT_AVAILABLE The broker is not available.
REPLICA_NOT_AVAILABLE The replica is not available, or no such replica is on this broker.
MESSAGE_TOO_LARGE A batch is larger than max.message.bytes.
STALE_CONTROLLER_EPOCH A newer controller has taken over.
OFFSET_METADATA_TOO_LARGE The metadata of a committed offset is longer than offset.metadata.max.bytes.
NETWORK_EXCEPTION The connection was lost before the answer came.
COORDINATOR_LOAD_IN_PROGRESS The coordinator is still replaying its log.
COORDINATOR_NOT_AVAILABLE No broker is coordinator of this group or transaction at the moment.
NOT_COORDINATOR Another broker is the coordinator.
INVALID_TOPIC_EXCEPTION The topic's name is not legal, or the topic is not open to this use.
RECORD_LIST_TOO_LARGE The batch does not fit into one segment.
NOT_ENOUGH_REPLICAS Fewer replicas are in sync than min.insync.replicas asks for; nothing was written.
NOT_ENOUGH_REPLICAS_AFTER_APPEND The records were written, but fewer replicas are in sync than required.
INVALID_REQUIRED_ACKS acks is none of -1, 0 and 1.
ILLEGAL_GENERATION The generation is not the group's current one.
INCONSISTENT_GROUP_PROTOCOL The member shares no protocol or protocol type with the group.
INVALID_GROUP_ID The group id is not legal.
UNKNOWN_MEMBER_ID The group has no such member.
INVALID_SESSION_TIMEOUT The session timeout is outside the bounds that the broker sets.
REBALANCE_IN_PROGRESS The group is rebalancing; the member must join again.
INVALID_COMMIT_OFFSET_SIZE The record of a committed offset is too large.
TOPIC_AUTHORIZATION_FAILED The principal may not do this with the topic.
GROUP_AUTHORIZATION_FAILED The principal may not do this with the group.
CLUSTER_AUTHORIZATION_FAILED The principal may not do this with the cluster.
INVALID_TIMESTAMP A record's timestamp is out of bounds.
UNSUPPORTED_SASL_MECHANISM The listener does not offer this SASL mechanism.
ILLEGAL_SASL_STATE The request does not fit the state of the connection's SASL authentication.
UNSUPPORTED_VERSION The broker does not support this version of the API, or a feature is too old for it.
TOPIC_ALREADY_EXISTS A topic of this name exists.
INVALID_PARTITIONS The partition count is not legal.
INVALID_REPLICATION_FACTOR The replication factor is not legal, or there are too few brokers for it.
INVALID_REPLICA_ASSIGNMENT The assignment of replicas is not legal.
INVALID_CONFIG A configuration's name or value is not legal.
NOT_CONTROLLER The broker is not the active controller.
INVALID_REQUEST The request's fields contradict each other or the protocol.
UNSUPPORTED_FOR_MESSAGE_FORMAT The record format on the broker does not support the request.
POLICY_VIOLATION The request goes against a policy of the operator.
OUT_OF_ORDER_SEQUENCE_NUMBER The producer's sequence number is not the next one.
DUPLICATE_SEQUENCE_NUMBER The producer's batch was written before.
INVALID_PRODUCER_EPOCH The producer epoch is older than the one the broker knows.
INVALID_TXN_STATE The transaction is in a state that does not allow this.
INVALID_PRODUCER_ID_MAPPING The producer id is not the one of the transactional id.
INVALID_TRANSACTION_TIMEOUT The transaction timeout is above transaction.max.timeout.ms.
CONCURRENT_TRANSACTIONS The transactional id has another operation in progress.
TRANSACTION_COORDINATOR_FENCED A newer transaction coordinator has written its markers.
TRANSACTIONAL_ID_AUTHORIZATION_FAILED The principal may not use the transactional id.
SECURITY_DISABLED No authorizer is configured.
OPERATION_NOT_ATTEMPTED Another part of the request failed, so this one was not tried.
KAFKA_STORAGE_ERROR The broker could not read or write the log on disk.
LOG_DIR_NOT_FOUND The broker has no such log directory.
SASL_AUTHENTICATION_FAILED The credentials are wrong.
UNKNOWN_PRODUCER_ID The broker keeps no state of the producer id.
REASSIGNMENT_IN_PROGRESS The partition's replicas are being reassigned.
DELEGATION_TOKEN_AUTH_DISABLED Delegation tokens are not enabled.
DELEGATION_TOKEN_NOT_FOUND The broker knows no such delegation token.
DELEGATION_TOKEN_OWNER_MISMATCH The principal is neither owner nor renewer of the delegation token.
DELEGATION_TOKEN_REQUEST_NOT_ALLOWED Delegation tokens cannot be asked for over this connection.
DELEGATION_TOKEN_AUTHORIZATION_FAILED The principal may not do this with the delegation token.
DELEGATION_TOKEN_EXPIRED The delegation token has expired.
INVALID_PRINCIPAL_TYPE The principal type is not supported.
NON_EMPTY_GROUP The group still has members.
GROUP_ID_NOT_FOUND There is no such group.
FETCH_SESSION_ID_NOT_FOUND The broker does not keep the fetch session (any more).
INVALID_FETCH_SESSION_EPOCH The epoch is not the fetch session's next one.
LISTENER_NOT_FOUND The leader has no listener of the name that the request came in on.
TOPIC_DELETION_DISABLED delete.topic.enable is off.
FENCED_LEADER_EPOCH The request's leader epoch is older than the broker's.
UNKNOWN_LEADER_EPOCH The request's leader epoch is newer than the broker's.
UNSUPPORTED_COMPRESSION_TYPE The version of the request does not allow the batch's compression.
STALE_BROKER_EPOCH The broker has registered again since.
OFFSET_NOT_AVAILABLE The new leader's high watermark has not caught up with its epoch yet.
MEMBER_ID_REQUIRED The member must join again with the id in the response.
PREFERRED_LEADER_NOT_AVAILABLE The preferred replica cannot become leader.
GROUP_MAX_SIZE_REACHED The group has group.max.size members.
FENCED_INSTANCE_ID Another member has joined with this group instance id.
ELIGIBLE_LEADERS_NOT_AVAILABLE No replica may become leader.
ELECTION_NOT_NEEDED The partition has the leader that the election would choose.
NO_REASSIGNMENT_IN_PROGRESS There is no reassignment to cancel.
GROUP_SUBSCRIBED_TO_TOPIC The group is subscribed to the topic, so its offsets stay.
INVALID_RECORD A batch or record breaks a rule of the topic or the format.
UNSTABLE_OFFSET_COMMIT The partition has transactional offsets that are not decided yet.
THROTTLING_QUOTA_EXCEEDED The quota of controller mutations is used up.
PRODUCER_FENCED A newer producer uses the transactional id.
RESOURCE_NOT_FOUND There is no such resource.
DUPLICATE_RESOURCE The request names a resource twice, or the resource exists.
UNACCEPTABLE_CREDENTIAL The credential does not meet the requirements.
INCONSISTENT_VOTER_SET The voter sets of sender and receiver do not fit together.
INVALID_UPDATE_VERSION The update's version is not the current one.
FEATURE_UPDATE_FAILED A feature could not be updated.
PRINCIPAL_DESERIALIZATION_FAILURE The forwarded principal cannot be read.
SNAPSHOT_NOT_FOUND There is no such snapshot.
POSITION_OUT_OF_RANGE The position is not inside the snapshot.
UNKNOWN_TOPIC_ID The broker knows no topic of this id.
DUPLICATE_BROKER_REGISTRATION A live broker is registered with this id.
BROKER_ID_NOT_REGISTERED No broker is registered with this id.
INCONSISTENT_TOPIC_ID The log's topic id is not the request's.
INCONSISTENT_CLUSTER_ID The request is for another cluster.
TRANSACTIONAL_ID_NOT_FOUND The coordinator knows no such transactional id.
FETCH_SESSION_TOPIC_ID_ERROR The fetch session mixes topic names and topic ids.
INELIGIBLE_REPLICA The replica may not join the in-sync replicas.
NEW_LEADER_ELECTED The change was made, and with it another leader.
OFFSET_MOVED_TO_TIERED_STORAGE The offset is only in remote storage.
FENCED_MEMBER_EPOCH The member epoch is not one the coordinator accepts; the member must join again.
UNRELEASED_INSTANCE_ID A member that still is in the group uses this instance id.
UNSUPPORTED_ASSIGNOR The group supports none of the member's assignors.
STALE_MEMBER_EPOCH The member epoch is behind; the member must heartbeat first.
MISMATCHED_ENDPOINT_TYPE The request reached a controller instead of a broker, or the other way round.
UNSUPPORTED_ENDPOINT_TYPE There is no such type of endpoint here.
UNKNOWN_CONTROLLER_ID No controller is registered with this id.
UNKNOWN_SUBSCRIPTION_ID The telemetry subscription has changed; the client must ask for it again.
TELEMETRY_TOO_LARGE The client's metrics are larger than telemetry.max.bytes.
INVALID_REGISTRATION The registration of the broker or controller is not legal.
TRANSACTION_ABORTABLE The transaction must be aborted; the producer may go on afterwards.
INVALID_RECORD_STATE The record is not in a state in which it can be acknowledged.
SHARE_SESSION_NOT_FOUND The broker does not keep the share session (any more).
INVALID_SHARE_SESSION_EPOCH The epoch is not the share session's next one.
FENCED_STATE_EPOCH The share coordinator knows a newer state epoch.
INVALID_VOTER_KEY The voter's id or directory id is not the receiver's.
DUPLICATE_VOTER The voter is in the voter set.
VOTER_NOT_FOUND The voter is not in the voter set.
INVALID_REGULAR_EXPRESSION The regular expression cannot be compiled.
REBOOTSTRAP_REQUIRED The client must start anew from its bootstrap servers.
STREAMS_INVALID_TOPOLOGY The topology is not legal.
STREAMS_INVALID_TOPOLOGY_EPOCH The topology epoch is not legal.
STREAMS_TOPOLOGY_FENCED The topology epoch is older than the group's.
SHARE_SESSION_LIMIT_REACHED The broker keeps as many share sessions as it may.
"""

ERROR_TEXTS = dict(line.split(" ", 1) for line in _TEXTS.strip().splitlines())
