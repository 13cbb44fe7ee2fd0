"""What kafka-python's admin client is told where there are no access control lists, users and transactions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest
from kafka.admin import (
    ACL,
    ACLFilter,
    ACLOperation,
    ACLPermissionType,
    ACLResourcePatternType,
    KafkaAdminClient,
    ResourcePattern,
    ResourcePatternFilter,
    ResourceType,
)
from kafka.errors import SecurityDisabledError

from tests.support.brokers import Broker

EVERY_ENTRY = ACLFilter(
    principal=None,
    host=None,
    operation=ACLOperation.ANY,
    permission_type=ACLPermissionType.ANY,
    resource_pattern=ResourcePatternFilter(ResourceType.ANY, None, ACLResourcePatternType.ANY),
)
BOB_READS = ACL(
    principal="User:bob",
    host="*",
    operation=ACLOperation.READ,
    permission_type=ACLPermissionType.ALLOW,
    resource_pattern=ResourcePattern(ResourceType.TOPIC, "orders"),
)


@pytest.fixture
def client(broker: Broker) -> Iterator[KafkaAdminClient]:
    with closing(KafkaAdminClient(bootstrap_servers=broker.bootstrap)) as client:
        yield client


def test_access_control_lists(client: KafkaAdminClient) -> None:
    with pytest.raises(SecurityDisabledError):
        client.describe_acls(EVERY_ENTRY)
    assert client.create_acls([BOB_READS]) == {"succeeded": [], "failed": [SecurityDisabledError]}
    ((_, matching, error),) = client.delete_acls([EVERY_ENTRY])
    assert (matching, error) == ([], SecurityDisabledError)


def test_users(client: KafkaAdminClient) -> None:
    assert client.describe_user_scram_credentials() == {}
    bob = client.describe_user_scram_credentials(["bob"])["bob"]
    assert bob == {"error": "Attempt to describe a user credential that does not exist: bob", "credential_infos": []}


def test_transactions(client: KafkaAdminClient) -> None:
    nobody = 1 << 60  # other tests have left transactions of their producers
    assert client.list_transactions(producer_id_filters=[nobody]) == {1: []}


def test_broker_is_taken_for_a_recent_one(client: KafkaAdminClient) -> None:
    """kafka-python infers Kafka's version from the APIs that are listed."""
    assert client.get_broker_version_data(1).broker_version >= (4, 0)
