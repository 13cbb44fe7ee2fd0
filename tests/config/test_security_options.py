from __future__ import annotations

from pathlib import Path

import pytest

from kafka_compat.config.errors import BadSettings
from kafka_compat.config.settings import ServeOptions, ServerSettings, resolve_settings


def resolve(**options: object) -> ServerSettings:
    return resolve_settings(ServeOptions(memory=True, **options))  # type: ignore[arg-type]


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    path = tmp_path / "broker.pem"
    path.write_text("-----BEGIN PRIVATE KEY-----\n-----BEGIN CERTIFICATE-----\n")
    return path


def test_listeners_say_their_protocol() -> None:
    settings = resolve(listen=("SASL_PLAINTEXT://localhost:1", "localhost:2"), users=("alice:secret",))
    assert [(each.name, each.security_protocol, each.port) for each in settings.listeners] == [
        ("SASL_PLAINTEXT", "SASL_PLAINTEXT", 1),
        ("PLAINTEXT1", "PLAINTEXT", 2),
    ]
    assert settings.broker_config.text("inter.broker.listener.name") == "SASL_PLAINTEXT"


def test_users_bring_the_mechanisms() -> None:
    settings = resolve(listen=("SASL_PLAINTEXT://localhost:1",), users=("alice:a:b", "bob:c"))
    assert settings.users == {"alice": "a:b", "bob": "c"}
    assert settings.broker_config.text("sasl.enabled.mechanisms") == "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512"
    of_his_own = resolve(listen=("SASL_PLAINTEXT://:1",), users=("a:b",), set=("sasl.enabled.mechanisms=SCRAM-SHA-256",))
    assert of_his_own.broker_config.text("sasl.enabled.mechanisms") == "SCRAM-SHA-256"


def test_a_file_of_users(tmp_path: Path) -> None:
    path = tmp_path / "users.txt"
    path.write_text("# who may come in\nalice:secret\n\nbob:other\n")
    path.chmod(0o600)
    settings = resolve(listen=("SASL_PLAINTEXT://localhost:1",), user_file=path)
    assert settings.users == {"alice": "secret", "bob": "other"}
    assert settings.warnings == ()
    path.chmod(0o644)
    settings = resolve(listen=("SASL_PLAINTEXT://localhost:1",), user_file=path)
    assert settings.warnings == (f"--user-file {path}: others than its owner can read it",)


def test_passwords_in_the_open_are_warned_of() -> None:
    settings = resolve(listen=("SASL_PLAINTEXT://*:1",), users=("alice:secret",))
    assert settings.warnings == (
        "--user: passwords on the command line can be read by whoever lists processes; see --user-file",
        "listener SASL_PLAINTEXT takes passwords (PLAIN) over connections that are not enciphered: use SASL_SSL, or SCRAM",
    )


def test_certificates(certificate: Path, tmp_path: Path) -> None:
    settings = resolve(listen=("SSL://localhost:1",), tls_cert=certificate, tls_client_ca=certificate)
    text = settings.broker_config.text
    assert text("ssl.keystore.location") == text("ssl.truststore.location") == str(certificate)
    assert text("ssl.client.auth") == "required"
    key = tmp_path / "key.pem"
    key.write_text("-----BEGIN PRIVATE KEY-----\n")
    settings = resolve(listen=("SSL://localhost:1",), tls_cert=certificate, tls_key=key)
    assert settings.broker_config.text("ssl.keystore.key") == key.read_text()


def test_super_users() -> None:
    settings = resolve(super_users=("admin", "Group:x"))
    assert settings.broker_config.static["super.users"] == "User:admin;Group:x"
    assert settings.broker_config.authorizer_class_name.endswith("StandardAuthorizer")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"listen": ("TLS://h:1",)}, "--listen TLS://h:1: there are the protocols PLAINTEXT, SSL, SASL_PLAINTEXT, SASL_SSL"),
        ({"users": ("alice:secret",)}, "--user: no listener asks for a password"),
        ({"users": ("alice",), "listen": ("SASL_PLAINTEXT://h:1",)}, "--user: expected NAME:PASSWORD"),
        ({"users": ("a:b", "a:c"), "listen": ("SASL_PLAINTEXT://h:1",)}, "--user: a is there twice"),
        ({"user_file": Path("/nowhere")}, "--user-file /nowhere: No such file or directory"),
        ({"tls_key": Path("key")}, "--tls-key goes with --tls-cert"),
        ({"tls_cert": Path("/nowhere")}, "--tls-cert /nowhere: No such file or directory"),
        ({"super_users": ("a;b",)}, "--super-user a;b: expected the NAME of a user"),
    ],
)
def test_what_cannot_be_meant_so_is_refused(options: dict[str, object], message: str) -> None:
    with pytest.raises(BadSettings) as refused:
        resolve(**options)
    assert str(refused.value).startswith(message)


def test_a_certificate_wants_a_listener_and_a_key(certificate: Path, tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="--tls-cert: no listener speaks TLS"):
        resolve(tls_cert=certificate)
    lonely = tmp_path / "lonely.pem"
    lonely.write_text("-----BEGIN CERTIFICATE-----\n")
    with pytest.raises(BadSettings, match="there is no key in it; name its file by --tls-key"):
        resolve(listen=("SSL://h:1",), tls_cert=lonely)
