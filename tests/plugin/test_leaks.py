"""What a test has left behind in its Kafka: a warning, an error, or nobody's business."""

from __future__ import annotations

import pytest

from tests.plugin.projects import Project, said

pytest_plugins = ["pytester"]

LEAKING = """
import socket
import pytest

kept = []

def leave_connection(kafka):
    host, port = kafka.bootstrap_servers.split(":")
    connection = socket.create_connection((host, int(port)))
    connection.sendall(bytes.fromhex("0000000a 0012 0000 00000001 0000".replace(" ", "")))
    assert connection.recv(1000)
    kept.append(connection)
    return connection

def test_leaks(kafka):
    leave_connection(kafka)

def test_tidy(kafka):
    leave_connection(kafka).close()

@pytest.mark.kafka(leaks="ignore")
def test_marked(kafka):
    leave_connection(kafka)

def test_own_cluster(kafka_cluster):
    leave_connection(kafka_cluster())

@pytest.fixture
def client(kafka):
    connection = leave_connection(kafka)
    yield connection
    connection.close()

def test_fixture_closes(client):
    pass

def test_close_all():
    for connection in kept:
        connection.close()
"""


def test_leaks_warn(project: Project) -> None:
    result = project.run(LEAKING, "-W", "default")
    result.assert_outcomes(passed=6, warnings=2)
    assert "KafkaLeakWarning: test_leaks_warn.py::test_leaks has left in its Kafka: " in said(result)
    assert "KafkaLeakWarning: test_leaks_warn.py::test_own_cluster has left in its Kafka: " in said(result)


@pytest.mark.parametrize("arguments", [["--kafka-leaks=error"], []], ids=["option", "warnings are errors"])
def test_leaks_are_errors(project: Project, arguments: list[str]) -> None:
    result = project.run(LEAKING, *arguments)
    result.assert_outcomes(passed=6, errors=2)
    assert "has left in its Kafka: " in said(result)


def test_leaks_are_ignored(project: Project) -> None:
    project.ini("kafka_leaks = ignore")
    project.run(LEAKING).assert_outcomes(passed=6)


def test_a_warning_can_be_filtered_by_its_name(project: Project) -> None:
    result = project.run_alone(LEAKING, "-W", "ignore::kafka_compat.pytest_plugin.KafkaLeakWarning")
    result.assert_outcomes(passed=6)


def test_a_failed_test_has_its_own_error_only(project: Project) -> None:
    result = project.run(
        LEAKING.replace(
            "def test_leaks(kafka):\n",
            "def test_fails(kafka):\n    assert not leave_connection(kafka)\n\ndef test_leaks(kafka):\n",
        ),
        "-k",
        "fails or close_all",
    )
    result.assert_outcomes(failed=1, passed=1, deselected=5)
