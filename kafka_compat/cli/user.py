"""`kafka-compat user`: who may come in by SCRAM, on a broker that runs; through the same requests as `kafka-configs`."""

from __future__ import annotations

import argparse
import asyncio
import getpass
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from kafka_compat.cli.streams import say

if TYPE_CHECKING:
    from kafka_compat.testing.real.connections import Connections
    from kafka_compat.testing.real.credentials import Credentials

_MECHANISMS: Final = ("SCRAM-SHA-256", "SCRAM-SHA-512")
PASSWORD_VARIABLE: Final = "KAFKA_COMPAT_PASSWORD"  # noqa: S105 (the name of it)
LOGIN_VARIABLE: Final = "KAFKA_COMPAT_LOGIN_PASSWORD"
_EPILOG = f"""\
examples:
  kafka-compat user add alice
      asks for alice's password, and lets her in by SCRAM-SHA-256 and SCRAM-SHA-512
  kafka-compat user add alice < password.txt
      the same without a person; or with {PASSWORD_VARIABLE} in the environment
  kafka-compat user list --bootstrap-server broker.example.org:9093 --command-config admin.properties
      as somebody whom the broker lets in: the file is that of Kafka's own tools

The broker has to have a listener for SASL; one with an authorizer lets super users do this, and whoever may alter the cluster.
As in Kafka, PLAIN knows only the users of a listener's JAAS text and of serve --user-file: of a password that is set here the
broker keeps what SCRAM needs, and not the password.
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser], summary: str) -> None:
    """Add `user` to the command line; `arguments.run(arguments)` gives the exit status."""
    parser = subparsers.add_parser(
        "user",
        help=summary,
        description="Users of a broker that runs, and their passwords (SCRAM).",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    add = verbs.add_parser("add", help="let somebody in, or give him another password")
    add.add_argument("name", metavar="NAME")
    add.add_argument("--password", metavar="PASSWORD", help="shown to whoever lists processes: leave it out to be asked")
    add.add_argument("--mechanism", action="append", choices=_MECHANISMS, help="by this mechanism only; may be repeated")
    add.add_argument("--iterations", type=int, default=4096, metavar="N", help="4096 to 16384 (default: 4096)")
    delete = verbs.add_parser("delete", help="let somebody in no more")
    delete.add_argument("name", metavar="NAME")
    listed = verbs.add_parser("list", help="show who may come in, and how")
    for verb in (add, delete, listed):
        verb.add_argument("--bootstrap-server", default="localhost:9092", metavar="HOST:PORT", help="(default: localhost:9092)")
        verb.add_argument("--command-config", type=Path, metavar="FILE", help="Kafka's properties of a client: who asks")
        verb.add_argument(
            "--login", metavar="NAME", help=f"who asks, by SASL; the password is in {LOGIN_VARIABLE}, or asked for"
        )
        verb.add_argument("--tls-ca", type=Path, metavar="FILE", help="speak TLS, and trust these certificates (PEM)")
    parser.set_defaults(run=run)


def run(namespace: argparse.Namespace) -> int:
    """Do it; the exit code: 1 when the broker refuses or cannot be reached, 2 for what cannot be meant so."""
    from kafka_compat.protocol.errors import KafkaError

    try:
        _check(namespace)
        credentials = _credentials(namespace)
        password = _password(namespace) if namespace.verb == "add" else ""
    except (ValueError, OSError) as error:
        return _fail(str(error), 2)
    try:
        return asyncio.run(_run(namespace, credentials, password))
    except (ConnectionError, OSError, KafkaError) as error:
        return _fail(str(error), 1)


def _fail(message: str, code: int) -> int:
    say(f"kafka-compat: {message}", sys.stderr)
    return code


def _check(namespace: argparse.Namespace) -> None:
    for address in namespace.bootstrap_server.split(","):
        host, colon, port = address.strip().rpartition(":")
        if not (host and colon and port.isdecimal()):
            raise ValueError(f"--bootstrap-server {namespace.bootstrap_server}: expected HOST:PORT")
    if namespace.command_config is not None and (namespace.login is not None or namespace.tls_ca is not None):
        raise ValueError("--command-config says all of --login and --tls-ca: only one of them can")
    if namespace.verb == "add" and not 4096 <= namespace.iterations <= 16384:
        raise ValueError(f"--iterations {namespace.iterations}: 4096 to 16384, as in Kafka")


def _credentials(namespace: argparse.Namespace) -> Credentials | None:
    from kafka_compat.testing.real.credentials import Credentials, credentials_of

    if namespace.command_config is not None:
        from kafka_compat.config.properties import parse_properties

        return credentials_of(parse_properties(namespace.command_config.read_bytes()))
    if namespace.login is None and namespace.tls_ca is None:
        return None
    transport = "PLAINTEXT" if namespace.tls_ca is None else "SSL"
    if namespace.login is None:
        return Credentials(protocol=transport, ca_file=namespace.tls_ca)
    password = os.environ.get(LOGIN_VARIABLE)
    if password is None:
        if not sys.stdin.isatty():
            raise ValueError(f"--login {namespace.login}: the password is expected in {LOGIN_VARIABLE}")
        password = getpass.getpass(f"Password of {namespace.login}: ")
    return Credentials(protocol=f"SASL_{transport}", name=namespace.login, password=password, ca_file=namespace.tls_ca)


def _password(namespace: argparse.Namespace) -> str:
    if namespace.password is not None:
        say("kafka-compat: a password on the command line can be read by whoever lists processes", sys.stderr)
        password: str = namespace.password
    elif PASSWORD_VARIABLE in os.environ:
        password = os.environ[PASSWORD_VARIABLE]
    elif sys.stdin.isatty():
        password = getpass.getpass(f"New password of {namespace.name}: ")
        if password != getpass.getpass("The same again: "):
            raise ValueError("the two passwords differ")
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    if not password:
        raise ValueError("a password that is empty lets nobody in")
    return password


async def _run(namespace: argparse.Namespace, credentials: Credentials | None, password: str) -> int:
    from kafka_compat.testing.real.connections import Connections

    connections = Connections(namespace.bootstrap_server, credentials)
    try:
        if namespace.verb == "add":
            mechanisms = tuple(namespace.mechanism or _MECHANISMS)
            await _add(connections, namespace.name, password, mechanisms, namespace.iterations)
        elif namespace.verb == "delete":
            await _delete(connections, namespace.name)
        else:
            await _list(connections)
    finally:
        await connections.close()
    return 0


async def _add(connections: Connections, name: str, password: str, mechanisms: tuple[str, ...], iterations: int) -> None:
    from kafka_compat.protocol.messages.alter_user_scram_credentials import ScramCredentialUpsertion
    from kafka_compat.security.sasl.scram_credentials import ScramMechanism, random_text

    # One at a time: a user stands for one change in a request.
    for mechanism in filter(None, map(ScramMechanism.of_name, mechanisms)):
        salt = random_text().encode()
        salted = mechanism.salt_password(password, salt, iterations)
        wanted = ScramCredentialUpsertion(
            name=name, mechanism=mechanism.code, iterations=iterations, salt=salt, salted_password=salted
        )
        await _alter(connections, [], [wanted])
    print(f"{name} is let in by {' and '.join(mechanisms)}; PLAIN does not know this password")


async def _delete(connections: Connections, name: str) -> None:
    from kafka_compat.protocol.error_codes import ErrorCode
    from kafka_compat.protocol.errors import KafkaError
    from kafka_compat.protocol.messages.alter_user_scram_credentials import ScramCredentialDeletion

    mechanisms = (await _users(connections)).get(name)
    if mechanisms is None:
        raise KafkaError(ErrorCode.RESOURCE_NOT_FOUND, f"there is no user {name}")
    for code, _ in mechanisms:
        await _alter(connections, [ScramCredentialDeletion(name=name, mechanism=code)], [])
    print(f"{name} is let in no more; connections that are open stay")


async def _list(connections: Connections) -> None:
    from kafka_compat.security.sasl.scram_credentials import ScramMechanism

    for name, mechanisms in sorted((await _users(connections)).items()):
        known = [(ScramMechanism.of_code(code), iterations) for code, iterations in mechanisms]
        shown = ", ".join(f"{each.mechanism_name} ({iterations} iterations)" for each, iterations in known if each is not None)
        print(f"{name}  {shown}")


async def _users(connections: Connections) -> dict[str, list[tuple[int, int]]]:
    """The mechanisms' codes and iterations of each user."""
    from kafka_compat.protocol.messages.describe_user_scram_credentials import (
        DescribeUserScramCredentialsRequest,
        DescribeUserScramCredentialsResponse,
    )
    from kafka_compat.testing.real.connections import raise_for

    answer = await connections.ask_any(DescribeUserScramCredentialsRequest(users=None), DescribeUserScramCredentialsResponse)
    raise_for(answer.error_code, answer.error_message)
    users = {}
    for found in answer.results:
        raise_for(found.error_code, found.error_message)
        users[found.user] = [(each.mechanism, each.iterations) for each in found.credential_infos]
    return users


async def _alter(connections: Connections, deletions: list[object], upsertions: list[object]) -> None:
    from kafka_compat.protocol.messages.alter_user_scram_credentials import (
        AlterUserScramCredentialsRequest,
        AlterUserScramCredentialsResponse,
    )
    from kafka_compat.testing.real.connections import raise_for, settled

    request = AlterUserScramCredentialsRequest(deletions=deletions, upsertions=upsertions)  # type: ignore[arg-type]

    async def ask() -> None:
        for answered in (await connections.ask_any(request, AlterUserScramCredentialsResponse)).results:
            raise_for(answered.error_code, answered.error_message)

    await settled(ask)
