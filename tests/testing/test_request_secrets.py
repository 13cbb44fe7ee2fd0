"""The log of requests keeps no passwords."""

from __future__ import annotations

from kafka_compat.protocol.messages.alter_user_scram_credentials import (
    AlterUserScramCredentialsRequest,
    AlterUserScramCredentialsResponse,
    ScramCredentialUpsertion,
)
from kafka_compat.protocol.messages.incremental_alter_configs import (
    AlterableConfig,
    AlterConfigsResource,
    IncrementalAlterConfigsRequest,
    IncrementalAlterConfigsResponse,
)
from kafka_compat.protocol.messages.sasl_authenticate import SaslAuthenticateRequest, SaslAuthenticateResponse
from kafka_compat.testing import Kafka
from kafka_compat.testing.secrets import NOT_KEPT
from tests.support.wire_client import WireClient


def test_passwords_are_not_kept() -> None:
    upsertion = ScramCredentialUpsertion(name="bob", mechanism=1, iterations=4096, salt=b"s", salted_password=b"hidden-key")
    with Kafka() as kafka, WireClient(kafka.bootstrap_servers) as client:
        client.call(SaslAuthenticateRequest(auth_bytes=b"\0bob\0hidden-word"), 2, SaslAuthenticateResponse)
        client.call(AlterUserScramCredentialsRequest(upsertions=[upsertion]), 0, AlterUserScramCredentialsResponse)
        (authenticate,) = kafka.requests.of("SaslAuthenticate")
        (alter,) = kafka.requests.of("AlterUserScramCredentials")
        assert isinstance(authenticate.body, SaslAuthenticateRequest)
        assert isinstance(alter.body, AlterUserScramCredentialsRequest)
        assert authenticate.body.auth_bytes == b"bob " + NOT_KEPT
        kept = alter.body.upsertions[0]
        assert (kept.name, kept.salted_password) == ("bob", NOT_KEPT)
        assert authenticate.errors
        for request in (authenticate, alter):
            assert "hidden" not in f"{request!r}{request}{request.body!r}"
        assert "hidden" not in kafka.report()


def test_configs_with_secrets_are_not_kept() -> None:
    configs = {
        "listener.name.sasl.plain.sasl.jaas.config": 'Module required user_bob="hidden-1";',
        "listener.name.ssl.ssl.key.password": "hidden-2",
        "somebody.else.s.password": "hidden-3",
        "log.retention.ms": "77777",
    }
    with Kafka() as kafka, WireClient(kafka.bootstrap_servers) as client:
        broker = AlterConfigsResource(
            resource_type=4,
            resource_name="1",
            configs=[AlterableConfig(name=name, value=value) for name, value in configs.items()],
        )
        client.call(IncrementalAlterConfigsRequest(resources=[broker]), 1, IncrementalAlterConfigsResponse)
        (request,) = kafka.requests.of("IncrementalAlterConfigs")
        kept = f"{request!r}{request}{request.body!r}{kafka.report()}"
        assert "77777" in kept
        assert "hidden" not in kept
