"""Who has the say about what a test's Kafka is made with: argument, mark, command line, ini option, environment."""

from __future__ import annotations

from dataclasses import fields

import pytest

from kafka_compat.pytest_plugin import MARK_ARGUMENTS
from kafka_compat.testing import KafkaOptions
from tests.plugin.projects import Project, said

pytest_plugins = ["pytester"]

BROKERS = """
import pytest

def count(kafka):
    return len(kafka.bootstrap_servers.split(","))

@pytest.mark.kafka(brokers=4)
def test_mark(kafka, kafka_cluster):
    assert count(kafka) == 4
    assert count(kafka_cluster(brokers=5)) == 5

def test_options(kafka_options):
    assert kafka_options.brokers == EXPECTED
"""


def brokers(expected: int) -> str:
    return BROKERS.replace("EXPECTED", str(expected))


def test_the_mark_takes_what_a_kafka_is_made_with() -> None:
    assert (*(field.name for field in fields(KafkaOptions)), "leaks") == MARK_ARGUMENTS


def test_nothing_said(project: Project) -> None:
    project.run(brokers(1)).assert_outcomes(passed=2)


def test_the_environment_is_asked_last(project: Project) -> None:
    project.environment(KAFKA_COMPAT_BROKERS="2")
    project.run(brokers(2)).assert_outcomes(passed=2)


def test_an_ini_option_has_the_say_over_the_environment(project: Project) -> None:
    project.environment(KAFKA_COMPAT_BROKERS="2")
    project.ini("kafka_brokers = 3")
    project.run(brokers(3)).assert_outcomes(passed=2)


def test_the_command_line_has_the_say_over_the_ini_option(project: Project) -> None:
    project.ini("kafka_brokers = 3")
    project.run(brokers(6), "--kafka-brokers=6").assert_outcomes(passed=2)


def test_of_configs_each_is_decided_for_itself(project: Project) -> None:
    project.environment(KAFKA_COMPAT_CONFIGS="num.partitions=2; log.retention.ms=1;message.max.bytes=1000")
    project.ini("kafka_configs =", "    num.partitions = 3", "    log.retention.ms=2")
    result = project.run(
        """
        import pytest

        pytestmark = pytest.mark.kafka(configs={"num.partitions": 5, "log.segment.bytes": 5_000_000}, topics={"a": 1})

        def test_said(kafka_options):
            assert kafka_options.configs == {
                "num.partitions": "4", "log.retention.ms": "2", "message.max.bytes": "1000", "compression.type": "lz4"
            }

        @pytest.mark.kafka(configs={"num.partitions": 6})
        class TestOne:
            @pytest.mark.kafka(configs={"num.partitions": 7}, topics={"b": 2})
            def test_nearest(self, kafka):
                assert kafka.options.configs["num.partitions"] == 7
                assert kafka.options.configs["log.segment.bytes"] == 5_000_000
                assert kafka.options.configs["log.retention.ms"] == "2"
                assert {name: len(topic.partitions) for name, topic in kafka.topics.items()} == {"a": 1, "b": 2}

            def test_class(self, kafka):
                assert kafka.options.configs["num.partitions"] == 6
        """,
        "--kafka-config=num.partitions=4",
        "--kafka-config=compression.type=lz4",
    )
    result.assert_outcomes(passed=3)


def test_native_toml(project: Project, pytester: pytest.Pytester) -> None:
    if pytest.version_tuple < (9,):
        pytest.skip("pytest reads native TOML from version 9 on")
    (pytester.path / "pytest.ini").unlink()
    pytester.makepyprojecttoml(
        """
        [tool.pytest]
        asyncio_default_fixture_loop_scope = "function"
        kafka_brokers = 2
        kafka_configs = ["num.partitions=3"]
        kafka_leaks = "error"
        kafka_report_requests = 5
        """
    )
    project.run(brokers(2)).assert_outcomes(passed=2)


@pytest.mark.parametrize(
    ("mark", "sentence"),
    [
        ("borkers=2", "test_it: the mark kafka has no argument 'borkers' (did you mean 'brokers'?): it takes brokers, topics,"),
        ("people={}", "the mark kafka has no argument 'people': it takes"),
        ("3", "the mark kafka takes arguments by name (brokers, topics"),
    ],
)
def test_a_mark_that_nobody_understands_is_refused_at_collection(project: Project, mark: str, sentence: str) -> None:
    result = project.run(f"import pytest\n\n@pytest.mark.kafka({mark})\ndef test_it(): pass\n\ndef test_other(): pass\n")
    result.assert_outcomes(errors=1)
    assert sentence in said(result)
    assert "Traceback" not in said(result)
    assert project.run(f"import pytest\npytestmark = pytest.mark.kafka({mark})\nclass TestA:\n    def test_it(self): pass").ret


@pytest.mark.parametrize(
    ("mark", "sentence"),
    [
        ("brokers=0", "a Kafka cannot be made with the options of this test: brokers is a whole number from 1, not 0"),
        ("configs={'num.partition': 1}", "there is no broker config num.partition"),
        ("leaks='no'", "the mark kafka: leaks is one of warn, error, ignore, not 'no'"),
    ],
)
def test_values_that_are_not_allowed_are_refused_in_a_sentence(project: Project, mark: str, sentence: str) -> None:
    result = project.run(f"import pytest\n\n@pytest.mark.kafka({mark})\ndef test_it(kafka): pass\n")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert sentence in said(result)
    assert "Traceback" not in said(result)


@pytest.mark.parametrize(
    ("ini", "sentence"),
    [
        ("kafka_brokers = many", "many"),
        ("kafka_configs = novalue", "the ini option kafka_configs has a config as key=value, not 'novalue'"),
        ("kafka_leaks = maybe", "the ini option kafka_leaks is one of warn, error, ignore, not 'maybe'"),
    ],
)
def test_ini_options_that_are_not_allowed_are_refused_in_a_sentence(project: Project, ini: str, sentence: str) -> None:
    project.ini(ini)
    result = project.run("def test_it(kafka): pass")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert sentence in said(result)
    assert "Traceback" not in said(result)


@pytest.mark.parametrize(
    ("variable", "value", "sentence"),
    [
        ("BROKERS", "x", "the environment variable KAFKA_COMPAT_BROKERS is a whole number, not 'x'"),
        ("BOOTSTRAP", "x", "the environment variable KAFKA_COMPAT_BOOTSTRAP is the HOST:PORT of a broker, not 'x'"),
    ],
)
def test_environment_variables_that_are_not_allowed_are_refused(
    project: Project, variable: str, value: str, sentence: str
) -> None:
    project.environment(**{f"KAFKA_COMPAT_{variable}": value})
    assert sentence in said(project.run("def test_it(kafka): pass"))


@pytest.mark.parametrize("option", ["--kafka-leaks=maybe", "--kafka-brokers=x"])
def test_command_lines_that_are_not_allowed_are_refused_at_once(project: Project, option: str) -> None:
    result = project.run("def test_it(): pass", option)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
