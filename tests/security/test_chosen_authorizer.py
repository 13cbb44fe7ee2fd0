"""Which authorizer a broker has: Kafka's, one in Python, or none."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from importlib.metadata import EntryPoint, EntryPoints

import pytest

from kafka_compat.protocol.messages.create_acls import AclCreation, CreateAclsRequest, CreateAclsResponse
from kafka_compat.protocol.messages.metadata import MetadataRequest, MetadataRequestTopic, MetadataResponse
from kafka_compat.security import chosen_authorizer
from kafka_compat.security.acl import AclOperation, AclResource
from kafka_compat.security.authorizer import NEVER_KEPT
from kafka_compat.security.chosen_authorizer import (
    STANDARD_AUTHORIZER,
    UnusableAuthorizer,
    acls_of,
    make_authorizer,
    make_standard,
)
from kafka_compat.security.principal import Principal, user
from kafka_compat.security.standard_authorizer import StandardAuthorizer
from kafka_compat.testing.cluster import Cluster
from tests.support.wire_client import WireClient

HERE = __name__


class OnlyPublic:
    """Lets everybody at topics whose names begin with `public`; fails when it is asked about one called `fails`."""

    def __init__(self, configs: Mapping[str, str]) -> None:
        self.configs = configs

    def authorize(
        self, principal: Principal, host: str, operation: AclOperation, resource_type: AclResource, resource_name: str
    ) -> bool:
        if resource_name == "fails":
            raise RuntimeError("on purpose")
        return resource_name.startswith("public")

    def authorize_by_resource_type(
        self, principal: Principal, host: str, operation: AclOperation, resource_type: AclResource
    ) -> bool:
        raise RuntimeError("on purpose")


class WithVersion(OnlyPublic):
    version = 7


class Vain(StandardAuthorizer):
    """Has access control lists, and lets everybody do everything."""

    def __init__(self, configs: Mapping[str, str]) -> None:
        super().__init__()

    def authorize(
        self, principal: Principal, host: str, operation: AclOperation, resource_type: AclResource, resource_name: str
    ) -> bool:
        return True


class Fails:
    def __init__(self, configs: Mapping[str, str]) -> None:
        raise RuntimeError("no rules today")


def named(name: str, **configs: str) -> dict[str, str]:
    return {"authorizer.class.name": name, **configs}


def may_read(authorizer: object, name: str) -> bool:
    assert authorizer is not None
    return authorizer.authorize(user("alice"), "10.0.0.1", AclOperation.READ, AclResource.TOPIC, name)  # type: ignore[attr-defined, no-any-return]


def test_none() -> None:
    assert make_authorizer({}) is None
    assert make_authorizer(named("")) is None
    assert acls_of(None) is None


def test_kafkas() -> None:
    authorizer = make_authorizer(named(STANDARD_AUTHORIZER, **{"super.users": "User:alice; User:bob"}))
    assert isinstance(authorizer, StandardAuthorizer)
    assert acls_of(authorizer) is authorizer
    assert may_read(authorizer, "orders")
    assert not authorizer.authorize(user("carol"), "::1", AclOperation.READ, AclResource.TOPIC, "orders")


@pytest.mark.parametrize(("text", "expected"), [("true", True), (" True ", True), ("yes", False), ("false", False)])
def test_everybody_without_entries(text: str, expected: bool) -> None:
    assert may_read(make_standard({"allow.everyone.if.no.acl.found": text}), "orders") is expected


@pytest.mark.expects_errors("the authorizer failed: User:alice is denied")
def test_one_in_python(caplog: pytest.LogCaptureFixture) -> None:
    authorizer = make_authorizer(named(f"{HERE}:OnlyPublic"))
    assert authorizer is not None
    assert authorizer.version == NEVER_KEPT
    assert acls_of(authorizer) is None
    assert may_read(authorizer, "public-orders")
    assert not may_read(authorizer, "orders")
    with caplog.at_level(logging.ERROR):
        assert not may_read(authorizer, "fails")
        assert not authorizer.authorize_by_resource_type(user("alice"), "::1", AclOperation.WRITE, AclResource.TOPIC)
    assert [record.exc_info is not None and bool(record.exc_info) for record in caplog.records] == [True, False]
    assert caplog.messages == [
        "the authorizer failed: User:alice is denied READ on TOPIC",
        "the authorizer failed: User:alice is denied WRITE on any TOPIC",
    ]


def test_one_with_a_version() -> None:
    authorizer = make_authorizer(named(f"{HERE}:WithVersion"))
    assert authorizer is not None
    assert authorizer.version == 7


def test_one_by_its_entry_point(monkeypatch: pytest.MonkeyPatch) -> None:
    point = EntryPoint("public", f"{HERE}:OnlyPublic", chosen_authorizer.ENTRY_POINT_GROUP)

    def entry_points(group: str, name: str | None = None) -> EntryPoints:
        found = EntryPoints([point]).select(group=group)
        return found if name is None else found.select(name=name)

    monkeypatch.setattr("importlib.metadata.entry_points", entry_points)
    assert may_read(make_authorizer(named("python:public")), "public-orders")
    with pytest.raises(UnusableAuthorizer, match=r"no entry point private .*; there are public$"):
        make_authorizer(named("python:private"))


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("com.example.MyAuthorizer", "Java classes cannot be run here"),
        ("kafka.security.authorizer.AclAuthorizer", "Java classes cannot be run here"),
        ("no_such_module_at_all:X", "ModuleNotFoundError"),
        (f"{HERE}:NoSuchClass", "AttributeError"),
        (f"{HERE}:HERE", "that is no class"),
        (f"{HERE}:Fails", "RuntimeError: no rules today"),
        ("builtins:dict", "dict has no method authorize"),
    ],
)
def test_ones_that_cannot_be(name: str, reason: str) -> None:
    with pytest.raises(UnusableAuthorizer, match=reason) as raised:
        make_authorizer(named(name))
    assert str(raised.value).startswith(f"authorizer.class.name {name}: ")
    with pytest.raises(UnusableAuthorizer, match=reason), Cluster(configs=named(name)):
        pass


def test_super_users_that_cannot_be() -> None:
    with pytest.raises(
        UnusableAuthorizer, match=r"super\.users: expected a string in format principalType:principalName but got bob"
    ):
        make_authorizer(named(STANDARD_AUTHORIZER, **{"super.users": "User:alice;bob"}))


def test_a_broker_asks_it() -> None:
    with (
        Cluster(configs=named(f"{HERE}:OnlyPublic"), topics={"public": 1, "orders": 1}) as cluster,
        WireClient(cluster.bootstrap) as client,
    ):
        request = MetadataRequest(topics=[MetadataRequestTopic(name=name) for name in ("public", "orders")])
        assert [(topic.name, topic.error_code) for topic in client.call(request, 12, MetadataResponse).topics] == [
            ("public", 0),
            ("orders", 29),
        ]
        create = CreateAclsRequest(creations=[AclCreation(resource_type=2, operation=3, permission_type=3)])
        # It does not know access control lists, and it does not let anybody at the cluster.
        assert client.call(create, 3, CreateAclsResponse).results[0].error_code == 31


def test_one_that_builds_on_kafkas_has_access_control_lists() -> None:
    acl = AclCreation(resource_type=2, resource_name="a", principal="User:x", host="*", operation=3, permission_type=3)
    with Cluster(configs=named(f"{HERE}:Vain")) as cluster, WireClient(cluster.bootstrap) as client:
        assert client.call(CreateAclsRequest(creations=[acl]), 3, CreateAclsResponse).results[0].error_code == 0
        services = cluster.brokers[0].services
        assert services is not None
        acls = acls_of(services.authorizer)
        assert acls is not None
        assert len(acls) == 1
