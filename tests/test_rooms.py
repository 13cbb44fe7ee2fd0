"""Rules about who may know what, checked over the sources; those that are about imports alone are in pyproject.toml."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import kafka_compat

PACKAGE = Path(kafka_compat.__file__).parent

# Below `server`: everything else decides, and is told the time.
SHELLS = {
    "api/answers.py": "futures of the coordinator become answers",
    "api/authorization.py": "rights of many, in slices",
    "api/context.py": "how many wide requests are under way",
    "api/dispatch.py": "runs handlers",
    "api/interception.py": "requests that wait for a fault",
    "api/offset_commits.py": "commits of both kinds, in turns",
    "security/sasl/scram_plans.py": "plans of many users, in slices",
    "api/memory.py": "who waits for memory is woken in a turn of its own",
    "api/slices.py": "work that goes on in slices",
    "api/throttling.py": "what a request costs between its waits",
    "clock.py": "the clock itself",
    "api/verification.py": "asks whether batches belong to transactions",
    "coordinator/led_shards.py": "which shards are led and loaded",
    "coordinator/group/offset_verification.py": "asks whether offsets belong to a transaction",
    "coordinator/group/service.py": "verbs over many shards",
    "coordinator/replaying.py": "reads a shard's log",
    "coordinator/runtime.py": "runs shards",
    "coordinator/shard_context.py": "runs one shard",
    "coordinator/transaction/marker_writer.py": "writes markers into the partitions of a broker",
    "coordinator/transaction/markers.py": "writes markers until each partition has its own",
    "coordinator/transaction/service.py": "verbs over many shards, and what comes due",
    "coordinator/transaction/verifying.py": "asks the coordinator that leads an id",
    "log/cleaner.py": "drives compaction",
    "log/flushing.py": "when logs are flushed",
    "log/in_flight.py": "who waits for appends",
    "log/lookup.py": "reads batches until a record is found",
    "log/manager.py": "opens logs, drives retention and reopening",
    "log/partition.py": "appends and what follows on them",
    "log/partition_view.py": "reads of a partition",
    "log/purgatory.py": "waits with a time limit",
    "log/snapshot.py": "writes in pieces",
    "log/reading.py": "waits for the medium, and for its turn",
    "log/recovery.py": "reads a log at its opening",
    "log/unreplicated.py": "who waits for replicas",
    "metadata/broker_plans.py": "decides in slices",
    "metadata/config_plans.py": "decides in slices",
    "metadata/controller.py": "one change after the other",
    "metadata/metadata_log.py": "writes changes",
    "metadata/topic_admin.py": "changes of topics, with their logs",
    "pacing.py": "turns of the event loop",
    "security/delegation_tokens.py": "verbs over tokens, and when they are swept away",
    "security/sasl/jwks_source.py": "when keys are read again",
    "storage/local/group_commit.py": "who waits for a sync",
    "storage/local/handle.py": "the handle of an open log",
    "storage/local/log.py": "appends, reads and syncs through threads",
    "storage/local/reshaping.py": "changes files through threads",
    "storage/local/store.py": "opens logs through threads",
    "storage/local/worker.py": "the threads",
    "tasks.py": "the owner of tasks",
    "telemetry/service.py": "gives pushes to receivers through threads",
}
# What stands above the broker has time limits of its own.
ABOVE_THE_BROKER = ("pytest_plugin", "testing/", "web/")

# Handlers wait for what others do, a port may promise to, and all else here stands above the loop.
WAITS_FOR_OTHERS = (
    "api/alterations.py",
    "api/handlers/",
    "cli/",
    "coordinator/image_topics.py",
    "server/",
    "storage/interface.py",
    *ABOVE_THE_BROKER,
)
# A future is a value that anybody may hand on.
VALUES = {"Future", "InvalidStateError"}

# Who reads time, or lets it pass, and what for.
TIME = {
    "api/dispatch.py": "what an answer costs to encode",
    "api/handlers/produce.py": "the length of a turn",
    "api/observers.py": "how long a request took",
    "api/session.py": "until when a client is muted",
    "api/slices.py": "the length of a turn",
    "api/throttling.py": "what quotas measure, and what a request costs",
    "api/verification.py": "how long a concurrent transaction is waited for",
    "cli/log_progress.py": "progress on a terminal",
    "clock.py": "the clock itself",
    "log/cleaner.py": "how long a thread has held the interpreter, and letting go of it",
    "log/allowance.py": "letting go of the interpreter",
    "log/purgatory.py": "the length of a turn",
    "log/reading.py": "the length of a turn",
    "pacing.py": "the length of a turn",
    "security/sasl/jwks_fetch.py": "how long a key set may take",
    "server/acceptor.py": "when accepting is tried again",
    "server/connection.py": "when a client was last heard, and the length of a turn",
    "server/listener.py": "idle connections",
    "server/sending.py": "when a client last took something",
    "server/sasl_connection.py": "how many failures are logged in a second",
    "server/tls/line.py": "the length of a turn",
    "server/tls/listener.py": "how long handshakes may take",
    "tasks.py": "what a thread spends on a request",
}


def sources() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        name = path.relative_to(PACKAGE).as_posix()
        if not name.startswith(("protocol/messages/", "protocol/records/")):
            yield name, ast.parse(path.read_text())


def waits(tree: ast.Module) -> bool:
    """Whether the module awaits or asks the event loop for anything."""
    return any(
        isinstance(node, ast.AsyncFunctionDef | ast.Await | ast.AsyncFor | ast.AsyncWith)
        or (
            isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.value.id == "asyncio"
            and node.attr not in VALUES
        )
        for node in ast.walk(tree)
    )


def imports(tree: ast.Module) -> set[str]:
    """Top-level names of the modules imported anywhere in the module."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            names.add(node.module.partition(".")[0])
    return names


def test_only_shells_wait() -> None:
    found = {name for name, tree in sources() if waits(tree) and not name.startswith(WAITS_FOR_OTHERS)}
    assert found == SHELLS.keys()


def test_only_shells_have_a_clock() -> None:
    holding = {
        name
        for name, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "kafka_compat.clock"
    }
    assert {name for name in holding - SHELLS.keys() if not name.startswith(("server/", "testing/"))} == set()


def test_only_these_read_time() -> None:
    found = {name for name, tree in sources() if "time" in imports(tree)}
    assert {name for name in found if not name.startswith(ABOVE_THE_BROKER)} == TIME.keys()


def test_the_product_imports_neither_tests_nor_scripts() -> None:
    others = {"tests", "interop_tests", "scripts", "bench_support", "soak_support", "protocol_gen"}
    assert {name for name, tree in sources() if imports(tree) & others} == set()


# Of a message or a record, where the number is written: its own, or that of what it carries.
@pytest.mark.parametrize("layer", ["config", "coordinator", "filesystem", "log", "metadata", "records", "storage"])
def test_versions_of_requests_end_in_the_api(layer: str) -> None:
    taking = {
        f"{name}:{node.name}"
        for name, tree in sources()
        if name.startswith(f"{layer}/")
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for argument in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)
        if argument.arg in {"version", "api_version", "request_version"}
    }
    assert taking <= {"coordinator/records.py:_encoded"}  # of a record that is written
