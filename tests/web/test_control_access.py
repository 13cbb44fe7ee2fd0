"""Users and rights over HTTP."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kafka_compat.testing.kafka import Kafka
from kafka_compat.web.control.server import ControlServer
from tests.support.wire_client import NotAuthenticated, WireClient
from tests.web.controlled import ControlClient


@pytest.fixture(scope="module")
def kafka() -> Iterator[Kafka]:
    with Kafka(users={"alice": "alice-secret"}, acls=[], topics={"orders": 1}) as kafka:
        yield kafka


@pytest.fixture
def control(kafka: Kafka) -> Iterator[ControlClient]:
    with ControlServer(kafka) as server:
        client = ControlClient(server.url)
        client.ok("POST", "/v1/reset")
        yield client


def test_users_come_and_go(control: ControlClient, kafka: Kafka) -> None:
    assert control.ok("GET", "/v1/users") == ["alice"]
    control.ok("POST", "/v1/users", {"name": "bob/it", "password": "bob-secret"})
    assert control.ok("GET", "/v1/users") == ["alice", "bob/it"]
    WireClient(kafka.bootstrap_servers, user="bob/it", password="bob-secret").close()
    control.ok("DELETE", "/v1/users/bob%2Fit")
    with pytest.raises(NotAuthenticated):
        WireClient(kafka.bootstrap_servers, user="bob/it", password="bob-secret")
    assert control.refused("DELETE", "/v1/users/bob") == (400, "there is no user 'bob': there are alice")
    assert control.refused("POST", "/v1/users", {"name": "bob", "password": 1234}) == (400, "password is a text")


def test_rights_are_given_and_taken(control: ControlClient, kafka: Kafka) -> None:
    right = {"user": "alice", "operations": ["read", "Write"], "topic": "orders*"}
    given = control.ok("POST", "/v1/acls/allow", right)
    assert given == {
        "user": "alice",
        "operations": ["read", "write"],
        "resource": "topic",
        "name": "orders*",
        "is_allowed": True,
        "host": "*",
    }
    denied = {"user": "*", "operations": ["all"], "cluster": True, "host": "127.0.0.2"}
    control.ok("POST", "/v1/acls/deny", denied)
    assert [str(acl) for acl in kafka.acls] == [
        "alice may read topic orders*",
        "alice may write topic orders*",
        "* may not all the cluster",
    ]
    assert [acl["operations"] for acl in control.ok("GET", "/v1/acls")] == [["read"], ["write"], ["all"]]
    control.ok("POST", "/v1/acls/remove", right)
    assert control.refused("POST", "/v1/acls/remove", denied)[0] == 400
    control.ok("POST", "/v1/acls/remove", {**denied, "is_allowed": False})
    assert control.ok("GET", "/v1/acls") == []


@pytest.mark.parametrize(
    ("right", "sentence"),
    [
        ({"user": "alice", "operations": ["reed"], "topic": "t"}, "allow: 'reed' is no operation"),
        ({"user": "alice", "operations": [1], "topic": "t"}, "operations is an array of texts, not with 1"),
        ({"user": "alice", "operations": []}, "allow: an operation is missing"),
        ({"user": "alice", "operations": ["read"]}, "allow: one of topic, group, transactional_id and cluster=True"),
        ({"operations": ["read"], "topic": "t"}, "user is missing"),
    ],
)
def test_what_is_no_right(control: ControlClient, right: dict[str, object], sentence: str) -> None:
    status, said = control.refused("POST", "/v1/acls/allow", right)
    assert (status, said[: len(sentence)]) == (400, sentence)


def test_what_clients_are_told(control: ControlClient) -> None:
    control.ok("POST", "/v1/users", {"name": "bob", "password": "bob-secret"})
    found = control.ok("GET", "/v1/client-configs/confluent?user=bob&mechanism=PLAIN")
    assert (found["sasl.mechanism"], found["sasl.username"], found["sasl.password"]) == ("PLAIN", "bob", "bob-secret")
    assert control.refused("GET", "/v1/client-configs/confluent")[1].startswith("user= says who the client is")
    cluster = control.ok("GET", "/v1/cluster")
    assert (cluster["security_protocol"], cluster["ca"]) == ("SASL_PLAINTEXT", None)


def test_without_users_there_is_nobody_to_let_in() -> None:
    with Kafka() as kafka, ControlServer(kafka) as server:
        control = ControlClient(server.url)
        assert control.ok("GET", "/v1/users") == []
        status, said = control.refused("POST", "/v1/users", {"name": "bob", "password": "bob-secret"})
        assert (status, said.partition(":")[0]) == (400, "this Kafka asks nobody who he is")


def test_tls_is_trusted_by_what_the_cluster_says() -> None:
    with Kafka(tls=True) as kafka, ControlServer(kafka) as server:
        control = ControlClient(server.url)
        cluster = control.ok("GET", "/v1/cluster")
        assert cluster["security_protocol"] == "SSL"
        assert cluster["ca"].startswith("-----BEGIN CERTIFICATE-----")
        assert "ssl_context" not in control.ok("GET", "/v1/client-configs/kafka-python")
        assert control.ok("GET", "/v1/client-configs/kafkajs")["ssl"] == {"ca": [cluster["ca"]]}
