"""What a start imports: it pays for what it uses. Modules are counted, as time depends on the machine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence

import pytest

from kafka_compat.protocol.messages.api_versions import ApiVersionsRequest, ApiVersionsResponse
from tests.support.wire_client import WireClient

# What belongs to asyncio, and to the way the package is installed here, is no matter of ours.
PROLOGUE = """
import asyncio, concurrent.futures.thread, json, sys
before = set(sys.modules)
"""
EPILOGUE = """
print(json.dumps(sorted(set(sys.modules) - before)))
"""

# Of the libraries and of Python: by their top-level names, or by a whole name.
NEVER = {
    "crc32c",
    "csv",
    "ctypes",
    "datetime",
    "decimal",
    "difflib",
    "email",
    "http",
    "importlib.metadata",
    "importlib.resources",
    "javaproperties",
    "lz4",
    "multiprocessing",
    "encodings.idna",
    "h11",
    "hashlib",
    "kafka_compat.web",
    "mypy_extensions",
    "pkg_resources",
    "prometheus_client",
    "pydoc",
    "setuptools",
    "snappy",
    "starlette",
    "tempfile",
    "typing_extensions",
    "unittest",
    "urllib.request",
    "uuid",
    "uvicorn",
    "xml",
    "zipfile",
    "zstandard",
}


def imported_by(code: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", PROLOGUE + code + EPILOGUE], capture_output=True, text=True, timeout=60, check=True
    )
    names: list[str] = json.loads(done.stdout.splitlines()[-1])
    return names


def found(names: Sequence[str], among: set[str]) -> list[str]:
    return [name for name in names if any(name == one or name.startswith(f"{one}.") for one in among)]


def ours(names: Sequence[str]) -> list[str]:
    return [name for name in names if name.startswith("kafka_compat.")]


def others(names: Sequence[str]) -> list[str]:
    return [name for name in names if not name.startswith("kafka_compat")]


def test_what_a_test_imports() -> None:
    """Collecting tests costs nothing of the broker."""
    names = imported_by("import kafka_compat.testing")
    assert found(names, NEVER | {"argparse", "shutil", "uvloop"}) == []
    assert ours(names) == [
        "kafka_compat.testing",
        "kafka_compat.testing.kafka",
        "kafka_compat.testing.lookups",
        "kafka_compat.testing.options",
    ]
    assert len(others(names)) <= 12, others(names)


def test_the_first_cluster_of_a_test() -> None:
    code = """
from kafka_compat.testing import Kafka
with Kafka(topics={"t": 1}):
    pass
"""
    names = imported_by(code)
    machines = {
        "kafka_compat.coordinator.group.shard",
        "kafka_compat.coordinator.transaction.shard",
        "kafka_compat.log.compaction",
    }
    assert found(names, NEVER | machines | {"argparse", "platform", "shutil", "uvloop", "kafka_compat.cli"}) == []
    # Raise a bound when what is new has to be there from the start.
    assert len(ours(names)) <= 222
    assert len(others(names)) <= 24, others(names)


def test_what_the_first_cluster_has_of_dataclasses() -> None:
    """Each is generated as text and compiled at import: 0.2 to 0.5 ms, where a named tuple or a class takes a tenth of it."""
    code = """
from kafka_compat.testing import Kafka
with Kafka():
    pass
modules = [module for name, module in sys.modules.items() if name.startswith("kafka_compat.")]
types = {one for module in modules for one in vars(module).values() if isinstance(one, type)}
sys.modules |= dict.fromkeys(f"dataclass {one.__qualname__}" for one in types if hasattr(one, "__dataclass_fields__"))
"""
    dataclasses = [name for name in imported_by(code) if name.startswith("dataclass ")]
    assert len(dataclasses) <= 13, dataclasses


def test_a_broker_up_to_its_first_answer() -> None:
    code = """
from kafka_compat.cli.main import main
assert main(["serve", "--memory", "--listen", "127.0.0.1:0"]) == 0
"""
    command = [sys.executable, "-c", PROLOGUE + code + EPILOGUE]
    # One that is no config would be compared with all.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KAFKA_")}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment, text=True) as process:
        assert process.stdout is not None
        bootstrap = process.stdout.readline().rstrip().rpartition("bootstrap.servers=")[2]
        with WireClient(bootstrap) as client:
            client.call(ApiVersionsRequest(), 0, ApiVersionsResponse)
        process.terminate()
        names: list[str] = json.loads(process.stdout.readlines()[-1])
    assert found(names, NEVER | {"kafka_compat.testing", "kafka_compat.config.properties", "platform"}) == []
    assert [name for name in names if name.startswith("kafka_compat.cli.")] == [
        "kafka_compat.cli.main",
        "kafka_compat.cli.process",
        "kafka_compat.cli.ready_file",
        "kafka_compat.cli.serve",
        "kafka_compat.cli.streams",
    ]
    assert len(ours(names)) <= 222
    assert len(others(names)) <= 50, others(names)


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["protocol", "--help"]])
def test_commands_that_only_print(arguments: list[str]) -> None:
    code = f"import sys\nfrom kafka_compat.cli.main import main\nmain({arguments})\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    names = done.stdout.splitlines()[-1].split()
    assert "kafka_compat.cli.main" in names
    assert found(names, NEVER | {"asyncio", "logging", "socket", "kafka_compat.cli.serve", "kafka_compat.config"}) == []
