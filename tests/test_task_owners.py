"""No task and no thread is started but by an owner: the rule of tasks.py, checked over the sources."""

from __future__ import annotations

import ast
from pathlib import Path

import kafka_compat

PACKAGE = Path(kafka_compat.__file__).parent
STARTERS = {"create_task", "ensure_future", "to_thread", "run_in_executor", "Thread", "ThreadPoolExecutor", "TaskGroup"}

# file: why it starts something by itself
OWNERS = {
    "tasks.py": "the owner of tasks",
    "storage/local/worker.py": "the owner of the threads that sync and read files",
    "cli/serve.py": "the process waits for a signal and for the start, whichever comes first",
    "testing/aio.py": "what waits in a thread of its own (stop) is awaited on the caller's loop",
    "testing/loop_thread.py": "a test's cluster has its event loop in a thread of its own",
    "web/control/app.py": "each verb of the control plane has a thread as long as it runs, and some wait for minutes",
    "web/control/server.py": "the control plane has an event loop in a thread of its own",
    "testing/event_loop.py": "counts what the loop of such a cluster has running in threads",
}


def starts(path: Path) -> list[int]:
    """Line numbers of calls that start a task or a thread."""
    lines = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in STARTERS:
                lines.append(node.lineno)
    return lines


def test_tasks_and_threads_have_owners() -> None:
    found = {
        f"{path.relative_to(PACKAGE).as_posix()}:{line}"
        for path in sorted(PACKAGE.rglob("*.py"))
        if path.relative_to(PACKAGE).as_posix() not in OWNERS
        for line in starts(path)
    }
    assert not found, f"started without an owner: {sorted(found)}"


def test_the_list_of_owners_is_no_longer_than_it_has_to_be() -> None:
    assert [name for name in OWNERS if not starts(PACKAGE / name)] == []
