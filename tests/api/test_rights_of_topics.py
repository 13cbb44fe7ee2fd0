"""What is answered to whom about topics, and transactions in them; expected is what Apache Kafka 4.3.1 answers."""

from __future__ import annotations

import pytest

from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.create_partitions import (
    CreatePartitionsRequest,
    CreatePartitionsResponse,
    CreatePartitionsTopic,
)
from kafka_compat.protocol.messages.create_topics import (
    CreatableTopic,
    CreatableTopicConfigs,
    CreateTopicsRequest,
    CreateTopicsResponse,
)
from kafka_compat.protocol.messages.delete_topics import DeleteTopicsRequest, DeleteTopicsResponse, DeleteTopicState
from kafka_compat.protocol.messages.describe_topic_partitions import (
    DescribeTopicPartitionsRequest,
    DescribeTopicPartitionsResponse,
)
from kafka_compat.protocol.messages.describe_topic_partitions import TopicRequest as PartitionsTopic
from kafka_compat.protocol.messages.metadata import MetadataRequest, MetadataRequestTopic, MetadataResponse
from kafka_compat.security.acl import AclOperation
from tests.api.office import Office, bits
from tests.api.worlds import Turns

READ, CREATE, DELETE = AclOperation.READ, AclOperation.CREATE, AclOperation.DELETE
ALTER, DESCRIBE, ALL = AclOperation.ALTER, AclOperation.DESCRIBE, AclOperation.ALL
DESCRIBE_CONFIGS = AclOperation.DESCRIBE_CONFIGS
DENIED, NOT_THERE = ErrorCode.TOPIC_AUTHORIZATION_FAILED, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
NOT_ASKED = -(1 << 31)
GONE_ID = b"no such topic id"


def metadata(*names: str, may_create: bool = False) -> MetadataRequest:
    return MetadataRequest(
        topics=[MetadataRequestTopic(name=name) for name in names],
        allow_auto_topic_creation=may_create,
        include_topic_authorized_operations=True,
    )


def seen(answer: MetadataResponse | DescribeTopicPartitionsResponse) -> dict[str | None, tuple[int, int, bool]]:
    """Of each topic its code, what may be done, and whether its id is told."""
    return {topic.name: (topic.error_code, topic.topic_authorized_operations, any(topic.topic_id)) for topic in answer.topics}


def test_metadata_by_name_tells_nothing_of_other_topics(office: Office) -> None:
    refused = (DENIED, NOT_ASKED, False)
    assert seen(office.ask(metadata(*office.named), 12)) == dict.fromkeys(office.named, refused)
    office.grant(READ, office.mine)
    office.grant(DESCRIBE, "gone")
    assert seen(office.ask(metadata(*office.named), 12)) == {
        office.mine: (0, bits(READ, DESCRIBE), True),
        office.hidden: refused,
        "gone": (NOT_THERE, bits(DESCRIBE), False),
    }


def test_metadata_of_all_leaves_other_topics_out(office: Office) -> None:
    request = MetadataRequest(topics=None)
    assert office.ask(request, 12).topics == []
    office.grant(DESCRIBE, office.mine)
    assert [topic.name for topic in office.ask(request, 12).topics] == [office.mine]


def test_metadata_by_id_tells_no_name(office: Office) -> None:
    ids = [office.world.topic_id(office.mine), office.world.topic_id(office.hidden), GONE_ID]
    office.grant(DESCRIBE, office.mine)
    request = MetadataRequest(topics=[MetadataRequestTopic(name=None, topic_id=topic_id) for topic_id in ids])
    assert [(topic.error_code, topic.name, topic.topic_id) for topic in office.ask(request, 12).topics] == [
        (0, office.mine, ids[0]),
        (DENIED, None, ids[1]),
        (ErrorCode.UNKNOWN_TOPIC_ID, None, GONE_ID),
    ]


def test_metadata_creates_what_may_be_created(office: Office) -> None:
    office.grant(DESCRIBE, "*")
    codes = {name: code for name, (code, _, _) in seen(office.ask(metadata("new-a", "new-b", may_create=True), 12)).items()}
    assert codes == {"new-a": DENIED, "new-b": DENIED}
    office.grant(CREATE, "new-a")
    codes = {name: code for name, (code, _, _) in seen(office.ask(metadata("new-a", "new-b", may_create=True), 12)).items()}
    assert codes == {"new-a": NOT_THERE, "new-b": DENIED}
    while office.world.metadata("new-a").error_code:
        pass
    assert office.world.metadata("new-b").error_code == NOT_THERE


@pytest.mark.parametrize("version", [8, 10])
def test_metadata_of_the_cluster(office: Office, version: int) -> None:
    request = MetadataRequest(topics=[], include_cluster_authorized_operations=True)
    office.grant_on_cluster(CREATE)
    assert office.ask(request, version).cluster_authorized_operations == 0
    office.grant_on_cluster(DESCRIBE)
    assert office.ask(request, version).cluster_authorized_operations == bits(CREATE, DESCRIBE)


def test_topic_partitions(office: Office) -> None:
    some = DescribeTopicPartitionsRequest(topics=[PartitionsTopic(name=name) for name in office.named])
    everything = DescribeTopicPartitionsRequest(topics=[])
    refused = (DENIED, NOT_ASKED, False)
    assert seen(office.ask(some, 0)) == dict.fromkeys(office.named, refused)
    assert office.ask(everything, 0).topics == []
    office.grant(ALL, office.mine)
    everything_of_it = office.world.call(metadata(office.mine), 12, MetadataResponse).topics[0].topic_authorized_operations
    assert seen(office.ask(some, 0)) == {
        office.mine: (0, everything_of_it, True),
        office.hidden: refused,
        "gone": refused,
    }
    assert [topic.name for topic in office.ask(everything, 0).topics] == [office.mine]


def test_each_page_refuses_what_may_not_be_described(office: Office) -> None:
    """Also what lies behind the page."""
    office.grant(DESCRIBE, office.mine)
    request = DescribeTopicPartitionsRequest(
        topics=[PartitionsTopic(name=name) for name in (*office.named, "zz")], response_partition_limit=1
    )
    answer = office.ask(request, 0)
    assert [(topic.name, topic.error_code) for topic in answer.topics] == [
        (office.mine, 0),
        ("gone", DENIED),
        (office.hidden, DENIED),
        ("zz", DENIED),
    ]
    assert (answer.next_cursor.topic_name, answer.next_cursor.partition_index) == (office.mine, 1)


def new_topics(*names: str) -> CreateTopicsRequest:
    topics = [CreatableTopic(name=name, num_partitions=1, replication_factor=1) for name in names]
    return CreateTopicsRequest(topics=topics, timeout_ms=10_000, validate_only=True)


def created(answer: CreateTopicsResponse) -> dict[str, tuple[int, str | None]]:
    return {topic.name: (topic.error_code, topic.error_message) for topic in answer.topics}


def test_topics_are_created_by_who_may_on_the_cluster_or_the_topic(office: Office) -> None:
    names = ("fresh", office.mine, "__cluster_metadata", "twice", "twice")
    refused = (DENIED, "Authorization failed.")
    always = {
        "__cluster_metadata": (
            ErrorCode.INVALID_REQUEST,
            "Creation of internal topic __cluster_metadata is prohibited.",
        ),
        "twice": (ErrorCode.INVALID_REQUEST, "Duplicate topic name."),
    }
    exists = (ErrorCode.TOPIC_ALREADY_EXISTS, f"Topic '{office.mine}' already exists.")
    assert created(office.ask(new_topics(*names), 7)) == {"fresh": refused, office.mine: refused, **always}
    office.grant(CREATE, office.mine)
    assert created(office.ask(new_topics(*names), 7)) == {"fresh": refused, office.mine: exists, **always}
    office.grant_on_cluster(CREATE)
    assert created(office.ask(new_topics(*names), 7)) == {"fresh": (0, None), office.mine: exists, **always}


def test_nothing_to_create_takes_no_time(office: Office) -> None:
    request = new_topics("fresh")
    request.timeout_ms = 0
    assert office.ask(request, 7).topics[0].error_code == DENIED
    office.grant(CREATE, "fresh")
    assert office.ask(request, 7).topics[0].error_code == ErrorCode.REQUEST_TIMED_OUT


def test_configs_of_a_new_topic_are_told_to_who_may_describe_them(office: Office) -> None:
    office.grant(CREATE, "fresh")
    (topic,) = office.ask(new_topics("fresh"), 7).topics
    assert (topic.error_code, topic.topic_config_error_code) == (0, DENIED)
    assert (topic.num_partitions, topic.replication_factor, topic.configs) == (-1, -1, [])
    office.grant(DESCRIBE_CONFIGS, "fresh")
    (topic,) = office.ask(new_topics("fresh"), 7).topics
    assert (topic.topic_config_error_code, topic.num_partitions, topic.replication_factor) == (0, 1, 1)
    assert isinstance(topic.configs[0], CreatableTopicConfigs)


def test_partitions_are_added_by_who_may_alter_the_topic(office: Office) -> None:
    topics = [CreatePartitionsTopic(name=name, count=3, assignments=None) for name in office.named]
    request = CreatePartitionsRequest(topics=topics, timeout_ms=10_000, validate_only=True)
    assert [result.error_code for result in office.ask(request, 3).results] == [DENIED] * 3
    office.grant(ALTER, office.mine)
    office.grant(ALTER, "gone")
    answer: CreatePartitionsResponse = office.ask(request, 3)
    assert [(result.name, result.error_code) for result in answer.results] == [
        (office.hidden, DENIED),
        (office.mine, 0),
        ("gone", NOT_THERE),
    ]


def test_deletion_by_name_tells_nothing_of_other_topics(office: Office) -> None:
    doomed = office.world.topic("doomed")
    request = DeleteTopicsRequest(topic_names=[doomed, office.hidden, "gone", "other"], timeout_ms=10_000)
    codes = [result.error_code for result in office.ask(request, 5).responses]
    assert codes == [DENIED] * 4
    office.grant(DELETE, doomed)
    office.grant(DESCRIBE, office.hidden)
    office.grant(DESCRIBE, "gone")
    answer: DeleteTopicsResponse = office.ask(request, 5)
    assert {result.name: (result.error_code, result.error_message) for result in answer.responses} == {
        doomed: (0, None),
        office.hidden: (DENIED, "Topic authorization failed."),
        "gone": (NOT_THERE, "This server does not host this topic-partition."),
        "other": (DENIED, "Topic authorization failed."),
    }


def test_deletion_by_id_tells_the_name_to_who_may_describe(office: Office) -> None:
    hidden = office.world.topic_id(office.hidden)
    topics = [DeleteTopicState(name=None, topic_id=hidden), DeleteTopicState(name=None, topic_id=GONE_ID)]
    request = DeleteTopicsRequest(topics=topics, timeout_ms=10_000)
    refused: list[tuple[str | None, bytes, int]] = [(None, hidden, DENIED), (None, GONE_ID, ErrorCode.UNKNOWN_TOPIC_ID)]
    assert [(each.name, each.topic_id, each.error_code) for each in office.ask(request, 6).responses] == refused
    office.grant(DESCRIBE, office.hidden)
    refused[0] = (office.hidden, hidden, DENIED)
    assert [(each.name, each.topic_id, each.error_code) for each in office.ask(request, 6).responses] == refused


def test_who_may_delete_the_cluster_may_delete_each_topic(office: Office) -> None:
    doomed = office.world.topic("doomed")
    office.grant_on_cluster(DELETE)
    request = DeleteTopicsRequest(topic_names=[doomed, "gone"], timeout_ms=10_000)
    answer = office.ask(request, 5)
    assert {result.name: result.error_code for result in answer.responses} == {doomed: 0, "gone": NOT_THERE}


def test_wide_requests_let_others_have_their_turn(office: Office, turns: Turns) -> None:
    count = 3_000
    names = [f"wide-{number}" for number in range(count)]
    office.grant(DESCRIBE, "wide-7")
    codes = [code for code, _, _ in seen(office.ask(metadata(*names), 12)).values()]
    assert codes.count(DENIED) == count - 1
    assert created(office.ask(new_topics(*names), 7)) == dict.fromkeys(names, (DENIED, "Authorization failed."))
    answer = office.ask(DeleteTopicsRequest(topic_names=names, timeout_ms=10_000), 5)
    assert [result.error_code for result in answer.responses].count(DENIED) == count - 1
    assert turns.count >= 3 * count // 16
