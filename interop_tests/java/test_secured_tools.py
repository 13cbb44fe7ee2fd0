"""Kafka's tools as users of a secured listener, of Apache Kafka and of our broker: with all rights, with some, with none.

One JVM for each side runs all the tools; both sides run at once, each tool with a file of properties for its user.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Final

import pytest

from interop_tests.java.tool_differences import DIFFERENCES
from interop_tests.java.tools import (
    ACLS,
    CLIENT_METRICS,
    CONFIGS,
    CONSUMER,
    CONSUMER_GROUPS,
    DELEGATION_TOKENS,
    PRODUCER,
    TOPICS,
    BothTools,
    Normalise,
    Ran,
    Side,
    ToolRunner,
    sub,
)
from tests.support.brokers import require_commands, settings_of, skipped_without_reference, start_ours, start_reference

pytestmark = [pytest.mark.reference, pytest.mark.slow]

LISTENER: Final = "SECURED"
# Who may do all, who may do what `RIGHTS` says, who may do nothing: by password; `eve` has the wrong one.
USERS: Final = ("admin", "clerk", "guest")
WRONG: Final = "eve"
# What the clerk may do.
RIGHTS: Final = (
    ("--operation", "Read", "--operation", "Write", "--operation", "DescribeConfigs", "--topic", "orders"),
    ("--operation", "Create", "--topic", "made-by-", "--resource-pattern-type", "prefixed"),
    ("--operation", "Read", "--group", "readers"),
)
_PLAIN: Final = "org.apache.kafka.common.security.plain.PlainLoginModule required"
_SCRAM: Final = "org.apache.kafka.common.security.scram.ScramLoginModule required"
CONFIG: Final = {
    "sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-256",
    "listener.name.secured.plain.sasl.jaas.config": (
        f"{_PLAIN} {' '.join(f'user_{user}={user}-proof' for user in (*USERS, WRONG))};"
    ),
    "listener.name.secured.scram-sha-256.sasl.jaas.config": f"{_SCRAM};",
    "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
    "super.users": "User:ANONYMOUS;User:admin",
    "delegation.token.secret.key": "of-tests-only",
    "connection.failed.authentication.delay.ms": "10",
    "group.initial.rebalance.delay.ms": "0",
}

no_ids: Final = sub(r"TopicId: \S{22}", "TopicId: <id>")
# The tools print sets, and traces of themselves.
_noise: Final = sub(r"^\tat .*\n|^\t\.\.\. \d+ more\n|^\[.*\n", "")
# The reference says which object in its memory the request was that it refuses.
_objects: Final = sub(r"Request Request\(.*\) needs", "Request needs")


def no_traces(text: str) -> str:
    """What the tool says itself."""
    return _objects(_noise(text))


def in_order(text: str) -> str:
    """Its lines, sorted."""
    return "".join(f"{line}\n" for line in sorted(no_traces(text).splitlines()))


class Users:
    """The tools as one user or another."""

    def __init__(self, both: BothTools, directory: Path) -> None:
        self._both = both
        self._directory = directory
        for user in (*USERS, WRONG):
            self.add(user, "wrong" if user == WRONG else f"{user}-proof")

    def add(self, user: str, password: str, mechanism: str = "PLAIN", more: str = "") -> None:
        """Make the file of a user's properties."""
        module = _PLAIN if mechanism == "PLAIN" else _SCRAM
        (self._directory / user).write_text(
            f"security.protocol=SASL_PLAINTEXT\nsasl.mechanism={mechanism}\nrequest.timeout.ms=20000\ndefault.api.timeout.ms=20000\n"
            f'sasl.jaas.config={module} username="{user}" password="{password}"{more};\n'
        )

    def compare(
        self,
        user: str,
        tool: str,
        *args: str,
        exit_code: int = 0,
        stdin: str = "",
        normalise: Normalise = no_traces,
        config: str = "--command-config",
    ) -> Ran:
        """The reference's answer to a tool of a user; ours has to be the same when the test ends."""
        said = (config, str(self._directory / user), *args)
        return self._both.compare(tool, *said, exit_code=exit_code, stdin=stdin, normalise=normalise)

    def compare_all(self, tool: str, *args: str, exit_codes: str, normalise: Normalise = no_traces) -> None:
        """The same of all users; a digit for each of `USERS`."""
        for user, exit_code in zip(USERS, exit_codes, strict=True):
            self.compare(user, tool, *args, exit_code=int(exit_code), normalise=normalise)


@pytest.fixture(scope="module")
def both_sides(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BothTools]:
    require_commands("java", "javac", "mvn")
    listeners = {LISTENER: "SASL_PLAINTEXT"}
    with ExitStack() as stack:
        with skipped_without_reference():
            reference = stack.enter_context(start_reference(tmp_path_factory.mktemp("reference"), CONFIG, listeners))
        ours = stack.enter_context(start_ours(tmp_path_factory.mktemp("ours"), *settings_of(CONFIG), listeners=listeners))
        reference_side, our_side = (
            Side(
                broker,
                stack.enter_context(closing(ToolRunner())),
                {broker.bootstrap_of(LISTENER): "<address>", broker.bootstrap_of(LISTENER).rpartition(":")[2]: "<port>"},
                LISTENER,
            )
            for broker in (reference, ours)
        )
        yield BothTools(reference_side, our_side, DIFFERENCES)


@pytest.fixture(scope="module")
def ground(both_sides: BothTools, tmp_path_factory: pytest.TempPathFactory) -> Users:
    """A topic with records, a group that has read them, and the rights of the clerk."""
    users = Users(both_sides, tmp_path_factory.mktemp("users"))
    users.compare("admin", TOPICS, "--create", "--topic", "orders", "--config", "retention.ms=-1")
    for right in RIGHTS:
        users.compare("admin", ACLS, "--add", "--allow-principal", "User:clerk", *right, normalise=in_order)
    users.compare("admin", PRODUCER, "--topic", "orders", stdin="one\ntwo\n")
    reading = ("--topic", "orders", "--from-beginning", "--max-messages", "2", "--timeout-ms", "20000")
    users.compare("admin", CONSUMER, *reading, "--group", "readers")
    return users


@pytest.fixture
def users(both_sides: BothTools, ground: Users) -> Iterator[Users]:
    """Differences found in the test, and on the ground, fail it when it ends."""
    yield ground
    if problems := both_sides.verdict():
        pytest.fail("unlike the reference:\n" + "\n".join(problems), pytrace=False)


def test_topics(users: Users) -> None:
    users.compare_all(TOPICS, "--list", exit_codes="000")
    users.compare_all(
        TOPICS, "--describe", "--topic", "orders", exit_codes="001", normalise=lambda text: no_traces(no_ids(text))
    )
    users.compare_all(TOPICS, "--create", "--topic", "made-by-hand", exit_codes="011")
    users.compare("clerk", TOPICS, "--create", "--topic", "made-by-clerk")
    users.compare_all(TOPICS, "--alter", "--topic", "orders", "--partitions", "1", exit_codes="111")
    users.compare("guest", TOPICS, "--delete", "--topic", "orders", exit_code=1)
    users.compare("clerk", TOPICS, "--delete", "--topic", "orders", exit_code=1)
    users.compare("admin", TOPICS, "--delete", "--topic", "made-by-hand")
    users.compare(WRONG, TOPICS, "--list", exit_code=1)


def test_configs(users: Users) -> None:
    users.compare_all(CONFIGS, "--describe", "--topic", "orders", exit_codes="000")
    users.compare_all(CONFIGS, "--alter", "--topic", "orders", "--add-config", "retention.ms=9", exit_codes="011")
    users.compare_all(CONFIGS, "--describe", "--broker", "1", exit_codes="011")
    users.compare_all(CONFIGS, "--alter", "--broker-defaults", "--add-config", "log.cleaner.threads=1", exit_codes="011")


def test_scram_credentials(users: Users) -> None:
    user = ("--entity-type", "users", "--entity-name", "scrammy")
    password = "SCRAM-SHA-256=[iterations=8192,password=scrammy-proof]"
    users.compare_all(CONFIGS, "--alter", *user, "--add-config", password, exit_codes="011")
    users.compare_all(CONFIGS, "--describe", *user, exit_codes="011", normalise=in_order)
    users.compare_all(CONFIGS, "--describe", "--entity-type", "users", exit_codes="011", normalise=in_order)
    users.add("scrammy", "scrammy-proof", "SCRAM-SHA-256")
    users.compare("scrammy", TOPICS, "--list")
    few = "SCRAM-SHA-256=[iterations=9,password=few]"
    users.compare("admin", CONFIGS, "--alter", *user, "--add-config", few, exit_code=1)
    users.compare_all(CONFIGS, "--alter", *user, "--delete-config", "SCRAM-SHA-256", exit_codes="011")
    users.compare("admin", CONFIGS, "--alter", *user, "--delete-config", "SCRAM-SHA-256", exit_code=1)
    users.compare("scrammy", TOPICS, "--list", exit_code=1)


def test_quotas(users: Users) -> None:
    user = ("--entity-type", "users", "--entity-name", "heavy")
    users.compare_all(CONFIGS, "--alter", *user, "--add-config", "producer_byte_rate=1024", exit_codes="011")
    users.compare_all(CONFIGS, "--describe", "--entity-type", "users", exit_codes="011", normalise=in_order)
    users.compare_all(CONFIGS, "--describe", "--entity-type", "clients", "--entity-default", exit_codes="011")
    users.compare_all(CONFIGS, "--alter", *user, "--delete-config", "producer_byte_rate", exit_codes="011")


def test_client_metrics(users: Users) -> None:
    alter = ("--alter", "--name", "watch", "--metrics", "org.apache.kafka", "--interval", "10000")
    users.compare_all(CLIENT_METRICS, *alter, exit_codes="011")
    users.compare_all(CLIENT_METRICS, "--list", exit_codes="011")
    users.compare_all(CLIENT_METRICS, "--describe", "--name", "watch", exit_codes="011", normalise=in_order)
    users.compare_all(CONFIGS, "--describe", "--client-metrics", "watch", exit_codes="011", normalise=in_order)
    users.compare_all(CLIENT_METRICS, "--delete", "--name", "watch", exit_codes="011")


def test_console(users: Users) -> None:
    for user, exit_code in zip(USERS, "001", strict=True):
        users.compare(user, PRODUCER, "--topic", "orders", "--sync", stdin="three\n", exit_code=int(exit_code))
    reading = ("--topic", "orders", "--from-beginning", "--max-messages", "2", "--timeout-ms", "20000")
    # A consumer that is refused says so in its log, and ends well, with no record.
    for records, user in zip((2, 0, 0), USERS, strict=True):
        ran = users.compare(user, CONSUMER, *reading, "--group", "others")
        assert f"Processed a total of {records} messages" in ran.err
    for records, user in zip((2, 2, 0), USERS, strict=True):
        ran = users.compare(user, CONSUMER, *reading, "--partition", "0")
        assert f"Processed a total of {records} messages" in ran.err


def test_consumer_groups(users: Users) -> None:
    # This tool ends well whatever it is told.
    users.compare_all(CONSUMER_GROUPS, "--list", exit_codes="000", normalise=in_order)
    users.compare_all(CONSUMER_GROUPS, "--describe", "--group", "readers", exit_codes="000", normalise=in_order)
    users.compare_all(CONSUMER_GROUPS, "--describe", "--group", "readers", "--state", exit_codes="000", normalise=in_order)
    reset = ("--group", "readers", "--topic", "orders", "--reset-offsets", "--to-earliest")
    users.compare_all(CONSUMER_GROUPS, *reset, "--dry-run", exit_codes="000", normalise=in_order)
    users.compare_all(CONSUMER_GROUPS, *reset, "--execute", exit_codes="000", normalise=in_order)
    users.compare_all(CONSUMER_GROUPS, "--delete", "--group", "nobodys", exit_codes="000", normalise=in_order)


def test_acls(users: Users) -> None:
    entry = ("--allow-principal", "User:new", "--operation", "Read", "--topic", "news")
    users.compare_all(ACLS, "--add", *entry, exit_codes="011", normalise=in_order)
    users.compare_all(ACLS, "--list", exit_codes="011", normalise=in_order)
    users.compare_all(ACLS, "--remove", "--force", *entry, exit_codes="011", normalise=in_order)


def test_delegation_tokens(users: Users) -> None:
    create = ("--create", "--max-life-time-period", "-1")
    hidden = sub(r"tokenId : \S{22}|^\S{22} +\S{86}== .*", "<token>")
    users.compare_all(DELEGATION_TOKENS, *create, exit_codes="000", normalise=hidden)
    users.compare("clerk", DELEGATION_TOKENS, *create, "--owner-principal", "User:guest", exit_code=1)
    users.compare_all(DELEGATION_TOKENS, "--describe", exit_codes="000", normalise=hidden)
    users.compare("guest", DELEGATION_TOKENS, "--expire", "--hmac", "bm90", "--expiry-time-period", "-1", exit_code=1)
    users.compare("guest", DELEGATION_TOKENS, "--renew", "--hmac", "bm90", "--renew-time-period", "-1", exit_code=1)
