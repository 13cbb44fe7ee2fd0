"""Access control lists over the wire, where there is an authorizer: what is kept, and what several brokers know."""

from __future__ import annotations

from kafka_compat.filesystem import MemoryFileSystem
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.create_acls import AclCreation, CreateAclsRequest, CreateAclsResponse
from kafka_compat.protocol.messages.delete_acls import DeleteAclsFilter, DeleteAclsRequest, DeleteAclsResponse
from kafka_compat.protocol.messages.describe_acls import DescribeAclsRequest, DescribeAclsResponse
from kafka_compat.security.chosen_authorizer import acls_of
from kafka_compat.security.standard_authorizer import StandardAuthorizer
from kafka_compat.testing import Kafka
from kafka_compat.testing.cluster import Cluster
from tests.api.office import CONFIGS, Office
from tests.api.worlds import Turns
from tests.support.wire_client import WireClient

ANY = 1
MANY = 3_000


def entry(name: str = "orders", operation: int = 3) -> AclCreation:
    return AclCreation(
        resource_type=2, resource_name=name, principal="User:bob", host="*", operation=operation, permission_type=3
    )


def everything(name: str | None = None) -> DeleteAclsFilter:
    return DeleteAclsFilter(
        resource_type_filter=ANY,
        resource_name_filter=name,
        pattern_type_filter=ANY,
        principal_filter=None,
        host_filter=None,
        operation=ANY,
        permission_type=ANY,
    )


DESCRIBE_ALL = DescribeAclsRequest(
    resource_type_filter=ANY,
    resource_name_filter=None,
    pattern_type_filter=ANY,
    principal_filter=None,
    host_filter=None,
    operation=ANY,
    permission_type=ANY,
)


def create(client: WireClient, *creations: AclCreation) -> CreateAclsResponse:
    return client.call(CreateAclsRequest(creations=list(creations)), 3, CreateAclsResponse)


def listed(client: WireClient) -> list[tuple[str, list[int]]]:
    answer = client.call(DESCRIBE_ALL, 3, DescribeAclsResponse)
    assert answer.error_code == 0
    return [(resource.resource_name, [acl.operation for acl in resource.acls]) for resource in answer.resources]


def acls_at(cluster: Cluster, broker: int) -> StandardAuthorizer:
    services = cluster.brokers[broker].services
    assert services is not None
    acls = acls_of(services.authorizer)
    assert acls is not None
    return acls


def test_entries_are_kept_over_a_restart() -> None:
    files = MemoryFileSystem()
    with Cluster(configs=CONFIGS, file_system=files) as cluster, WireClient(cluster.bootstrap) as client:
        create(client, entry(), entry(operation=4), entry("payments"))
        client.call(DeleteAclsRequest(filters=[everything("payments")]), 3, DeleteAclsResponse)
        before = [*acls_at(cluster, 0)]
    with Cluster(configs=CONFIGS, file_system=files) as cluster, WireClient(cluster.bootstrap) as client:
        assert listed(client) == [("orders", [3, 4])]
        assert [*acls_at(cluster, 0)] == before
        # What was there before is no other entry.
        create(client, entry(), entry())
        assert listed(client) == [("orders", [3, 4])]
        assert len(cluster.brokers[0].services.image.acls) == 2  # type: ignore[union-attr]


def test_all_brokers_know_of_entries() -> None:
    with Cluster(brokers=2, configs=CONFIGS) as cluster:
        first, second = cluster.bootstrap.split(",")
        with WireClient(first) as client, WireClient(second) as other:
            create(client, entry())
            assert listed(other) == [("orders", [3])]
            other.call(DeleteAclsRequest(filters=[everything()]), 3, DeleteAclsResponse)
            assert listed(client) == []
            assert [len(acls_at(cluster, number)) for number in (0, 1)] == [0, 0]


def test_a_broker_that_is_gone_is_told_no_more() -> None:
    with Kafka(brokers=2, configs=CONFIGS) as kafka:
        gone = acls_at(kafka.cluster, 1)
        kafka.brokers[2].stop()
        with WireClient(kafka.cluster.bootstrap.split(",")[0]) as client:
            create(client, entry())
        assert len(gone) == 0
        assert len(acls_at(kafka.cluster, 0)) == 1


def test_wide_requests_let_others_have_their_turn(office: Office, turns: Turns) -> None:
    client = office.world.client()
    before = turns.count
    answer = create(client, *(entry(f"many-{number}") for number in range(MANY)), entry("", 3))
    assert [result.error_code for result in answer.results] == [0] * MANY + [ErrorCode.INVALID_REQUEST]
    assert turns.count - before >= 3 * MANY // 16
    before = turns.count
    assert len(listed(client)) == MANY
    assert turns.count - before >= MANY // 16
    before = turns.count
    filters = [everything(f"many-{number}") for number in range(5)] + [everything()] * 5
    removed = client.call(DeleteAclsRequest(filters=filters), 3, DeleteAclsResponse)
    assert [len(result.matching_acls) for result in removed.filter_results] == [1] * 5 + [MANY] * 5
    assert turns.count - before >= MANY // 16


def test_an_answer_to_many_filters_has_a_bound(office: Office) -> None:
    """Kafka answers as long as its heap lasts."""
    client = office.world.client()
    create(client, *(entry(f"many-{number}") for number in range(MANY)))
    filters = [everything()] * (500_000 // MANY + 1)
    answer = client.call(DeleteAclsRequest(filters=filters), 3, DeleteAclsResponse)
    assert {result.error_code for result in answer.filter_results} == {ErrorCode.INVALID_REQUEST}
    assert len(listed(client)) == MANY, "nothing has been taken away"
