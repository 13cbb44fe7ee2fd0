"""The options of `kafka-compat serve` for TLS, users and rights, as the configs of Kafka that they stand for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from kafka_compat.config.errors import BadSettings
from kafka_compat.config.listeners import Listener

SASL_MECHANISMS: Final = "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512"
STANDARD_AUTHORIZER: Final = "org.apache.kafka.metadata.authorizer.StandardAuthorizer"
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


def tls_configs(certificate: Path | None, key: Path | None, client_ca: Path | None) -> dict[str, str]:
    """What --tls-cert, --tls-key and --tls-client-ca stand for.

    With its key in the same file a certificate is read again when the file has changed; one with a key of its own is not.

    Raises:
        BadSettings: a file cannot be read, or one of them is missing.
    """
    configs: dict[str, str] = {}
    if certificate is None:
        for option, given in (("--tls-key", key), ("--tls-client-ca", client_ca)):
            if given is not None:
                raise BadSettings(f"{option} goes with --tls-cert")
        return configs
    configs["ssl.keystore.type"] = "PEM"
    text = _read("--tls-cert", certificate)
    if key is None:
        if "PRIVATE KEY-----" not in text:
            raise BadSettings(f"--tls-cert {certificate}: there is no key in it; name its file by --tls-key")
        configs["ssl.keystore.location"] = str(certificate.absolute())
    else:
        configs["ssl.keystore.certificate.chain"] = text
        configs["ssl.keystore.key"] = _read("--tls-key", key)
    if client_ca is not None:
        _read("--tls-client-ca", client_ca)
        configs |= {
            "ssl.client.auth": "required",
            "ssl.truststore.type": "PEM",
            "ssl.truststore.location": str(client_ca.absolute()),
        }
    return configs


def super_user_configs(names: Sequence[str]) -> dict[str, str]:
    """What --super-user stands for: rights are asked for, and these have all of them."""
    if not names:
        return {}
    for name in names:
        if not name or ";" in name:
            raise BadSettings(f"--super-user {name}: expected the NAME of a user")
    users = ";".join(name if ":" in name else f"User:{name}" for name in names)
    return {"authorizer.class.name": STANDARD_AUTHORIZER, "super.users": users}


def users_of(named: Sequence[str], file: Path | None) -> tuple[dict[str, str], list[str]]:
    """Password by name of --user NAME:PASSWORD and --user-file, which has a line of that form for each, and what to warn of.

    Raises:
        BadSettings: the file cannot be read, or an entry is none; the message has no password in it.
    """
    users: dict[str, str] = {}
    warnings = []
    if file is not None:
        for number, line in enumerate(_read("--user-file", file).splitlines(), 1):
            if line.strip() and not line.startswith("#"):
                _add(users, line, f"--user-file {file}, line {number}")
        if file.stat().st_mode & 0o077:
            warnings.append(f"--user-file {file}: others than its owner can read it")
    for entry in named:
        _add(users, entry, "--user")
    if named:
        warnings.append("--user: passwords on the command line can be read by whoever lists processes; see --user-file")
    return users, warnings


def _add(users: dict[str, str], entry: str, where: str) -> None:
    name, _, password = entry.partition(":")
    if not name or not password:
        raise BadSettings(f"{where}: expected NAME:PASSWORD")
    if name in users:
        raise BadSettings(f"{where}: {name} is there twice")
    users[name] = password


def check_users(
    listeners: Sequence[Listener], configs: Mapping[str, str], users: Mapping[str, str]
) -> tuple[dict[str, str], list[str]]:
    """The mechanisms that users are let in by when nothing else is said of them, and what to warn of.

    Raises:
        BadSettings: there are users, and no listener that would ask them for their passwords.
    """
    sasl = [listener for listener in listeners if listener.security_protocol.startswith("SASL_")]
    if users and not sasl:
        raise BadSettings(
            "--user: no listener asks for a password; have one by --listen SASL_PLAINTEXT://HOST:PORT or SASL_SSL://"
        )
    added = {}
    if users and "sasl.enabled.mechanisms" not in configs:
        added["sasl.enabled.mechanisms"] = SASL_MECHANISMS
    enabled = {**configs, **added}.get("sasl.enabled.mechanisms", "")
    warnings = [
        f"listener {each.name} takes passwords (PLAIN) over connections that are not enciphered: use SASL_SSL, or SCRAM"
        for each in sasl
        if each.security_protocol == "SASL_PLAINTEXT"
        and each.host not in _LOOPBACK
        and "PLAIN" in _mechanisms_of(each, configs, enabled)
    ]
    return added, warnings


def _mechanisms_of(listener: Listener, configs: Mapping[str, str], enabled: str) -> list[str]:
    own = configs.get(f"listener.name.{listener.name.lower()}.sasl.enabled.mechanisms", enabled)
    return [each.strip() for each in own.split(",")]


def _read(option: str, path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise BadSettings(f"{option} {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise BadSettings(f"{option} {path}: it is no text") from None
