"""What a test sees of a cluster, and what it puts in, without a client."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.protocol.messages.produce import PartitionProduceData, ProduceRequest, ProduceResponse, TopicProduceData
from kafka_compat.records.builder import build_batch
from kafka_compat.testing import Kafka, TopicSpec
from tests.support.wire_client import WireClient


@pytest.fixture
def kafka() -> Iterator[Kafka]:
    with Kafka(topics={"orders": 3}) as kafka:
        yield kafka


def code_of(info: pytest.ExceptionInfo[KafkaError]) -> ErrorCode:
    return info.value.error_code


def test_what_was_produced_is_read_back(kafka: Kafka) -> None:
    one = kafka.produce("orders", "one", key="a", headers={"h": "1", "none": None}, timestamp_ms=1_700_000_000_000)
    two = kafka.produce("orders", None, key=b"\xff", headers=[("h", b"1"), ("h", b"2")], partition=one.partition)
    assert (one.value, one.key, one.timestamp_ms, one.timestamp_type) == (b"one", b"a", 1_700_000_000_000, "create")
    assert one.headers == (("h", b"1"), ("none", None))
    assert [one.offset, two.offset] == [0, 1]
    assert kafka.records("orders") == kafka.records("orders", partition=one.partition) == [one, two]
    assert kafka.records("orders", partition=(one.partition + 1) % 3) == []
    assert kafka.records("orders", isolation="all") == [one, two]
    assert kafka.records("unknown") == []


def test_a_topic_is_made_by_its_first_record_unless_that_is_switched_off() -> None:
    with Kafka() as kafka:
        assert kafka.produce("new", "x").offset == 0
        assert "new" in kafka.topics
        with pytest.raises(KafkaError, match="name is invalid"):
            kafka.produce("not a name", "x")
    with Kafka(auto_create=False) as kafka:
        with pytest.raises(KafkaError, match="there is no topic new, and auto") as info:
            kafka.produce("new", "x")
        assert code_of(info) == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION


def test_topics_come_and_go(kafka: Kafka) -> None:
    view = kafka.create_topic("made", 2, configs={"retention.ms": 1000})
    assert view == kafka.topics["made"]
    assert (len(view.partitions), view.configs) == (2, {"retention.ms": "1000"})
    with pytest.raises(KafkaError, match="Topic 'made' already exists") as info:
        kafka.create_topic("made")
    assert code_of(info) == ErrorCode.TOPIC_ALREADY_EXISTS
    kafka.delete_topic("made")
    assert list(kafka.topics) == ["orders"]
    with pytest.raises(KafkaError, match="there is no topic made"):
        kafka.delete_topic("made")


def test_watermarks_and_leaders_are_seen(kafka: Kafka) -> None:
    record = kafka.produce("orders", "x", partition=1)
    partition = kafka.topics["orders"].partitions[1]
    assert (partition.log_start_offset, partition.high_watermark, partition.log_end_offset) == (0, 1, 1)
    assert (partition.leader, partition.isr, partition.leader_epoch) == (1, (1,), record.leader_epoch)
    (batch,) = kafka.batches("orders", 1)
    assert len(batch) == partition.size_in_bytes


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"value": 3}, "value is bytes, str"),
        ({"value": "x", "key": {}}, "key is bytes, str"),
        ({"value": "x", "headers": {"h": 1}}, "the header h is bytes, str"),
        ({"value": "x", "headers": [1]}, "headers are pairs of name and value"),
        ({"value": "x", "headers": {1: "x"}}, "the name of a header is a str"),
    ],
)
def test_what_is_no_record_is_refused_in_words(kafka: Kafka, arguments: dict[str, object], says: str) -> None:
    with pytest.raises(TypeError, match=says):
        kafka.produce("orders", **arguments)  # type: ignore[arg-type]


def test_a_partition_that_is_not_there_is_refused(kafka: Kafka) -> None:
    with pytest.raises(KafkaError, match="topic orders has 3 partitions, and no partition 3") as info:
        kafka.produce("orders", "x", partition=3)
    assert code_of(info) == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    with pytest.raises(ValueError, match="isolation is one of"):
        kafka.records("orders", isolation="read_committed")  # type: ignore[arg-type]


def test_the_log_refuses_what_it_would_refuse_of_a_client() -> None:
    with Kafka(configs={"message.max.bytes": 100}) as kafka:
        with pytest.raises(KafkaError) as info:
            kafka.produce("t", "x" * 200)
        assert code_of(info) == ErrorCode.MESSAGE_TOO_LARGE
        kafka.create_topic("compacted", configs={"cleanup.policy": "compact"})
        with pytest.raises(KafkaError, match="key") as info:
            kafka.produce("compacted", "x")
        assert code_of(info) == ErrorCode.INVALID_RECORD
        with pytest.raises(KafkaError) as info:
            kafka.produce("__consumer_offsets", "x")
        assert code_of(info) == ErrorCode.INVALID_TOPIC_EXCEPTION


def test_the_append_time_is_the_records_where_the_topic_says_so() -> None:
    with Kafka(clock="manual") as kafka:
        kafka.create_topic("t", configs={"message.timestamp.type": "LogAppendTime"})
        produced = kafka.produce("t", "x", timestamp_ms=1)
        assert kafka.records("t") == [produced]
        assert (produced.timestamp_type, produced.timestamp_ms) == ("append", kafka.clock.wall_ms())


def test_what_followers_do_not_have_yet_is_in_the_log_and_not_readable() -> None:
    with Kafka(brokers=2, topics={"t": TopicSpec(replication_factor=2)}) as kafka:
        leader = kafka.brokers[kafka.topology.leader("t")]
        kafka.topology.pause_replication(3 - leader.id)
        batch = build_batch([(1_704_067_200_000, None, b"x", ())])
        data = TopicProduceData(name="t", partition_data=[PartitionProduceData(index=0, records=batch)])
        with WireClient(f"{leader.host}:{leader.port}") as client:
            request = ProduceRequest(acks=1, timeout_ms=5_000, topic_data=[data])
            assert client.call(request, 9, ProduceResponse).responses[0].partition_responses[0].error_code == ErrorCode.NONE
        assert kafka.records("t", isolation="uncommitted") == kafka.records("t") == []
        partition = kafka.topics["t"].partitions[0]
        assert (partition.high_watermark, partition.log_end_offset) == (0, 1)
        (record,) = kafka.wait_for_records("t", isolation="all")
        kafka.topology.resume_replication(3 - leader.id)
        assert kafka.wait_for_records("t") == [record]


def test_records_without_a_key_go_round() -> None:
    with Kafka(topics={"t": 3}) as kafka:
        assert [kafka.produce("t", str(number)).partition for number in range(4)] == [0, 1, 2, 0]
