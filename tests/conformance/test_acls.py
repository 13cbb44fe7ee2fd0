"""Access control lists beside Apache Kafka: what is added, listed and taken away, and what random ones come to.

Everything is about a user of its own, whose entries are gone afterwards: the broker is shared with the matrix of rights.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Final

import pytest

from kafka_compat.protocol.api_keys import ApiKey
from kafka_compat.protocol.messages.create_acls import AclCreation, CreateAclsRequest, CreateAclsResponse
from kafka_compat.protocol.messages.create_partitions import (
    CreatePartitionsRequest,
    CreatePartitionsResponse,
    CreatePartitionsTopic,
)
from kafka_compat.protocol.messages.delete_acls import DeleteAclsFilter, DeleteAclsRequest, DeleteAclsResponse
from kafka_compat.protocol.messages.describe_acls import DescribeAclsRequest, DescribeAclsResponse
from kafka_compat.protocol.messages.describe_configs import (
    DescribeConfigsRequest,
    DescribeConfigsResource,
    DescribeConfigsResponse,
)
from kafka_compat.protocol.messages.describe_producers import (
    DescribeProducersRequest,
    DescribeProducersResponse,
    TopicRequest,
)
from kafka_compat.protocol.messages.init_producer_id import InitProducerIdRequest, InitProducerIdResponse
from kafka_compat.protocol.messages.metadata import MetadataRequest, MetadataRequestTopic, MetadataResponse
from kafka_compat.security.acl import AclOperation, AclPattern, AclPermission, AclResource
from tests.conformance.both import ANY_ERROR, CLOSED, Both, Side
from tests.conformance.normalise import Normal
from tests.conformance.secured import ANYBODY

ANY, MATCH = 1, 2
LITERAL, PREFIXED = AclPattern.LITERAL, AclPattern.PREFIXED
TOPIC, CLUSTER = AclResource.TOPIC, AclResource.CLUSTER
READ, WRITE, ALTER, DESCRIBE, ALL = (
    AclOperation.READ,
    AclOperation.WRITE,
    AclOperation.ALTER,
    AclOperation.DESCRIBE,
    AclOperation.ALL,
)
MAX_AT_ONCE: Final = 10_000
PRINCIPAL: Final = "User:of-test-acls"
_PATIENCE_S: Final = 20.0

UNORDERED: Final = ("resources", "acls", "matching_acls")


def entry(
    name: str,
    operation: int = READ,
    *,
    kind: int = TOPIC,
    pattern: int = LITERAL,
    who: str = PRINCIPAL,
    host: str = "*",
    permission: int = AclPermission.ALLOW,
) -> AclCreation:
    return AclCreation(
        resource_type=kind,
        resource_name=name,
        resource_pattern_type=pattern,
        principal=who,
        host=host,
        operation=operation,
        permission_type=permission,
    )


def matching(
    name: str | None = None,
    operation: int = ANY,
    *,
    kind: int = ANY,
    pattern: int = ANY,
    who: str | None = PRINCIPAL,
    host: str | None = None,
    permission: int = ANY,
) -> DeleteAclsFilter:
    return DeleteAclsFilter(
        resource_type_filter=kind,
        resource_name_filter=name,
        pattern_type_filter=pattern,
        principal_filter=who,
        host_filter=host,
        operation=operation,
        permission_type=permission,
    )


def describing(wanted: DeleteAclsFilter) -> DescribeAclsRequest:
    return DescribeAclsRequest(**{name: getattr(wanted, name) for name in DeleteAclsFilter.__slots__})


def remove(side: Side, *filters: DeleteAclsFilter) -> None:
    answer = side.call(DeleteAclsRequest(filters=list(filters)), 3, DeleteAclsResponse)
    assert not any(each.error_code for each in answer.filter_results), answer


@pytest.fixture
def both(secured: Both) -> Iterator[Both]:
    yield secured
    for side in secured.sides:
        remove(side, matching(), matching(who=f"User:{ANYBODY}"), matching(who="User:*"))


ODD: Final = {
    "twice": [entry("a"), entry("a")],
    "any resource": [entry("a", kind=ANY), entry("b")],
    "unknown resource": [entry("a", kind=99), entry("a", kind=-1)],
    "any pattern": [entry("a", pattern=ANY)],
    "match": [entry("a", pattern=MATCH)],
    "unknown pattern": [entry("a", pattern=99)],
    "any operation": [entry("a", ANY)],
    "unknown operation": [entry("a", 99)],
    "any permission": [entry("a", permission=ANY)],
    "unknown permission": [entry("a", permission=99)],
    "no name": [entry(""), entry("", kind=CLUSTER)],
    "another cluster": [entry("x", ALTER, kind=CLUSTER), entry("*", ALTER, kind=CLUSTER)],
    "a cluster by prefix": [entry("kafka-cluster", ALTER, kind=CLUSTER, pattern=PREFIXED)],
    "no principal": [entry("a", who=""), entry("a", who="alice")],
    "odd principals": [entry("of-odd", who=who) for who in ("User:", ":x", "Group:g", "User:a:b", ":", " User:x", "user:x")],
    "odd hosts": [entry("a", host=host) for host in ("", "10.0.0.0/8", "10.0.0.0/33", "localhost", "::1", " *", "x" * 300)],
    "operations of other types": [entry("a", AclOperation.CLUSTER_ACTION), entry("t", READ, kind=AclResource.DELEGATION_TOKEN)],
    "odd names": [entry("a b/c!"), entry("x" * 250), entry("x" * 32_000, who=PRINCIPAL, host="z" * 32_000)],
    "some of each": [entry("x", kind=CLUSTER), entry(""), entry("q", kind=99), entry("fine"), entry("fine")],
    "some of each and any": [entry("x", kind=CLUSTER), entry("q", ANY)],
    "nothing": [],
}


def test_create(both: Both) -> None:
    for label, creations in ODD.items():
        both.compare(label, CreateAclsRequest(creations=creations), range(1, 4), expect=ANY_ERROR)
    for unknown in (entry("a", kind=0), entry("a", pattern=0), entry("a", 0), entry("a", permission=0)):
        both.compare("unknown code", CreateAclsRequest(creations=[entry("a"), unknown]), [3], expect={CLOSED})
    for side in both.sides:
        remove(side, matching("of-odd", who=None))


SOME: Final = (
    entry("orders", READ),
    entry("orders", WRITE),
    entry("orders", READ, permission=AclPermission.DENY, host="10.0.0.1"),
    entry("ord", READ, pattern=PREFIXED),
    entry("orders-1", ALL, pattern=PREFIXED),
    entry("*", DESCRIBE),
    entry("orders", READ, kind=AclResource.GROUP),
    entry("kafka-cluster", ALTER, kind=CLUSTER),
)
FILTERS: Final = {
    "all": matching(),
    "of a topic": matching("orders", kind=TOPIC),
    "literal": matching("orders", kind=TOPIC, pattern=LITERAL),
    "prefixed": matching("orders", kind=TOPIC, pattern=PREFIXED),
    "all prefixed": matching(pattern=PREFIXED),
    "match": matching("orders-12", kind=TOPIC, pattern=MATCH),
    "match of any type": matching("orders", pattern=MATCH),
    "match without a name": matching(pattern=MATCH),
    "star": matching("*", pattern=LITERAL),
    "an operation": matching(operation=READ),
    "all operations": matching(operation=ALL),
    "a permission": matching(permission=AclPermission.DENY),
    "a host": matching(host="10.0.0.1"),
    "any host": matching(host="*"),
    "nobody": matching(who="User:nobody of these"),
    "no name": matching(""),
    "unknown resource": matching(kind=99),
    "unknown pattern": matching(pattern=99),
    "unknown operation": matching(operation=99),
    "unknown permission": matching(permission=99),
}


def create(side: Side, creations: Sequence[AclCreation]) -> None:
    answer = side.call(CreateAclsRequest(creations=list(creations)), 3, CreateAclsResponse)
    assert not any(each.error_code for each in answer.results), answer


def until_described(side: Side, count: int, wanted: DeleteAclsFilter) -> None:
    """The reference tells its authorizer of entries a moment after it answered."""

    def found() -> bool:
        answer = side.call(describing(wanted), 3, DescribeAclsResponse)
        return sum(len(resource.acls) for resource in answer.resources) == count

    until(found)


def until(is_so: Callable[[], bool]) -> None:
    deadline_s = time.monotonic() + _PATIENCE_S
    while not is_so():
        assert time.monotonic() < deadline_s
        time.sleep(0.005)


def test_describe_and_delete(both: Both) -> None:
    for side in both.sides:
        create(side, SOME)
        until_described(side, len(SOME), matching())
    for label, wanted in FILTERS.items():
        both.compare(label, describing(wanted), range(1, 4), unordered=UNORDERED)
    for label, wanted in FILTERS.items():

        def add_again() -> None:
            for side in both.sides:
                create(side, SOME)

        # With another that finds what the first one does.
        request = DeleteAclsRequest(filters=[wanted, matching("orders", kind=TOPIC), wanted])
        both.compare(label, request, [1, 3], unordered=UNORDERED, before_each=add_again, expect=ANY_ERROR)
    both.compare("nothing", DeleteAclsRequest(), [3])
    for code in ("resource_type_filter", "pattern_type_filter", "operation", "permission_type"):
        unknown = matching()
        setattr(unknown, code, 0)
        both.compare(f"unknown {code}", describing(unknown), [3], expect={CLOSED})
        both.compare(f"unknown {code}", DeleteAclsRequest(filters=[unknown]), [3], expect={CLOSED})


def test_how_many_at_once(both: Both) -> None:
    many = [entry(f"many-{number}") for number in range(MAX_AT_ONCE + 1)]
    codes: list[list[Normal]] = []
    for side in both.sides:
        seen: list[Normal] = []
        for creations in (many, [*many[:MAX_AT_ONCE], many[0]], many):
            answer = side.call(CreateAclsRequest(creations=creations), 3, CreateAclsResponse)
            seen.append([[each.error_code, each.error_message] for each in answer.results[:2]])
            seen.append(len({(each.error_code, each.error_message) for each in answer.results}))
        for filters in ([matching()], [matching("many-1"), matching()], [matching("many-1"), matching("many-2")], [matching()]):
            removed = side.call(DeleteAclsRequest(filters=filters), 3, DeleteAclsResponse).filter_results
            seen += [[each.error_code, each.error_message, len(each.matching_acls)] for each in removed]
        codes.append(seen)
    both.compare_values("too many", ApiKey.CREATE_ACLS, *codes, expect=ANY_ERROR)


NAMES: Final = ("acl-a", "acl-ab", "acl-abc", "acl-abd", "acl-b")
PATTERNS: Final = (*NAMES, "acl-", "a", "*", "acl-abcd", "hardcode")
ROUNDS: Final = 60


def random_entries(chance: random.Random) -> list[AclCreation]:
    """None of them denies something on every topic: `until_in_force` could not tell."""
    operations = [operation for operation in AclOperation if operation >= ALL]
    entries = [
        entry(
            chance.choice(PATTERNS),
            chance.choice([*operations, ALL, READ, WRITE, ALTER]),
            pattern=chance.choice([LITERAL, PREFIXED]),
            who=chance.choice([f"User:{ANYBODY}", f"User:{ANYBODY}", "User:*", "User:somebody", f"Group:{ANYBODY}"]),
            host=chance.choice(["*", "*", "127.0.0.1", "10.9.9.9", "127.0.0.0/8"]),
            permission=chance.choice([AclPermission.ALLOW, AclPermission.ALLOW, AclPermission.DENY]),
        )
        for _ in range(chance.randint(1, 8))
    ]
    for each in entries:
        if each.resource_name == "*" and each.permission_type == AclPermission.DENY:
            each.resource_pattern_type = PREFIXED
    return entries


def decisions(side: Side) -> dict[str, Normal]:
    """What the user learns of some topics, none of which is there, and whether he gets a producer id."""
    metadata = MetadataRequest(
        topics=[MetadataRequestTopic(name=name) for name in NAMES],
        allow_auto_topic_creation=False,
        include_topic_authorized_operations=True,
    )
    described = side.call(metadata, 12, MetadataResponse, ANYBODY).topics
    reading = DescribeProducersRequest(topics=[TopicRequest(name=name, partition_indexes=[0]) for name in NAMES])
    read = side.call(reading, 0, DescribeProducersResponse, ANYBODY).topics
    configs = DescribeConfigsRequest(resources=[DescribeConfigsResource(resource_type=2, resource_name=name) for name in NAMES])
    configured = side.call(configs, 4, DescribeConfigsResponse, ANYBODY).results
    growing = CreatePartitionsRequest(
        topics=[CreatePartitionsTopic(name=name, count=2, assignments=None) for name in NAMES],
        timeout_ms=30_000,
        validate_only=True,
    )
    grown = side.call(growing, 3, CreatePartitionsResponse, ANYBODY).results
    producer = side.call(InitProducerIdRequest(transactional_id=None), 4, InitProducerIdResponse, ANYBODY)
    return {
        "described": {str(each.name): [each.error_code, each.topic_authorized_operations] for each in described},
        "read": {each.name: each.partitions[0].error_code for each in read},
        "configs": {each.resource_name: each.error_code for each in configured},
        "grown": {each.name: each.error_code for each in grown},
        "any": producer.error_code,
    }


def until_in_force(side: Side, sentinel: str) -> None:
    """Return when broker and controller know of an entry that allows everything on `sentinel`, and of those added with it."""
    metadata = MetadataRequest(topics=[MetadataRequestTopic(name=sentinel)], allow_auto_topic_creation=False)
    growing = CreatePartitionsRequest(
        topics=[CreatePartitionsTopic(name=sentinel, count=2, assignments=None)], timeout_ms=30_000, validate_only=True
    )
    until(lambda: side.call(metadata, 12, MetadataResponse, ANYBODY).topics[0].error_code == 3)
    until(lambda: side.call(growing, 3, CreatePartitionsResponse, ANYBODY).results[0].error_code == 3)


def test_random_entries_come_to_the_same(both: Both) -> None:
    """Sixty sets of entries, and what a user may do under each: some 1500 decisions."""
    for number in range(ROUNDS):
        entries = random_entries(random.Random(number))
        sentinel = f"sentinel-{number}"
        own = f"User:{ANYBODY}"
        answers: list[Normal] = []
        for side in both.sides:
            create(side, [*entries, entry(sentinel, ALL, who=own)])
            until_in_force(side, sentinel)
            answers.append(decisions(side))
            remove(side, *(matching(who=each) for each in (own, "User:*", "User:somebody", f"Group:{ANYBODY}")))
        both.compare_values(f"round {number}", ApiKey.CREATE_ACLS, *answers, expect=ANY_ERROR)
