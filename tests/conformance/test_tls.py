"""TLS of Apache Kafka beside ours: who a client is, which certificates are believed, and what may be altered.

Names are those that CreateDelegationToken answers, which tells everybody who he is. Deliberate differences: ours also refuses
to alter what would keep it from starting again, and reads changed files without being told.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.name import _ASN1Type
from cryptography.x509.oid import NameOID

from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.create_delegation_token import CreateDelegationTokenRequest, CreateDelegationTokenResponse
from kafka_compat.protocol.messages.incremental_alter_configs import (
    AlterableConfig,
    AlterConfigsResource,
    IncrementalAlterConfigsRequest,
    IncrementalAlterConfigsResponse,
)
from tests.support import certificates
from tests.support.brokers import Broker, skipped_without_reference, start_broker
from tests.support.certificates import Identity
from tests.support.tls_client import client_context, connect
from tests.support.wire_client import WireClient

pytestmark = [pytest.mark.reference, pytest.mark.slow]

LISTENERS = {"SSL": "SSL", "MUTUAL": "SSL", "MAPPED": "SSL"}
RULES = "RULE:^CN=(.*?),OU=tests.*$/$1/L,RULE:^.*CN=([^,+]*).*$/$1@$2/U"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tls")


@pytest.fixture(scope="module")
def pair(folder: Path) -> Iterator[tuple[Broker, Broker]]:
    """The reference and ours with the same listeners."""
    configs = {
        **certificates.broker_configs(folder, client_auth="requested"),
        "listener.name.mutual.ssl.client.auth": "required",
        "listener.name.mapped.ssl.principal.mapping.rules": RULES,
    }
    with (
        skipped_without_reference(),
        start_broker("reference", folder / "reference", configs, LISTENERS) as reference,
        start_broker("ours", folder / "ours", configs, LISTENERS) as ours,
    ):
        yield reference, ours


def outcome(broker: Broker, listener: str, context: ssl.SSLContext) -> str:
    """The principal's name, or what a client learns of the end of its connection."""
    try:
        with WireClient(broker.bootstrap_of(listener), tls=context) as client:
            request = CreateDelegationTokenRequest(renewers=[], max_lifetime_ms=1000)
            answer = client.call(request, 3, CreateDelegationTokenResponse)
            return f"{answer.principal_type}:{answer.principal_name}"
    except (OSError, EOFError, Exception) as error:
        return f"refused: {'alert' if 'alert' in str(error) else 'closed'}"


def name(*parts: list[tuple[x509.ObjectIdentifier, str]]) -> x509.Name:
    return x509.Name(
        x509.RelativeDistinguishedName([x509.NameAttribute(kind, value) for kind, value in part]) for part in parts
    )


CN, OU, ORG, EMAIL = NameOID.COMMON_NAME, NameOID.ORGANIZATIONAL_UNIT_NAME, NameOID.ORGANIZATION_NAME, NameOID.EMAIL_ADDRESS
BMP = x509.NameAttribute(CN, "wide", _type=_ASN1Type.BMPString)
SUBJECTS = {
    "comma": name([(ORG, 'Smith, Jones & Co; "Ltd" <x>')], [(CN, " a+b=c\\d# ")]),
    "utf-8": name([(NameOID.COUNTRY_NAME, "JP")], [(ORG, "Ünïcödé")], [(CN, "日本語 😀")]),
    "several in one": name([(ORG, "kafka")], [(CN, "both"), (OU, "one"), (NameOID.USER_ID, "7")]),
    "email": name([(NameOID.DOMAIN_COMPONENT, "org")], [(CN, "mail")], [(EMAIL, "me@example.org")]),
    "serial and title": name([(NameOID.SERIAL_NUMBER, "42"), (NameOID.TITLE, "Dr")], [(NameOID.GIVEN_NAME, "G")]),
    "empty": x509.Name([]),
    "no common name": name([(OU, "tests")]),
    "twice": name([(CN, "first")], [(CN, "second")]),
    "bmp": x509.Name([BMP]),
    "street": name([(NameOID.STREET_ADDRESS, "Main St 1")], [(NameOID.STATE_OR_PROVINCE_NAME, "X"), (CN, "#x")]),
}


@pytest.mark.parametrize("listener", ["SSL", "MAPPED"])
@pytest.mark.parametrize("subject", SUBJECTS)
def test_names_of_principals(pair: tuple[Broker, Broker], subject: str, listener: str) -> None:
    context = client_context(certificates.issue_for(SUBJECTS[subject]))
    reference, ours = (outcome(broker, listener, context) for broker in pair)
    assert ours == reference
    assert listener == "MAPPED" or ours.startswith("User:")


SHOWN: dict[str, Callable[[], Identity] | None] = {
    "none": None,
    "good": certificates.client,
    "expired": certificates.expired_client,
    "stranger": certificates.stranger_client,
    "a broker's": certificates.server,
}


@pytest.mark.parametrize("version", ["TLSv1.2", "TLSv1.3"])
@pytest.mark.parametrize("listener", LISTENERS)
@pytest.mark.parametrize("shown", SHOWN)
def test_certificates_that_are_believed(pair: tuple[Broker, Broker], version: str, listener: str, shown: str) -> None:
    make = SHOWN[shown]
    context = client_context(None if make is None else make(), version=version)
    reference, ours = (outcome(broker, listener, context) for broker in pair)
    assert ours.partition(":")[0] == reference.partition(":")[0]
    if not ours.startswith("refused"):
        assert ours == reference
    assert ours.startswith("refused") == (shown in ("expired", "stranger") or (shown, listener) == ("none", "MUTUAL"))


def alter(broker: Broker, configs: dict[str, str | None]) -> ErrorCode:
    wanted = [
        AlterableConfig(name=key, config_operation=0 if value is not None else 1, value=value) for key, value in configs.items()
    ]
    resource = AlterConfigsResource(resource_type=4, resource_name="1", configs=wanted)
    with WireClient(broker.bootstrap) as client:
        request = IncrementalAlterConfigsRequest(resources=[resource])
        return ErrorCode(client.call(request, 1, IncrementalAlterConfigsResponse).responses[0].error_code)


def serial(broker: Broker) -> str:
    client = connect(broker.bootstrap_of("SSL"))
    found = (client.engine.getpeercert() or {})["serialNumber"]
    client.close()
    return str(found)


def test_certificates_that_may_take_the_place_of_another(pair: tuple[Broker, Broker], folder: Path) -> None:
    """One step after the other: what was taken before counts."""
    stores = {
        "renewed": certificates.renewed_server(),
        "other subject": certificates.other_server(),
        "fewer names": certificates.issue("localhost", common_name="broker"),
        "more names": certificates.issue(*certificates.HOSTS, "more.example.org", common_name="broker"),
    }
    prefix = "listener.name.ssl.ssl."
    location = f"{prefix}keystore.location"
    (folder / "nothing.pem").write_text("nothing")
    steps: list[dict[str, str | None]] = [
        {location: str(identity.write(folder, key.replace(" ", "-")))} for key, identity in stores.items()
    ]
    steps += [
        {location: str(folder / "renewed.pem")},
        {location: str(folder / "nothing.pem")},
        {location: str(folder / "not-there.pem")},
        {f"{prefix}keystore.type": "PKCS12"},
        {f"{prefix}keystore.password": "x"},
        {f"{prefix}key.password": "x"},
        {f"{prefix}truststore.location": str(folder / "nothing.pem")},
        {f"{prefix}truststore.location": str(certificates.stranger_client().write_authority(folder, "stranger"))},
        {f"{prefix}truststore.location": None},
        {"ssl.keystore.location": str(folder / "renewed.pem")},
        {"ssl.allow.dn.changes": "true"},
        {"listener.name.nobody.ssl.keystore.location": str(folder / "nothing.pem")},
        {location: None},
    ]
    for step in steps:
        errors = [alter(broker, step) for broker in pair]
        assert errors[0] == errors[1], step
    assert len({serial(broker) for broker in pair}) == 1
