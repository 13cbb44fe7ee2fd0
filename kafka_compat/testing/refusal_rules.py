"""What each error code means where, in words: the table, and the rules that need no coordinator.

A rule is a function of a `Case` and returns the field of the request and the sentence, or None when it has nothing to say: then
the answer's own message counts, and at last what the code means in general. The broker's state is looked at in memory, as it is
when the request ends.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from kafka_compat.ids import TopicName
from kafka_compat.log.partition import PartitionLog
from kafka_compat.protocol.api_keys import ApiKey
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.error_texts import ERROR_TEXTS
from kafka_compat.protocol.topic_names import is_internal, why_invalid
from kafka_compat.records.batch import BatchHeader, parse_header
from kafka_compat.storage.interface import StorageError
from kafka_compat.testing import access_rules as rights
from kafka_compat.testing import coordinator_rules as coordinators
from kafka_compat.testing.nearest import did_you_mean
from kafka_compat.testing.refusals import Case
from kafka_compat.testing.request_lines import uuid_text

Rule = Callable[[Case], tuple[str, str] | None]

_BATCH_OVERHEAD: Final = 12


def rule_of(case: Case) -> tuple[str, str]:
    """The field of the request and the rule that it met."""
    rule = _BY_API.get((case.code, case.request.api_key)) or _RULES.get(case.code)
    said = None if rule is None else rule(case)
    if said is not None:
        return said
    about = ""
    if case.topic is not None:
        about = f"{case.topic}-{case.partition}: " if case.partition is not None else f"{case.topic}: "
    return "", about + (case.message or ERROR_TEXTS[case.code.name])


# --- topics and partitions


def _unknown_topic(case: Case) -> tuple[str, str] | None:
    if case.topic is None:
        return None
    image = case.services.image
    topic = image.topics.get(TopicName(case.topic))
    field = _name_field(case)
    if topic is None:
        known = [name for name in image.topics if not is_internal(name)]
        said = f"{case.topic!r} is not a topic of this cluster{did_you_mean(case.topic, known)}"
        return field, said + _why_not_created(case)
    if case.partition is not None and case.partition >= len(topic.partitions):
        count = len(topic.partitions)
        has = "one partition, 0" if count == 1 else f"partitions 0 to {count - 1}"
        return case.part_path, f"{case.topic} has {has}, and not {case.partition}"
    return field, f"{case.topic!r} was no topic of this cluster yet; it is one now"


def _name_field(case: Case) -> str:
    """The field of the request that names the topic."""
    if not case.part_path:
        return ""
    for name, attribute in (("topicName", "topic_name"), ("topic", "topic"), ("name", "name")):
        if getattr(case.part, attribute, None) is not None:
            return f"{case.part_path}.{name}"
    # The part is the partition's, and the topic's is around it.
    return case.part_path.rpartition(".")[0] + (".topic" if case.request.api_key == ApiKey.FETCH else ".name")


def _why_not_created(case: Case) -> str:
    if case.request.api_key != ApiKey.METADATA:
        return ""
    if not case.services.config.auto_create_topics_enable:
        return "; it is not created, as auto.create.topics.enable is false"
    if getattr(case.body, "allow_auto_topic_creation", True) is False:
        return "; it is not created, as the client does not want it (allowAutoTopicCreation)"
    return ""


def _unknown_topic_id(case: Case) -> tuple[str, str] | None:
    topic_id = case.asked("topic_id")
    if not isinstance(topic_id, bytes):
        topic_id = next((i for s in case.structs if isinstance(i := getattr(s, "topic_id", None), bytes) and any(i)), b"")
    if not topic_id:
        return None
    text = uuid_text(topic_id)
    field = f"{case.part_path}.topicId" if case.part_path else "topicId"
    name = case.request.names_topic(topic_id)
    if name == text:
        return field, f"no topic of this cluster has, or had, the id {text}"
    if TopicName(name) in case.services.image.topics:
        return field, f"{text} was the id of {name!r}, which was deleted and made again with another id"
    return field, f"{text} was the id of {name!r}, which was deleted"


def _invalid_topic(case: Case) -> tuple[str, str] | None:
    if case.topic is None:
        return None
    field = f"{case.part_path}.name" if case.part_path else ""
    reason = why_invalid(case.topic)
    if reason is not None:
        return field, f"is not legal: {reason}"
    if case.message:
        return field, case.message
    return (field, f"{case.topic!r} is an internal topic, which clients do not write") if is_internal(case.topic) else None


def _no_leader(case: Case) -> tuple[str, str] | None:
    if case.topic is None:
        return None
    topic = case.services.image.topics.get(TopicName(case.topic))
    if topic is None:
        return case.part_path, f"{case.topic!r} is being created"
    running = case.services.image.brokers
    without = [partition for partition in topic.partitions if partition.leader not in running]
    if not without:
        return case.part_path, f"{case.topic!r} had no leader yet; it has one now"
    first = without[0]
    replicas = ", ".join(map(str, first.replicas))
    return case.part_path, f"{case.topic}-{first.id} has no leader: of its replicas ({replicas}) none that is in sync runs"


def _not_leader(case: Case) -> tuple[str, str] | None:
    if case.topic is None or case.partition is None:
        return None
    partition = case.services.image.partition(case.topic, case.partition)
    if partition is None:
        return None
    here = case.services.node_id
    if partition.leader == here:
        return case.part_path, f"{case.topic}-{case.partition}: broker {here} leads it only now"
    leader = f"is led by broker {partition.leader}" if partition.leader >= 0 else "has no leader"
    return case.part_path, f"{case.topic}-{case.partition} {leader}; the request came to broker {here}"


def _leader_epoch(case: Case) -> tuple[str, str] | None:
    if case.topic is None or case.partition is None:
        return None
    partition = case.services.image.partition(case.topic, case.partition)
    if partition is None:
        return None
    said = case.number("current_leader_epoch")
    is_at = f"{case.topic}-{case.partition} is at {partition.leader_epoch}"
    return f"{case.part_path}.currentLeaderEpoch", f"is {said}, and {is_at}"


def _out_of_range(case: Case) -> tuple[str, str] | None:
    log = _log(case)
    if log is None:
        return None
    offset = case.number("fetch_offset") if case.request.api_key == ApiKey.FETCH else case.number("offset")
    name = "fetchOffset" if case.request.api_key == ApiKey.FETCH else "offset"
    has = f"{log.log_start_offset} to {log.high_watermark}" if log.high_watermark > log.log_start_offset else "no records"
    return (
        f"{case.part_path}.{name}" if case.part_path else "",
        f"is {offset}, and {case.topic}-{case.partition} has {has} (it begins at {log.log_start_offset})",
    )


def _exists(case: Case) -> tuple[str, str] | None:
    return None if case.topic is None else (f"{case.part_path}.name", case.message or f"{case.topic!r} exists")


def _replication(case: Case) -> tuple[str, str] | None:
    running = len(case.services.image.brokers)
    brokers = "1 broker runs" if running == 1 else f"{running} brokers run"
    return f"{case.part_path}.replicationFactor", f"is {case.number('replication_factor')}, and {brokers}"


# --- produce


def _too_large(case: Case) -> tuple[str, str] | None:
    log, batch = _log(case), _batch(case)
    if log is None or batch is None:
        return None
    size = batch.batch_length + _BATCH_OVERHEAD
    limit = log.rules.max_message_bytes
    if size > limit:
        return f"{case.part_path}.records", f"has a batch of {size:,} bytes; max.message.bytes of {case.topic} is {limit:,}"
    return f"{case.part_path}.records", f"decompresses to too much for {case.topic} (max.message.bytes is {limit:,})"


def _longer_than_segment(case: Case) -> tuple[str, str] | None:
    log = _log(case)
    if log is None:
        return None
    return f"{case.part_path}.records", f"does not fit into one segment; segment.bytes is {log.rules.segment_bytes:,}"


def _acks(case: Case) -> tuple[str, str] | None:
    return "acks", f"is {case.number('acks')}; -1 (all), 0 and 1 are allowed"


def _not_enough_replicas(case: Case) -> tuple[str, str] | None:
    log = _log(case)
    if log is None or case.topic is None or case.partition is None:
        return None
    partition = case.services.image.partition(case.topic, case.partition)
    if partition is None:
        return None
    needed = log.config.min_insync_replicas
    in_sync = ", ".join(map(str, partition.isr))
    return (
        "acks",
        f"is -1 (all), which asks for min.insync.replicas={needed}; in sync of {case.topic}-{case.partition}: [{in_sync}]",
    )


def _epoch_in_partition(case: Case) -> tuple[str, str] | None:
    batch, known = _batch(case), _producer_in_partition(case)
    if batch is None or known is None:
        return coordinators.producer_epoch(case)
    return f"{case.part_path}.records", (
        f"are of producer id {batch.producer_id} epoch {batch.producer_epoch}; {case.topic}-{case.partition} knows epoch "
        f"{known[0]}: a newer producer, or the end of a transaction, has raised it"
    )


def _sequence(case: Case) -> tuple[str, str] | None:
    batch, known = _batch(case), _producer_in_partition(case)
    if batch is None:
        return None
    begins = f"of producer id {batch.producer_id} begins with sequence {batch.base_sequence}"
    where = f"{case.topic}-{case.partition}"
    last = f"the last one in {where} is {known[1]}" if known is not None else f"{where} has none of that producer"
    return f"{case.part_path}.records", f"{begins}, and {last}: records in between were lost, or came in another order"


def _state_in_partition(case: Case) -> tuple[str, str] | None:
    batch = _batch(case)
    name = case.asked("transactional_id")
    if case.message:
        return None
    if batch is not None and batch.is_transactional and isinstance(name, str):
        known = coordinators.transaction(case, name)
        state = "" if known is None else f" (it is {coordinators.state_name(known)})"
        return (
            f"{case.part_path}.records",
            f"are transactional, and {case.topic}-{case.partition} is in no transaction that runs of {name!r}{state}",
        )
    return coordinators.transaction_state(case)


def _compression(case: Case) -> tuple[str, str] | None:
    what = "v7 of Produce" if case.request.api_key == ApiKey.PRODUCE else "v10 of Fetch"
    return f"{case.part_path}.records" if case.part_path else "", f"zstd goes from {what} on; this is v{case.request.version}"


# --- sessions, versions, SASL


def _version(case: Case) -> tuple[str, str] | None:
    if case.request.api_key != ApiKey.API_VERSIONS:
        return None
    return "", f"v{case.request.version} of ApiVersions is newer than this broker's; the client asks again with an older one"


def _no_sasl(case: Case) -> tuple[str, str] | None:
    listener = case.request.session.listener
    if case.request.session.sasl is not None:
        return None
    mechanism = case.asked("mechanism")
    wanted = f" ({mechanism})" if isinstance(mechanism, str) and mechanism else ""
    return "", f"the client wants SASL{wanted}; the listener {listener} has none: security.protocol=PLAINTEXT"


def _fetch_session(case: Case) -> tuple[str, str] | None:
    said = f"{case.number('session_epoch')} of session {case.number('session_id')}: {ERROR_TEXTS[case.code.name]}"
    return "sessionEpoch", said + " The client goes on with a new session"


# --- what the rules look at


def _log(case: Case) -> PartitionLog | None:
    if case.topic is None or case.partition is None:
        return None
    return case.services.logs.get(case.topic, case.partition)


def _batch(case: Case) -> BatchHeader | None:
    """The header of the first batch of the records that were refused."""
    records = getattr(case.part, "records", None)
    if not isinstance(records, (bytes, bytearray, memoryview)) or len(records) < 61:
        return None
    return parse_header(records)


def _producer_in_partition(case: Case) -> tuple[int, int] | None:
    """Epoch and last sequence that the partition knows of the batch's producer."""
    log, batch = _log(case), _batch(case)
    if log is None or batch is None:
        return None
    try:
        for producer in log.active_producers(0):
            if producer.producer_id == batch.producer_id:
                return producer.producer_epoch, producer.last_sequence
    except StorageError:
        return None
    return None


_E = ErrorCode

_RULES: Final[dict[ErrorCode, Rule]] = {
    _E.UNKNOWN_TOPIC_OR_PARTITION: _unknown_topic,
    _E.UNKNOWN_TOPIC_ID: _unknown_topic_id,
    _E.INCONSISTENT_TOPIC_ID: _unknown_topic_id,
    _E.INVALID_TOPIC_EXCEPTION: _invalid_topic,
    _E.LEADER_NOT_AVAILABLE: _no_leader,
    _E.NOT_LEADER_OR_FOLLOWER: _not_leader,
    _E.FENCED_LEADER_EPOCH: _leader_epoch,
    _E.UNKNOWN_LEADER_EPOCH: _leader_epoch,
    _E.OFFSET_OUT_OF_RANGE: _out_of_range,
    _E.TOPIC_ALREADY_EXISTS: _exists,
    _E.INVALID_REPLICATION_FACTOR: _replication,
    _E.MESSAGE_TOO_LARGE: _too_large,
    _E.RECORD_LIST_TOO_LARGE: _longer_than_segment,
    _E.INVALID_REQUIRED_ACKS: _acks,
    _E.NOT_ENOUGH_REPLICAS: _not_enough_replicas,
    _E.NOT_ENOUGH_REPLICAS_AFTER_APPEND: _not_enough_replicas,
    _E.OUT_OF_ORDER_SEQUENCE_NUMBER: _sequence,
    _E.UNSUPPORTED_COMPRESSION_TYPE: _compression,
    _E.UNSUPPORTED_VERSION: _version,
    _E.ILLEGAL_SASL_STATE: _no_sasl,
    _E.UNSUPPORTED_SASL_MECHANISM: rights.mechanism,
    _E.SASL_AUTHENTICATION_FAILED: rights.authentication,
    _E.TOPIC_AUTHORIZATION_FAILED: rights.topic,
    _E.GROUP_AUTHORIZATION_FAILED: rights.group,
    _E.TRANSACTIONAL_ID_AUTHORIZATION_FAILED: rights.transactional_id,
    _E.CLUSTER_AUTHORIZATION_FAILED: rights.cluster,
    _E.FETCH_SESSION_ID_NOT_FOUND: _fetch_session,
    _E.INVALID_FETCH_SESSION_EPOCH: _fetch_session,
    _E.NOT_COORDINATOR: coordinators.not_coordinator,
    _E.COORDINATOR_NOT_AVAILABLE: coordinators.no_coordinator,
    _E.ILLEGAL_GENERATION: coordinators.generation,
    _E.UNKNOWN_MEMBER_ID: coordinators.unknown_member,
    _E.FENCED_INSTANCE_ID: coordinators.fenced_instance,
    _E.MEMBER_ID_REQUIRED: coordinators.member_id_required,
    _E.REBALANCE_IN_PROGRESS: coordinators.rebalance,
    _E.INCONSISTENT_GROUP_PROTOCOL: coordinators.group_protocol,
    _E.INVALID_SESSION_TIMEOUT: coordinators.session_timeout,
    _E.INVALID_GROUP_ID: coordinators.group_id,
    _E.GROUP_ID_NOT_FOUND: coordinators.no_group,
    _E.NON_EMPTY_GROUP: coordinators.has_members,
    _E.GROUP_MAX_SIZE_REACHED: coordinators.group_size,
    _E.GROUP_SUBSCRIBED_TO_TOPIC: coordinators.subscribed,
    _E.OFFSET_METADATA_TOO_LARGE: coordinators.offset_metadata,
    _E.INVALID_TXN_STATE: coordinators.transaction_state,
    _E.CONCURRENT_TRANSACTIONS: coordinators.transaction_state,
    _E.INVALID_PRODUCER_EPOCH: coordinators.producer_epoch,
    _E.PRODUCER_FENCED: coordinators.producer_epoch,
    _E.INVALID_PRODUCER_ID_MAPPING: coordinators.producer_id,
    _E.TRANSACTIONAL_ID_NOT_FOUND: coordinators.no_transactional_id,
    _E.INVALID_TRANSACTION_TIMEOUT: coordinators.transaction_timeout,
}

# Where the same code means something else.
_BY_API: Final[dict[tuple[ErrorCode, int], Rule]] = {
    (_E.INVALID_PRODUCER_EPOCH, ApiKey.PRODUCE): _epoch_in_partition,
    (_E.INVALID_TXN_STATE, ApiKey.PRODUCE): _state_in_partition,
}
