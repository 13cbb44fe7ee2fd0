"""`kafka-compat serve --control`: a Kafka for tests as a process of its own."""

from __future__ import annotations

import json
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.metadata import MetadataRequest, MetadataRequestTopic, MetadataResponse
from tests.support.wire_client import WireClient
from tests.web.controlled import ControlClient

START_S = 30


@contextmanager
def controlled(
    directory: Path, *arguments: str, listener: str = "127.0.0.1:0"
) -> Iterator[tuple[dict[str, object], subprocess.Popen[str]]]:
    """What the ready file says, and the process."""
    ready = directory / "ready.json"
    command = [sys.executable, "-m", "kafka_compat", "serve", "--listen", listener, "--ready-file", str(ready)]
    with subprocess.Popen(
        [*command, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=directory
    ) as process:
        try:
            deadline = time.monotonic() + START_S
            while not ready.exists():
                assert process.poll() is None, process.communicate()
                assert time.monotonic() < deadline
                time.sleep(0.01)
            yield json.loads(ready.read_text()), process
        finally:
            process.terminate()
            assert process.wait(10) == 0
            assert not ready.exists()


def refused(*arguments: str) -> tuple[int, str]:
    """Exit code and last line of what is said."""
    command = [sys.executable, "-m", "kafka_compat", "serve", "--listen", "127.0.0.1:0", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    return done.returncode, done.stderr.splitlines()[-1].removeprefix("kafka-compat: ")


def test_a_process_that_is_driven(tmp_path: Path) -> None:
    arguments = ("--control", "0", "--brokers", "2", "--clock", "manual", "--topic", "orders:3", "--set", "num.partitions=7")
    with controlled(tmp_path, *arguments) as (ready, process):
        control = ControlClient(str(ready["control"]))
        cluster = control.ok("GET", "/v1/cluster")
        assert cluster["bootstrap_servers"] == ready["bootstrap"]
        assert [broker["id"] for broker in cluster["brokers"]] == [1, 2]
        assert len(control.ok("GET", "/v1/topics/orders")["partitions"]) == 3
        control.ok("POST", "/v1/clock/advance", {"by_ms": 5})
        control.ok("POST", "/v1/reset")
        assert process.stdout is not None
        banner = [process.stdout.readline() for _ in range(5)]
        assert str(ready["control"]) in banner[1]
        assert "manual" in banner[3]
        assert list(ready) == ["pid", "bootstrap", "listeners", "data_dir", "node_id", "cluster_id", "http", "control"]
    assert [path.name for path in tmp_path.iterdir()] == []


def test_with_a_token_and_data_on_disk(tmp_path: Path) -> None:
    arguments = ("--control", "127.0.0.1:0", "--control-token", "secret", "--data-dir", "data", "--node-id", "5")
    with controlled(tmp_path, *arguments) as (ready, _):
        assert ControlClient(str(ready["control"])).call("GET", "/v1/cluster")[0] == 401
        assert ControlClient(str(ready["control"]), "secret").ok("GET", "/v1/brokers")[0]["id"] == 5
        assert ready["data_dir"] == str(tmp_path / "data")
        assert (tmp_path / "data").is_dir()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--clock", "manual"), "--clock goes with --control"),
        (("--brokers", "2"), "--brokers goes with --control"),
        (("--control-token", "x"), "--control-token goes with --control"),
        (("--control", "x"), "--control x: expected HOST:PORT"),
        (("--control", "0.0.0.0:0"), "the control plane on 0.0.0.0 can be reached by others: it needs a token"),
        (("--control", "0", "--http", "127.0.0.1:0"), "--http and --control exclude each other"),
        (("--control", "0", "--brokers", "0"), "--brokers 0: a number from 1"),
        (("--control", "0", "--listen", "127.0.0.1:0"), "with --control there is one listener, on 127.0.0.1"),
        (("--control", "0", "--super-user", "admin"), "acls say what users may do: name these by users"),
    ],
)
def test_what_does_not_go_together(arguments: tuple[str, ...], sentence: str) -> None:
    code, said = refused(*arguments)
    assert code == 2
    assert said.startswith(sentence)


def test_users_and_rights(tmp_path: Path) -> None:
    users = tmp_path / "users.txt"
    users.write_text("alice:alice-secret\nadmin:admin-secret\n")
    users.chmod(0o600)
    arguments = ("--control", "0", "--user-file", str(users), "--super-user", "admin", "--topic", "orders")
    with controlled(tmp_path, *arguments, listener="SASL_SSL://127.0.0.1:0") as (ready, _):
        control = ControlClient(str(ready["control"]))
        cluster = control.ok("GET", "/v1/cluster")
        tls = ssl.create_default_context(cadata=cluster["ca"])
        assert control.ok("GET", "/v1/users") == ["admin", "alice"]
        for user, code in (("alice", ErrorCode.TOPIC_AUTHORIZATION_FAILED), ("admin", ErrorCode.NONE)):
            address = str(ready["bootstrap"])
            with WireClient(address, user=user, password=f"{user}-secret", mechanism="SCRAM-SHA-256", tls=tls) as client:
                asked = MetadataRequest(topics=[MetadataRequestTopic(name="orders")])
                assert client.call(asked, 12, MetadataResponse).topics[0].error_code == code


@pytest.mark.parametrize(
    ("listener", "arguments", "sentence"),
    [
        ("SASL_PLAINTEXT://127.0.0.1:0", (), "--control: listener SASL_PLAINTEXT asks for a password, and there are no users"),
        ("SSL://127.0.0.1:0", ("--tls-cert", "cert.pem"), "--control has certificates of its own"),
    ],
)
def test_what_the_double_needs_to_be_secure(listener: str, arguments: tuple[str, ...], sentence: str, tmp_path: Path) -> None:
    (tmp_path / "cert.pem").write_text("-----BEGIN PRIVATE KEY-----\n")
    command = [sys.executable, "-m", "kafka_compat", "serve", "--listen", listener, "--control", "0", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=tmp_path)
    assert (done.returncode, sentence in done.stderr) == (2, True), done.stderr


def test_a_listener_that_others_reach() -> None:
    command = [sys.executable, "-m", "kafka_compat", "serve", "--listen", "*:0", "--control", "0"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert "on 127.0.0.1 and not advertised elsewhere" in done.stderr


def test_a_command_is_told_where_the_control_plane_is() -> None:
    script = """
import json, os, urllib.request
with urllib.request.urlopen(os.environ["KAFKA_COMPAT_CONTROL"] + "/v1/cluster") as answer:
    found = json.load(answer)
assert found["bootstrap_servers"] == os.environ["KAFKA_BOOTSTRAP_SERVERS"]
assert found["clock"]["is_manual"]
print(len(found["brokers"]))
"""
    options = ["--brokers", "2", "--clock", "manual", "--control", "0"]
    command = [sys.executable, "-m", "kafka_compat.testing", *options, "--", sys.executable, "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "2\n", "")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--control", "0.0.0.0:0"), "the control plane on 0.0.0.0 can be reached by others: it needs a token"),
        (("--control", "nowhere"), "--control nowhere: expected HOST:PORT"),
    ],
)
def test_what_the_test_double_refuses(arguments: tuple[str, ...], sentence: str) -> None:
    command = [sys.executable, "-m", "kafka_compat.testing", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert sentence in done.stderr
