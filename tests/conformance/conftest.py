"""The same request to Apache Kafka and to our broker, and their answers side by side.

    def test_unknown_topic(both: Both) -> None:
        both.compare("unknown topic", DeleteTopicsRequest(topic_names=["nope"]), versions=range(1, 6))

A request may be a function of the side where the two need different bytes: `lambda side: Request(topic_id=side.ids["t"])`.
One broker process per side lives for the whole session; topics of a test need names of their own (`both.name("orders")`).
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

import pytest

from kafka_compat.protocol.api_keys import ApiKey
from kafka_compat.protocol.message import Message
from kafka_compat.protocol.messages.create_topics import (
    CreatableTopic,
    CreatableTopicConfig,
    CreateTopicsRequest,
    CreateTopicsResponse,
)
from kafka_compat.protocol.messages.metadata import MetadataRequest, MetadataResponse
from kafka_compat.protocol.registry import response_class
from tests.brokers import (
    NO_RETENTION,
    REFERENCE_CRASH_TEST_CONFIG,
    Broker,
    ReferenceUnavailableError,
    in_ci,
    settings_of,
    start_ours,
    start_reference,
)
from tests.conformance.differences import DIFFERENCES
from tests.conformance.normalise import NodeNames, Normal, Replacement, differences, normalise, without_indexes
from tests.wire_client import ConnectionClosed, WireClient, api_key_of, wait_until_led

R = TypeVar("R", bound=Message)

CLOSED = "connection closed"
_numbers = itertools.count(1)


@dataclass
class Score:
    """What the session compared."""

    compared: Counter[str] = field(default_factory=Counter)
    differing: dict[tuple[str, str, str], int] = field(default_factory=dict)  # (api, path, reason) -> answers
    failed: Counter[str] = field(default_factory=Counter)


_score_key = pytest.StashKey[Score]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_score_key] = Score()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    score = config.stash[_score_key]
    if not score.compared:
        return
    terminalreporter.section("conformance with Apache Kafka 4.3.1")
    for (api, path, reason), count in sorted(score.differing.items()):
        terminalreporter.line(f"differs on purpose: {api} {path or '(answer)'}, {count} answers: {reason}")
    for api, count in sorted(score.compared.items()):
        terminalreporter.line(f"  {api}: {count} answers compared, {score.failed[api]} unlike the reference")
    compared, failed, wanted = score.compared.total(), score.failed.total(), sum(score.differing.values())
    terminalreporter.line(f"conformance: {compared} compared, {failed} differ, {wanted} differ with a reason")


@dataclass
class Side:
    """One of the two brokers."""

    kind: str
    bootstrap: str
    names: NodeNames = field(default_factory=NodeNames)
    _client: WireClient | None = None

    @property
    def client(self) -> WireClient:
        """A connection, kept from one request to the next."""
        if self._client is None:
            self._client = WireClient(self.bootstrap, timeout_s=40.0)
        return self._client

    @property
    def ids(self) -> dict[str, bytes]:
        """Topic name to id, of the topics made through `Both.create_topic`."""
        return {name: topic_id for topic_id, name in self.names.topic_ids.items()}

    def call(self, request: Message, version: int, response_type: type[R]) -> R:
        """Send and receive.

        Raises:
            ConnectionClosed: the broker closed the connection.
        """
        try:
            return self.client.call(request, version, response_type)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close the connection; the next call opens another."""
        if self._client is not None:
            self._client.close()
            self._client = None


Request = Message | Callable[[Side], Message]


class Both:
    """Sends requests to both brokers and compares."""

    def __init__(self, reference: Side, ours: Side, score: Score) -> None:
        self.reference = reference
        self.ours = ours
        self._score = score
        self._problems: dict[str, list[str]] = {}  # what differs -> the labels of the cases

    @property
    def sides(self) -> tuple[Side, Side]:
        """The reference, then ours."""
        return self.reference, self.ours

    def name(self, stem: str) -> str:
        """A topic or group name nobody else in the session uses."""
        return f"{stem}-{next(_numbers)}"

    def keep_id(self, value: bytes) -> bytes:
        """Mark an id that the test made up, so that it is compared as it is."""
        for side in self.sides:
            side.names.kept_ids.add(value)
        return value

    def create_topic(self, name: str, partitions: int = 1, configs: Mapping[str, str] | None = None) -> str:
        """The topic, made on both sides and led there; its ids are known as `<id of NAME>` from now on."""
        topic = CreatableTopic(
            name=name,
            num_partitions=partitions,
            replication_factor=1,
            configs=[CreatableTopicConfig(name=key, value=value) for key, value in (configs or {}).items()],
        )
        for side in self.sides:
            made = side.call(CreateTopicsRequest(topics=[topic], timeout_ms=30_000), 7, CreateTopicsResponse).topics[0]
            assert made.error_code == 0, f"{side.kind}: {made}"
            side.names.topic_ids[made.topic_id] = name
            self.wait_for_leaders(side, name, partitions)
        return name

    @staticmethod
    def wait_for_leaders(side: Side, name: str, partitions: int) -> None:
        """Return when `side` leads all partitions of the topic: the reference tells of leaders a little before it leads."""
        wait_until_led(side.client, name, partitions)

    def compare(
        self,
        label: str,
        request: Request,
        versions: Collection[int],
        *,
        replace: Mapping[str, Replacement] | None = None,
        unordered: Collection[str] = (),
        before_each: Callable[[], object] | None = None,
    ) -> None:
        """Send `request` in each version to both; what differs fails the test at its end, so that one run shows all.

        Args:
            label: names the case in reports and in `differences.py`.
            request: for both, or made for each side.
            versions: to send it in.
            replace: see `normalise`.
            unordered: see `normalise`.
            before_each: runs before each version, for requests that use something up.
        """
        for version in versions:
            if before_each is not None:
                before_each()
            answers = [self.answer(side, request, version, replace=replace, unordered=unordered) for side in self.sides]
            made = request(self.ours) if callable(request) else request
            self.compare_values(f"{label} v{version}", ApiKey(api_key_of(made)), *answers)

    def answer(
        self,
        side: Side,
        request: Request,
        version: int,
        *,
        replace: Mapping[str, Replacement] | None = None,
        unordered: Collection[str] = (),
    ) -> Normal:
        """One side's normalised answer, or CLOSED."""
        made = request(side) if callable(request) else request
        try:
            response = side.call(made, version, response_class(api_key_of(made)))
        except ConnectionClosed:
            return CLOSED
        return normalise(response, version, side.names, replace=replace, unordered=unordered)

    def compare_values(self, label: str, api_key: ApiKey, reference: Normal, ours: Normal) -> None:
        """Count one pair of answers and note what differs without a reason."""
        self._score.compared[api_key.name] += 1
        unexplained = []
        for path, theirs, mine in differences(reference, ours):
            reason = next(
                (
                    known.reason
                    for known in DIFFERENCES
                    if known.api_key == api_key and known.path == without_indexes(path) and known.case in label
                ),
                None,
            )
            if reason is None:
                unexplained.append(f"{path or '(answer)'}\n    reference {theirs!r}\n    ours      {mine!r}")
            else:
                key = (api_key.name, without_indexes(path), reason)
                self._score.differing[key] = self._score.differing.get(key, 0) + 1
        if unexplained:
            self._score.failed[api_key.name] += 1
            for problem in unexplained:
                self._problems.setdefault(problem, []).append(label)

    def verdict(self) -> None:
        """Fail when something differed since the last verdict."""
        problems, self._problems = self._problems, {}
        if problems:
            texts = [f"{', '.join(labels)}: {problem}" for problem, labels in problems.items()]
            pytest.fail("unlike the reference:\n" + "\n".join(texts), pytrace=False)


@pytest.fixture(scope="session")
def reference_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """Apache Kafka 4.3.1 with the defaults of `scripts/reference_broker.py`, but for retention, which does not look."""
    try:
        broker = start_reference(tmp_path_factory.mktemp("reference"), NO_RETENTION)
    except ReferenceUnavailableError as error:
        if in_ci():
            raise
        pytest.skip(str(error))
    with broker:
        yield broker


@pytest.fixture(scope="session")
def our_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """Our broker as a process, with the same configs: the first rebalance of groups does not wait on either side."""
    config = {"group.initial.rebalance.delay.ms": "0", **NO_RETENTION}
    with start_ours(tmp_path_factory.mktemp("ours"), *settings_of(config)) as broker:
        yield broker


@contextmanager
def configured_alike(factory: pytest.TempPathFactory, configs: Mapping[str, str]) -> Iterator[tuple[Broker, Broker]]:
    """The reference and our broker, both with `configs`, and quick to restart after a crash."""
    try:
        reference = start_reference(factory.mktemp("reference"), {**REFERENCE_CRASH_TEST_CONFIG, **configs})
    except ReferenceUnavailableError as error:
        if in_ci():
            raise
        pytest.skip(str(error))
    with reference, start_ours(factory.mktemp("ours"), *settings_of(configs)) as ours:
        yield reference, ours


@pytest.fixture(scope="session")
def reference(reference_broker: Broker) -> str:
    """Bootstrap address of the reference."""
    return reference_broker.bootstrap


@pytest.fixture(scope="session")
def ours(our_broker: Broker) -> str:
    """Bootstrap address of our broker."""
    return our_broker.bootstrap


MakeBoth = Callable[[str, str], AbstractContextManager[Both]]


@pytest.fixture
def make_both(request: pytest.FixtureRequest) -> MakeBoth:
    """Puts two bootstrap addresses, the reference's first, into a `Both` that fails the test at its end."""

    @contextmanager
    def make(reference: str, ours: str) -> Iterator[Both]:
        pair = Both(Side("reference", reference), Side("ours", ours), request.config.stash[_score_key])
        for side in pair.sides:
            cluster_id = side.call(MetadataRequest(topics=[]), 12, MetadataResponse).cluster_id
            side.names.texts = {side.bootstrap: "<address>", cluster_id or "?": "<cluster id>"}
        try:
            yield pair
            pair.verdict()
        finally:
            for side in pair.sides:
                side.close()

    return make


@pytest.fixture(scope="module")
def configured(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Broker, Broker]]:
    """The reference and our broker of a module that has BROKER_CONFIGS."""
    with configured_alike(tmp_path_factory, request.module.BROKER_CONFIGS) as brokers:
        yield brokers


@pytest.fixture
def both(request: pytest.FixtureRequest, make_both: MakeBoth) -> Iterator[Both]:
    """Both brokers, those of the session unless the module has BROKER_CONFIGS; differences found fail the test when it ends."""
    if hasattr(request.module, "BROKER_CONFIGS"):
        addresses = [broker.bootstrap for broker in request.getfixturevalue("configured")]
    else:
        addresses = [request.getfixturevalue(name) for name in ("reference", "ours")]
    with make_both(*addresses) as pair:
        yield pair
