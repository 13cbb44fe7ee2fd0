"""Why requests were refused, in words: field and rule."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kafka_compat.protocol.message import Message
from kafka_compat.protocol.messages.create_topics import CreatableTopic, CreateTopicsRequest, CreateTopicsResponse
from kafka_compat.protocol.messages.delete_groups import DeleteGroupsRequest, DeleteGroupsResponse
from kafka_compat.protocol.messages.end_txn import EndTxnRequest, EndTxnResponse
from kafka_compat.protocol.messages.fetch import FetchPartition, FetchRequest, FetchResponse, FetchTopic
from kafka_compat.protocol.messages.find_coordinator import FindCoordinatorRequest, FindCoordinatorResponse
from kafka_compat.protocol.messages.heartbeat import HeartbeatRequest, HeartbeatResponse
from kafka_compat.protocol.messages.init_producer_id import InitProducerIdRequest, InitProducerIdResponse
from kafka_compat.protocol.messages.join_group import JoinGroupRequest, JoinGroupRequestProtocol, JoinGroupResponse
from kafka_compat.protocol.messages.metadata import MetadataRequest, MetadataRequestTopic, MetadataResponse
from kafka_compat.protocol.messages.offset_commit import (
    OffsetCommitRequest,
    OffsetCommitRequestPartition,
    OffsetCommitRequestTopic,
    OffsetCommitResponse,
)
from kafka_compat.protocol.messages.produce import PartitionProduceData, ProduceRequest, ProduceResponse, TopicProduceData
from kafka_compat.protocol.messages.sasl_handshake import SaslHandshakeRequest, SaslHandshakeResponse
from kafka_compat.records.builder import build_batch
from kafka_compat.testing import Kafka
from tests.support.wire_client import WireClient


@pytest.fixture
def kafka() -> Iterator[Kafka]:
    with Kafka(topics={"orders": 2, "payments": 1}, auto_create=False, configs={"message.max.bytes": 1000}) as kafka:
        yield kafka


@pytest.fixture
def client(kafka: Kafka) -> Iterator[WireClient]:
    with WireClient(kafka.bootstrap_servers) as client:
        client.call(FindCoordinatorRequest(key="app"), 3, FindCoordinatorResponse)
        client.call(FindCoordinatorRequest(key="tx", key_type=1), 3, FindCoordinatorResponse)
        yield client


def produce(topic: str, partition: int = 0, value: bytes = b"v", *, acks: int = -1, **batch: int) -> ProduceRequest:
    records = build_batch([(1_704_067_200_000, None, value, ())], **batch)  # type: ignore[arg-type]
    data = [TopicProduceData(name=topic, partition_data=[PartitionProduceData(index=partition, records=records)])]
    return ProduceRequest(acks=acks, timeout_ms=1000, topic_data=data)


def fetch(topic: str, partition: int, offset: int) -> FetchRequest:
    wanted = FetchPartition(partition=partition, fetch_offset=offset, partition_max_bytes=1000)
    return FetchRequest(max_bytes=1000, topics=[FetchTopic(topic=topic, partitions=[wanted])])


def join(group: str, member_id: str = "", protocol: str = "range", **fields: object) -> JoinGroupRequest:
    values = {"session_timeout_ms": 10_000, "rebalance_timeout_ms": 10_000} | fields
    protocols = [JoinGroupRequestProtocol(name=protocol, metadata=b"")]
    return JoinGroupRequest(group_id=group, member_id=member_id, protocol_type="consumer", protocols=protocols, **values)  # type: ignore[arg-type]


def commit(group: str, generation: int = -1, metadata: str = "") -> OffsetCommitRequest:
    partition = OffsetCommitRequestPartition(partition_index=0, committed_offset=1, committed_metadata=metadata)
    topics = [OffsetCommitRequestTopic(name="orders", partitions=[partition])]
    return OffsetCommitRequest(group_id=group, generation_id_or_member_epoch=generation, topics=topics)


def why(kafka: Kafka) -> str:
    return kafka.requests.last()[0].why


@pytest.mark.parametrize(
    ("request_", "version", "answer", "expected"),
    [
        (
            MetadataRequest(topics=[MetadataRequestTopic(name="ordres")]),
            12,
            MetadataResponse,
            (
                "UNKNOWN_TOPIC_OR_PARTITION: topics[0].name 'ordres' is not a topic of this cluster (did you mean "
                "'orders'?); it is not created, as auto.create.topics.enable is false"
            ),
        ),
        (
            produce("ordres"),
            9,
            ProduceResponse,
            "UNKNOWN_TOPIC_OR_PARTITION: topicData[0].name 'ordres' is not a topic of this cluster (did you mean 'orders'?)",
        ),
        (
            produce("orders", 7),
            9,
            ProduceResponse,
            "UNKNOWN_TOPIC_OR_PARTITION: topicData[0].partitionData[0] orders has partitions 0 to 1, and not 7",
        ),
        (
            produce("orders", 0, bytes(5000)),
            9,
            ProduceResponse,
            (
                "MESSAGE_TOO_LARGE: topicData[0].partitionData[0].records has a batch of 5,070 bytes; "
                "max.message.bytes of orders is 1,000"
            ),
        ),
        (produce("orders", acks=5), 9, ProduceResponse, "INVALID_REQUIRED_ACKS: acks is 5; -1 (all), 0 and 1 are allowed"),
        (
            fetch("orders", 1, 500),
            12,
            FetchResponse,
            "OFFSET_OUT_OF_RANGE: topics[0].partitions[0].fetchOffset is 500, and orders-1 has no records (it begins at 0)",
        ),
        (
            CreateTopicsRequest(topics=[CreatableTopic(name="not a name", num_partitions=1, replication_factor=1)]),
            7,
            CreateTopicsResponse,
            (
                "INVALID_TOPIC_EXCEPTION: topics[0].name is not legal: 'not a name' contains one or more "
                "characters other than ASCII alphanumerics, '.', '_' and '-'"
            ),
        ),
        (
            CreateTopicsRequest(topics=[CreatableTopic(name="more", num_partitions=1, replication_factor=3)]),
            7,
            CreateTopicsResponse,
            "INVALID_REPLICATION_FACTOR: topics[0].replicationFactor is 3, and 1 broker runs",
        ),
        (
            CreateTopicsRequest(topics=[CreatableTopic(name="orders", num_partitions=1, replication_factor=1)]),
            7,
            CreateTopicsResponse,
            "TOPIC_ALREADY_EXISTS: topics[0].name Topic 'orders' already exists.",
        ),
        (
            HeartbeatRequest(group_id="app", member_id="m", generation_id=3),
            3,
            HeartbeatResponse,
            "UNKNOWN_MEMBER_ID: memberId is 'm', and there is no group 'app' here",
        ),
        (
            join("app", session_timeout_ms=1),
            4,
            JoinGroupResponse,
            (
                "INVALID_SESSION_TIMEOUT: sessionTimeoutMs is 1; group.min.session.timeout.ms is 6000, "
                "group.max.session.timeout.ms 1800000"
            ),
        ),
        (
            commit("app", metadata="m" * 5000),
            8,
            OffsetCommitResponse,
            (
                "OFFSET_METADATA_TOO_LARGE: topics[0].partitions[0].committedMetadata has 5000 characters; "
                "offset.metadata.max.bytes is 4096"
            ),
        ),
        (
            DeleteGroupsRequest(groups_names=["app"]),
            2,
            DeleteGroupsResponse,
            "GROUP_ID_NOT_FOUND: there is no group 'app'",
        ),
        (
            EndTxnRequest(transactional_id="tx", producer_id=5, producer_epoch=0, committed=True),
            3,
            EndTxnResponse,
            (
                "INVALID_PRODUCER_ID_MAPPING: producerId is 5, and transactional id 'tx' is not known: nobody has "
                "initialized it, or it has expired"
            ),
        ),
        (
            InitProducerIdRequest(transactional_id="tx", transaction_timeout_ms=10_000_000),
            4,
            InitProducerIdResponse,
            "INVALID_TRANSACTION_TIMEOUT: transactionTimeoutMs is 10000000; transaction.max.timeout.ms is 900000",
        ),
        (
            SaslHandshakeRequest(mechanism="PLAIN"),
            1,
            SaslHandshakeResponse,
            "ILLEGAL_SASL_STATE: the client wants SASL (PLAIN); the listener PLAINTEXT has none: security.protocol=PLAINTEXT",
        ),
        (
            produce("orders", producer_id=7, producer_epoch=0, base_sequence=5),
            9,
            ProduceResponse,
            "",
        ),
    ],
)
def test_a_refusal_names_the_field_and_the_rule(
    kafka: Kafka, client: WireClient, request_: Message, version: int, answer: type[Message], expected: str
) -> None:
    client.call(request_, version, answer)
    assert why(kafka) == expected


def test_groups_are_looked_at_as_they_are_at_that_moment(kafka: Kafka, client: WireClient) -> None:
    joined = client.call(join("app"), 4, JoinGroupResponse)
    assert why(kafka) == (
        f"MEMBER_ID_REQUIRED: memberId is empty: a new member joins again with the id that it is given, {joined.member_id!r}"
    )
    member_id = joined.member_id
    assert client.call(join("app", member_id), 4, JoinGroupResponse).generation_id == 1
    assert why(kafka) == ""
    client.call(HeartbeatRequest(group_id="app", member_id=member_id, generation_id=9), 3, HeartbeatResponse)
    assert why(kafka).startswith("ILLEGAL_GENERATION: generationId is 9, and group 'app' is at 1 (last rebalance: ")
    with WireClient(kafka.bootstrap_servers) as other:
        other.call(join("app", "", "sticky"), 3, JoinGroupResponse)
        assert why(kafka) == (
            "INCONSISTENT_GROUP_PROTOCOL: protocols [sticky] of type 'consumer' have nothing in common with those of group "
            "'app': [range] of type 'consumer'"
        )
    client.call(DeleteGroupsRequest(groups_names=["app"]), 2, DeleteGroupsResponse)
    assert why(kafka) == f"NON_EMPTY_GROUP: group 'app' has 1 member: {member_id}"


def test_transactions_are_looked_at_as_they_are_at_that_moment(kafka: Kafka, client: WireClient) -> None:
    initialized = InitProducerIdRequest(transactional_id="tx", transaction_timeout_ms=60_000)
    first = client.call(initialized, 4, InitProducerIdResponse)
    end = EndTxnRequest(transactional_id="tx", producer_id=first.producer_id, producer_epoch=0, committed=True)
    client.call(end, 3, EndTxnResponse)
    assert why(kafka) == "INVALID_TXN_STATE: committed asks to commit; transactional id 'tx' is Empty"
    client.call(initialized, 4, InitProducerIdResponse)
    client.call(end, 3, EndTxnResponse)
    assert why(kafka) == (
        "PRODUCER_FENCED: producerEpoch is 0, and transactional id 'tx' is at 1: a newer producer has initialized it, or its "
        "transaction timed out"
    )


def test_sequences_are_compared_with_what_the_partition_has(kafka: Kafka, client: WireClient) -> None:
    for sequence in (0, 5):
        client.call(produce("orders", producer_id=7, producer_epoch=0, base_sequence=sequence), 9, ProduceResponse)
    assert why(kafka) == (
        "OUT_OF_ORDER_SEQUENCE_NUMBER: topicData[0].partitionData[0].records of producer id 7 begins with sequence 5, and the "
        "last one in orders-0 is 0: records in between were lost, or came in another order"
    )
    client.call(produce("orders", producer_id=8, producer_epoch=3, base_sequence=0), 9, ProduceResponse)
    client.call(produce("orders", producer_id=8, producer_epoch=2, base_sequence=0), 9, ProduceResponse)
    assert "are of producer id 8 epoch 2; orders-0 knows epoch 3" in why(kafka)


def test_a_topic_that_was_made_again_is_told_from_one_that_never_was(kafka: Kafka, client: WireClient) -> None:
    by_id = fetch("", 0, 0)
    by_id.topics[0].topic_id = kafka.topics["orders"].id
    kafka.delete_topic("orders")
    client.call(by_id, 13, FetchResponse)
    assert why(kafka).endswith("was the id of 'orders', which was deleted")
    kafka.create_topic("orders")
    client.call(by_id, 13, FetchResponse)
    assert why(kafka).endswith("was the id of 'orders', which was deleted and made again with another id")


def test_who_asks_the_wrong_broker_is_told_the_right_one() -> None:
    with Kafka(brokers=2, topics={"orders": 4}) as kafka:
        kafka.produce("orders", "x")
        [first, second] = kafka.bootstrap_servers.split(",")
        led = {partition.id: partition.leader for partition in kafka.topics["orders"].partitions}
        with WireClient(first) as client, WireClient(second) as other:
            client.call(FindCoordinatorRequest(key="app"), 3, FindCoordinatorResponse)
            theirs = next(number for number, leader in led.items() if leader == 2)
            client.call(produce("orders", theirs), 9, ProduceResponse)
            assert why(kafka) == (
                f"NOT_LEADER_OR_FOLLOWER: topicData[0].partitionData[0] orders-{theirs} is led by broker 2; the request came "
                "to broker 1"
            )
            beat = HeartbeatRequest(group_id="app", member_id="m", generation_id=3)
            answers = [each.call(beat, 3, HeartbeatResponse).error_code for each in (client, other)]
            [refused] = kafka.requests.of("Heartbeat", error="NOT_COORDINATOR")
            right, wrong = (2, 1) if answers[0] == 16 else (1, 2)
            assert refused.why == (
                f"NOT_COORDINATOR: groupId group 'app' is coordinated by broker {right}; the request came to broker {wrong}"
            )
