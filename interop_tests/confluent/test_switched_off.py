"""What confluent-kafka's admin client is told where there are no access control lists and users."""

from __future__ import annotations

from concurrent.futures import Future

import pytest
from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    ResourcePatternType,
    ResourceType,
)

from tests.support.brokers import Broker

RESOURCE_NOT_FOUND = 91
EVERY_ENTRY = AclBindingFilter(
    ResourceType.ANY,
    None,  # type: ignore[arg-type]  # its annotations know no filter that matches any name
    ResourcePatternType.ANY,
    None,  # type: ignore[arg-type]
    None,  # type: ignore[arg-type]
    AclOperation.ANY,
    AclPermissionType.ANY,
)
BOB_READS = AclBinding(
    ResourceType.TOPIC,
    "orders",
    ResourcePatternType.LITERAL,
    "User:bob",
    "*",
    AclOperation.READ,
    AclPermissionType.ALLOW,
)


@pytest.fixture
def client(broker: Broker) -> AdminClient:
    return AdminClient({"bootstrap.servers": broker.bootstrap})


def test_access_control_lists(client: AdminClient) -> None:
    # librdkafka drops the error of a description, Apache Kafka's as well.
    assert client.describe_acls(EVERY_ENTRY, request_timeout=20).result(30) == []
    futures = [
        client.create_acls([BOB_READS], request_timeout=20)[BOB_READS],
        client.delete_acls([EVERY_ENTRY], request_timeout=20)[EVERY_ENTRY],
    ]
    for future in futures:
        with pytest.raises(KafkaException) as refused:
            future.result(30)
        assert refused.value.args[0].code() == KafkaError.SECURITY_DISABLED


def test_users(client: AdminClient) -> None:
    of_all = client.describe_user_scram_credentials(request_timeout=20)
    assert isinstance(of_all, Future)
    assert of_all.result(30) == {}
    of_bob = client.describe_user_scram_credentials(["bob"], request_timeout=20)
    assert isinstance(of_bob, dict)
    with pytest.raises(KafkaException) as refused:
        of_bob["bob"].result(30)
    assert refused.value.args[0].code() == RESOURCE_NOT_FOUND
