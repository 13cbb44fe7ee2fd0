"""`--kafka-bootstrap-config`: tests against a broker that wants to know who they are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.plugin.projects import Project, said
from tests.support import certificates
from tests.support.brokers import Broker, BrokerKind, skipped_without_reference, start_broker

pytest_plugins = ["pytester"]

pytest.importorskip("confluent_kafka", reason="the tests that are run use librdkafka")

TESTS = """
import os
import subprocess
import sys
import pytest
from confluent_kafka import Consumer, Producer

PROGRAM = '''
import os
from confluent_kafka import Producer
names = {"KAFKA_BOOTSTRAP_SERVERS": "bootstrap.servers", "KAFKA_SECURITY_PROTOCOL": "security.protocol"}
names |= {"KAFKA_SASL_MECHANISM": "sasl.mechanism", "KAFKA_SASL_USERNAME": "sasl.username"}
names |= {"KAFKA_SASL_PASSWORD": "sasl.password", "KAFKA_SSL_CA_PEM": "ssl.ca.pem"}
producer = Producer({there: os.environ[here] for here, there in names.items()})
producer.produce(os.environ["TOPIC"], b"of a program")
assert producer.flush(20) == 0
'''

def test_records(kafka, kafka_topic):
    kafka.produce(kafka_topic, "by the test")
    producer = Producer(kafka.config("confluent"))
    producer.produce(kafka_topic, b"by a client")
    assert producer.flush(20) == 0
    assert [record.value for record in kafka.wait_for_records(kafka_topic, 2)] == [b"by the test", b"by a client"]

def test_a_program(kafka, kafka_topic, kafka_env):
    subprocess.run([sys.executable, "-c", PROGRAM], env={**kafka_env, "TOPIC": kafka_topic}, check=True)
    assert [record.value for record in kafka.records(kafka_topic)] == [b"of a program"]

def test_its_user(kafka):
    settings = kafka.config("java", user="alice")
    assert (settings["security.protocol"], settings["sasl.mechanism"]) == ("SASL_SSL", "PLAIN")
    assert 'username="alice"' in settings["sasl.jaas.config"]
    assert kafka.config("kafkajs")["sasl"]["username"] == kafka.config("aiokafka")["sasl_plain_username"] == "alice"
"""

# Of a cluster of one's own they would need its users.
REFUSED = """
from kafka_compat.testing import allow

def test_another_user(kafka):
    kafka.config("confluent", user="bob")

def test_rights(kafka):
    kafka.allow("alice", "read", topic="orders")

def test_users(kafka):
    kafka.add_user("carol", "carol-secret")
"""


@pytest.fixture(scope="module", params=["ours", pytest.param("reference", marks=pytest.mark.reference)])
def broker(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    kind: BrokerKind = request.param
    folder = tmp_path_factory.mktemp("broker")
    module = "org.apache.kafka.common.security.plain.PlainLoginModule"
    config = {
        **certificates.broker_configs(folder),
        "sasl.enabled.mechanisms": "PLAIN",
        "listener.name.secured.plain.sasl.jaas.config": f'{module} required user_alice="alice-secret";',
    }
    with skipped_without_reference():
        started = start_broker(kind, folder / "files", config, {"SECURED": "SASL_SSL"})
    with started:
        yield started


def properties(folder: Path, password: str = "alice-secret") -> Path:
    """The file of a client."""
    module = "org.apache.kafka.common.security.plain.PlainLoginModule"
    path = folder / "client.properties"
    path.write_text(
        "security.protocol=SASL_SSL\nsasl.mechanism=PLAIN\nssl.truststore.type=PEM\n"
        f"ssl.truststore.location={certificates.server().write_authority(folder)}\n"
        f'sasl.jaas.config={module} required username="alice" password="{password}";\n'
    )
    return path


def test_a_broker_that_asks(project: Project, broker: Broker, tmp_path: Path) -> None:
    at = (f"--kafka-bootstrap={broker.bootstrap_of('SECURED')}", f"--kafka-bootstrap-config={properties(tmp_path)}")
    project.run(TESTS, *at).assert_outcomes(passed=3)
    result = project.run(REFUSED, *at, "-rs")
    result.assert_outcomes(skipped=3)
    for reason in ("needs the user bob", "says who may come in, and do what"):
        assert f"and this one {reason}" in said(result)


def test_a_broker_that_does_not_let_in(project: Project, broker: Broker, tmp_path: Path) -> None:
    project.environment(KAFKA_COMPAT_BOOTSTRAP_CONFIG=str(properties(tmp_path, "wrong-secret")))
    result = project.run("def test(kafka): pass", f"--kafka-bootstrap={broker.bootstrap_of('SECURED')}")
    result.assert_outcomes(errors=1)
    assert "does not let alice in: Authentication failed: Invalid username or password" in said(result)
    assert "wrong-secret" not in said(result)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (None, "No such file or directory"),
        ("security.protocol=SASL_SSL\nsasl.jaas.config=hidden-secret", "sasl.jaas.config: "),
        ("security.protocol=SASL_PLAINTEXT", "security.protocol SASL_PLAINTEXT needs a user and a password"),
        ("ssl.truststore.type=JKS", "ssl.truststore.type is PEM here, not JKS"),
    ],
)
def test_files_that_do_not_say_who(project: Project, text: str | None, sentence: str, tmp_path: Path) -> None:
    path = tmp_path / "client.properties"
    if text is not None:
        path.write_text(text)
    result = project.run("def test(kafka): pass", "--kafka-bootstrap=127.0.0.1:1", f"--kafka-bootstrap-config={path}")
    result.assert_outcomes(errors=1)
    assert f"--kafka-bootstrap-config {path}: {sentence}" in said(result).replace("\n", " ")
    assert "hidden-secret" not in said(result)


def test_it_goes_with_a_broker(project: Project, tmp_path: Path) -> None:
    result = project.run("def test(kafka): pass", f"--kafka-bootstrap-config={properties(tmp_path)}")
    result.assert_outcomes(errors=1)
    assert "--kafka-bootstrap-config goes with --kafka-bootstrap" in said(result)


def test_a_program_of_a_test_is_told_who_it_is(project: Project) -> None:
    code = """
    import os
    import pytest

    @pytest.mark.kafka(users={"alice": "alice-secret", "bob": "bob-secret"})
    def test_first(kafka, kafka_env):
        assert (kafka_env["KAFKA_SASL_USERNAME"], kafka_env["KAFKA_SASL_PASSWORD"]) == ("alice", "alice-secret")
        assert (kafka_env["KAFKA_SECURITY_PROTOCOL"], kafka_env["KAFKA_SASL_MECHANISM"]) == ("SASL_PLAINTEXT", "SCRAM-SHA-512")

    def test_nobody(kafka, kafka_env):
        assert "KAFKA_SASL_USERNAME" not in kafka_env
        assert "KAFKA_SECURITY_PROTOCOL" not in kafka_env
    """
    project.run(code).assert_outcomes(passed=2)
