"""Brokers that know their clients: a listener SECURED (SASL_PLAINTEXT, PLAIN) beside the plain one, and StandardAuthorizer.

Whoever comes through the plain listener is ANONYMOUS, who is a super user here and makes what there is. Users are those of
`rights.py`, each with the rights that its name says.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from kafka_compat.protocol.messages.sasl_authenticate import SaslAuthenticateRequest, SaslAuthenticateResponse
from kafka_compat.protocol.messages.sasl_handshake import SaslHandshakeRequest, SaslHandshakeResponse
from tests.support.wire_client import WireClient

LISTENER: Final = "SECURED"
LISTENERS: Final = {LISTENER: "SASL_PLAINTEXT"}
# Who may do everything without any right.
SUPER_USER: Final = "admin"


def configs_for(users: Collection[str]) -> dict[str, str]:
    """Of a broker that knows them."""
    known = " ".join(f'user_{user}="{password_of(user)}"' for user in (*users, SUPER_USER))
    return {
        "sasl.enabled.mechanisms": "PLAIN",
        "listener.name.secured.plain.sasl.jaas.config": (
            f"org.apache.kafka.common.security.plain.PlainLoginModule required {known};"
        ),
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": f"User:ANONYMOUS;User:{SUPER_USER}",
        "delegation.token.secret.key": "a key of tests",
    }


def password_of(user: str) -> str:
    """What a user says to prove it."""
    return f"{user}-proof"


def authenticate(client: WireClient, user: str) -> None:
    """Make it that user's connection.

    Raises:
        ConnectionClosed, AssertionError: the broker does not believe it.
    """
    shaken = client.call(SaslHandshakeRequest(mechanism="PLAIN"), 1, SaslHandshakeResponse)
    assert shaken.error_code == 0, shaken
    proof = f"\0{user}\0{password_of(user)}".encode()
    proved = client.call(SaslAuthenticateRequest(auth_bytes=proof), 2, SaslAuthenticateResponse)
    assert proved.error_code == 0, proved.error_message
