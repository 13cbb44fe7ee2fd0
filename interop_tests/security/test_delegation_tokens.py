"""Coming in with a delegation token (KIP-48): only Java's client can say that it is one."""

from __future__ import annotations

import re

import pytest

from interop_tests.drivers import DriverError
from interop_tests.security.clients import JavaSecurity, StartClient, new_topic
from interop_tests.security.server import PASSWORDS, SecuredBroker
from interop_tests.security.settings import Security

# Clients of other tests that were refused leave sockets and producers to the collector of garbage.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")


@pytest.mark.parametrize("mechanism", ["SCRAM-SHA-256", "SCRAM-SHA-512"])
def test_a_token_is_a_password_of_its_owner(secured: SecuredBroker, start_client: StartClient, mechanism: str) -> None:
    java = start_client("java")
    assert isinstance(java, JavaSecurity)
    bootstrap = secured.bootstrap("SASL_PLAINTEXT")
    alice = Security(protocol="SASL_PLAINTEXT", mechanism=mechanism).with_user("alice", PASSWORDS["alice"])
    token_id, hmac = java.token(bootstrap, alice)
    by_token = Security(protocol="SASL_PLAINTEXT", mechanism=mechanism, is_token=True).with_user(token_id, hmac)
    for _ in range(20):  # brokers of the reference hear of it a moment later
        attempt = java.attempt(bootstrap, by_token, new_topic("java"), "by a token", 20)
        if attempt.value is not None:
            break
    assert (attempt.value, attempt.words) == ("by a token", "")
    # A token is good for no second one, the wrong HMAC for nothing, and it is no user either.
    with pytest.raises(DriverError, match=r"not allowed on .* delegation token authenticated channels"):
        java.token(bootstrap, by_token)
    for refused in (by_token.with_user(token_id, "no" + hmac), Security.with_user(alice, token_id, hmac)):
        attempt = java.attempt(bootstrap, refused, new_topic("java"), "not in", 1)
        assert re.search("SaslAuthenticationException", attempt.words), attempt
