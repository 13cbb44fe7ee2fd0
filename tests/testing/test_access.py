from __future__ import annotations

import gc
import weakref
from pathlib import Path

import pytest

from kafka_compat.protocol.messages.describe_client_quotas import DescribeClientQuotasResponse
from kafka_compat.security.sasl.scram_credentials import ScramCredential, ScramMechanism, make_credential
from kafka_compat.server import first_users
from kafka_compat.testing import Kafka, allow
from tests.support.quota_requests import Entity, description, quotas_of, set_quotas
from tests.support.wire_client import NotAuthenticated, WireClient

USERS = {"alice": "alice-secret", "bob": "bob-secret"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"users": "alice:secret"}, 'users gives each name its password, such as {"alice": "secret"}, not str'),
        ({"users": {"alice": ""}}, "users: the password of 'alice' is empty"),
        ({"acls": []}, 'acls say what users may do: name these by users, such as {"alice": "secret"}'),
        ({"users": USERS, "acls": ["alice"]}, "acls are what allow and deny give, .* not 'alice'"),
        ({"users": USERS, "super_users": ["alice"]}, "super_users goes with acls: without them everybody may do everything"),
        ({"tls": "yes"}, "tls is True, or Tls.*not 'yes'"),
    ],
)
def test_what_cannot_be_meant_so_is_refused(arguments: dict[str, object], message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=message):
        Kafka(**arguments)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("arguments", "what", "message"),
    [
        (("alice",), {"topic": "orders"}, "an operation is missing"),
        (("alice", "raed"), {"topic": "orders"}, "'raed' is no operation, did you mean 'read'|'raed' is no operation"),
        (("alice", "read"), {}, "one of topic, group, transactional_id and cluster=True says to what"),
        (("alice", "read"), {"topic": "a", "group": "b"}, "one of topic, group"),
        (("", "read"), {"topic": "a"}, "the user is a str"),
    ],
)
def test_rights_that_nobody_understands_are_refused(arguments: tuple[str, ...], what: dict[str, str], message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=message):
        allow(*arguments, **what)  # type: ignore[arg-type]


def test_who_a_client_is_has_to_be_known() -> None:
    with Kafka(users=USERS) as kafka:
        with pytest.raises(ValueError, match="user= says who the client is, one of alice, bob"):
            kafka.config("confluent")
        with pytest.raises(ValueError, match="there is no user 'alise'"):
            kafka.config("confluent", user="alise")
    with Kafka() as kafka, pytest.raises(ValueError, match="this Kafka was made without users"):
        kafka.config("confluent", user="alice")


def test_passwords_are_hashed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A reset takes 2 ms, of which each hash would take one more."""
    hashed: list[str] = []

    def make(mechanism: ScramMechanism, password: str) -> ScramCredential:
        hashed.append(password)
        return make_credential(mechanism, password)

    monkeypatch.setattr(first_users, "make_credential", make)
    monkeypatch.setattr(first_users, "is_password_of", lambda *_: pytest.fail("it is known"))
    passwords = {"alice": "hashed-once", "bob": "as-well"}
    with Kafka(brokers=2, users=passwords) as kafka:
        kafka.reset()
        assert sorted(hashed) == ["as-well", "as-well", "hashed-once", "hashed-once"]


def test_the_log_of_requests_keeps_no_broker_in_memory() -> None:
    """It keeps sessions, and who has authenticated has done so with what a broker knows."""
    with Kafka(brokers=2, users=USERS) as kafka:
        for mechanism in ("PLAIN", "SCRAM-SHA-256"):
            with WireClient(f"127.0.0.1:{kafka.brokers[2].port}", user="alice", password=USERS["alice"], mechanism=mechanism):
                pass
        (broker,) = (weakref.ref(each) for each in kafka.cluster.brokers if each.node_id == 2)
        kafka.brokers[2].kill()
        kafka.brokers[2].start()
        assert kafka.requests
        gc.collect()
        assert broker() is None


def _comes_in(kafka: Kafka, user: str, password: str, mechanism: str = "PLAIN") -> bool:
    try:
        WireClient(kafka.bootstrap_servers, user=user, password=password, mechanism=mechanism).close()
    except NotAuthenticated:
        return False
    return True


def test_a_snapshot_has_users_with_their_passwords() -> None:
    with Kafka(users=USERS) as kafka:
        kafka.add_user("carol", "carol-secret")
        kafka.add_user("alice", "another")
        kafka.remove_user("bob")
        snapshot = kafka.snapshot()
        kafka.reset()
        assert kafka.users == ["alice", "bob"]
        kafka.restore(snapshot)
        assert kafka.users == ["alice", "carol"]
        for mechanism in ("PLAIN", "SCRAM-SHA-256"):
            assert _comes_in(kafka, "carol", "carol-secret", mechanism)
            assert _comes_in(kafka, "alice", "another", mechanism)
            assert not _comes_in(kafka, "alice", "alice-secret", mechanism)
            assert not _comes_in(kafka, "bob", "bob-secret", mechanism)


def test_a_folder_has_no_passwords_but_what_scram_needs(tmp_path: Path) -> None:
    with Kafka(users=USERS) as kafka:
        kafka.add_user("carol", "carol-secret")
        kafka.snapshot(tmp_path / "kept")
        kafka.reset()
        kafka.restore(tmp_path / "kept")
        assert kafka.users == ["alice", "bob", "carol"]
        assert _comes_in(kafka, "carol", "carol-secret", "SCRAM-SHA-512")
        assert not _comes_in(kafka, "carol", "carol-secret", "PLAIN")
        assert _comes_in(kafka, "alice", "alice-secret", "PLAIN")
    assert not any(b"-secret" in path.read_bytes() for path in (tmp_path / "kept").rglob("*") if path.is_file())


def _limit(kafka: Kafka, producer_byte_rate: float) -> None:
    with WireClient(kafka.bootstrap_servers) as client:
        set_quotas(client, (("user", "alice"),), producer_byte_rate=producer_byte_rate)


def _limits(kafka: Kafka) -> dict[Entity, dict[str, float]]:
    with WireClient(kafka.bootstrap_servers) as client:
        return quotas_of(client.call(description(), 1, DescribeClientQuotasResponse))


@pytest.mark.parametrize("by_folder", [False, True])
def test_a_snapshot_has_quotas(by_folder: bool, tmp_path: Path) -> None:
    with Kafka() as kafka:
        _limit(kafka, 1024.0)
        snapshot = kafka.snapshot(tmp_path / "kept" if by_folder else None)
        _limit(kafka, 1.0)
        kafka.restore(tmp_path / "kept" if by_folder else snapshot)
        assert _limits(kafka) == {(("user", "alice"),): {"producer_byte_rate": 1024.0}}
        kafka.reset()
        assert _limits(kafka) == {}
