"""The pytest plugin: fixtures that give a test its Kafka, the mark that says which, and a report when the test fails.

Every pytest run of an environment that has the package loads this module, so it imports pytest and the standard library only.
The modules beside it, and with them the brokers, come with the first fixture that is used.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from kafka_compat.pytest_plugin.clusters import Clusters
    from kafka_compat.pytest_plugin.factory import ClusterFactory
    from kafka_compat.testing.clock_control import ClockControl
    from kafka_compat.testing.kafka import Kafka
    from kafka_compat.testing.options import KafkaOptions

# What `@pytest.mark.kafka(...)` takes: the fields of KafkaOptions, and what is the plugin's own.
MARK_ARGUMENTS: Final = (
    "brokers",
    "topics",
    "configs",
    "clock",
    "data_dir",
    "auto_create",
    "cluster_id",
    "api_versions",
    "users",
    "acls",
    "super_users",
    "tls",
    "leaks",
)
LEAKS: Final = ("warn", "error", "ignore")

# The clusters a test has used, with the name of the fixture that gave them; whether the test itself has passed.
USED: Final = pytest.StashKey["list[tuple[str, Kafka]]"]()
PASSED: Final = pytest.StashKey[bool]()
SHARED: Final = pytest.StashKey["Kafka"]()


class KafkaLeakWarning(pytest.PytestWarning):
    """A test has left something behind in its Kafka: see the ini option `kafka_leaks`."""


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    """Declare options and ini options; where one is not given, the next in the order option, ini, environment is asked."""
    _leave_asserts_alone(pluginmanager)
    group = parser.getgroup("kafka", "a Kafka for tests (kafka_compat)")
    group.addoption("--kafka-brokers", type=int, metavar="N", help="brokers of the cluster of a test (default: 1)")
    group.addoption(
        "--kafka-config",
        dest="kafka_configs",
        action="append",
        metavar="KEY=VALUE",
        help="a broker config by Kafka's name; may be given several times",
    )
    group.addoption("--kafka-leaks", choices=LEAKS, help="what is done when a test has left clients or transactions behind")
    group.addoption(
        "--kafka-report-requests", type=int, metavar="N", help="requests shown when a test has failed (default: 20)"
    )
    group.addoption(
        "--kafka-bootstrap",
        metavar="HOST:PORT",
        help="run the tests against this broker; those that need one of their own are skipped",
    )
    group.addoption(
        "--kafka-bootstrap-config",
        metavar="FILE",
        help="who the tests are at that broker, and TLS: properties of a client, as --command-config of Kafka's tools",
    )
    number = "int" if pytest.version_tuple >= (8, 4) else "string"
    parser.addini("kafka_brokers", "brokers of the cluster of a test", type=number, default=None)  # type: ignore[arg-type]
    parser.addini("kafka_configs", "broker configs, a line of key=value each", type="linelist", default=None)
    parser.addini("kafka_leaks", "what a test leaves behind: warn (default), error or ignore", default=None)
    parser.addini("kafka_report_requests", "requests shown when a test has failed", type=number, default=None)  # type: ignore[arg-type]


def pytest_configure(config: pytest.Config) -> None:
    """Declare the mark."""
    config.addinivalue_line(
        "markers",
        "kafka(brokers=, topics=, configs=, clock=, ...): what the Kafka of a test is made with; of several marks the nearest "
        "decides, argument for argument and key for key",
    )


def pytest_report_header(config: pytest.Config) -> str | None:
    """Say which broker the tests run against, when it is none of their own."""
    bootstrap = config.getoption("kafka_bootstrap")
    return f"kafka: {bootstrap}" if bootstrap else None


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Refuse marks that nobody would understand, before any test runs."""
    report = yield
    wrong = [
        f"{node.nodeid}: {reason}"
        for node in report.result or ()
        if isinstance(node, pytest.Item)
        for mark in node.iter_markers("kafka")
        if (reason := why_wrong(mark))
    ]
    if wrong:
        report.outcome = "failed"
        report.longrepr = "\n".join(wrong)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Fail a test whose faults have not happened."""
    result = yield
    if item.stash.get(USED, None):
        from kafka_compat.pytest_plugin.checks import fail_for_faults

        fail_for_faults(item)
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add to the report of a test that has failed what was in its Kafka."""
    report = yield
    if USED in item.stash or (SHARED in item.config.stash and "kafka_session" in getattr(item, "fixturenames", ())):
        from kafka_compat.pytest_plugin.checks import add_to_report

        add_to_report(item, report)
    return report


def why_wrong(mark: pytest.Mark) -> str | None:
    """Why a mark cannot be meant so, None when it can; the values are looked at when the Kafka is made."""
    allowed = ", ".join(MARK_ARGUMENTS)
    if mark.args:
        return f"the mark kafka takes arguments by name ({allowed}), not {mark.args[0]!r}"
    unknown = [name for name in mark.kwargs if name not in MARK_ARGUMENTS]
    if not unknown:
        return None
    from kafka_compat.testing.nearest import did_you_mean

    return f"the mark kafka has no argument {unknown[0]!r}{did_you_mean(unknown[0], MARK_ARGUMENTS)}: it takes {allowed}"


def _leave_asserts_alone(pluginmanager: pytest.PytestPluginManager) -> None:
    """Have the package imported by Python itself.

    pytest rewrites the asserts in all modules of whatever distribution has a plugin, which makes the first import of the
    brokers five times, and each later one by half, as slow. There is no public way to say no for a package.
    """
    hook = getattr(pluginmanager, "rewrite_hook", None)
    marked = getattr(hook, "_must_rewrite", None)
    known = getattr(hook, "_marked_for_rewrite_cache", None)
    if isinstance(marked, set) and isinstance(known, dict):
        marked.discard("kafka_compat")
        known.clear()


# --- fixtures


@pytest.fixture(scope="session")
def kafka_options(pytestconfig: pytest.Config) -> KafkaOptions:
    """What the tests' Kafka is made with: command line, ini options, environment.

    A project overrides it in its conftest.py, and asks for it there by the same name to build on it.
    """
    from kafka_compat.pytest_plugin.settings import options_of

    return options_of(pytestconfig)


@pytest.fixture(scope="session")
def _kafka_clusters(pytestconfig: pytest.Config) -> Iterator[Clusters]:
    """All shared clusters of this process, stopped at the end."""
    from kafka_compat.pytest_plugin.clusters import open_clusters

    with open_clusters(pytestconfig) as clusters:
        yield clusters


@pytest.fixture(scope="session")
def kafka_session(pytestconfig: pytest.Config, kafka_options: KafkaOptions, _kafka_clusters: Clusters) -> Iterator[Kafka]:
    """One Kafka for all tests of this process (under xdist: of this worker), never reset unless a test uses `kafka`."""
    shared = pytestconfig.stash[SHARED] = _kafka_clusters.for_session(kafka_options)
    yield shared
    del pytestconfig.stash[SHARED]


@pytest.fixture
def kafka(request: pytest.FixtureRequest, kafka_options: KafkaOptions, _kafka_clusters: Clusters) -> Iterator[Kafka]:
    """A Kafka with nothing in it but what its options and the mark `kafka(...)` say.

    Tests with the same options share one, which is reset before each.
    """
    from kafka_compat.pytest_plugin.fixtures import kafka_of_test

    yield from kafka_of_test(request, kafka_options, _kafka_clusters)


@pytest.fixture
def kafka_cluster(
    request: pytest.FixtureRequest, kafka_options: KafkaOptions, _kafka_clusters: Clusters
) -> Iterator[ClusterFactory]:
    """`kafka_cluster(brokers=3, ...)` starts one more Kafka; all are stopped after the test.

    It takes the arguments of `kafka_compat.testing.Kafka`; what is not given is as for `kafka`.
    """
    from kafka_compat.pytest_plugin.factory import clusters_of_test

    yield from clusters_of_test(request, kafka_options, _kafka_clusters)


@pytest.fixture
def kafka_topic(request: pytest.FixtureRequest, kafka: Kafka) -> str:
    """The name of a topic that was made for this test, after which it is named."""
    from kafka_compat.pytest_plugin.names import name_for

    name = name_for(request.node)
    kafka.create_topic(name)
    return name


@pytest.fixture
def kafka_group(request: pytest.FixtureRequest) -> str:
    """A group id that no other test uses, named after this one."""
    from kafka_compat.pytest_plugin.names import name_for

    return name_for(request.node)


@pytest.fixture
def kafka_clock(request: pytest.FixtureRequest, kafka: Kafka) -> ClockControl:
    """The clock of `kafka`, which stands still but for `kafka_clock.advance(by_ms)`."""
    from kafka_compat.pytest_plugin.fixtures import manual_clock_of

    return manual_clock_of(kafka)


@pytest.fixture
def kafka_env(kafka: Kafka, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The environment with KAFKA_BOOTSTRAP_SERVERS, as os.environ has it during the test: for `subprocess.run(env=...)`.

    With users or TLS it has librdkafka's settings, too, by names such as KAFKA_SECURITY_PROTOCOL, KAFKA_SASL_USERNAME and
    KAFKA_SSL_CA_PEM; of several users those of the first.
    """
    import os

    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", kafka.bootstrap_servers)
    for name, value in kafka.config("confluent", user=next(iter(kafka.options.users or ()), None)).items():
        if name.startswith(("security.", "sasl.", "ssl.")):
            monkeypatch.setenv(f"KAFKA_{name.upper().replace('.', '_')}", value)
    return dict(os.environ)
