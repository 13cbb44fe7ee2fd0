"""What clients of a broker that is there need to be told, by the same names as those of a cluster of one's own."""

from __future__ import annotations

from typing import Any

from kafka_compat.testing.client_security import Said, settings_of
from kafka_compat.testing.real.credentials import Credentials


def settings_for(client: str, credentials: Credentials) -> dict[str, Any]:
    """Settings by the names of a client; none for a client that is not known.

    Raises:
        OSError: a file cannot be read, or holds no certificate or key.
    """
    ca = None if credentials.ca_file is None else credentials.ca_file.read_text(encoding="ascii")
    password = credentials.password or ""
    settings = settings_of(client, Said(credentials.protocol, credentials.mechanism, credentials.name, password, ca))
    return settings | _of_tls(client, credentials, ca) if credentials.protocol.endswith("SSL") else settings


def _of_tls(client: str, credentials: Credentials, ca: str | None) -> dict[str, Any]:
    """What a cluster of one's own never needs: certificates of the system, one of the client, another name of the host."""
    certificate, key = credentials.certificate_file, credentials.key_file or credentials.certificate_file
    settings: dict[str, Any] = {}
    match client:
        case "confluent":
            if certificate is not None:
                settings |= {"ssl.certificate.location": str(certificate), "ssl.key.location": str(key)}
            if not credentials.checks_host:
                settings["ssl.endpoint.identification.algorithm"] = "none"
        case "kafka-python" | "aiokafka":
            settings["ssl_context"] = credentials.tls_context()
        case "java":
            if certificate is not None and credentials.key_file is None:
                settings |= {"ssl.keystore.type": "PEM", "ssl.keystore.location": str(certificate)}
            if not credentials.checks_host:
                settings["ssl.endpoint.identification.algorithm"] = ""
        case "kafkajs":
            ssl: dict[str, Any] = {} if ca is None else {"ca": [ca]}
            if certificate is not None and key is not None:
                ssl |= {"cert": certificate.read_text(encoding="ascii"), "key": key.read_text(encoding="ascii")}
            settings["ssl"] = ssl or True
    return settings
