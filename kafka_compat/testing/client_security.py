"""What clients need to be told to come into a test cluster: who they are, and whose certificates to trust.

The authority is given as text where a client takes text, so that no file is left, and as a context of the module ssl where it
takes that.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from kafka_compat.testing.nearest import did_you_mean

if TYPE_CHECKING:
    from kafka_compat.testing.cluster import Cluster

_MECHANISMS: Final = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")
_LOGIN_MODULES: Final = {
    "PLAIN": "org.apache.kafka.common.security.plain.PlainLoginModule",
    "SCRAM-SHA-256": "org.apache.kafka.common.security.scram.ScramLoginModule",
    "SCRAM-SHA-512": "org.apache.kafka.common.security.scram.ScramLoginModule",
}


class Said(NamedTuple):
    """What there is to say; `user` None where nobody is asked, `ca` None without TLS, or to trust whom the system trusts."""

    protocol: str
    mechanism: str
    user: str | None
    password: str
    ca: str | None


def client_security(client: str, cluster: Cluster, user: str | None, mechanism: str) -> dict[str, Any]:
    """Settings by the names of a client; none in a cluster without users and TLS, nor for a client that is not known.

    Raises:
        ValueError: the user or the mechanism is not known, or a user has to be named.
    """
    access = cluster.plan.access
    if mechanism not in _MECHANISMS:
        raise ValueError(f"mechanism is one of {', '.join(_MECHANISMS)}, not {mechanism!r}")
    password = ""
    if access.users is None:
        if user is not None:
            raise ValueError(f"user={user!r}: this Kafka was made without users")
        if access.tls is None:
            return {}
    else:
        users = cluster.users if cluster.is_running else access.users
        user, password = _login(users, user)
    return settings_of(client, Said(access.protocol, mechanism, user, password, None if access.tls is None else access.tls.ca))


def settings_of(client: str, said: Said) -> dict[str, Any]:
    """The same by the names of a client; none for a client that is not known."""
    make = _CLIENTS.get(client)
    return {} if make is None else make(said)


def _login(users: Mapping[str, str], user: str | None) -> tuple[str, str]:
    if user is None:
        if len(users) != 1:
            raise ValueError(f"user= says who the client is, one of {', '.join(users) or 'nobody: there are no users'}")
        user = next(iter(users))
    if user not in users:
        raise ValueError(f"there is no user {user!r}{did_you_mean(user, list(users))}: there are {', '.join(users) or 'none'}")
    return user, users[user]


def _confluent(said: Said) -> dict[str, Any]:
    config: dict[str, Any] = {"security.protocol": said.protocol}
    if said.ca is not None:
        config["ssl.ca.pem"] = said.ca
    if said.user is not None:
        config |= {"sasl.mechanism": said.mechanism, "sasl.username": said.user, "sasl.password": said.password}
    return config


def _python(said: Said) -> dict[str, Any]:
    """Of kafka-python and aiokafka."""
    config: dict[str, Any] = {"security_protocol": said.protocol}
    if said.ca is not None:
        config["ssl_context"] = ssl.create_default_context(cadata=said.ca)
    if said.user is not None:
        config["sasl_mechanism"] = said.mechanism
        config |= {"sasl_plain_username": said.user, "sasl_plain_password": said.password}
    return config


def _java(said: Said) -> dict[str, Any]:
    config: dict[str, Any] = {"security.protocol": said.protocol}
    if said.ca is not None:
        config |= {"ssl.truststore.type": "PEM", "ssl.truststore.certificates": said.ca}
    if said.user is not None:
        who = f"username={_quoted(said.user)} password={_quoted(said.password)}"
        config |= {
            "sasl.mechanism": said.mechanism,
            "sasl.jaas.config": f"{_LOGIN_MODULES[said.mechanism]} required {who};",
        }
    return config


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _kafkajs(said: Said) -> dict[str, Any]:
    config: dict[str, Any] = {}
    if said.ca is not None:
        config["ssl"] = {"ca": [said.ca]}
    if said.user is not None:
        config["sasl"] = {"mechanism": said.mechanism.lower(), "username": said.user, "password": said.password}
    return config


_CLIENTS: Final[Mapping[str, Callable[[Said], dict[str, Any]]]] = {
    "confluent": _confluent,
    "kafka-python": _python,
    "aiokafka": _python,
    "java": _java,
    "kafkajs": _kafkajs,
}
