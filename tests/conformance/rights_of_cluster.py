"""What users send about the cluster, its users, tokens, quotas and transactions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from kafka_compat.protocol.api_keys import ApiKey
from kafka_compat.protocol.message import Message
from kafka_compat.protocol.messages.add_raft_voter import AddRaftVoterRequest
from kafka_compat.protocol.messages.alter_client_quotas import (
    AlterClientQuotasRequest,
    AlterClientQuotasRequestEntityData,
    AlterClientQuotasRequestEntryData,
    OpData,
)
from kafka_compat.protocol.messages.alter_user_scram_credentials import (
    AlterUserScramCredentialsRequest,
    ScramCredentialDeletion,
)
from kafka_compat.protocol.messages.create_acls import AclCreation, CreateAclsRequest
from kafka_compat.protocol.messages.create_delegation_token import CreatableRenewers, CreateDelegationTokenRequest
from kafka_compat.protocol.messages.delete_acls import DeleteAclsFilter, DeleteAclsRequest
from kafka_compat.protocol.messages.describe_acls import DescribeAclsRequest
from kafka_compat.protocol.messages.describe_client_quotas import DescribeClientQuotasRequest
from kafka_compat.protocol.messages.describe_cluster import DescribeClusterRequest
from kafka_compat.protocol.messages.describe_delegation_token import (
    DescribeDelegationTokenOwner,
    DescribeDelegationTokenRequest,
)
from kafka_compat.protocol.messages.describe_quorum import (
    DescribeQuorumRequest,
    DescribeQuorumRequestPartitionData,
    DescribeQuorumRequestTopicData,
)
from kafka_compat.protocol.messages.describe_transactions import DescribeTransactionsRequest
from kafka_compat.protocol.messages.describe_user_scram_credentials import DescribeUserScramCredentialsRequest, UserName
from kafka_compat.protocol.messages.expire_delegation_token import ExpireDelegationTokenRequest
from kafka_compat.protocol.messages.get_telemetry_subscriptions import GetTelemetrySubscriptionsRequest
from kafka_compat.protocol.messages.list_transactions import ListTransactionsRequest
from kafka_compat.protocol.messages.push_telemetry import PushTelemetryRequest
from kafka_compat.protocol.messages.remove_raft_voter import RemoveRaftVoterRequest
from kafka_compat.protocol.messages.renew_delegation_token import RenewDelegationTokenRequest
from kafka_compat.protocol.messages.unregister_broker import UnregisterBrokerRequest
from kafka_compat.protocol.messages.update_features import UpdateFeaturesRequest
from tests.conformance.normalise import Normal, Replacement
from tests.conformance.rights_ground import GONE_TXN, HERE_TXN, OTHER_TXN, Case, Ground

_NO_MECHANISM: Final = 1  # SCRAM-SHA-256, of a user who has none
_LITERAL: Final = 3
_ANY: Final = 1
_TIMES: Final = dict.fromkeys(
    (
        "issue_timestamp_ms",
        "expiry_timestamp_ms",
        "max_timestamp_ms",
        "issue_timestamp",
        "expiry_timestamp",
        "max_timestamp",
    ),
    "<time>",
)


def _same(
    api: ApiKey,
    label: str,
    request: Message,
    versions: tuple[int, ...] = (),
    unordered: tuple[str, ...] = (),
    replace: Mapping[str, Replacement] | None = None,
) -> Case:
    return Case(api, label, lambda ground, version: request, versions, unordered, replace or {})


def _acls() -> Iterator[Case]:
    described = DescribeAclsRequest(
        resource_type_filter=_ANY,
        resource_name_filter=None,
        pattern_type_filter=_ANY,
        principal_filter="User:topic-read",
        host_filter=None,
        operation=_ANY,
        permission_type=_ANY,
    )
    yield _same(ApiKey.DESCRIBE_ACLS, "of a user", described, (1, 3), ("resources", "acls"))
    made = AclCreation(
        resource_type=2, resource_name="nothing", principal="User:nobody", host="*", operation=3, permission_type=3
    )
    yield _same(ApiKey.CREATE_ACLS, "again and again", CreateAclsRequest(creations=[made]), (1, 3))
    deleted = DeleteAclsFilter(
        resource_type_filter=2,
        resource_name_filter="nothing at all",
        pattern_type_filter=_LITERAL,
        principal_filter=None,
        host_filter=None,
        operation=_ANY,
        permission_type=_ANY,
    )
    yield _same(ApiKey.DELETE_ACLS, "without a match", DeleteAclsRequest(filters=[deleted]), (1, 3))


def _tokens() -> Iterator[Case]:
    # A renewer that is no user is refused last.
    nobody = [CreatableRenewers(principal_type="Nobody", principal_name="nobody")]
    times: dict[str, Replacement] = {**_TIMES}
    yield _same(ApiKey.CREATE_DELEGATION_TOKEN, "own", CreateDelegationTokenRequest(renewers=nobody), (1, 3), replace=times)
    for owner in ("my-user", "your-user"):
        of_owner = CreateDelegationTokenRequest(owner_principal_type="User", owner_principal_name=owner, renewers=nobody)
        yield _same(ApiKey.CREATE_DELEGATION_TOKEN, f"of {owner}", of_owner, (3,), replace=times)
    hidden: dict[str, Replacement] = {**times, "hmac": "<hmac>"}
    yield _same(ApiKey.DESCRIBE_DELEGATION_TOKEN, "all", DescribeDelegationTokenRequest(owners=None), (1, 3), replace=hidden)
    named = [DescribeDelegationTokenOwner(principal_type="User", principal_name=name) for name in ("my-user", "your-user")]
    yield _same(ApiKey.DESCRIBE_DELEGATION_TOKEN, "named", DescribeDelegationTokenRequest(owners=named), (), replace=hidden)
    yield Case(
        ApiKey.RENEW_DELEGATION_TOKEN,
        "of another",
        lambda ground, version: RenewDelegationTokenRequest(hmac=ground.token, renew_period_ms=-1),
        replace=times,
    )
    yield Case(
        ApiKey.EXPIRE_DELEGATION_TOKEN,
        "of another",
        lambda ground, version: ExpireDelegationTokenRequest(hmac=ground.token, expiry_time_period_ms=-1),
        replace=times,
    )
    unknown = b"nobody's"
    yield _same(ApiKey.RENEW_DELEGATION_TOKEN, "unknown", RenewDelegationTokenRequest(hmac=unknown), replace=times)
    yield _same(ApiKey.EXPIRE_DELEGATION_TOKEN, "unknown", ExpireDelegationTokenRequest(hmac=unknown), replace=times)


def _telemetry() -> Iterator[Case]:
    """Anybody may ask for a subscription and push (KIP-714)."""
    ids: dict[str, Replacement] = {"client_instance_id": "<id>", "subscription_id": "<id>"}
    yield _same(ApiKey.GET_TELEMETRY_SUBSCRIPTIONS, "new client", GetTelemetrySubscriptionsRequest(), replace=ids)
    yield _same(ApiKey.PUSH_TELEMETRY, "without an id", PushTelemetryRequest(metrics=b"x"))


def _users() -> Iterator[Case]:
    yield _same(ApiKey.DESCRIBE_CLIENT_QUOTAS, "all", DescribeClientQuotasRequest(), (0, 1))
    altered = AlterClientQuotasRequestEntryData(
        entity=[AlterClientQuotasRequestEntityData(entity_type="user", entity_name="nobody")],
        ops=[OpData(key="producer_byte_rate", value=1e9)],
    )
    yield _same(
        ApiKey.ALTER_CLIENT_QUOTAS, "validated", AlterClientQuotasRequest(entries=[altered], validate_only=True), (0, 1)
    )
    # Asked about all, the reference never answers who may not know.
    yield _same(
        ApiKey.DESCRIBE_USER_SCRAM_CREDENTIALS,
        "named",
        DescribeUserScramCredentialsRequest(users=[UserName(name="nobody"), UserName(name="my-user")]),
    )
    deleted = ScramCredentialDeletion(name="nobody", mechanism=_NO_MECHANISM)
    yield _same(ApiKey.ALTER_USER_SCRAM_CREDENTIALS, "of nobody", AlterUserScramCredentialsRequest(deletions=[deleted]))


def _cluster() -> Iterator[Case]:
    described = DescribeClusterRequest(include_cluster_authorized_operations=True)
    yield _same(ApiKey.DESCRIBE_CLUSTER, "operations", described, (0, 2))
    yield Case(
        ApiKey.DESCRIBE_CLUSTER,
        "fenced brokers",
        lambda ground, version: DescribeClusterRequest(include_fenced_brokers=True),
    )
    quorum = DescribeQuorumRequest(
        topics=[
            DescribeQuorumRequestTopicData(
                topic_name="__cluster_metadata", partitions=[DescribeQuorumRequestPartitionData(partition_index=0)]
            )
        ]
    )
    counted: dict[str, Replacement] = {"topics": _count, "nodes": _count}
    yield _same(ApiKey.DESCRIBE_QUORUM, "metadata", quorum, (0, 2), replace=counted)
    yield _same(ApiKey.UPDATE_FEATURES, "nothing", UpdateFeaturesRequest(validate_only=True, timeout_ms=10_000), (1, 2))
    yield _same(ApiKey.ADD_RAFT_VOTER, "nobody", AddRaftVoterRequest(voter_id=-1), (0, 1))
    yield _same(ApiKey.REMOVE_RAFT_VOTER, "nobody", RemoveRaftVoterRequest(voter_id=-1))
    yield _same(ApiKey.UNREGISTER_BROKER, "unknown", UnregisterBrokerRequest(broker_id=99))


def _count(values: object) -> Normal:
    assert isinstance(values, list)
    return len(values)


def _transactions() -> Iterator[Case]:
    hidden: dict[str, Replacement] = {
        "producer_id": "<producer>",
        "producer_epoch": "<epoch>",
        "transaction_start_time_ms": "<time>",
        "transaction_timeout_ms": "<timeout>",
    }
    named = DescribeTransactionsRequest(transactional_ids=[OTHER_TXN, HERE_TXN, GONE_TXN])
    yield _same(ApiKey.DESCRIBE_TRANSACTIONS, "named", named, (), ("topics", "transaction_states"), hidden)
    yield _same(ApiKey.LIST_TRANSACTIONS, "all", ListTransactionsRequest(), (0, 2), ("transaction_states",), hidden)
    yield Case(
        ApiKey.LIST_TRANSACTIONS,
        "of an id",
        _transactions_of_producer,
        unordered=("transaction_states",),
        replace=hidden,
    )


def _transactions_of_producer(ground: Ground, version: int) -> Message:
    return ListTransactionsRequest(producer_id_filters=[ground.producer[0]])


CASES: Final = (*_acls(), *_tokens(), *_users(), *_cluster(), *_telemetry(), *_transactions())
