"""What a cluster shows, as JSON.

Bytes come twice: as text where they are UTF-8, else null, and in base64 under the name with `_base64`. What Kafka keys by
partition is a list of objects with `topic` and `partition`.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from dataclasses import asdict

from kafka_compat.protocol.json_form import Json
from kafka_compat.testing.acls import Acl
from kafka_compat.testing.request import Request
from kafka_compat.testing.topology import BrokerHandle
from kafka_compat.testing.views import GroupView, MemberView, PartitionView, ProducerView, Record, TopicView, TransactionView

# Of which bodies are decoded to say what a request is about.
MOST_BODIES = 1000


def bytes_json(name: str, value: bytes | None) -> dict[str, Json]:
    """Two fields."""
    if value is None:
        return {name: None, f"{name}_base64": None}
    text: str | None
    try:
        text = value.decode()
    except UnicodeDecodeError:
        text = None
    return {name: text, f"{name}_base64": base64.b64encode(value).decode()}


def record_json(record: Record) -> dict[str, Json]:
    """A record with all that is known of it."""
    return {
        "topic": record.topic,
        "partition": record.partition,
        "offset": record.offset,
        "timestamp_ms": record.timestamp_ms,
        "timestamp_type": record.timestamp_type,
        **bytes_json("key", record.key),
        **bytes_json("value", record.value),
        "headers": [{"name": name, **bytes_json("value", value)} for name, value in record.headers],
        "producer_id": record.producer_id,
        "producer_epoch": record.producer_epoch,
        "sequence": record.sequence,
        "leader_epoch": record.leader_epoch,
        "transaction": record.transaction,
    }


def topic_json(topic: TopicView) -> dict[str, Json]:
    """A topic with its partitions."""
    return {
        "name": topic.name,
        "id": base64.urlsafe_b64encode(topic.id).rstrip(b"=").decode(),
        "partitions": [partition_json(partition) for partition in topic.partitions],
        "configs": dict(topic.configs),
    }


def partition_json(partition: PartitionView) -> dict[str, Json]:
    """A partition."""
    fields: dict[str, Json] = asdict(partition)
    return {**fields, "replicas": list(partition.replicas), "isr": list(partition.isr)}


def group_json(group: GroupView) -> dict[str, Json]:
    """A group with its members and offsets."""
    return {
        "id": group.id,
        "state": group.state,
        "protocol_type": group.protocol_type,
        "protocol": group.protocol,
        "generation": group.generation,
        "leader": group.leader,
        "members": [member_json(member) for member in group.members],
        "offsets": [
            {"topic": topic, "partition": partition, "offset": offset, "lag": group.lag.get((topic, partition))}
            for (topic, partition), offset in group.offsets.items()
        ],
        "last_rebalance": group.last_rebalance,
    }


def member_json(member: MemberView) -> dict[str, Json]:
    """A member with its assignment."""
    return {
        "id": member.id,
        "instance_id": member.instance_id,
        "client_id": member.client_id,
        "host": member.host,
        "topics": list(member.topics),
        "assignment": partitions_json(member.assignment),
        "owned": partitions_json(member.owned),
        "has_synced": member.has_synced,
    }


def partitions_json(partitions: Iterable[tuple[str, int]]) -> list[Json]:
    """Topics and partitions."""
    return [{"topic": topic, "partition": partition} for topic, partition in partitions]


def transaction_json(transaction: TransactionView) -> dict[str, Json]:
    """A transactional id."""
    fields: dict[str, Json] = asdict(transaction)
    return {**fields, "partitions": partitions_json(transaction.partitions)}


def producer_json(producer: ProducerView) -> dict[str, Json]:
    """A producer in a partition."""
    fields: dict[str, Json] = asdict(producer)
    return fields


def broker_json(broker: BrokerHandle) -> dict[str, Json]:
    """A broker."""
    return {
        "id": broker.id,
        "host": broker.host,
        "port": broker.port,
        "rack": broker.rack,
        "is_running": broker.is_running,
        "is_hidden": broker.is_hidden,
        "is_controller": broker.is_controller,
    }


def acl_json(acl: Acl) -> dict[str, Json]:
    """A right, or what is denied."""
    fields: dict[str, Json] = asdict(acl)
    return {**fields, "operations": list(acl.operations)}


def request_json(request: Request, *, bodies: bool = False) -> dict[str, Json]:
    """A request that has ended or not; its bodies in the form of Kafka's JSON converters if they are asked for."""
    partitions: Mapping[str, tuple[int, ...]] = request.partitions
    found: dict[str, Json] = {
        "number": request.number,
        "broker": request.broker,
        "api": request.api,
        "version": request.version,
        "client_id": request.client_id,
        "address": request.address,
        "software": request.software,
        "correlation_id": request.correlation_id,
        "began_ms": request.began_ms,
        "ended_ms": request.ended_ms,
        "queue_ms": request.queue_ms,
        "duration_ms": request.duration_ms,
        "request_bytes": request.request_bytes,
        "answer_bytes": request.answer_bytes,
        "end": None if request.end is None else request.end.name.lower(),
        "topics": {topic: list(numbers) for topic, numbers in partitions.items()},
        "groups": list(request.groups),
        "transactional_ids": list(request.transactional_ids),
        "errors": list(request.errors),
        "why": request.why,
        "fault": request.fault,
    }
    if bodies:
        found["body"] = request.body_json
        found["answer"] = request.answer_json
    return found


def asked_json(asked: Request) -> dict[str, Json]:
    """A request that a fault has hit."""
    return {
        "api": asked.api,
        "version": asked.version,
        "broker": asked.broker,
        "client_id": asked.client_id,
        "correlation_id": asked.correlation_id,
        "address": asked.address,
    }
