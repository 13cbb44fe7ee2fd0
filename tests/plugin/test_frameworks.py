"""The plugin beside what else runs tests: unittest, async plugins, xdist, timeouts, random order."""

from __future__ import annotations

import pytest

from tests.plugin.projects import Project, said

pytest_plugins = ["pytester"]


def test_unittest(project: Project) -> None:
    result = project.run(
        """
        import unittest
        import pytest

        @pytest.mark.kafka(topics={"orders": 2})
        class WithFixture(unittest.TestCase):
            @pytest.fixture(autouse=True)
            def _kafka(self, kafka):
                self.kafka = kafka

            def setUp(self):
                self.kafka.produce("orders", b"from setUp")

            def test_one(self):
                self.assertEqual([record.value for record in self.kafka.records("orders")], [b"from setUp"])

            @pytest.mark.kafka(topics={"payments": 1})
            def test_two(self):
                self.assertEqual(set(self.kafka.topics), {"orders", "payments"})

            def test_fails(self):
                self.kafka.fail("Fetch", "NOT_LEADER_OR_FOLLOWER")
                raise OSError("the test's own error")

            def test_unfired(self):
                self.kafka.fail("Fetch", "NOT_LEADER_OR_FOLLOWER")

        @pytest.mark.usefixtures("kafka_env")
        class WithEnvironment(unittest.TestCase):
            def test_environment(self):
                import os
                self.assertRegex(os.environ["KAFKA_BOOTSTRAP_SERVERS"], r"127.0.0.1:\\d+")

        class WithoutPytest(unittest.TestCase):
            def test_own(self):
                from kafka_compat.testing import Kafka
                kafka = self.enterContext(Kafka())
                kafka.produce("orders", b"x")
        """
    )
    result.assert_outcomes(passed=4, failed=2)
    result.stdout.re_match_lines([r"E +OSError: the test's own error", r"-+ kafka -+"])
    result.stdout.re_match_lines([r"a fault never happened: .*Fetch.*"])


ASYNC = """
import asyncio
import pytest
from aiokafka import AIOKafkaProducer

MARK

@pytest.fixture
async def producer(kafka):
    async with AIOKafkaProducer(bootstrap_servers=kafka.bootstrap_servers) as producer:
        yield producer

async def test_waits(kafka, producer, kafka_topic):
    waiting = asyncio.ensure_future(kafka.aio.wait_for_records(kafka_topic, 1))
    await producer.send_and_wait(kafka_topic, b"x")
    assert [record.value for record in await waiting] == [b"x"]

async def test_again(kafka, kafka_topic):
    with pytest.raises(TimeoutError):
        await kafka.aio.wait_for_records(kafka_topic, 1, timeout_s=0.05)

async def test_fails(kafka, kafka_topic):
    kafka.fail("Fetch", "NOT_LEADER_OR_FOLLOWER")
"""


@pytest.mark.parametrize(
    ("mark", "arguments"),
    [
        ("", ["--asyncio-mode=auto"]),
        (
            "pytestmark = pytest.mark.anyio\n\n@pytest.fixture\ndef anyio_backend(): return 'asyncio'",
            ["-p", "no:asyncio", "-W", "ignore:Unknown config option"],
        ),
    ],
    ids=["pytest-asyncio", "anyio"],
)
def test_async_tests(project: Project, mark: str, arguments: list[str]) -> None:
    pytest.importorskip("aiokafka", reason="the producer is aiokafka's")
    result = project.run_alone(ASYNC.replace("MARK", mark), *arguments)
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.re_match_lines([r"a fault never happened: .*Fetch.*"])


def test_each_xdist_worker_has_its_own_cluster(project: Project) -> None:
    result = project.run_alone(
        """
        import os
        import pytest

        @pytest.mark.parametrize("number", range(40))
        def test_many(kafka, number, record_property):
            assert "orders" not in kafka.topics
            kafka.produce("orders", str(number))
            assert len(kafka.records("orders")) == 1
            print("served", os.environ["PYTEST_XDIST_WORKER"], kafka.bootstrap_servers)

        @pytest.mark.kafka(borkers=1)
        class TestWrong:
            pass

        def test_fails(kafka):
            kafka.create_topic("of-the-failed")
            assert 0
        """,
        "-n4",
        "-rP",
    )
    result.assert_outcomes(passed=40, failed=1)
    served = {tuple(line.split()[1:]) for line in result.outlines if line.startswith("served")}
    assert len(served) == len({worker for worker, _ in served}) == len({address for _, address in served}) == 4
    result.stdout.re_match_lines([r"-+ kafka -+", r".*of-the-failed.*"])


def test_a_wrong_mark_under_xdist(project: Project) -> None:
    result = project.run_alone("import pytest\n@pytest.mark.kafka(borkers=1)\ndef test_it(): pass\n", "-n2")
    assert "the mark kafka has no argument 'borkers' (did you mean 'brokers'?)" in said(result)
    assert result.ret != 0


def test_a_timeout_shows_the_kafka(project: Project) -> None:
    result = project.run_alone(
        """
        import time

        def test_hangs(kafka):
            kafka.create_topic("of-the-hanging")
            time.sleep(60)

        def test_waits(kafka):
            kafka.wait_for_records("never", timeout_s=60)

        def test_next(kafka):
            assert "of-the-hanging" not in kafka.topics
        """,
        "--timeout=2",
        "-otimeout_func_only=true",  # a busy machine may take longer to import the broker
        "--timeout-method=signal",
        "-p",
        "no:randomly",
    )
    result.assert_outcomes(failed=2, passed=1)
    result.stdout.re_match_lines([r"E +Failed: Timeout.*", r"-+ kafka -+", r".*of-the-hanging.*"])


def test_what_pytest_shows(project: Project) -> None:
    code = """
        def test_it(kafka, kafka_topic): pass

        def test_other(kafka_session): pass
        """
    shown = said(project.run(code, "--setup-show"))
    assert "SETUP    F kafka" in shown
    assert "SETUP    S kafka_session" in shown
    collected = project.run(code, "--collect-only", "-q")
    assert collected.ret == 0
    fixtures = said(project.run(code, "--fixtures"))
    for name in ("kafka", "kafka_session", "kafka_cluster", "kafka_topic", "kafka_group", "kafka_clock", "kafka_env"):
        assert f"\n{name} " in fixtures
    assert "kafka_options [session scope]" in fixtures
    assert "no docstring available" not in fixtures.split("kafka_options")[1].split("fixtures defined from")[0]
    assert "@pytest.mark.kafka(brokers=, topics=, configs=, clock=, ...)" in said(project.run(code, "--markers"))
    assert "--kafka-bootstrap=HOST:PORT" in said(project.run(code, "--help"))


def test_without_the_plugin(project: Project) -> None:
    result = project.run_alone("def test_it(kafka): pass\n\ndef test_other(): pass\n", "-p", "no:kafka_compat")
    result.assert_outcomes(errors=1, passed=1)
    assert "fixture 'kafka' not found" in said(result)


def test_strict_markers_know_the_mark(project: Project) -> None:
    code = "import pytest\n@pytest.mark.kafka(brokers=2)\ndef test_it(kafka): pass\n"
    project.run(code, "--strict-markers", "--strict-config").assert_outcomes(passed=1)
