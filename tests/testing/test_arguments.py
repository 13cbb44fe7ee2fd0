"""What the public API of the test double refuses, and what each refusal says."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from typing import Any

import pytest

from kafka_compat.protocol.messages.metadata import MetadataRequest, MetadataResponse
from kafka_compat.testing import Cluster, ManualClock
from tests.support.wire_client import WireClient


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"brokers": 0}, ValueError, "brokers is a whole number from 1, not 0"),
        ({"brokers": -1}, ValueError, "brokers is a whole number from 1, not -1"),
        ({"brokers": "3"}, TypeError, "brokers is a whole number from 1, not '3'"),
        ({"brokers": True}, TypeError, "brokers is a whole number from 1, not True"),
        ({"brokers": 1.0}, TypeError, "brokers is a whole number from 1, not 1.0"),
        ({"brokers": None}, TypeError, "brokers is a whole number from 1, not None"),
        ({"topics": {"a": 0}}, ValueError, "topics['a'] is a whole number from 1, not 0"),
        ({"topics": {"a": -1}}, ValueError, "topics['a'] is a whole number from 1, not -1"),
        ({"topics": {"a": True}}, TypeError, "topics['a'] is a whole number from 1, not True"),
        ({"topics": {"a": "3"}}, TypeError, "topics['a'] is a whole number from 1, not '3'"),
        ({"topics": {"a": None}}, TypeError, "topics['a'] is a whole number from 1, not None"),
        ({"topics": {1: 1}}, TypeError, "topics: a name is a str, not 1"),
        ({"topics": {"": 1}}, ValueError, "topics: Topic name is invalid: the empty string is not allowed"),
        ({"topics": {"a b": 1}}, ValueError, "topics: Topic name is invalid: 'a b' contains one or more characters other than"),
        ({"topics": {"a" * 250: 1}}, ValueError, "is longer than the max allowed length 249"),
        (
            {"topics": ["a"]},
            TypeError,
            'topics gives each name its number of partitions, such as {"orders": 3}, or a TopicSpec, not',
        ),
        ({"topics": "a"}, TypeError, "topics gives each name its number of partitions"),
        (
            {"configs": {"num.partitons": 3}},
            ValueError,
            "there is no broker config num.partitons; did you mean num.partitions?",
        ),
        ({"configs": {"nothing.like.it": 3}}, ValueError, "configs: there is no broker config nothing.like.it"),
        ({"configs": {"retention.ms": 3}}, ValueError, "its default is the broker config log.retention.ms"),
        (
            {"configs": {"num.partitions": 0}},
            ValueError,
            "configs: Invalid value 0 for configuration num.partitions: Value must",
        ),
        (
            {"configs": {"num.partitions": 1.5}},
            ValueError,
            "configs: Invalid value 1.5 for configuration num.partitions: Not a",
        ),
        (
            {"configs": {"num.partitions": True}},
            ValueError,
            "configs: Invalid value true for configuration num.partitions: Not",
        ),
        ({"configs": {"num.partitions": None}}, TypeError, "configs['num.partitions'] is a str, int, float or bool, not None"),
        ({"configs": {"num.partitions": [3]}}, TypeError, "configs['num.partitions'] is a str, int, float or bool, not [3]"),
        ({"configs": {3: 3}}, TypeError, "configs: a name is a str, not 3"),
        ({"configs": ["a=b"]}, TypeError, 'configs gives Kafka\'s names their values, such as {"num.partitions": 3}'),
        ({"configs": {"log.roll.ms": 0}}, ValueError, "configs: requirement failed: log.roll.ms must be greater than or"),
        (
            {"configs": {"log.retention.ms": 0}},
            ValueError,
            "configs: requirement failed: log.retention.ms must be unlimited (-1)",
        ),
        ({"configs": {"node.id": 5}}, ValueError, "configs: node.id is set by the cluster"),
        ({"configs": {"listeners": "PLAINTEXT://:1"}}, ValueError, "configs: listeners is set by the cluster"),
        ({"clock": ManualClock}, TypeError, "clock is an object such as ManualClock(), not the class ManualClock"),
        ({"clock": 5}, TypeError, "clock is an object such as ManualClock(), not 5"),
        ({"file_system": "/tmp"}, TypeError, "file_system is an object such as MemoryFileSystem(), not '/tmp'"),
    ],
    ids=lambda value: str(value)[:60] if isinstance(value, dict) else "",
)
def test_a_cluster_refuses(arguments: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=re.escape(message)):
        Cluster(**arguments)


def test_values_of_configs_may_be_what_they_are() -> None:
    configs: dict[str, str | int | float] = {
        "num.partitions": 3,
        "auto.create.topics.enable": False,
        "delete.topic.enable": True,
        "log.cleaner.min.cleanable.ratio": 0.25,
        "log.cleaner.io.buffer.load.factor": 1,
        "log.retention.ms": "-1",
        "listener.name.plaintext.max.connections": 100,
    }
    with Cluster(configs=configs) as cluster:
        config = cluster.brokers[0].services.config  # type: ignore[union-attr]
        assert config.num_partitions == 3
        assert (config.auto_create_topics_enable, config.delete_topic_enable) == (False, True)
        assert config.log_cleaner_min_cleanable_ratio == 0.25
        assert config.log_retention_ms == -1
        assert config.static["auto.create.topics.enable"] == "false"


def test_a_cluster_is_started_once_and_stopped_often() -> None:
    cluster = Cluster()
    cluster.stop()
    with cluster:
        with pytest.raises(RuntimeError, match="a cluster is started once, and this one runs"):
            cluster.start()
        with pytest.raises(RuntimeError, match="a cluster is started once"), cluster:
            pass
        assert cluster.bootstrap
    cluster.stop()
    with pytest.raises(RuntimeError, match="a cluster is started once"):
        cluster.start()


async def nothing() -> int:
    return 7


USES: tuple[Callable[[Cluster], object], ...] = (
    lambda cluster: cluster.bootstrap,
    lambda cluster: cluster.brokers,
    lambda cluster: cluster.state,
    lambda cluster: cluster.advance(1),
    lambda cluster: cluster.call(lambda: 7),
    lambda cluster: cluster.run(nothing()),
)


@pytest.mark.parametrize("use", USES)
def test_a_cluster_that_does_not_run_says_so(use: Callable[[Cluster], object]) -> None:
    cluster = Cluster(clock=ManualClock())
    with pytest.raises(RuntimeError, match="the cluster is not running: start it, or use `with`"):
        use(cluster)
    with cluster:
        use(cluster)
    with pytest.raises(RuntimeError, match="the cluster is not running: it was stopped"):
        use(cluster)


def test_advance_refuses() -> None:
    with Cluster() as cluster, pytest.raises(TypeError, match=r"only one with clock=.manual. can be advanced"):
        cluster.advance(1)
    with Cluster(clock=ManualClock()) as cluster:
        for by_ms in (1.5, "1", None, True):
            with pytest.raises(TypeError, match=f"by_ms is a whole number from 0, not {by_ms!r}"):
                cluster.advance(by_ms)  # type: ignore[arg-type]
        with pytest.raises(ValueError, match="by_ms is a whole number from 0, not -1"):
            cluster.advance(-1)
        with pytest.raises(ValueError, match="timeout_s is a number of seconds above 0, not 0"):
            cluster.advance(1, timeout_s=0)
        cluster.advance(0)
        assert cluster.clock.monotonic_ms() == 0


def test_a_time_too_far_away_is_said_and_the_cluster_goes_on() -> None:
    with Cluster(topics={"t": 1}, clock=ManualClock()) as cluster:
        with pytest.raises(TimeoutError, match=r"^\d+ of 1000000000000 ms have passed in 0.5 s of real time: .* advance less"):
            cluster.advance(10**12, timeout_s=0.5)
        passed_ms = cluster.clock.monotonic_ms()
        assert passed_ms > 0
        cluster.advance(1000)
        assert cluster.clock.monotonic_ms() == passed_ms + 1000
        with WireClient(cluster.bootstrap) as client:
            assert client.call(MetadataRequest(topics=None), 9, MetadataResponse).brokers


def test_run_refuses() -> None:
    with Cluster() as cluster:
        assert cluster.run(nothing()) == 7
        with pytest.raises(TypeError, match="run takes a coroutine, what calling an async function gives, not <function"):
            cluster.run(nothing)  # type: ignore[arg-type]
        with pytest.raises(TypeError, match="timeout_s is a number of seconds above 0, not '1'"):
            cluster.run(nothing(), timeout_s="1")  # type: ignore[arg-type]
        with pytest.raises(TimeoutError, match=r"^sleep was not done in 0.05 s and is cancelled$"):
            cluster.run(asyncio.sleep(60), timeout_s=0.05)

        async def waits_for_itself() -> None:
            cluster.run(nothing())

        with pytest.raises(RuntimeError, match="this is the brokers' own thread, which would wait for itself"):
            cluster.run(waits_for_itself())
