"""Brokers for `Both`: what runs where there is Java, and what stands for it elsewhere (see `both.py`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from kafka_compat.protocol.messages.metadata import MetadataRequest, MetadataResponse
from kafka_compat.testing import Cluster
from scripts.reference_broker import java_executable, resolve_jars
from tests.conformance.both import Address, Both, Brokers, ConfiguredAlike, MakeBoth, Score, Side, Tape, collected_key
from tests.conformance.recording import Recordings
from tests.conformance.rights import USERS
from tests.conformance.rights_ground import Ground, prepare
from tests.conformance.secured import LISTENER, LISTENERS, configs_for
from tests.support.brokers import (
    NO_RETENTION,
    REFERENCE_CRASH_TEST_CONFIG,
    Broker,
    ReferenceUnavailableError,
    in_ci,
    settings_of,
    start_ours,
    start_reference,
)

_HERE = Path(__file__).resolve().parent

_score_key = pytest.StashKey[Score]()
_recordings_key = pytest.StashKey[Recordings]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_score_key] = Score()
    config.stash[_recordings_key] = Recordings()
    config.stash[collected_key] = {}
    if config.getoption("record"):
        if config.getoption("replay"):
            raise pytest.UsageError("--record asks the reference, --replay does not")
        if config.getoption("dist", "no") not in ("no", "loadfile"):
            raise pytest.UsageError("--record needs --dist loadfile: a module's recording is one file")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if any("::" in argument for argument in config.args):
        return
    for item in items:
        if item.path.is_relative_to(_HERE):
            config.stash[collected_key].setdefault(item.path.stem, set()).add(item.name)


def pytest_sessionfinish(session: pytest.Session) -> None:
    config = session.config
    if config.getoption("record") and config.stash[_score_key].is_live:
        recordings = config.stash[_recordings_key]
        for module, tests in config.stash[collected_key].items():
            for test in set(recordings.of(module)) - tests:
                recordings.forget(module, test)
        recordings.save()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    score = config.stash[_score_key]
    if not score.compared:
        return
    terminalreporter.section(f"conformance with Apache Kafka 4.3.1{'' if score.is_live else ', as recorded'}")
    for (api, path, reason), count in sorted(score.differing.items()):
        terminalreporter.line(f"differs on purpose: {api} {path or '(answer)'}, {count} answers: {reason}")
    for api, count in sorted(score.compared.items()):
        terminalreporter.line(f"  {api}: {count} answers compared, {score.failed[api]} unlike the reference")
    compared, failed, wanted = score.compared.total(), score.failed.total(), sum(score.differing.values())
    terminalreporter.line(f"conformance: {compared} compared, {failed} differ, {wanted} differ with a reason")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("reference") and not _is_live(item.config):
        pytest.skip("needs Apache Kafka itself: Java and Maven, and no --replay")


@pytest.fixture(scope="session")
def is_live(pytestconfig: pytest.Config) -> bool:
    """Whether the reference runs, in place of its recordings."""
    return _is_live(pytestconfig)


def _is_live(config: pytest.Config) -> bool:
    score = config.stash[_score_key]
    if score.is_live is None:
        score.is_live = not config.getoption("replay")
        try:
            if score.is_live:
                java_executable()
                resolve_jars()
        except ReferenceUnavailableError:
            if in_ci() or config.getoption("record"):
                raise
            score.is_live = False
    return score.is_live


@pytest.fixture(scope="session")
def reference_broker(is_live: bool, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """Apache Kafka 4.3.1 with the defaults of `scripts/reference_broker.py`, but for retention, which does not look."""
    assert is_live, "tests that need the reference are marked so"
    with start_reference(tmp_path_factory.mktemp("reference"), NO_RETENTION) as broker:
        yield broker


@pytest.fixture(scope="session")
def our_broker(is_live: bool, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Address]:
    """Our broker with the same configs: the first rebalance of groups does not wait on either side.

    Beside the reference it is a process of its own as well; in replays it runs in this one, so that coverage and the watch for
    logged errors see it.
    """
    config = {"group.initial.rebalance.delay.ms": "0", **NO_RETENTION}
    if is_live:
        with start_ours(tmp_path_factory.mktemp("ours"), *settings_of(config)) as broker:
            yield broker
    else:
        with Cluster(configs=config) as cluster:
            yield cluster


@pytest.fixture(scope="session")
def configured_alike(is_live: bool, tmp_path_factory: pytest.TempPathFactory) -> ConfiguredAlike:
    """Starts the reference, if it is to run, and our broker, with the same configs and quick to restart after a crash."""

    @contextmanager
    def start(configs: Mapping[str, str]) -> Iterator[Brokers]:
        with ExitStack() as stack:
            brokers: list[Broker] = []
            if is_live:
                reference = start_reference(tmp_path_factory.mktemp("reference"), {**REFERENCE_CRASH_TEST_CONFIG, **configs})
                brokers.append(stack.enter_context(reference))
            brokers.append(stack.enter_context(start_ours(tmp_path_factory.mktemp("ours"), *settings_of(configs))))
            yield tuple(brokers)

    return start


@pytest.fixture(scope="session")
def secured_brokers(is_live: bool, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Broker, ...]]:
    """Brokers with users, the reference's if it runs and ours."""
    config = {"group.initial.rebalance.delay.ms": "0", **NO_RETENTION, **configs_for(USERS)}
    with ExitStack() as stack:
        brokers: list[Broker] = []
        if is_live:
            reference = start_reference(tmp_path_factory.mktemp("reference"), config, LISTENERS)
            brokers.append(stack.enter_context(reference))
        ours = start_ours(tmp_path_factory.mktemp("ours"), *settings_of(config), listeners=LISTENERS)
        brokers.append(stack.enter_context(ours))
        yield tuple(brokers)


@pytest.fixture(scope="session")
def grounds(secured_brokers: tuple[Broker, ...]) -> Iterator[tuple[Ground, ...]]:
    """The same, with all that the matrix of rights asks about."""
    grounds = tuple(prepare(side) for side in _secured_sides(secured_brokers))
    yield grounds
    for ground in grounds:
        ground.side.close()


def _secured_sides(brokers: tuple[Broker, ...]) -> Iterator[Side]:
    for kind, broker in zip(("reference", "ours")[-len(brokers) :], brokers, strict=True):
        listeners = {name: broker.bootstrap_of(name) for name in LISTENERS}
        yield Side(kind, broker.bootstrap, listeners[LISTENER], listeners)


@pytest.fixture
def authenticating(secured_brokers: tuple[Broker, ...], make_of_sides: MakeBoth) -> Iterator[Both]:
    """Sides with listeners for SASL, whoever has whatever rights."""
    with make_of_sides(*_secured_sides(secured_brokers)) as pair:
        yield pair


@pytest.fixture
def secured(grounds: tuple[Ground, ...], make_of_sides: MakeBoth) -> Iterator[Both]:
    """Sides with users, whose rights are those of `rights.py`."""
    with make_of_sides(*(ground.side for ground in grounds)) as pair:
        yield pair


@pytest.fixture
def make_both(make_of_sides: MakeBoth) -> MakeBoth:
    """Puts the brokers of all sides, ours last, into a `Both` that fails the test at its end."""

    @contextmanager
    def make(*brokers: Address) -> Iterator[Both]:
        kinds = ("reference", "ours")[-len(brokers) :]
        with make_of_sides(*(Side(kind, broker.bootstrap) for kind, broker in zip(kinds, brokers, strict=True))) as pair:
            yield pair

    return make


@pytest.fixture
def make_of_sides(request: pytest.FixtureRequest) -> MakeBoth:
    """The same of sides that are connected already, or are more than their address."""
    config = request.config
    module, test = request.node.path.stem, request.node.name
    recordings = config.stash[_recordings_key]
    is_recorded = request.node.get_closest_marker("reference") is None
    is_recording = config.getoption("record")

    @contextmanager
    def make(*sides: Side) -> Iterator[Both]:
        played = recordings.of(module).get(test, []) if is_recorded and not is_recording else None
        tape = Tape(f"tests/conformance/{module}.py::{test}", played)
        pair = Both(sides, tape, config.stash[_score_key])
        for side in pair.sides:
            cluster_id = side.call(MetadataRequest(topics=[]), 12, MetadataResponse).cluster_id
            side.names.texts |= {side.bootstrap: "<address>", cluster_id or "?": "<cluster id>"}
        try:
            yield pair
            pair.finish()
        finally:
            for side in pair.sides:
                side.close()
        if is_recorded and is_recording:
            recordings.replace(module, test, tape.taken)

    return make


@pytest.fixture(scope="module")
def configured(request: pytest.FixtureRequest, configured_alike: ConfiguredAlike) -> Iterator[Brokers]:
    """The brokers of a module that has BROKER_CONFIGS."""
    with configured_alike(request.module.BROKER_CONFIGS) as brokers:
        yield brokers


@pytest.fixture
def both(request: pytest.FixtureRequest, is_live: bool, make_both: MakeBoth) -> Iterator[Both]:
    """All sides, those of the session unless the module has BROKER_CONFIGS; differences found fail the test when it ends."""
    brokers: Sequence[Address]
    if hasattr(request.module, "BROKER_CONFIGS"):
        brokers = request.getfixturevalue("configured")
    else:
        names = ["reference_broker", "our_broker"] if is_live else ["our_broker"]
        brokers = [request.getfixturevalue(name) for name in names]
    with make_both(*brokers) as pair:
        yield pair
