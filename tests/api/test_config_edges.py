"""Every config at the edges of its type: it is refused in words, or what reads it goes on without a traceback.

Topics and groups are altered and used; a broker's configs are set on a start as well. Then time passes, so that retention,
compaction, expiry and flushes work with what was set. `KAFKA_COMPAT_EDGES=2000` draws so many for each scope.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator, Mapping

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kafka_compat.config.errors import BadSettings, InvalidConfig
from kafka_compat.config.key import ConfigKey, UpdateMode
from kafka_compat.config.table import BROKER_CONFIGS, CLIENT_METRICS_CONFIGS, GROUP_CONFIGS, TOPIC_CONFIGS
from kafka_compat.config.values import ConfigType
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.protocol.messages.create_topics import (
    CreatableTopic,
    CreatableTopicConfig,
    CreateTopicsRequest,
    CreateTopicsResponse,
)
from kafka_compat.protocol.messages.fetch import FetchPartition, FetchRequest, FetchResponse, FetchTopic
from kafka_compat.protocol.messages.offset_commit import OffsetCommitResponse
from kafka_compat.protocol.messages.produce import PartitionProduceData, ProduceRequest, ProduceResponse, TopicProduceData
from kafka_compat.records.builder import build_batch
from kafka_compat.testing import Cluster, ManualClock
from tests.api.worlds import World, commit_of
from tests.support.config_requests import BROKER, CLIENT_METRICS, GROUP, TOPIC, alter
from tests.support.logged import LOGGERS, LoggedLines

EXAMPLES = int(os.environ.get("KAFKA_COMPAT_EDGES", "60"))
SERVER_ERROR = -1
_MINUTE_MS = 60_000
_SHORT_MS = 200  # a broker may have been told to look every millisecond
_numbers = itertools.count()


_NUMBERS = tuple(
    str(value)
    for value in (-(2**63) - 1, -(2**63), -(2**31) - 1, -(2**31), -2, -1, 0, 1, 2**31 - 1, 2**31, 2**53 + 1, 2**63 - 1, 2**63)
)
_OTHERS = ("", " ", "0.0", "1.0", "1e308", "-0.5", "nan", "inf", "true", "false", "none", "compact,delete", "ü\0", "x" * 32767)


# A broker that starts with them takes no connection, or no request.
NOBODY_IS_SERVED = {("max.connections", "0"), ("socket.request.max.bytes", "1")}


def values_of(key: ConfigKey) -> tuple[str, ...]:
    """Values at the edges, numbers first where they may be valid."""
    is_number = key.type in (ConfigType.INT, ConfigType.SHORT, ConfigType.LONG, ConfigType.DOUBLE)
    return _NUMBERS + _OTHERS if is_number else _OTHERS + _NUMBERS[-3:]


@pytest.fixture
def errors() -> Iterator[LoggedLines]:
    errors = LoggedLines()
    for logger in LOGGERS:
        logger.addHandler(errors)
    yield errors
    for logger in LOGGERS:
        logger.removeHandler(errors)


def use(world: World, topic: str, group: str, pass_ms: int = 61 * _MINUTE_MS) -> None:
    """Write, read and commit, whatever is said of it, and let time pass."""
    client = world.client()
    batch = build_batch([(-1, b"k", b"v", ()), (2**62, b"k", None, ())])
    data = TopicProduceData(name=topic, partition_data=[PartitionProduceData(index=0, records=batch)])
    produced = client.call(ProduceRequest(acks=1, timeout_ms=0, topic_data=[data]), 9, ProduceResponse)
    assert produced.responses[0].partition_responses[0].error_code != SERVER_ERROR
    wanted = FetchTopic(topic=topic, partitions=[FetchPartition(partition=0, fetch_offset=0, partition_max_bytes=1000)])
    fetched = client.call(FetchRequest(max_wait_ms=0, min_bytes=0, topics=[wanted]), 12, FetchResponse)
    assert fetched.responses[0].partitions[0].error_code != SERVER_ERROR
    client.call(commit_of(group, (topic, [(0, 1)])), 9, OffsetCommitResponse)
    world.cluster.advance(pass_ms)


def create(world: World, name: str, configs: Mapping[str, str]) -> int:
    topic = CreatableTopic(
        name=name,
        num_partitions=1,
        replication_factor=1,
        configs=[CreatableTopicConfig(name=key, value=value) for key, value in configs.items()],
    )
    return (
        world.client()
        .call(CreateTopicsRequest(topics=[topic], timeout_ms=10_000), 7, CreateTopicsResponse)
        .topics[0]
        .error_code
    )


_SCOPES = {TOPIC: TOPIC_CONFIGS, GROUP: GROUP_CONFIGS, BROKER: BROKER_CONFIGS, CLIENT_METRICS: CLIENT_METRICS_CONFIGS}


@pytest.mark.parametrize("kind", _SCOPES)
def test_a_config_that_is_altered(errors: LoggedLines, kind: int) -> None:
    keys = [key for key in _SCOPES[kind].values() if kind != BROKER or key.update_mode is not UpdateMode.READ_ONLY]
    with Cluster(topics={"t": 1}, clock=ManualClock()) as cluster, World(cluster) as world:
        group = world.group()
        name = {TOPIC: "t", GROUP: group, BROKER: "1", CLIENT_METRICS: "metrics"}[kind]

        @settings(
            max_examples=EXAMPLES,
            derandomize="KAFKA_COMPAT_EDGES" not in os.environ,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(st.data())
        def play(data: st.DataObject) -> None:
            key = data.draw(st.sampled_from(keys))
            value = data.draw(st.sampled_from(values_of(key)))
            code, _ = alter(world.client(), kind, name, {key.name: value})
            assert code != SERVER_ERROR or len(value) == 32767, (key.name, value)
            if kind == TOPIC:
                assert (create(world, f"new-{next(_numbers)}", {key.name: value}) != SERVER_ERROR) or len(value) == 32767
            if code == 0:
                use(world, "t", group, _SHORT_MS if kind == BROKER else 61 * _MINUTE_MS)
                alter(world.client(), kind, name, {key.name: None})
            logged = errors.taken()
            assert not logged, f"{key.name}={value}\n" + "\n".join(logged)

        play()


@settings(
    max_examples=EXAMPLES,
    derandomize="KAFKA_COMPAT_EDGES" not in os.environ,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(st.data())
def test_a_config_that_a_broker_starts_with(data: st.DataObject) -> None:
    key = data.draw(st.sampled_from([key for key in BROKER_CONFIGS.values() if key.acts]))
    value = data.draw(st.sampled_from(values_of(key)))
    if (key.name, value) in NOBODY_IS_SERVED:
        return
    try:
        cluster = Cluster(topics={"t": 1}, configs={key.name: value}, clock=ManualClock())
        cluster.start()
    except (BadSettings, InvalidConfig, KafkaError, ValueError):
        return  # in words
    try:
        with World(cluster) as world:
            use(world, "t", "g", _SHORT_MS)
    finally:
        cluster.stop()
