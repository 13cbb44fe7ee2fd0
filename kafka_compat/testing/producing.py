"""Producing without a client: a record goes through the leader's Produce, with all that it checks and waits for."""

from __future__ import annotations

from collections.abc import Mapping
from inspect import isawaitable
from typing import Any, Final

from kafka_compat.api.context import RequestContext, Services
from kafka_compat.api.session import Session
from kafka_compat.ids import TopicName
from kafka_compat.metadata.image import Topic
from kafka_compat.metadata.internal_topics import auto_created_topic
from kafka_compat.protocol.api_keys import ApiKey
from kafka_compat.protocol.envelope import RequestHeader
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.protocol.messages.produce import PartitionProduceData, ProduceRequest, ProduceResponse, TopicProduceData
from kafka_compat.protocol.topic_names import why_invalid
from kafka_compat.records.builder import build_batch
from kafka_compat.testing.access import OWN
from kafka_compat.testing.arguments import a_str, whole_number
from kafka_compat.testing.leaders import Leaders
from kafka_compat.testing.partitioner import Partitioner
from kafka_compat.testing.views import Headers, HeadersLike, Record

_VERSION: Final = 13
_TIMEOUT_MS: Final = 10_000
_CLIENT_ID: Final = "kafka_compat.testing"


class Producing:
    """Appends records; only on the brokers' loop."""

    def __init__(self, leaders: Leaders) -> None:
        self._leaders = leaders
        self._partitioner = Partitioner()

    async def produce(
        self,
        topic_name: str,
        value: bytes | str | None,
        *,
        key: bytes | str | None,
        headers: HeadersLike,
        partition: int | None,
        timestamp_ms: int | None,
    ) -> Record:
        """See `Kafka.produce`."""
        a_str("topic", topic_name)
        if partition is not None:
            whole_number("partition", partition, 0)
        if timestamp_ms is not None:
            whole_number("timestamp_ms", timestamp_ms, -1)
        key_bytes, value_bytes, pairs = bytes_of("key", key), bytes_of("value", value), headers_of(headers)
        topic = await self._topic(topic_name)
        if partition is None:
            partition = self._partitioner.choose(topic.id, key_bytes, len(topic.partitions))
        leader = self._leader(topic, partition)
        if timestamp_ms is None:
            timestamp_ms = leader.clock.wall_ms()
        batch = build_batch([(timestamp_ms, key_bytes, value_bytes, pairs)])
        data = TopicProduceData(topic_id=topic.id, partition_data=[PartitionProduceData(index=partition, records=batch)])
        request = ProduceRequest(acks=-1, timeout_ms=_TIMEOUT_MS, topic_data=[data])
        answer = await _answer(leader, request, len(batch))
        (response,) = answer.responses[0].partition_responses
        if response.error_code:
            code = ErrorCode(response.error_code)
            reasons = [each.batch_index_error_message for each in response.record_errors if each.batch_index_error_message]
            raise KafkaError(code, response.error_message or "; ".join(reasons) or _reason(leader, topic, partition, code))
        appended = response.log_append_time_ms
        return Record(
            topic=topic_name,
            partition=partition,
            offset=response.base_offset,
            timestamp_ms=timestamp_ms if appended < 0 else appended,
            key=key_bytes,
            value=value_bytes,
            headers=pairs,
            timestamp_type="create" if appended < 0 else "append",
            leader_epoch=topic.partitions[partition].leader_epoch,
        )

    async def _topic(self, name: str) -> Topic:
        image = self._leaders.image
        topic = image.topics.get(TopicName(name))
        if topic is not None:
            return topic
        reason = why_invalid(name)
        if reason is not None:
            raise KafkaError(ErrorCode.INVALID_TOPIC_EXCEPTION, f"Topic name is invalid: {reason}")
        for services in self._leaders.running():
            if services.config.auto_create_topics_enable:
                (outcome,) = await services.topics.create([auto_created_topic(TopicName(name), services.config)])
                if isinstance(outcome, KafkaError) and outcome.error_code is not ErrorCode.TOPIC_ALREADY_EXISTS:
                    raise outcome
            break
        topic = image.topics.get(TopicName(name))
        if topic is None:
            raise KafkaError(
                ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, f"there is no topic {name}, and auto.create.topics.enable is false"
            )
        return topic

    def _leader(self, topic: Topic, partition: int) -> Services:
        if not 0 <= partition < len(topic.partitions):
            raise no_such_partition(topic.name, len(topic.partitions), partition)
        leader = self._leaders.services(topic.partitions[partition].leader)
        if leader is None:
            raise KafkaError(ErrorCode.LEADER_NOT_AVAILABLE, f"nobody leads {topic.name}-{partition} at the moment")
        return leader


async def _answer(leader: Services, request: ProduceRequest, size_in_bytes: int) -> ProduceResponse:
    from kafka_compat.api.handlers import produce

    context = RequestContext(
        leader,
        RequestHeader(ApiKey.PRODUCE, _VERSION, 0, _CLIENT_ID, 2),
        Session("127.0.0.1", 0, next(iter(leader.image.brokers[leader.node_id].endpoints), ""), -1, principal=OWN),
        keeps_frame=True,
        size_in_bytes=size_in_bytes,
    )
    answer: Any = produce.handle(context, request)
    if isawaitable(answer):
        answer = await answer
    assert isinstance(answer, ProduceResponse)
    return answer


def _reason(leader: Services, topic: Topic, partition: int, code: ErrorCode) -> str | None:
    """What Kafka does not say of an error and a test wants to know."""
    if code is ErrorCode.NOT_ENOUGH_REPLICAS:
        in_sync = topic.partitions[partition].isr
        log = leader.logs.get_by_id(topic.id, topic.partitions[partition].id)
        needed = "more" if log is None else log.config.min_insync_replicas
        return f"{topic.name}-{partition} has {len(in_sync)} in-sync replicas {in_sync}, and min.insync.replicas is {needed}"
    return None


def no_such_partition(topic: str, count: int, partition: int) -> KafkaError:
    """What is raised for a partition beyond the `count` that a topic has."""
    has = f"{count} partition{'' if count == 1 else 's'}"
    return KafkaError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, f"topic {topic} has {has}, and no partition {partition}")


def bytes_of(name: str, value: object) -> bytes | None:
    """What goes into a record.

    Raises:
        TypeError: it is neither bytes nor str nor None.
    """
    if value is None or isinstance(value, bytes):
        return value
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, bytearray | memoryview):
        return bytes(value)
    raise TypeError(f"{name} is bytes, str (which is UTF-8 in the record) or None, not {value!r}")


def headers_of(headers: object) -> Headers:
    """The headers of a record, from a mapping or from pairs.

    Raises:
        TypeError: they are neither.
    """
    pairs = headers.items() if isinstance(headers, Mapping) else headers
    found: list[tuple[str, bytes | None]] = []
    try:
        for name, value in pairs:  # type: ignore[attr-defined]
            if not isinstance(name, str):
                raise TypeError(f"the name of a header is a str, not {name!r}")
            found.append((name, bytes_of(f"the header {name}", value)))
    except (TypeError, ValueError) as error:
        if isinstance(error, TypeError) and "header" in str(error):
            raise
        raise TypeError(f"headers are pairs of name and value, or a mapping, not {headers!r}") from None
    return tuple(found)
