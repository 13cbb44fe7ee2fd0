"""`--kafka-bootstrap`: the same tests against a cluster of their own, a broker of this package, and Apache Kafka."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from scripts.reference_broker import ReferenceUnavailableError
from tests.plugin.projects import Project, said
from tests.support.brokers import Broker, BrokerKind, in_ci, start_broker

pytest_plugins = ["pytester"]

pytest.importorskip("confluent_kafka", reason="the tests that are run use librdkafka")

TESTS = """
import asyncio
import time
import pytest
from confluent_kafka import Consumer, Producer
from kafka_compat.protocol.errors import KafkaError

def test_records(kafka, kafka_topic):
    with kafka.assert_produces(kafka_topic, 2) as produced:
        first = kafka.produce(kafka_topic, "v", key="k", headers={"h": b"1"}, timestamp_ms=1000)
        kafka.produce(kafka_topic, None, key=b"k")
    assert produced == kafka.records(kafka_topic)
    assert (first.offset, first.key, first.value, first.headers, first.timestamp_ms) == (0, b"k", b"v", (("h", b"1"),), 1000)
    assert kafka.records(kafka_topic)[0] == first
    assert [record.value for record in kafka.records(kafka_topic, partition=0)] == [b"v", None]
    assert len(kafka.batches(kafka_topic)) == 2
    assert kafka.records("unknown") == []
    with pytest.raises(AssertionError):
        with kafka.assert_produces(kafka_topic, 1, timeout_s=0.1):
            pass
    with pytest.raises(KafkaError, match="has 1 partition, and no partition 7"):
        kafka.produce(kafka_topic, b"x", partition=7)

@pytest.mark.kafka(topics={"orders": 3})
def test_topics(kafka):
    made = kafka.create_topic("made-by-a-test", 2, configs={"cleanup.policy": "compact", "retention.ms": 3600000})
    assert dict(made.configs) == {"cleanup.policy": "compact", "retention.ms": "3600000"}
    with pytest.raises(KafkaError, match="TOPIC_ALREADY_EXISTS"):
        kafka.create_topic("made-by-a-test")
    for number in range(9):
        kafka.produce("orders", b"x", key=str(number))
    topics = kafka.topics
    assert len(topics["made-by-a-test"].partitions) == 2
    assert sum(partition.high_watermark for partition in topics["orders"].partitions) == 9
    assert {partition.leader for partition in topics["orders"].partitions} == {1}
    kafka.delete_topic("made-by-a-test")
    assert "made-by-a-test" not in kafka.topics
    with pytest.raises(KafkaError, match="UNKNOWN_TOPIC_OR_PARTITION"):
        kafka.delete_topic("made-by-a-test")

@pytest.mark.kafka(topics={"orders": 3})
def test_topics_are_made_anew(kafka):
    assert sum(partition.high_watermark for partition in kafka.topics["orders"].partitions) == 0
    assert "made-by-a-test" not in kafka.topics
    kafka.produce("made-on-demand", b"x")
    assert len(kafka.records("made-on-demand")) == 1

def test_what_was_made_on_demand_is_gone(kafka):
    assert "made-on-demand" not in kafka.topics

def test_groups(kafka, kafka_topic, kafka_group):
    for value in ("one", "two"):
        kafka.produce(kafka_topic, value)
    assert kafka_group not in kafka.groups
    settings = {"auto.offset.reset": "earliest", "enable.auto.commit": False, "group.id": kafka_group}
    consumer = Consumer({"bootstrap.servers": kafka.bootstrap_servers, **settings})
    consumer.subscribe([kafka_topic])
    with pytest.raises(TimeoutError, match=kafka_group):
        kafka.wait_for_assignment(kafka_group, timeout_s=0.01)
    while (message := consumer.poll(1)) is None:
        pass
    group = kafka.wait_for_assignment(kafka_group, members=1)
    assert (group.state, group.protocol_type, group.protocol) == ("Stable", "consumer", "range")
    assert [(member.topics, member.assignment) for member in group.members] == [((kafka_topic,), ((kafka_topic, 0),))]
    consumer.commit(message, asynchronous=False)
    group = kafka.groups[kafka_group]
    assert (group.offsets, group.lag) == ({(kafka_topic, 0): 1}, {(kafka_topic, 0): 1})
    with pytest.raises(TimeoutError, match=kafka_group):
        kafka.wait_until_consumed(kafka_group, timeout_s=0.01)
    consumer.commit(consumer.poll(10), asynchronous=False)
    kafka.wait_until_consumed(kafka_group, topic=kafka_topic)
    consumer.close()
    kafka.wait_for(lambda: kafka.groups[kafka_group].state == "Empty")

def test_transactions(kafka, kafka_topic, kafka_group):
    producer = Producer({"bootstrap.servers": kafka.bootstrap_servers, "transactional.id": kafka_group})
    producer.init_transactions()
    producer.begin_transaction()
    producer.produce(kafka_topic, b"aborted")
    producer.flush()
    assert [record.transaction for record in kafka.records(kafka_topic, isolation="uncommitted")] == ["open"]
    assert kafka.records(kafka_topic) == []
    known = kafka.transactions[kafka_group]
    assert (known.state, known.partitions) == ("Ongoing", ((kafka_topic, 0),))
    (seen,) = [each for each in kafka.producers() if each.topic == kafka_topic]
    assert (seen.producer_id, seen.transaction_start_offset) == (known.producer_id, 0)
    producer.abort_transaction()
    producer.begin_transaction()
    producer.produce(kafka_topic, b"committed")
    producer.commit_transaction()
    assert [record.value for record in kafka.wait_for_records(kafka_topic)] == [b"committed"]
    records = kafka.records(kafka_topic, isolation="all")
    assert [(record.offset, record.transaction) for record in records] == [(0, "aborted"), (2, "committed")]

def test_aio(kafka, kafka_topic):
    async def run():
        waiting = asyncio.ensure_future(kafka.aio.wait_for_records(kafka_topic, where=lambda record: record.value == b"y"))
        await kafka.aio.produce(kafka_topic, b"x")
        await kafka.aio.produce(kafka_topic, b"y")
        return await waiting

    assert [record.value for record in asyncio.run(run())] == [b"y"]

def test_clock_and_session(kafka, kafka_session):
    assert abs(kafka.clock.wall_ms() - time.time() * 1000) < 60_000
    assert kafka_session.bootstrap_servers == kafka.bootstrap_servers

@pytest.mark.kafka(configs={"num.partitions": 1}, auto_create=True)
def test_options_that_are_met(kafka):
    pass
"""

ONLY_OURS = """
import pytest

def test_fault(kafka):
    kafka.fail("Produce", "NOT_LEADER_OR_FOLLOWER", must_fire=False)

def test_snapshot(kafka):
    kafka.snapshot()

def test_requests(kafka):
    kafka.requests

def test_topology(kafka):
    kafka.topology

def test_cluster(kafka_cluster):
    kafka_cluster()

def test_clock(kafka_clock): pass

def test_advance(kafka):
    with pytest.raises(TypeError):  # of a cluster of one's own
        kafka.clock.advance(1)

@pytest.mark.kafka(brokers=3)
def test_brokers(kafka): pass

@pytest.mark.kafka(configs={"num.partitions": 7})
def test_configs(kafka): pass

@pytest.mark.kafka(auto_create=False)
def test_auto_create(kafka): pass
"""
REASONS = [
    "injects faults",
    "takes a snapshot",
    "looks at the log of requests",
    "changes who leads what",
    "starts a cluster of its own",
    "moves the clock",
    "needs 3 brokers, and there is 1",
    "needs num.partitions=7, and there it is 1",
    "needs auto.create.topics.enable=false, and there it is true",
]


@pytest.fixture(scope="module", params=["ours", pytest.param("reference", marks=pytest.mark.reference)])
def broker(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    kind: BrokerKind = request.param
    try:
        started = start_broker(kind, tmp_path_factory.mktemp("broker"))
    except ReferenceUnavailableError as error:
        if in_ci():
            raise
        pytest.skip(str(error))
    with started:
        yield started


def test_own_clusters(project: Project) -> None:
    project.run(TESTS).assert_outcomes(passed=9)
    project.run(ONLY_OURS).assert_outcomes(passed=10)


def test_a_broker_that_is_there(project: Project, broker: Broker) -> None:
    result = project.run(TESTS, f"--kafka-bootstrap={broker.bootstrap}")
    result.assert_outcomes(passed=9)
    assert f"kafka: {broker.bootstrap}" in said(result)


def test_what_it_cannot_do_is_skipped_with_the_reason(project: Project, broker: Broker) -> None:
    result = project.run(ONLY_OURS, f"--kafka-bootstrap={broker.bootstrap}", "-rs")
    result.assert_outcomes(skipped=10)
    for reason in REASONS:
        assert f"the tests run against {broker.bootstrap}, and this one {reason}" in said(result)


def test_workers_do_not_meet(project: Project, broker: Broker) -> None:
    result = project.run_alone(
        """
        import pytest

        @pytest.mark.parametrize("number", range(12))
        def test_many(kafka, kafka_topic, kafka_group, number):
            kafka.produce(kafka_topic, str(number))
            assert len(kafka.records(kafka_topic)) == 1

        def test_fails(kafka, kafka_topic):
            kafka.produce(kafka_topic, b"x")
            assert 0
        """,
        f"--kafka-bootstrap={broker.bootstrap}",
        "-n2",
    )
    result.assert_outcomes(passed=12, failed=1)
    result.stdout.re_match_lines(
        [r"-+ kafka -+", rf"the broker at {broker.bootstrap}; .*", r"topic test_fails-\w+ \(0: 0..1\)"]
    )


def test_nothing_is_left_behind(project: Project, broker: Broker) -> None:
    result = project.run(
        "def test_it(kafka): assert not [name for name in kafka.topics if not name.startswith('__')]",
        f"--kafka-bootstrap={broker.bootstrap}",
    )
    result.assert_outcomes(passed=1)


def test_nobody_is_there(project: Project) -> None:
    result = project.run("def test_it(kafka): pass\ndef test_other(): pass", "--kafka-bootstrap=127.0.0.1:1")
    result.assert_outcomes(errors=1, passed=1)
    assert "--kafka-bootstrap: no broker can be reached: 127.0.0.1:1 cannot be reached" in said(result)
    assert "Traceback" not in said(result)
