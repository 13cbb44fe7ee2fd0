"""Brokers that know their clients: a listener SECURED (SASL_PLAINTEXT, PLAIN) beside the plain one, and StandardAuthorizer.

Whoever comes through the plain listener is ANONYMOUS, who is a super user here and makes what there is. Users are those of
`rights.py`, each with the rights that its name says.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

LISTENER: Final = "SECURED"
# For the users of `sasl_conversations.py`: with every mechanism, with sessions that end in an hour, with such that end at once.
MECHANISMS: Final = "MECHANISMS"
AGAIN: Final = "AGAIN"
BRIEF: Final = "BRIEF"
LISTENERS: Final = dict.fromkeys((LISTENER, MECHANISMS, AGAIN, BRIEF), "SASL_PLAINTEXT")
# Who may do everything without any right.
SUPER_USER: Final = "admin"
# Who has no rights but those that a test gives him, and takes away again.
ANYBODY: Final = "anybody"
# Whose rights come and go.
CHANGING_USER: Final = "changing"


def configs_for(users: Collection[str]) -> dict[str, str]:
    """Of a broker that knows them."""
    known = " ".join(f'user_{user}="{password_of(user)}"' for user in (*users, SUPER_USER, CHANGING_USER, ANYBODY))
    return {
        "sasl.enabled.mechanisms": "PLAIN",
        "listener.name.secured.plain.sasl.jaas.config": (
            f"org.apache.kafka.common.security.plain.PlainLoginModule required {known};"
        ),
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": f"User:ANONYMOUS;User:{SUPER_USER}",
        "delegation.token.secret.key": "a key of tests",
        # To be waited for by every test of a refusal.
        "connection.failed.authentication.delay.ms": "10",
        **_mechanisms(MECHANISMS),
        **_mechanisms(AGAIN, max_reauth_ms="3600000"),
        **_mechanisms(BRIEF, max_reauth_ms="1"),
    }


def _mechanisms(listener: str, max_reauth_ms: str = "0") -> dict[str, str]:
    prefix = f"listener.name.{listener.lower()}."
    scram = "org.apache.kafka.common.security.scram.ScramLoginModule required;"
    return {
        f"{prefix}sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512",
        f"{prefix}plain.sasl.jaas.config": (
            'org.apache.kafka.common.security.plain.PlainLoginModule required user_alice="secret" user_bob="other";'
        ),
        f"{prefix}scram-sha-256.sasl.jaas.config": scram,
        f"{prefix}scram-sha-512.sasl.jaas.config": scram,
        f"{prefix}connections.max.reauth.ms": max_reauth_ms,
    }


def password_of(user: str) -> str:
    """What a user says to prove it."""
    return f"{user}-proof"
