"""Listeners that speak TLS: who a client is, where it is sent, another certificate while the broker runs, and limits."""

from __future__ import annotations

import logging
import os
import socket
import ssl
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest

from kafka_compat.config.errors import BadSettings
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.describe_cluster import DescribeClusterRequest, DescribeClusterResponse
from kafka_compat.protocol.messages.incremental_alter_configs import (
    AlterableConfig,
    AlterConfigsResource,
    IncrementalAlterConfigsRequest,
    IncrementalAlterConfigsResponse,
)
from kafka_compat.protocol.messages.metadata import MetadataRequest, MetadataResponse
from kafka_compat.security.chosen_authorizer import STANDARD_AUTHORIZER
from kafka_compat.security.principal import ANONYMOUS, user
from tests.support import certificates
from tests.support.own_broker import OwnBroker, settings_of
from tests.support.tls_client import TlsSocket, client_context, connect
from tests.support.waiting import until
from tests.support.wire_client import ConnectionClosed, WireClient

JAAS = 'org.apache.kafka.common.security.plain.PlainLoginModule required user_alice="secret";'
PROTOCOLS = {
    "PLAINTEXT": "PLAINTEXT",
    "SSL": "SSL",
    "MUTUAL": "SSL",
    "MAPPED": "SSL",
    "OLD": "SSL",
    "SASL": "SASL_SSL",
}
ALICE = "CN=alice,OU=tests,O=kafka_compat"
METADATA = MetadataRequest(topics=[])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tls")


@pytest.fixture(scope="module")
def broker(folder: Path) -> Iterator[OwnBroker]:
    configs = {
        **certificates.broker_configs(folder, client_auth="requested"),
        "listeners": ",".join(f"{name}://127.0.0.1:0" for name in PROTOCOLS),
        "listener.security.protocol.map": ",".join(f"{name}:{protocol}" for name, protocol in PROTOCOLS.items()),
        "inter.broker.listener.name": "PLAINTEXT",
        "listener.name.mutual.ssl.client.auth": "required",
        "listener.name.mapped.ssl.principal.mapping.rules": "RULE:^CN=([a-z]+),.*$/$1/U",
        "listener.name.old.ssl.enabled.protocols": "TLSv1.2",
        "listener.name.old.ssl.cipher.suites": "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
        "listener.name.sasl.sasl.enabled.mechanisms": "PLAIN",
        "listener.name.sasl.plain.sasl.jaas.config": JAAS,
    }
    with OwnBroker(settings_of(configs)) as running:
        yield running


def principals(broker: OwnBroker) -> set[object]:
    return {session.principal for session in broker.call(broker.broker.sessions)}


@pytest.mark.parametrize("version", ["TLSv1.2", "TLSv1.3"])
@pytest.mark.parametrize(
    ("listener", "shows", "principal"),
    [
        ("SSL", None, ANONYMOUS),
        ("SSL", "alice", user(ALICE)),
        ("MUTUAL", "alice", user(ALICE)),
        ("MAPPED", "alice", user("ALICE")),
        ("MAPPED", None, ANONYMOUS),
    ],
)
def test_who_a_client_is(broker: OwnBroker, version: str, listener: str, shows: str | None, principal: object) -> None:
    identity = None if shows is None else certificates.client(shows)
    with WireClient(broker.bootstrap(listener), tls=client_context(identity, version=version)) as client:
        assert client.call(METADATA, 12, MetadataResponse).brokers
        assert principals(broker) == {principal}


def test_with_sasl_it_is_the_password_that_counts(broker: OwnBroker) -> None:
    context = client_context(certificates.client())
    with WireClient(broker.bootstrap("SASL"), tls=context, user="alice", password="secret") as client:
        assert client.call(METADATA, 12, MetadataResponse).brokers
        assert principals(broker) == {user("alice")}
    with WireClient(broker.bootstrap("SASL"), tls=context) as client, pytest.raises(ConnectionClosed):
        client.call(METADATA, 12, MetadataResponse)


@pytest.mark.parametrize("version", ["TLSv1.2", "TLSv1.3"])
@pytest.mark.parametrize(
    ("listener", "shows", "alert"),
    [
        ("MUTUAL", None, "alert (certificate required|handshake failure)"),
        ("MUTUAL", certificates.expired_client, "alert certificate expired"),
        ("MUTUAL", certificates.stranger_client, "alert unknown ca"),
        ("SSL", certificates.expired_client, "alert certificate expired"),
        ("SSL", certificates.stranger_client, "alert unknown ca"),
    ],
)
def test_a_certificate_that_is_not_believed(broker: OwnBroker, version: str, listener: str, shows: object, alert: str) -> None:
    context = client_context(shows() if callable(shows) else None, version=version)
    with pytest.raises(ssl.SSLError, match=alert):
        ask(broker.bootstrap(listener), context)


def ask(bootstrap: str, context: ssl.SSLContext) -> None:
    """Connect, and read: in TLS 1.3 a client learns only then what the broker says to its certificate."""
    client = connect(bootstrap, context)
    try:
        client.recv(1)
    finally:
        client.close()


def test_a_name_that_no_rule_applies_to_gets_nowhere(broker: OwnBroker) -> None:
    client = connect(broker.bootstrap("MAPPED"), client_context(certificates.client("client-7")))
    assert client.recv(1) == b""
    client.close()


def test_one_version_and_one_suite(broker: OwnBroker) -> None:
    client = connect(broker.bootstrap("OLD"))
    assert client.engine.version() == "TLSv1.2"
    assert (client.engine.cipher() or ("",))[0].endswith("AES128-GCM-SHA256")
    client.close()
    with pytest.raises(ssl.SSLError):
        connect(broker.bootstrap("OLD"), client_context(version="TLSv1.3")).close()


@pytest.mark.parametrize("listener", PROTOCOLS)
def test_clients_are_told_the_listener_that_they_came_through(broker: OwnBroker, listener: str) -> None:
    tls = None if listener == "PLAINTEXT" else client_context(certificates.client())
    how = {"user": "alice", "password": "secret"} if listener == "SASL" else {}
    with WireClient(broker.bootstrap(listener), tls=tls, **how) as client:  # type: ignore[arg-type]
        told = client.call(METADATA, 12, MetadataResponse).brokers[0]
        also = client.call(DescribeClusterRequest(), 1, DescribeClusterResponse).brokers[0]
    assert f"{told.host}:{told.port}" == f"{also.host}:{also.port}" == broker.bootstrap(listener)


@pytest.mark.parametrize("server_name", ["localhost", "unknown.example.org"])
def test_a_listener_has_one_certificate_whatever_name_is_asked_for(broker: OwnBroker, server_name: str) -> None:
    host, port = broker.bootstrap("SSL").rsplit(":", 1)
    context = client_context()
    context.check_hostname = False
    client = TlsSocket(socket.create_connection((host, int(port)), timeout=20), context, server_name)
    client.shake_hands()
    client.close()


def test_a_client_of_tls_on_a_plain_listener_is_named(broker: OwnBroker, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING), pytest.raises(ConnectionResetError):
        connect(broker.bootstrap("PLAINTEXT"))
    assert "it looks like a TLS client hello: this listener is plaintext" in caplog.text


def test_a_client_can_come_again_with_its_session(broker: OwnBroker) -> None:
    """A listener that asks for certificates has to know sessions as its own, or OpenSSL refuses who comes with one."""
    context = client_context(certificates.client(), version="TLSv1.2")
    first = connect(broker.bootstrap("MUTUAL"), context)
    session = first.engine.session
    first.close()
    host, port = broker.bootstrap("MUTUAL").rsplit(":", 1)
    again = TlsSocket(socket.create_connection((host, int(port)), timeout=20), context, session=session)
    again.shake_hands()
    assert again.engine.session_reused
    again.sendall(struct.pack(">ihhih", 10, 18, 0, 1, -1))
    assert again.recv(4)
    assert principals(broker) == {user(ALICE)}
    again.close()


# --- another certificate


@pytest.fixture
def changing(tmp_path: Path) -> Iterator[OwnBroker]:
    """A broker whose files are in `tmp_path`."""
    configs = {**certificates.broker_configs(tmp_path), "listeners": "PLAINTEXT://127.0.0.1:0,SSL://127.0.0.1:0"}
    with OwnBroker(settings_of(configs)) as running:
        yield running


def serial(broker: OwnBroker) -> str:
    client = connect(broker.bootstrap("SSL"))
    found = (client.engine.getpeercert() or {})["serialNumber"]
    client.close()
    return str(found)


def alter(broker: OwnBroker, **values: str) -> tuple[ErrorCode, str]:
    configs = [
        AlterableConfig(name=f"listener.name.ssl.{name.replace('_', '.')}", config_operation=0, value=value)
        for name, value in values.items()
    ]
    request = IncrementalAlterConfigsRequest(
        resources=[AlterConfigsResource(resource_type=4, resource_name="1", configs=configs)]
    )
    with WireClient(broker.bootstrap("PLAINTEXT")) as client:
        answer = client.call(request, 1, IncrementalAlterConfigsResponse).responses[0]
    return ErrorCode(answer.error_code), answer.error_message or ""


def test_a_location_that_is_altered_counts_at_once(changing: OwnBroker, tmp_path: Path) -> None:
    before = connect(changing.bootstrap("SSL"))
    old = serial(changing)
    path = certificates.renewed_server().write(tmp_path, "renewed")
    assert alter(changing, ssl_keystore_location=str(path)) == (ErrorCode.NONE, "")
    assert serial(changing) != old
    before.sendall(struct.pack(">ihhih", 10, 18, 0, 1, -1))
    assert before.recv(4), "connections that there are go on"
    before.close()


@pytest.mark.parametrize(
    ("identity", "said"),
    [
        (certificates.other_server, "Keystore DistinguishedName does not match"),
        (lambda: certificates.issue("localhost", common_name="broker"), "Keystore SubjectAltNames do not match"),
    ],
)
def test_somebody_else_s_certificate_is_refused(changing: OwnBroker, tmp_path: Path, identity: object, said: str) -> None:
    assert callable(identity)
    old = serial(changing)
    error, message = alter(changing, ssl_keystore_location=str(identity().write(tmp_path, "else")))
    assert error == ErrorCode.INVALID_REQUEST
    assert message.startswith(
        "Invalid value org.apache.kafka.common.config.ConfigException: Validation of dynamic config update"
    )
    assert said in message
    assert serial(changing) == old


def test_a_file_that_changes_is_noticed_and_a_broken_one_is_said_once(
    changing: OwnBroker, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kafka_compat.server.tls.listener._LOOK_INTERVAL_S", 0.0)
    old = serial(changing)
    path = tmp_path / "broker.pem"
    with caplog.at_level(logging.WARNING):
        replace(path, "nothing")
        until(lambda: serial(changing) == old and "goes on with its certificate" in caplog.text)
        for _ in range(5):
            assert serial(changing) == old
    assert caplog.text.count("goes on with its certificate") == 1
    renewed = certificates.renewed_server()
    replace(path, renewed.key + renewed.chain)
    until(lambda: serial(changing) != old)


def test_files_that_have_no_end_or_keep_readers_waiting_are_not_read(changing: OwnBroker, tmp_path: Path) -> None:
    large, endless = tmp_path / "large", []
    with large.open("wb") as file:
        file.truncate(1 << 33)
    if os.name == "posix":
        pipe = tmp_path / "pipe"
        os.mkfifo(pipe)
        endless = [(pipe, "it is no regular file"), (Path("/dev/zero"), "it is no regular file")]
    for path, said in [*endless, (large, "more than")]:
        error, message = alter(changing, ssl_keystore_location=str(path))
        assert error == ErrorCode.INVALID_REQUEST
        assert said in message


def test_who_may_not_alter_configs_does_not_learn_which_files_there_are(tmp_path: Path) -> None:
    configs = {
        **certificates.broker_configs(tmp_path),
        "listeners": "PLAINTEXT://127.0.0.1:0,SSL://127.0.0.1:0",
        "authorizer.class.name": STANDARD_AUTHORIZER,
    }
    with OwnBroker(settings_of(configs)) as broker:
        answers = {
            alter(broker, ssl_keystore_location=path) for path in ("/dev/zero", "/nowhere", str(tmp_path / "broker.pem"))
        }
    assert answers == {(ErrorCode.CLUSTER_AUTHORIZATION_FAILED, "Cluster authorization failed.")}


def replace(path: Path, content: str) -> None:
    """As whoever renews certificates does it: all at once."""
    fresh = path.with_suffix(".new")
    fresh.write_text(content)
    os.replace(fresh, path)


# --- limits, and starts


def test_a_certificate_that_has_expired_is_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    said = "listener SSL has a certificate that expired on 2020-01-01 00:00:00+00:00"
    for identity, is_said in ((certificates.server(), False), (certificates.expired_server(), True)):
        configs = {**certificates.broker_configs(tmp_path, identity), "listeners": "PLAINTEXT://127.0.0.1:0,SSL://127.0.0.1:0"}
        with caplog.at_level(logging.WARNING), OwnBroker(settings_of(configs)):
            assert (said in caplog.text) == is_said


def test_connections_count_before_hands_are_shaken(tmp_path: Path) -> None:
    configs = {**certificates.broker_configs(tmp_path), "listeners": "PLAINTEXT://127.0.0.1:0,SSL://127.0.0.1:0"}
    with OwnBroker(settings_of({**configs, "max.connections.per.ip": "2"})) as broker:
        host, port = broker.bootstrap("SSL").rsplit(":", 1)
        silent = [socket.create_connection((host, int(port))) for _ in range(2)]
        until(lambda: broker.call(lambda: len(broker.broker.sessions())) == 2)
        with pytest.raises((OSError, ssl.SSLError)):
            connect(broker.bootstrap("SSL"))
        for each in silent:
            each.close()
        until(lambda: broker.call(lambda: len(broker.broker.sessions())) == 0)
        connect(broker.bootstrap("SSL")).close()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"ssl.keystore.location": "/nowhere"}, "listener SSL: ssl.keystore.location=/nowhere: No such file or directory"),
        ({"ssl.keystore.type": "JKS"}, "listener SSL: SSL key store is specified, but key store password is not specified."),
        ({"ssl.principal.mapping.rules": "RULE:a"}, "listener SSL: Invalid rule: `RULE:a`, unmatched substring: `RULE:a`"),
    ],
)
def test_a_listener_that_cannot_work_is_refused_at_the_start(tmp_path: Path, changes: dict[str, str], said: str) -> None:
    configs = {**certificates.broker_configs(tmp_path), "listeners": "PLAINTEXT://127.0.0.1:0,SSL://127.0.0.1:0", **changes}
    with pytest.raises(BadSettings) as refusal, OwnBroker(settings_of(configs)):
        pass
    assert str(refusal.value) == said


def test_a_listener_without_a_certificate_is_refused_at_the_start() -> None:
    configs = {"listeners": "PLAINTEXT://127.0.0.1:0,SSL://127.0.0.1:0"}
    with pytest.raises(BadSettings, match="listener SSL: it needs a certificate"), OwnBroker(settings_of(configs)):
        pass
