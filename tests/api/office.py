"""A cluster with access control lists, asked by somebody whose rights the test gives."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pytest

from kafka_compat.protocol.message import Message
from kafka_compat.protocol.messages.create_acls import AclCreation, CreateAclsRequest, CreateAclsResponse
from kafka_compat.protocol.messages.delete_acls import DeleteAclsFilter, DeleteAclsRequest, DeleteAclsResponse
from kafka_compat.protocol.messages.metadata import MetadataRequest, MetadataResponse
from kafka_compat.protocol.registry import response_class
from kafka_compat.security.acl import CLUSTER_NAME, AclOperation, AclResource
from kafka_compat.security.principal import user
from kafka_compat.testing.cluster import Cluster
from tests.api.worlds import World
from tests.support.wire_client import WireClient, api_key_of

TOPIC, CLUSTER = AclResource.TOPIC, AclResource.CLUSTER
ANY = 1

CONFIGS: Final[dict[str, str | int | float]] = {
    "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
    "super.users": "User:ANONYMOUS",
    "auto.create.topics.enable": True,
}


def bits(*operations: AclOperation) -> int:
    """The operations as a bit field."""
    return sum(1 << operation for operation in operations)


class Office:
    """A cluster that alice asks, beside a super user, who gives her rights; topics `mine` and `hidden` are there."""

    def __init__(self, cluster: Cluster) -> None:
        self.world = World(cluster)
        self.mine, self.hidden = self.world.topic("mine", 2), self.world.topic("hidden")
        self.alice = WireClient(cluster.bootstrap)
        self.alice.call(MetadataRequest(topics=[]), 12, MetadataResponse)
        port = self.alice.socket.getsockname()[1]
        (session,) = [session for session in cluster.brokers[0].sessions() if session.port == port]
        session.principal = user("alice")

    def close(self) -> None:
        self.alice.close()
        self.world.__exit__(None, None, None)

    def grant(self, operation: AclOperation, name: str, kind: AclResource = TOPIC) -> None:
        """Give alice a right."""
        creation = AclCreation(
            resource_type=kind, resource_name=name, principal="User:alice", host="*", operation=operation, permission_type=3
        )
        answer = self.world.call(CreateAclsRequest(creations=[creation]), 3, CreateAclsResponse)
        assert answer.results[0].error_code == 0

    def grant_on_cluster(self, operation: AclOperation) -> None:
        self.grant(operation, CLUSTER_NAME, CLUSTER)

    def take_all_away(self) -> None:
        everything = DeleteAclsFilter(
            resource_type_filter=ANY,
            resource_name_filter=None,
            pattern_type_filter=ANY,
            principal_filter=None,
            host_filter=None,
            operation=ANY,
            permission_type=ANY,
        )
        self.world.call(DeleteAclsRequest(filters=[everything]), 3, DeleteAclsResponse)

    def ask(self, request: Message, version: int) -> Any:
        """Alice's answer."""
        return self.alice.call(request, version, response_class(api_key_of(request)))

    @property
    def named(self) -> list[str]:
        return [self.mine, self.hidden, "gone"]


@pytest.fixture(scope="module")
def built() -> Iterator[Office]:
    with Cluster(configs=CONFIGS) as cluster:
        office = Office(cluster)
        yield office
        office.close()


@pytest.fixture
def office(built: Office) -> Iterator[Office]:
    yield built
    built.take_all_away()
