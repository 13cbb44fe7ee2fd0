from __future__ import annotations

import pytest
from confluent_kafka import Consumer, KafkaError, Producer

from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.testing import Kafka, allow, deny

USERS = {"alice": "alice-secret", "bob": "bob-secret"}


def produce(config: dict[str, object], topic: str = "orders") -> KafkaError | None:
    """What the client is told, None when it has produced."""
    told: list[KafkaError | None] = []
    errors: list[KafkaError] = []
    producer = Producer({**config, "error_cb": errors.append, "message.timeout.ms": 5000})
    producer.produce(topic, b"coffee", on_delivery=lambda error, _: told.append(error))
    while not told and not any(error.code() == KafkaError._AUTHENTICATION for error in errors):
        producer.poll(0.05)
    producer.purge()
    producer.flush(1)
    return next((error for error in errors if error.code() == KafkaError._AUTHENTICATION), told[0] if told else None)


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"])
@pytest.mark.parametrize("tls", [False, True])
def test_users_come_in_by_each_mechanism(mechanism: str, tls: bool) -> None:
    with Kafka(users=USERS, tls=tls) as kafka:
        assert produce(kafka.config("confluent", user="alice", mechanism=mechanism)) is None
        refused = produce(kafka.config("confluent", user="alice", mechanism=mechanism, sasl_password="wrong"))
        assert refused is not None
        assert refused.code() == KafkaError._AUTHENTICATION
        assert [record.value for record in kafka.records("orders")] == [b"coffee"]


def test_tls_needs_no_users() -> None:
    with Kafka(tls=True) as kafka:
        assert produce(kafka.config("confluent")) is None
        kafka.reset()
        assert produce(kafka.config("confluent")) is None


def test_users_may_do_what_lists_allow() -> None:
    acls = [allow("alice", "all", topic="orders*"), deny("alice", "write", topic="orders-closed")]
    with Kafka(users=USERS, acls=acls, super_users=["bob"], topics={"orders": 1, "orders-closed": 1, "private": 1}) as kafka:
        alice, bob = kafka.config("confluent", user="alice"), kafka.config("confluent", user="bob")
        assert produce(alice) is None
        for topic in ("orders-closed", "private"):
            refused = produce(alice, topic)
            assert refused is not None
            assert refused.code() == ErrorCode.TOPIC_AUTHORIZATION_FAILED
            assert produce(bob, topic) is None
            kafka.produce(topic, "by the test")


def test_rights_change_while_it_runs_and_reset_takes_them_back() -> None:
    with Kafka(users=USERS, acls=[], topics={"orders": 1}) as kafka:
        alice = kafka.config("confluent", user="alice")
        assert produce(alice) is not None
        given = kafka.allow("alice", "write", "describe", topic="orders")
        assert produce(alice) is None
        assert {str(acl) for acl in kafka.acls} == {"alice may write topic orders", "alice may describe topic orders"}
        kafka.remove_acl(given)
        assert produce(alice) is not None
        with pytest.raises(ValueError, match="it is not there: alice may write, describe topic orders"):
            kafka.remove_acl(given)
        kafka.allow("alice", "all", topic="*")
        kafka.reset()
        assert kafka.acls == []
        assert produce(alice) is not None


def test_users_come_and_go() -> None:
    with Kafka(users={"alice": "alice-secret"}) as kafka:
        kafka.add_user("carol", "carol-secret")
        assert kafka.users == ["alice", "carol"]
        for mechanism in ("PLAIN", "SCRAM-SHA-512"):
            carol = kafka.config("confluent", user="carol", mechanism=mechanism)
            assert produce(carol) is None
        kafka.remove_user("carol")
        assert produce(carol) is not None
        with pytest.raises(ValueError, match="there is no user 'carol': there are alice"):
            kafka.remove_user("carol")
        kafka.add_user("carol", "carol-secret")
        kafka.reset()
        assert kafka.users == ["alice"]


def test_a_snapshot_has_users_and_rights() -> None:
    with Kafka(users=USERS, acls=[]) as kafka:
        kafka.allow("alice", "all", topic="*")
        kafka.add_user("carol", "carol-secret")
        snapshot = kafka.snapshot()
        kafka.reset()
        kafka.restore(snapshot)
        assert [str(acl) for acl in kafka.acls] == ["alice may all topic *"]
        assert kafka.users == ["alice", "bob", "carol"]


def test_a_group_needs_rights_of_its_own() -> None:
    with Kafka(users={"alice": "secret"}, acls=[allow("alice", "read", topic="orders")], topics={"orders": 1}) as kafka:
        consumer = Consumer(kafka.config("confluent", group_id="readers"))
        consumer.subscribe(["orders"])
        message = consumer.poll(10)
        assert message is not None
        error = message.error()
        assert error is not None
        assert error.code() == ErrorCode.GROUP_AUTHORIZATION_FAILED
        consumer.close()
