"""What is answered to whom about configs and the cluster; expected is what Apache Kafka 4.3.1 answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.message import Message
from kafka_compat.protocol.messages.alter_client_quotas import AlterClientQuotasRequest, AlterClientQuotasRequestEntryData
from kafka_compat.protocol.messages.alter_configs import (
    AlterableConfig,
    AlterConfigsRequest,
    AlterConfigsResource,
    AlterConfigsResponse,
)
from kafka_compat.protocol.messages.alter_partition_reassignments import AlterPartitionReassignmentsRequest
from kafka_compat.protocol.messages.alter_user_scram_credentials import (
    AlterUserScramCredentialsRequest,
    ScramCredentialDeletion,
)
from kafka_compat.protocol.messages.create_acls import AclCreation, CreateAclsRequest
from kafka_compat.protocol.messages.delete_acls import DeleteAclsFilter, DeleteAclsRequest
from kafka_compat.protocol.messages.describe_acls import DescribeAclsRequest
from kafka_compat.protocol.messages.describe_client_quotas import DescribeClientQuotasRequest
from kafka_compat.protocol.messages.describe_cluster import DescribeClusterRequest, DescribeClusterResponse
from kafka_compat.protocol.messages.describe_configs import (
    DescribeConfigsRequest,
    DescribeConfigsResource,
    DescribeConfigsResponse,
)
from kafka_compat.protocol.messages.describe_groups import DescribeGroupsRequest, DescribeGroupsResponse
from kafka_compat.protocol.messages.describe_log_dirs import DescribeLogDirsRequest
from kafka_compat.protocol.messages.describe_producers import (
    DescribeProducersRequest,
    DescribeProducersResponse,
    TopicRequest,
)
from kafka_compat.protocol.messages.describe_quorum import DescribeQuorumRequest
from kafka_compat.protocol.messages.describe_transactions import (
    DescribeTransactionsRequest,
    DescribeTransactionsResponse,
)
from kafka_compat.protocol.messages.describe_user_scram_credentials import DescribeUserScramCredentialsRequest
from kafka_compat.protocol.messages.elect_leaders import ElectLeadersRequest
from kafka_compat.protocol.messages.incremental_alter_configs import AlterableConfig as IncrementalConfig
from kafka_compat.protocol.messages.incremental_alter_configs import AlterConfigsResource as IncrementalResource
from kafka_compat.protocol.messages.incremental_alter_configs import (
    IncrementalAlterConfigsRequest,
    IncrementalAlterConfigsResponse,
)
from kafka_compat.protocol.messages.list_config_resources import ListConfigResourcesRequest
from kafka_compat.protocol.messages.list_partition_reassignments import ListPartitionReassignmentsRequest
from kafka_compat.protocol.messages.unregister_broker import UnregisterBrokerRequest
from kafka_compat.protocol.messages.update_features import UpdateFeaturesRequest
from kafka_compat.security.acl import AclOperation, AclResource
from tests.api.office import Office, bits

GROUP, ID = AclResource.GROUP, AclResource.TRANSACTIONAL_ID
READ = AclOperation.READ
ALTER, DESCRIBE, ALL = AclOperation.ALTER, AclOperation.DESCRIBE, AclOperation.ALL
ALTER_CONFIGS, DESCRIBE_CONFIGS = AclOperation.ALTER_CONFIGS, AclOperation.DESCRIBE_CONFIGS
DENIED, NOT_THERE = ErrorCode.TOPIC_AUTHORIZATION_FAILED, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
ANY = 1

# --- configs

RESOURCES = ((2, "mine"), (2, "gone"), (4, ""), (4, "1"), (4, "9"), (8, "1"), (16, "metrics"), (32, "group"))


def test_configs_are_described_to_who_may(office: Office) -> None:
    resources = [DescribeConfigsResource(resource_type=kind, resource_name=name) for kind, name in RESOURCES]

    def refusals() -> dict[tuple[int, str], tuple[int, str | None]]:
        answer: DescribeConfigsResponse = office.ask(DescribeConfigsRequest(resources=resources), 4)
        assert all(not result.configs for result in answer.results if result.error_code)
        return {(each.resource_type, each.resource_name): (each.error_code, each.error_message) for each in answer.results}

    of_topic = (DENIED, "Topic authorization failed.")
    of_cluster = (ErrorCode.CLUSTER_AUTHORIZATION_FAILED, "Cluster authorization failed.")
    of_group = (ErrorCode.GROUP_AUTHORIZATION_FAILED, "Group authorization failed.")
    assert refusals() == {
        (kind, name): of_topic if kind == 2 else of_group if kind == 32 else of_cluster for kind, name in RESOURCES
    }
    office.grant_on_cluster(ALTER_CONFIGS)
    assert list(refusals()) == [*RESOURCES[2:7], *RESOURCES[:2], RESOURCES[7]], "refused ones are last"
    assert refusals()[4, "1"] == (0, "")
    office.grant(DESCRIBE_CONFIGS, "gone")
    office.grant(DESCRIBE_CONFIGS, "group", GROUP)
    assert refusals()[2, "gone"] == (NOT_THERE, "")
    assert refusals()[32, "group"] == (0, "")


@pytest.mark.parametrize("is_incremental", [False, True])
def test_configs_are_altered_by_who_may(office: Office, is_incremental: bool) -> None:
    names = {2: "retention.ms", 4: "num.network.threads", 8: "root", 16: "interval.ms", 32: "consumer.session.timeout.ms"}
    values = {2: "1000", 4: "3", 8: "NO_LEVEL", 16: "60000", 32: "45000"}
    wanted = [(kind, office.mine if name == "mine" else name) for kind, name in RESOURCES]
    request: Message
    if is_incremental:
        request = IncrementalAlterConfigsRequest(
            resources=[
                IncrementalResource(
                    resource_type=kind,
                    resource_name=name,
                    configs=[IncrementalConfig(name=names[kind], value=values[kind])],
                )
                for kind, name in wanted
            ],
            validate_only=True,
        )
    else:
        request = AlterConfigsRequest(
            resources=[
                AlterConfigsResource(
                    resource_type=kind, resource_name=name, configs=[AlterableConfig(name=names[kind], value=values[kind])]
                )
                for kind, name in wanted
            ],
            validate_only=True,
        )

    def codes() -> list[int]:
        answer: AlterConfigsResponse | IncrementalAlterConfigsResponse = office.ask(request, 1)
        return [response.error_code for response in answer.responses]

    of_cluster, of_group = ErrorCode.CLUSTER_AUTHORIZATION_FAILED, ErrorCode.GROUP_AUTHORIZATION_FAILED
    invalid = ErrorCode.INVALID_REQUEST
    loggers = (of_cluster, ErrorCode.INVALID_CONFIG) if is_incremental else (invalid, invalid)
    # Of another broker: nobody is asked who that is.
    assert codes() == [DENIED, DENIED, of_cluster, of_cluster, invalid, loggers[0], of_cluster, of_group]
    office.grant_on_cluster(ALTER_CONFIGS)
    whole = 0 if is_incremental else ErrorCode.INVALID_CONFIG  # min.insync.replicas cannot be taken away
    assert codes() == [DENIED, DENIED, whole, 0, invalid, loggers[1], 0, of_group]
    office.grant(ALTER_CONFIGS, "*")
    office.grant(ALTER_CONFIGS, "group", GROUP)
    assert codes() == [0, NOT_THERE, whole, 0, invalid, loggers[1], 0, 0]


def test_malformed_resources_are_refused_before_anybody_is_asked(office: Office) -> None:
    null = IncrementalConfig(name="retention.ms", value=None)
    request = IncrementalAlterConfigsRequest(
        resources=[
            *[IncrementalResource(resource_type=2, resource_name=office.mine)] * 2,
            IncrementalResource(resource_type=2, resource_name=office.hidden, configs=[null]),
            IncrementalResource(resource_type=3, resource_name="x"),
        ]
    )
    answer = office.ask(request, 1)
    assert [(response.error_code, response.error_message) for response in answer.responses] == [
        (ErrorCode.INVALID_REQUEST, "Each resource must appear at most once."),
        (ErrorCode.INVALID_REQUEST, "Each resource must appear at most once."),
        (ErrorCode.INVALID_REQUEST, "Null value not supported for : retention.ms"),
        (ErrorCode.INVALID_REQUEST, "Unknown resource type 3"),
    ]


def test_an_operation_that_does_not_exist_fails_only_with_what_is_allowed(office: Office) -> None:
    """Kafka's controller stumbles over it; a resource that was refused does not come to that."""
    odd, good = (
        IncrementalConfig(name="retention.ms", config_operation=9, value="1"),
        IncrementalConfig(name="retention.ms", value="1000"),
    )
    request = IncrementalAlterConfigsRequest(
        resources=[
            IncrementalResource(resource_type=2, resource_name=office.hidden, configs=[odd]),
            IncrementalResource(resource_type=2, resource_name=office.mine, configs=[good]),
        ],
        validate_only=True,
    )
    office.grant(ALTER_CONFIGS, office.mine)
    assert [response.error_code for response in office.ask(request, 1).responses] == [DENIED, 0]
    office.grant(ALTER_CONFIGS, office.hidden)
    assert [response.error_code for response in office.ask(request, 1).responses] == [ErrorCode.UNKNOWN_SERVER_ERROR] * 2


# --- the cluster


def _scram(answer: Any) -> Any:
    return answer.results[0]


def _itself(answer: Any) -> Any:
    return answer


ALL_ACLS = DescribeAclsRequest(resource_type_filter=ANY, pattern_type_filter=ANY, operation=ANY, permission_type=ANY)
EACH_ACL = DeleteAclsFilter(resource_type_filter=ANY, pattern_type_filter=ANY, operation=ANY, permission_type=ANY)
OF_CLUSTER: list[tuple[AclOperation, Message, int, Callable[[Any], Any], str | None]] = [
    (ALTER, AlterPartitionReassignmentsRequest(timeout_ms=9_000), 1, _itself, "Request needs ALTER permission."),
    (
        DESCRIBE,
        ListPartitionReassignmentsRequest(topics=None, timeout_ms=9_000),
        0,
        _itself,
        "Request needs DESCRIBE permission.",
    ),
    (ALTER, ElectLeadersRequest(topic_partitions=[], timeout_ms=9_000), 2, _itself, None),
    (ALTER, UnregisterBrokerRequest(broker_id=99), 0, _itself, "Request needs ALTER permission."),
    (ALTER, UpdateFeaturesRequest(timeout_ms=9_000), 2, _itself, "Request needs ALTER permission."),
    (DESCRIBE, DescribeLogDirsRequest(topics=[]), 4, _itself, None),
    (DESCRIBE, DescribeQuorumRequest(), 2, _itself, "Cluster authorization failed."),
    (DESCRIBE_CONFIGS, ListConfigResourcesRequest(), 1, _itself, None),
    (DESCRIBE_CONFIGS, ListConfigResourcesRequest(resource_types=[99]), 1, _itself, None),
    (DESCRIBE_CONFIGS, DescribeClientQuotasRequest(), 1, _itself, None),
    (
        ALTER_CONFIGS,
        AlterClientQuotasRequest(entries=[AlterClientQuotasRequestEntryData()]),
        1,
        lambda answer: answer.entries[0],
        "Cluster authorization failed.",
    ),
    (DESCRIBE, DescribeUserScramCredentialsRequest(), 0, _itself, None),
    (
        ALTER,
        AlterUserScramCredentialsRequest(deletions=[ScramCredentialDeletion(name="nobody", mechanism=1)]),
        0,
        _scram,
        "Request needs ALTER permission.",
    ),
    (
        DESCRIBE,
        ALL_ACLS,
        3,
        _itself,
        "Request needs DESCRIBE permission.",
    ),
    (
        ALTER,
        CreateAclsRequest(creations=[AclCreation(resource_type=4, resource_pattern_type=3, operation=3, permission_type=3)]),
        3,
        _scram,
        "Request needs ALTER permission.",
    ),
    (
        ALTER,
        DeleteAclsRequest(filters=[EACH_ACL]),
        3,
        lambda answer: answer.filter_results[0],
        "Request needs ALTER permission.",
    ),
]


@pytest.mark.parametrize(
    ("operation", "request_", "version", "result", "message"), OF_CLUSTER, ids=lambda value: type(value).__name__
)
def test_cluster_operations(
    office: Office,
    operation: AclOperation,
    request_: Message,
    version: int,
    result: Callable[[Any], Any],
    message: str | None,
) -> None:
    office.grant(ALL, "*")
    office.grant_on_cluster(AclOperation.CLUSTER_ACTION)
    refused = result(office.ask(request_, version))
    assert refused.error_code == ErrorCode.CLUSTER_AUTHORIZATION_FAILED
    assert getattr(refused, "error_message", None) == message
    office.grant_on_cluster(operation)
    assert result(office.ask(request_, version)).error_code != ErrorCode.CLUSTER_AUTHORIZATION_FAILED


def test_the_cluster_is_described_to_everybody(office: Office) -> None:
    request = DescribeClusterRequest(include_cluster_authorized_operations=True)
    answer: DescribeClusterResponse = office.ask(request, 2)
    assert (answer.error_code, len(answer.brokers), answer.cluster_authorized_operations) == (0, 1, 0)
    office.grant_on_cluster(ALTER)
    assert office.ask(request, 2).cluster_authorized_operations == bits(ALTER, DESCRIBE)


def test_what_may_be_done_to_a_group(office: Office) -> None:
    group = office.world.group()
    request = DescribeGroupsRequest(groups=[group], include_authorized_operations=True)
    office.grant(READ, group, GROUP)
    answer: DescribeGroupsResponse = office.ask(request, 5)
    assert answer.groups[0].authorized_operations == bits(READ, DESCRIBE)


# --- transactions


def test_producers_of_a_topic_are_told_to_who_may_read_it(office: Office) -> None:
    office.grant(READ, office.mine)
    office.grant(DESCRIBE, office.hidden)
    topics = [TopicRequest(name=name, partition_indexes=[0]) for name in (*office.named, "bad name")]
    answer: DescribeProducersResponse = office.ask(DescribeProducersRequest(topics=topics), 0)
    assert [topic.partitions[0].error_code for topic in answer.topics] == [
        0,
        DENIED,
        DENIED,
        ErrorCode.INVALID_TOPIC_EXCEPTION,
    ]
    assert answer.topics[1].partitions[0].error_message == "Topic authorization failed."


def test_transactional_ids_are_described_to_who_may(office: Office) -> None:
    request = DescribeTransactionsRequest(transactional_ids=["some", ""])
    refused = ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED
    answer: DescribeTransactionsResponse = office.ask(request, 0)
    assert [(state.transactional_id, state.error_code) for state in answer.transaction_states] == [
        ("some", refused),
        ("", refused),
    ]
    office.world.transactional_id()
    office.grant(DESCRIBE, "some", ID)
    assert [state.error_code for state in office.ask(request, 0).transaction_states] == [
        ErrorCode.TRANSACTIONAL_ID_NOT_FOUND,
        refused,
    ]
