from __future__ import annotations

from confluent_kafka import Consumer, KafkaError, Producer

from kafka_compat.testing import Kafka, allow
from kafka_compat.testing.actions import error


def try_to_produce(config: dict[str, object]) -> None:
    told: list[object] = []
    producer = Producer({**config, "error_cb": told.append, "message.timeout.ms": 3000, "client.id": "till"})
    producer.produce("orders", b"coffee", on_delivery=lambda error, _: told.append(error))
    while not any(each is None or isinstance(each, KafkaError) for each in told):
        producer.poll(0.05)
    producer.purge()
    producer.flush(1)


def test_a_wrong_password_is_said_with_user_and_mechanism() -> None:
    with Kafka(users={"alice": "secret"}) as kafka:
        try_to_produce(kafka.config("confluent", mechanism="SCRAM-SHA-256", sasl_password="wrong"))
        report = kafka.report()
    assert "client 'till' cannot authenticate by SCRAM-SHA-256: " in report
    assert "due to invalid credentials with SASL mechanism SCRAM-SHA-256" in report
    assert "secret" not in report


def test_a_name_that_nobody_has_is_said() -> None:
    with Kafka(users={"alice": "secret"}) as kafka:
        try_to_produce(kafka.config("confluent", mechanism="PLAIN", sasl_username="alise"))
        report = kafka.report()
        bodies = [repr(request.body_json) for request in kafka.requests.of("SaslAuthenticate")]
    assert "cannot authenticate by PLAIN: 'alise': Authentication failed: Invalid username or password" in report
    assert "there is no user 'alise'" in report
    assert "alice" in report
    assert not any("secret" in body for body in bodies)


def test_a_right_that_is_missing_is_said() -> None:
    with Kafka(users={"alice": "secret"}, acls=[allow("alice", "read", topic="orders")], topics={"orders": 1}) as kafka:
        try_to_produce(kafka.config("confluent"))
        consumer = Consumer(kafka.config("confluent", group_id="readers"))
        consumer.subscribe(["orders"])
        consumer.poll(5)
        consumer.close()
        report = kafka.report()
    assert "User:alice lacks the right WRITE on the topic 'orders'" in report
    assert "lacks the right" in report
    assert "'readers'" in report


def test_faults_hit_who_comes_in() -> None:
    with Kafka(users={"alice": "secret"}) as kafka:
        fault = kafka.fail("SaslAuthenticate", error("SASL_AUTHENTICATION_FAILED"))
        try_to_produce(kafka.config("confluent", mechanism="PLAIN"))
        assert fault.hits == 1
