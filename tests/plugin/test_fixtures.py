"""What each fixture gives a test."""

from __future__ import annotations

from tests.plugin.projects import Project, said

pytest_plugins = ["pytester"]


def test_each_test_has_a_kafka_with_nothing_in_it_and_the_same_address(project: Project) -> None:
    result = project.run(
        """
        seen = []

        def test_one(kafka):
            kafka.produce("orders", b"one")
            seen.append(kafka.bootstrap_servers)
            assert [record.value for record in kafka.records("orders")] == [b"one"]

        def test_two(kafka):
            assert kafka.bootstrap_servers == seen[0]
            assert "orders" not in kafka.topics
        """
    )
    result.assert_outcomes(passed=2)


def test_kafka_session_is_the_kafka_of_tests_with_the_same_options(project: Project) -> None:
    result = project.run(
        """
        import pytest

        def test_session(kafka_session):
            kafka_session.create_topic("stays")

        def test_stays(kafka_session):
            assert "stays" in kafka_session.topics

        def test_reset(kafka, kafka_session):
            assert kafka is kafka_session
            assert "stays" not in kafka.topics

        @pytest.mark.kafka(brokers=2)
        def test_others_have_their_own(kafka, kafka_session):
            assert kafka is not kafka_session
            assert len(kafka.bootstrap_servers.split(",")) == 2
        """
    )
    result.assert_outcomes(passed=4)


def test_a_cluster_made_for_one_test_serves_others_with_the_same_options(project: Project) -> None:
    result = project.run(
        """
        import pytest

        seen = set()

        @pytest.mark.kafka(topics={"orders": 3})
        @pytest.mark.parametrize("number", range(3))
        def test_same(kafka, number):
            seen.add(kafka.bootstrap_servers)
            assert len(kafka.topics["orders"].partitions) == 3
            kafka.produce("orders", b"x")
            assert len(kafka.records("orders")) == 1

        def test_so():
            assert len(seen) == 1
        """
    )
    result.assert_outcomes(passed=4)


def test_no_more_than_a_few_clusters_are_kept(project: Project) -> None:
    result = project.run(
        """
        import threading
        import pytest

        others = set(threading.enumerate())

        @pytest.mark.parametrize("number", [pytest.param(n, marks=pytest.mark.kafka(topics={f"t{n}": 1})) for n in range(12)])
        def test_many(kafka, kafka_session, number):
            assert f"t{number}" in kafka.topics
            assert sum(thread.name.startswith("kafka-compat") for thread in set(threading.enumerate()) - others) <= 6
        """
    )
    result.assert_outcomes(passed=12)


def test_a_cluster_that_a_test_has_stopped_is_replaced(project: Project) -> None:
    result = project.run(
        """
        def test_stops(kafka):
            kafka.stop()

        def test_next(kafka):
            kafka.produce("t", b"x")
        """
    )
    result.assert_outcomes(passed=2)


def test_kafka_cluster_makes_as_many_as_a_test_likes_and_stops_them(project: Project) -> None:
    result = project.run(
        """
        import threading
        import pytest

        made = []
        others = set(threading.enumerate())

        @pytest.mark.kafka(brokers=2, topics={"orders": 1})
        def test_makes(kafka_cluster):
            one, other = kafka_cluster(), kafka_cluster(brokers=1, topics={"payments": 2})
            made.extend([one, other])
            assert len(one.bootstrap_servers.split(",")) == 2
            assert len(other.bootstrap_servers.split(",")) == 1
            assert {"orders", "payments"} <= set(other.topics)
            with pytest.raises(ValueError, match="brokers is a whole number from 1, not 0"):
                kafka_cluster(brokers=0)
            with pytest.raises(TypeError, match="borkers"):
                kafka_cluster(borkers=1)

        def test_stopped():
            for kafka in made:
                with pytest.raises(RuntimeError, match="it was stopped"):
                    kafka.bootstrap_servers
            assert not [thread for thread in set(threading.enumerate()) - others if thread.name.startswith("kafka-compat")]
        """
    )
    result.assert_outcomes(passed=2)


def test_names_are_valid_tell_their_test_and_are_its_own(project: Project) -> None:
    result = project.run(
        """
        import pytest

        names = set()

        @pytest.mark.parametrize("odd", ["a b", "a_b", "ä/ö:[]", "x" * 300, ""])
        def test_named(kafka, kafka_topic, kafka_group, odd):
            assert kafka_topic.startswith("test_named")
            assert kafka_topic in kafka.topics
            assert kafka_group == kafka_topic
            names.add(kafka_topic)

        def test_all_differ():
            assert len(names) == 5

        class TestOther:
            def test_all_differ(self, kafka_topic):
                assert kafka_topic.startswith("test_all_differ-")
        """
    )
    result.assert_outcomes(passed=7)


def test_kafka_clock_stands_still(project: Project) -> None:
    result = project.run(
        """
        import pytest

        def test_still(kafka, kafka_clock):
            before = kafka_clock.wall_ms()
            kafka_clock.advance(1000)
            assert kafka.clock.wall_ms() == before + 1000

        @pytest.mark.kafka(clock="manual")
        def test_marked(kafka):
            kafka.clock.advance(1)

        def test_others(kafka):
            with pytest.raises(TypeError):
                kafka.clock.advance(1)

        @pytest.mark.kafka(clock="real")
        def test_contradiction(kafka_clock):
            pass

        def test_too_late(request, kafka):
            request.getfixturevalue("kafka_clock")
        """
    )
    result.assert_outcomes(passed=3, errors=1, failed=1)
    assert 'the fixture kafka_clock is a manual clock, and the mark kafka says clock="real"' in said(result)
    assert "name the fixture in the arguments of the test" in said(result)


def test_kafka_env_is_for_subprocesses(project: Project) -> None:
    result = project.run(
        """
        import os, subprocess, sys

        def test_env(kafka, kafka_env):
            code = "import os; print(os.environ['KAFKA_BOOTSTRAP_SERVERS'])"
            done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=kafka_env)
            assert done.stdout.strip() == kafka.bootstrap_servers == os.environ["KAFKA_BOOTSTRAP_SERVERS"]

        def test_gone():
            assert "KAFKA_BOOTSTRAP_SERVERS" not in os.environ
        """
    )
    result.assert_outcomes(passed=2)


def test_a_project_overrides_kafka_options(project: Project) -> None:
    project.conftest(
        """
        import dataclasses
        import pytest
        from kafka_compat.testing import KafkaOptions

        @pytest.fixture(scope="session")
        def kafka_options(kafka_options):
            return dataclasses.replace(kafka_options, topics={"orders": 6})
        """
    )
    result = project.run(
        """
        import pytest

        def test_of_the_project(kafka):
            assert len(kafka.topics["orders"].partitions) == 6
            assert len(kafka.bootstrap_servers.split(",")) == 2

        @pytest.mark.kafka(topics={"payments": 1})
        def test_marked(kafka):
            assert set(kafka.topics) == {"orders", "payments"}

        class TestOfTheClass:
            @pytest.fixture
            def kafka_options(self, kafka_options):
                import dataclasses
                return dataclasses.replace(kafka_options, brokers=1)

            def test_own(self, kafka):
                assert len(kafka.bootstrap_servers.split(",")) == 1

        class TestWrong:
            @pytest.fixture
            def kafka_options(self):
                return {"brokers": 2}

            def test_wrong(self, kafka):
                pass
        """,
        "--kafka-brokers=2",
    )
    result.assert_outcomes(passed=3, errors=1)
    assert "the fixture kafka_options returns a KafkaOptions, not {'brokers': 2}" in said(result)
