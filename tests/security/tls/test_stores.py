"""Keys and certificates: what is taken, and that what Kafka refuses is refused, in a sentence without secrets."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from kafka_compat.config.broker import BrokerConfig
from kafka_compat.config.errors import InvalidConfig
from kafka_compat.config.listener_config import ListenerConfig
from kafka_compat.security.tls.context import server_context
from kafka_compat.security.tls.settings import TlsConfig
from kafka_compat.security.tls.stores import KeyStore, load_key_store, load_trust_store
from tests.support import certificates

PEM = {"ssl.keystore.type": "PEM", "ssl.truststore.type": "PEM"}
SECRET = "the-password"


def tls_config(configs: dict[str, str], security_protocol: str = "SSL") -> TlsConfig:
    return TlsConfig(ListenerConfig(BrokerConfig(configs), "SSL"), security_protocol)


def read(path: str) -> bytes:
    return Path(path).read_bytes()


def keys_of(configs: dict[str, str]) -> KeyStore:
    """The keys, after a context was made with them."""
    config = tls_config(configs)
    keys = load_key_store(config.key_store, read)
    assert keys is not None
    server_context(config, keys, load_trust_store(config.trust_store, read))
    return keys


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "store")


def test_a_file_with_key_and_chain(tmp_path: Path) -> None:
    keys = keys_of(certificates.broker_configs(tmp_path))
    assert len(keys.chain) == certificates.server().chain.count("BEGIN")


def test_text_with_key_and_chain_in_any_order_and_with_anything_around(path: str) -> None:
    server = certificates.server()
    text = f"Bag Attributes\n    friendlyName: kafka\n{server.chain}subject=CN = broker\n\n{server.key.rstrip()}"
    Path(path).write_text(text)
    assert keys_of({**PEM, "ssl.keystore.location": path}) == keys_of(
        {**PEM, "ssl.keystore.key": server.key, "ssl.keystore.certificate.chain": server.chain}
    )


def test_lines_may_have_any_end_and_lead(path: str) -> None:
    server = certificates.server()
    Path(path).write_bytes((server.key + server.chain).replace("\n", "\r\n").encode())
    keys_of({**PEM, "ssl.keystore.location": path})


def test_an_encrypted_key(path: str) -> None:
    server = certificates.server()
    Path(path).write_text(server.encrypted_key(SECRET) + server.chain)
    keys = keys_of({**PEM, "ssl.keystore.location": path, "ssl.key.password": SECRET})
    assert SECRET not in repr(keys)
    with pytest.raises(InvalidConfig) as refusal:
        keys_of({**PEM, "ssl.keystore.location": path, "ssl.key.password": "wrong-one"})
    assert str(refusal.value) == "the private key cannot be read; its password may be wrong"


@pytest.mark.parametrize("own_type", ["PKCS12", "JKS"])
def test_pkcs12_whichever_of_java_s_types_is_named(path: str, own_type: str) -> None:
    Path(path).write_bytes(certificates.server().pkcs12(SECRET))
    trusted = f"{path}-trusted"
    Path(trusted).write_bytes(certificates.server().trusted_pkcs12(SECRET))
    configs = {
        "ssl.keystore.type": own_type,
        "ssl.keystore.location": path,
        "ssl.keystore.password": SECRET,
        "ssl.truststore.type": own_type,
        "ssl.truststore.location": trusted,
        "ssl.truststore.password": SECRET,
        "ssl.client.auth": "required",
    }
    keys = keys_of(configs)
    assert len(keys.chain) >= 1
    assert SECRET not in keys.key
    with pytest.raises(InvalidConfig) as refusal:
        keys_of({**configs, "ssl.keystore.password": "wrong-one"})
    assert str(refusal.value) == f"ssl.keystore.location={path}: it is no PKCS12 file, or its password is wrong"


def test_pkcs12_without_the_library(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    Path(path).write_bytes(certificates.server().pkcs12(SECRET))
    for name in [name for name in sys.modules if name.startswith("cryptography")]:
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(InvalidConfig, match=r"PKCS12 needs the library cryptography: pip install"):
        keys_of({"ssl.keystore.type": "PKCS12", "ssl.keystore.location": path, "ssl.keystore.password": SECRET})


@pytest.mark.parametrize("kind", ["keystore", "truststore"])
def test_java_s_own_format_is_refused_with_the_way_to_convert_it(path: str, kind: str) -> None:
    Path(path).write_bytes(b"\xfe\xed\xfe\xed" + bytes(100))
    config = tls_config({f"ssl.{kind}.location": path, f"ssl.{kind}.password": SECRET})
    with pytest.raises(InvalidConfig) as refusal:
        load_key_store(config.key_store, read) if kind == "keystore" else load_trust_store(config.trust_store, read)
    assert str(refusal.value) == (
        f"ssl.{kind}.location={path}: this broker does not read Java's own key stores; convert it with "
        f"`keytool -importkeystore -srckeystore {path} -destkeystore {path}.p12 -deststoretype PKCS12` and set "
        f"ssl.{kind}.location={path}.p12 and ssl.{kind}.type=PKCS12"
    )


KEY, CHAIN = certificates.server().key, certificates.server().chain
REFUSED = [
    ({"ssl.keystore.key": KEY, "ssl.keystore.certificate.chain": CHAIN}, "specified only for PEM, but key store type is JKS."),
    ({**PEM, "ssl.keystore.key": KEY}, "SSL private key is specified, but certificate chain is not specified."),
    ({**PEM, "ssl.keystore.certificate.chain": CHAIN}, "SSL certificate chain is specified, but private key is not specified"),
    (
        {**PEM, "ssl.keystore.key": KEY, "ssl.keystore.certificate.chain": CHAIN, "ssl.keystore.location": "PATH"},
        "Both SSL key store location and separate private key are specified.",
    ),
    (
        {**PEM, "ssl.keystore.key": KEY, "ssl.keystore.certificate.chain": CHAIN, "ssl.keystore.password": SECRET},
        "SSL key store password cannot be specified with PEM format, only key password may be specified.",
    ),
    (
        {**PEM, "ssl.keystore.location": "PATH", "ssl.keystore.password": SECRET},
        "SSL key store password cannot be specified with PEM format, only key password may be specified",
    ),
    ({"ssl.keystore.password": SECRET}, "SSL key store is not specified, but key store password is specified."),
    ({"ssl.keystore.location": "PATH"}, "SSL key store is specified, but key store password is not specified."),
    ({"ssl.keystore.location": "PATH", "ssl.keystore.password": SECRET}, "it is a PEM file; set ssl.keystore.type=PEM"),
    ({**PEM, "ssl.keystore.location": "NOWHERE"}, "NOWHERE: No such file or directory"),
    ({**PEM, "ssl.keystore.location": "PATH", "ssl.key.password": SECRET}, "not encrypted, but ssl.key.password is set"),
    ({"ssl.truststore.certificates": CHAIN}, "can be specified only for PEM, but trust store type is JKS."),
    (
        {**PEM, "ssl.truststore.certificates": CHAIN, "ssl.truststore.location": "PATH"},
        "Both SSL trust store location and separate trust certificates are specified.",
    ),
    (
        {**PEM, "ssl.truststore.certificates": CHAIN, "ssl.truststore.password": SECRET},
        "SSL trust store password cannot be specified for PEM format.",
    ),
    (
        {**PEM, "ssl.truststore.location": "PATH", "ssl.truststore.password": SECRET},
        "SSL trust store password cannot be specified for PEM format.",
    ),
    ({"ssl.truststore.password": SECRET}, "SSL trust store is not specified, but trust store password is specified."),
]


@pytest.mark.parametrize(("configs", "said"), REFUSED)
def test_what_kafka_refuses_is_refused(tmp_path: Path, configs: dict[str, str], said: str) -> None:
    path = str(certificates.server().write(tmp_path, "store"))
    config = tls_config({name: path if value == "PATH" else value for name, value in configs.items()})
    with pytest.raises(InvalidConfig) as refusal:
        _ = load_key_store(config.key_store, read), load_trust_store(config.trust_store, read)
    assert said in str(refusal.value)
    assert SECRET not in str(refusal.value)


def test_keys_that_are_no_pkcs8(path: str) -> None:
    server = certificates.server()
    encrypted = server.encrypted_key(SECRET)
    for text, said in [
        (server.traditional_key, "the private key is not in PKCS #8 form; convert it: openssl pkcs8 -topk8"),
        (encrypted, "the private key is encrypted, but ssl.key.password is not set"),
        ("", "there is no private key in the PEM text"),
        (server.key * 2, "expected one private key, but found 2"),
        (server.key.replace("A", "_", 1), "there is no private key"),
        ("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "the private key in the PEM text is none"),
    ]:
        Path(path).write_text(text + server.chain)
        with pytest.raises(InvalidConfig) as refusal:
            keys_of({**PEM, "ssl.keystore.location": path})
        assert said in str(refusal.value)


def test_a_key_of_another_certificate(path: str) -> None:
    Path(path).write_text(certificates.server().key + certificates.other_server().chain)
    with pytest.raises(InvalidConfig, match="the private key does not belong to the certificate"):
        keys_of({**PEM, "ssl.keystore.location": path})


@pytest.mark.parametrize(
    ("configs", "said"),
    [
        ({"ssl.enabled.protocols": "TLSv1.4"}, "ssl.enabled.protocols=TLSv1.4: there is no protocol TLSv1.4"),
        ({"ssl.enabled.protocols": "TLSv1.1"}, "ssl.enabled.protocols=TLSv1.1: this broker speaks TLSv1.2 and TLSv1.3"),
        ({"ssl.protocol": "nonsense"}, "ssl.protocol=nonsense: it is one of TLSv1.3, "),
        ({"ssl.cipher.suites": "TLS_NONSENSE"}, "ssl.cipher.suites: Unsupported CipherSuite: TLS_NONSENSE"),
        ({"ssl.cipher.suites": "TLS_AES_128_GCM_SHA256"}, "TLS_AES_256_GCM_SHA384 is chosen before others here"),
        (
            {"ssl.cipher.suites": "TLS_AES_256_GCM_SHA384", "ssl.enabled.protocols": "TLSv1.2"},
            "ssl.cipher.suites has none for the protocols of ssl.enabled.protocols",
        ),
        ({"ssl.engine.factory.class": "org.apache.kafka.Nonsense"}, "this broker runs no Java classes"),
    ],
)
def test_protocols_and_suites_that_there_are_not(tmp_path: Path, configs: dict[str, str], said: str) -> None:
    with pytest.raises(InvalidConfig) as refusal:
        keys_of({**certificates.broker_configs(tmp_path), **configs})
    assert said in str(refusal.value)


def test_old_protocols_beside_those_that_are_spoken_do_not_count(tmp_path: Path) -> None:
    keys_of({**certificates.broker_configs(tmp_path), "ssl.enabled.protocols": "TLSv1.1,TLSv1.2"})


def test_client_certificates_with_sasl_are_asked_for_by_the_listener_s_own_config_only() -> None:
    assert tls_config({"ssl.client.auth": "required"}).client_auth == "required"
    assert tls_config({"ssl.client.auth": "required"}, "SASL_SSL").client_auth == "none"
    assert tls_config({"listener.name.ssl.ssl.client.auth": "requested"}, "SASL_SSL").client_auth == "requested"
