"""What a restart and a crash change for clients, and topics under other broker configs, against Apache Kafka."""

from __future__ import annotations

from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.create_topics import CreatableTopic, CreateTopicsRequest
from kafka_compat.protocol.messages.delete_topics import DeleteTopicsRequest, DeleteTopicState
from kafka_compat.protocol.messages.metadata import MetadataRequest, MetadataRequestTopic, MetadataResponse
from tests.conformance.both import ANY_ERROR, Both, Brokers, Side

BROKER_CONFIGS = {
    "auto.create.topics.enable": "false",
    "delete.topic.enable": "false",
    "log.cleanup.policy": "compact",
    "log.retention.hours": "7",
    "log.segment.bytes": "2000000",
    "message.max.bytes": "123456",
    "num.partitions": "3",
    "min.insync.replicas": "1",
}


def test_deletion_disabled(both: Both) -> None:
    name = both.create_topic(both.name("kept"))
    for version in range(1, 6):
        both.compare(
            "by name", DeleteTopicsRequest(topic_names=[name, "nope", name], timeout_ms=10_000), [version], expect=ANY_ERROR
        )
    states = [DeleteTopicState(name=name), DeleteTopicState(name=None)]
    both.compare(
        "states", DeleteTopicsRequest(topics=states, timeout_ms=10_000), [6], expect={ErrorCode.TOPIC_DELETION_DISABLED}
    )
    both.compare("none", DeleteTopicsRequest(timeout_ms=10_000), range(1, 7))
    both.compare(
        "by id",
        lambda side: DeleteTopicsRequest(topics=[DeleteTopicState(name=None, topic_id=side.ids[name])], timeout_ms=10_000),
        [6],
        expect={ErrorCode.TOPIC_DELETION_DISABLED},
    )


def test_auto_creation_disabled(both: Both) -> None:
    for name in ("nope", "a/b", "__consumer_offsets"):
        both.compare(f"{name}", MetadataRequest(topics=[MetadataRequestTopic(name=name)]), range(14), expect=ANY_ERROR)


def test_defaults_of_the_broker(both: Both) -> None:
    for version in range(2, 8):
        topic = CreatableTopic(name=both.name("defaults"), num_partitions=-1, replication_factor=-1)
        both.compare("defaults", CreateTopicsRequest(topics=[topic], timeout_ms=10_000), [version])


def test_leader_epochs_after_restarts(configured: Brokers, both: Both) -> None:
    name = both.create_topic(both.name("restarted"), 2)
    request = MetadataRequest(topics=[MetadataRequestTopic(name=name)])

    def compare(label: str) -> None:
        for side in both.sides:
            side.close()
            _wait_until_answered(both, side, name)
        both.compare(label, request, range(14), unordered=("partitions",))

    compare("new")
    for broker in configured:
        broker.restart()
    compare("after a restart")
    for broker in configured:
        broker.kill()
        broker.start()
    compare("after a crash")
    for broker in configured:
        broker.restart()
    compare("after another restart")


def _wait_until_answered(both: Both, side: Side, name: str) -> None:
    both.wait_for_leaders(side, name, 2)
    answer = side.call(MetadataRequest(topics=[MetadataRequestTopic(name=name)]), 12, MetadataResponse)
    assert answer.topics[0].error_code == 0
