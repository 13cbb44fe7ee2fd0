"""Brokers that know their clients: a listener SECURED (SASL_PLAINTEXT, PLAIN) beside the plain one, and StandardAuthorizer.

Whoever comes through the plain listener is ANONYMOUS, who is a super user here and makes what there is. Users are those of
`rights.py`, each with the rights that its name says.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

LISTENER: Final = "SECURED"
LISTENERS: Final = {LISTENER: "SASL_PLAINTEXT"}
# Who may do everything without any right.
SUPER_USER: Final = "admin"
# Whose rights come and go.
CHANGING_USER: Final = "changing"


def configs_for(users: Collection[str]) -> dict[str, str]:
    """Of a broker that knows them."""
    known = " ".join(f'user_{user}="{password_of(user)}"' for user in (*users, SUPER_USER, CHANGING_USER))
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
