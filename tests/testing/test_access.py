from __future__ import annotations

import gc
import weakref

import pytest

from kafka_compat.server.broker import Broker
from kafka_compat.server.life import BrokerState
from kafka_compat.testing import Kafka, allow
from tests.support.wire_client import WireClient

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


def test_the_log_of_requests_keeps_no_broker_in_memory() -> None:
    """It keeps sessions, and who has authenticated has done so with what a broker knows."""
    with Kafka(brokers=2, users=USERS) as kafka:
        for mechanism in ("PLAIN", "SCRAM-SHA-256"):
            with WireClient(f"127.0.0.1:{kafka.brokers[2].port}", user="alice", password=USERS["alice"], mechanism=mechanism):
                pass
        (broker,) = (
            weakref.ref(each)
            for each in gc.get_objects()
            if isinstance(each, Broker) and each.node_id == 2 and each.life is BrokerState.RUNNING
        )
        kafka.brokers[2].kill()
        kafka.brokers[2].start()
        assert kafka.requests
        gc.collect()
        assert broker() is None
