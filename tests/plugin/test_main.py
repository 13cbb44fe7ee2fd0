"""`python -m kafka_compat.testing`: a cluster for a command, or until it is interrupted."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.wire_client import create_topic

COMMAND = [sys.executable, "-m", "kafka_compat.testing"]
LIST_TOPICS = """
import os
from confluent_kafka.admin import AdminClient
found = AdminClient({"bootstrap.servers": os.environ["KAFKA_BOOTSTRAP_SERVERS"]}).list_topics(timeout=20)
print(len(found.brokers), {name: len(topic.partitions) for name, topic in found.topics.items()})
raise SystemExit(7)
"""


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, timeout=60, check=False)


def test_a_command_has_the_cluster_in_its_environment_and_gives_its_exit_code() -> None:
    pytest.importorskip("confluent_kafka", reason="the command is a client of librdkafka")
    done = run("--brokers=2", "--topic=orders:3", "--", sys.executable, "-c", LIST_TOPICS)
    assert done.stdout == "2 {'orders': 3}\n", done.stderr
    assert done.returncode == 7


def test_a_command_that_is_not_there() -> None:
    done = run("--", "no-such-command")
    assert done.stderr.startswith("no-such-command cannot be run: ")
    assert done.returncode == 127


@pytest.mark.skipif(sys.platform == "win32", reason="sends signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_without_a_command_it_prints_the_address_and_runs_until_it_is_interrupted(number: signal.Signals) -> None:
    with subprocess.Popen(
        [*COMMAND, "--config=num.partitions=2"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        create_topic(process.stdout.readline().strip(), "orders")
        process.send_signal(number)
        stdout, stderr = process.communicate(timeout=60)
    assert (process.returncode, stdout, stderr) == (0, "", "")


@pytest.mark.skipif(sys.platform == "win32", reason="sends signals")
def test_a_command_ends_with_it(tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    code = f"import os, pathlib, time; pathlib.Path({str(ready)!r}).write_text(str(os.getpid())); time.sleep(60)"
    with subprocess.Popen([*COMMAND, "--", sys.executable, "-c", code], stderr=subprocess.PIPE) as process:
        while not (ready.exists() and ready.read_text()):
            assert process.poll() is None
        process.terminate()
        process.communicate(timeout=60)
    assert process.returncode == 130
    with pytest.raises(ProcessLookupError):
        os.kill(int(ready.read_text()), 0)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--brokers=0"], "argument --brokers: a whole number from 1, not '0'"),
        (["--port=70000"], "argument --port: a port is a number from 0 to 65535, not '70000'"),
        (["--topic=a b"], "Topic name is invalid"),
        (["--topic=a:x"], "argument --topic: a whole number from 1, not 'x'"),
        (["--config=num.partitions"], "argument --config: a config is key=value, not 'num.partitions'"),
        (["--config=num.partition=1"], "there is no broker config num.partition"),
    ],
)
def test_arguments_are_refused_in_a_sentence(arguments: list[str], sentence: str) -> None:
    done = run(*arguments)
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert done.returncode == 2


def test_a_port_that_is_taken() -> None:
    code = f"""
import os, subprocess
port = os.environ["KAFKA_BOOTSTRAP_SERVERS"].split(":")[1]
print(subprocess.run([*{COMMAND}, "--port", port], capture_output=True, text=True).stderr)
"""
    done = run("--", sys.executable, "-c", code)
    assert "in use" in done.stdout
    assert "Traceback" not in done.stdout
