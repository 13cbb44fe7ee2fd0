from __future__ import annotations

import random
import time

import pytest

from kafka_compat.metadata.image import Acl
from kafka_compat.security.acl import AclOperation, AclPattern, AclPermission, AclResource
from kafka_compat.security.hosts import java_address
from kafka_compat.security.principal import Principal, user
from kafka_compat.security.standard_authorizer import StandardAuthorizer, super_users

ALICE, BOB = user("alice"), user("bob")
HOST = "10.0.0.1"
TOPIC, GROUP, CLUSTER = AclResource.TOPIC, AclResource.GROUP, AclResource.CLUSTER
READ, WRITE, DESCRIBE, ALL = AclOperation.READ, AclOperation.WRITE, AclOperation.DESCRIBE, AclOperation.ALL


def entry(
    name: str,
    operation: AclOperation,
    *,
    who: str = "User:alice",
    host: str = "*",
    is_prefix: bool = False,
    denies: bool = False,
    kind: AclResource = TOPIC,
) -> Acl:
    pattern = AclPattern.PREFIXED if is_prefix else AclPattern.LITERAL
    permission = AclPermission.DENY if denies else AclPermission.ALLOW
    return Acl(int(kind), name, int(pattern), who, host, int(operation), int(permission))


def deciding(*acls: Acl, supers: str = "", allows_without_acls: bool = False) -> StandardAuthorizer:
    authorizer = StandardAuthorizer(super_users(supers), allows_without_acls=allows_without_acls)
    for number, acl in enumerate(acls):
        authorizer.add(number.to_bytes(16), acl)
    return authorizer


def may(
    authorizer: StandardAuthorizer,
    operation: AclOperation,
    name: str,
    who: Principal = ALICE,
    host: str = HOST,
    kind: AclResource = TOPIC,
) -> bool:
    return authorizer.authorize(who, host, operation, kind, name)


def test_nobody_may_without_entries() -> None:
    assert not may(deciding(), READ, "orders")
    assert may(deciding(allows_without_acls=True), READ, "orders")


def test_any_pattern_that_matches_ends_what_is_allowed_without_entries() -> None:
    """Whoever the entry is for."""
    authorizer = deciding(entry("or", WRITE, who="User:bob", is_prefix=True), allows_without_acls=True)
    assert not may(authorizer, READ, "orders")
    assert may(authorizer, READ, "payments")
    assert may(authorizer, READ, "orders", kind=GROUP)


def test_super_users_may_do_everything() -> None:
    authorizer = deciding(entry("*", ALL, who="User:*", denies=True), supers=" User:root ; ;User:alice")
    assert may(authorizer, READ, "orders")
    assert may(authorizer, READ, "orders", user("root"))
    assert not may(authorizer, READ, "orders", BOB)
    assert not may(authorizer, READ, "orders", Principal("Group", "alice"))
    with pytest.raises(ValueError, match="expected a string in format principalType:principalName but got root"):
        super_users("User:a;root")


@pytest.mark.parametrize(
    ("acl", "name", "expected"),
    [
        (entry("orders", READ), "orders", True),
        (entry("orders", READ), "orders-1", False),
        (entry("orders", READ), "order", False),
        (entry("orders", READ, is_prefix=True), "orders", True),
        (entry("orders", READ, is_prefix=True), "orders-1", True),
        (entry("orders", READ, is_prefix=True), "order", False),
        (entry("*", READ), "orders", True),
        (entry("*", READ, is_prefix=True), "orders", False),
        (entry("*", READ, is_prefix=True), "*orders", True),
        (entry("orders", READ, kind=GROUP), "orders", False),
    ],
)
def test_names(acl: Acl, name: str, expected: bool) -> None:
    assert may(deciding(acl), READ, name) is expected


@pytest.mark.parametrize(
    ("who", "host", "expected"),
    [
        ("User:alice", "*", True),
        ("User:*", "*", True),
        ("User:alice", HOST, True),
        ("User:bob", "*", False),
        ("Group:*", "*", False),
        ("User:alice", "10.0.0.2", False),
        # Networks come with Kafka 4.4 (KIP-1276): here that is a text like any other, and no client has such an address.
        ("User:alice", "10.0.0.0/8", False),
        ("user:alice", "*", False),
    ],
)
def test_principals_and_hosts(who: str, host: str, expected: bool) -> None:
    assert may(deciding(entry("orders", READ, who=who, host=host)), READ, "orders") is expected


def test_hosts_are_written_as_java_does() -> None:
    assert java_address("::1") == "0:0:0:0:0:0:0:1"
    assert java_address("fe80::1%eth0") == "fe80:0:0:0:0:0:0:1%eth0"
    assert java_address("::ffff:10.0.0.1") == "10.0.0.1"
    assert java_address("10.0.0.1") == "10.0.0.1"
    assert java_address("a:b") == "a:b"
    assert may(deciding(entry("orders", READ, host="0:0:0:0:0:0:0:1")), READ, "orders", host="::1")
    assert not may(deciding(entry("orders", READ, host="::1")), READ, "orders", host="::1")


def test_what_denies_comes_first() -> None:
    authorizer = deciding(entry("*", READ, denies=True, host=HOST), entry("orders", ALL))
    assert not may(authorizer, READ, "orders")
    assert may(authorizer, READ, "orders", host="10.0.0.2")
    assert may(authorizer, WRITE, "orders")


@pytest.mark.parametrize("operation", [READ, WRITE, AclOperation.DELETE, AclOperation.ALTER, ALL])
def test_describe_is_implied(operation: AclOperation) -> None:
    assert may(deciding(entry("orders", operation)), DESCRIBE, "orders")
    # Not so of what is denied, but for ALL.
    denied = deciding(entry("orders", operation, denies=True), entry("orders", DESCRIBE))
    assert may(denied, DESCRIBE, "orders") is (operation != ALL)


@pytest.mark.parametrize("operation", [AclOperation.CREATE, AclOperation.ALTER_CONFIGS, AclOperation.CLUSTER_ACTION])
def test_describe_is_not_implied(operation: AclOperation) -> None:
    assert not may(deciding(entry("orders", operation)), DESCRIBE, "orders")


def test_describe_configs_is_implied() -> None:
    assert may(deciding(entry("orders", AclOperation.ALTER_CONFIGS)), AclOperation.DESCRIBE_CONFIGS, "orders")
    assert not may(deciding(entry("orders", AclOperation.ALTER)), AclOperation.DESCRIBE_CONFIGS, "orders")


def test_entries_come_and_go() -> None:
    authorizer = deciding()
    first, second = entry("orders", READ, is_prefix=True), entry("orders", WRITE, is_prefix=True)
    authorizer.add(b"1", first)
    authorizer.add(b"2", second)
    assert first in authorizer
    assert list(authorizer) == [first, second]
    assert set(authorizer.with_name(TOPIC, AclPattern.PREFIXED, "orders")) == {first, second}
    authorizer.remove(b"1")
    assert not may(authorizer, READ, "orders-1")
    assert may(authorizer, WRITE, "orders-1")
    authorizer.remove(b"1")
    authorizer.remove(b"2")
    assert len(authorizer) == 0
    assert not may(authorizer, WRITE, "orders-1")
    assert authorizer._resources[TOPIC].prefix_lengths == []
    assert authorizer._resources[TOPIC].by_key == {}


@pytest.mark.parametrize(
    ("acls", "expected"),
    [
        ([], False),
        ([entry("orders", WRITE)], True),
        ([entry("orders", READ)], False),
        ([entry("orders", ALL)], True),
        ([entry("orders", WRITE, host="10.0.0.2")], False),
        ([entry("orders", WRITE, who="User:*")], True),
        ([entry("or", WRITE, is_prefix=True)], True),
        # What denies all of what is allowed.
        ([entry("orders", WRITE), entry("orders", WRITE, denies=True)], False),
        ([entry("orders", WRITE), entry("orders", ALL, denies=True)], False),
        ([entry("orders", WRITE), entry("or", WRITE, is_prefix=True, denies=True)], False),
        ([entry("or", WRITE, is_prefix=True), entry("o", WRITE, is_prefix=True, denies=True)], False),
        ([entry("or", WRITE, is_prefix=True), entry("or", WRITE, is_prefix=True, denies=True)], False),
        ([entry("orders", WRITE), entry("*", WRITE, denies=True)], False),
        # What denies a part of it.
        ([entry("or", WRITE, is_prefix=True), entry("orders", WRITE, is_prefix=True, denies=True)], True),
        ([entry("or", WRITE, is_prefix=True), entry("or", WRITE, denies=True)], True),
        ([entry("*", WRITE), entry("o", WRITE, is_prefix=True, denies=True)], True),
        ([entry("orders", WRITE), entry("orders", READ, denies=True)], True),
        ([entry("orders", WRITE), entry("orders", WRITE, who="User:bob", denies=True)], True),
        # A topic of that name is looked at first, and a name counts as any other.
        ([entry("hardcode", WRITE, denies=True), entry("orders", WRITE)], True),
    ],
)
def test_any_resource_of_a_type(acls: list[Acl], expected: bool) -> None:
    assert deciding(*acls).authorize_by_resource_type(ALICE, HOST, WRITE, TOPIC) is expected


def test_any_resource_without_entries() -> None:
    assert deciding(allows_without_acls=True).authorize_by_resource_type(ALICE, HOST, WRITE, TOPIC)
    assert deciding(supers="User:alice").authorize_by_resource_type(ALICE, HOST, WRITE, TOPIC)


class Model:
    """The same rules, said once more: each entry is looked at, one by one."""

    def __init__(self, acls: list[Acl], *, allows_without_acls: bool) -> None:
        self.acls = acls
        self.allows_without_acls = allows_without_acls

    def authorize(self, who: str, host: str, operation: AclOperation, kind: AclResource, name: str) -> bool:
        on_resource = [acl for acl in self.acls if acl.resource_type == kind and self._is_for_name(acl, name)]
        if not on_resource:
            return self.allows_without_acls
        mine = [acl for acl in on_resource if acl.principal in (who, "User:*") and acl.host in (host, "*")]
        denied = {acl.operation for acl in mine if acl.permission == AclPermission.DENY}
        allowed = {acl.operation for acl in mine if acl.permission == AclPermission.ALLOW}
        enough = {int(operation), int(ALL)}
        if operation == DESCRIBE:
            enough |= {int(READ), int(WRITE), int(AclOperation.DELETE), int(AclOperation.ALTER)}
        elif operation == AclOperation.DESCRIBE_CONFIGS:
            enough.add(int(AclOperation.ALTER_CONFIGS))
        return not denied & {int(operation), int(ALL)} and bool(allowed & enough)

    def of_any(self, who: str, host: str, operation: AclOperation, kind: AclResource) -> bool:
        if self.authorize(who, host, operation, kind, "hardcode"):
            return True
        mine = [
            acl
            for acl in self.acls
            if acl.resource_type == kind
            and acl.principal in (who, "User:*")
            and acl.host in (host, "*")
            and acl.operation in (operation, ALL)
        ]
        denials = [acl for acl in mine if acl.permission == AclPermission.DENY]
        if any(acl.resource_name == "*" and acl.pattern_type == AclPattern.LITERAL for acl in denials):
            return False
        for acl in mine:
            if acl.permission == AclPermission.ALLOW:
                if acl.resource_name == "*" and acl.pattern_type == AclPattern.LITERAL:
                    return True
                if not any(self._covers(denial, acl) for denial in denials):
                    return True
        return False

    @staticmethod
    def _is_for_name(acl: Acl, name: str) -> bool:
        if acl.pattern_type == AclPattern.PREFIXED:
            return name.startswith(acl.resource_name)
        return acl.resource_name in (name, "*")

    @staticmethod
    def _covers(denial: Acl, allowed: Acl) -> bool:
        if denial.pattern_type == AclPattern.PREFIXED:
            return allowed.resource_name.startswith(denial.resource_name)
        return allowed.pattern_type == AclPattern.LITERAL and denial.resource_name == allowed.resource_name


NAMES = ("a", "ab", "abc", "abd", "b", "*", "*a", "hardcode", "hard", "é", "ab*")
WHO = ("User:alice", "User:bob", "User:*", "Group:g", "Group:*")
HOSTS = ("*", HOST, "10.0.0.2")
OPERATIONS = [operation for operation in AclOperation if operation > ALL or operation == ALL]


def some_entry(chance: random.Random) -> Acl:
    return entry(
        chance.choice(NAMES),
        chance.choice(OPERATIONS),
        who=chance.choice(WHO),
        host=chance.choice(HOSTS),
        is_prefix=chance.random() < 0.5,
        denies=chance.random() < 0.3,
        kind=chance.choice([TOPIC, GROUP]),
    )


@pytest.mark.parametrize("seed", range(40))
def test_decides_as_a_model_does(seed: int) -> None:
    """Random entries come and go, and random questions are asked in between."""
    chance = random.Random(seed)
    allows_without_acls = chance.random() < 0.5
    authorizer = StandardAuthorizer(allows_without_acls=allows_without_acls)
    there: dict[bytes, Acl] = {}
    for number in range(60):
        acl = some_entry(chance)
        if there and chance.random() < 0.4:
            gone = chance.choice(list(there))
            del there[gone]
            authorizer.remove(gone)
        elif acl not in authorizer:
            there[number.to_bytes(16)] = acl
            authorizer.add(number.to_bytes(16), acl)
        model = Model(list(there.values()), allows_without_acls=allows_without_acls)
        assert set(authorizer) == set(there.values())
        for _ in range(20):
            who = chance.choice(["alice", "bob", "*", "carol"])
            host, operation = chance.choice([HOST, "10.0.0.2", "10.0.0.3"]), chance.choice(OPERATIONS)
            kind, name = chance.choice([TOPIC, GROUP]), chance.choice([*NAMES, "abcd", "x"])
            assert authorizer.authorize(user(who), host, operation, kind, name) == model.authorize(
                f"User:{who}", host, operation, kind, name
            )
            assert authorizer.authorize_by_resource_type(user(who), host, operation, kind) == model.of_any(
                f"User:{who}", host, operation, kind
            )


def test_a_decision_costs_the_same_with_many_entries() -> None:
    authorizer = deciding(*(entry(f"{number:05}", READ, is_prefix=number % 2 == 0) for number in range(10_000)))
    began_s = time.perf_counter()
    for _ in range(1_000):
        assert may(authorizer, READ, "00700-topic")
        assert not may(authorizer, READ, "00701-topic")
    # Some 2 us each; with a walk over the entries it is some milliseconds.
    assert time.perf_counter() - began_s < 1.0
