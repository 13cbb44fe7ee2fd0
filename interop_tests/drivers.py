"""Clients in other languages as members of groups: driver programs, spoken to in JSON lines (`go/main.go` has the ops)."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Self

from interop_tests.clients import Codec, ReadRecord, Record

Assignor = Literal["range", "cooperative-sticky"]

_REPOSITORY_ROOT = Path(__file__).resolve().parent.parent
_END_TIMEOUT_S = 60


class ToolchainUnavailableError(Exception):
    """The driver cannot be built here."""


class DriverError(Exception):
    """The client failed; the message is its own."""


@dataclass(frozen=True)
class Library:
    """A client library and how to start its driver. `cannot`: what it has no way to do, each with the version that has not."""

    name: str
    command: Callable[[], Sequence[str]]
    codecs: tuple[Codec, ...]
    cannot: dict[str, str]


def cached_build(name: str, sources: Sequence[Path], build: Callable[[Path], None]) -> Path:
    """What `build` makes in the directory it is given, made once for each text of the sources.

    Raises:
        ToolchainUnavailableError: passed on from `build`.
    """
    digest = hashlib.sha256()
    for source in sorted(sources):
        digest.update(source.name.encode() + b"\0" + source.read_bytes() + b"\0")
    override = os.environ.get("KAFKA_COMPAT_CACHE")
    cache = Path(override) if override else _REPOSITORY_ROOT / ".cache"
    built = cache / f"interop-{name}-{digest.hexdigest()[:16]}"
    if not built.exists():
        partial = built.with_suffix(f".partial-{os.getpid()}")
        try:
            partial.mkdir(parents=True)
            build(partial)
            with contextlib.suppress(OSError):  # a parallel run was first
                partial.rename(built)
        finally:
            shutil.rmtree(partial, ignore_errors=True)
    return built


def run_tool(command: Sequence[str], directory: Path, timeout_s: float = 300) -> None:
    """Run a step of a build.

    Raises:
        ToolchainUnavailableError: it failed; its output is in the message.
    """
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False, timeout=timeout_s)
    if done.returncode != 0:
        raise ToolchainUnavailableError(f"{' '.join(command)}:\n{done.stdout}{done.stderr}")


def _base64(data: bytes | None) -> str | None:
    return None if data is None else base64.b64encode(data).decode()


def _bytes(text: str | None) -> bytes | None:
    return None if text is None else base64.b64decode(text)


@dataclass(frozen=True)
class Polled:
    """What one poll gave: records by partition in the order of arrival, and the partitions the member has after it."""

    records: list[tuple[int, ReadRecord]]
    assigned: frozenset[int]


class Driver:
    """One process of a driver program."""

    def __init__(self, command: Sequence[str], bootstrap: str) -> None:
        self._process = subprocess.Popen(
            [*command, bootstrap], cwd=_REPOSITORY_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def call(self, op: str, **arguments: object) -> dict[str, Any]:
        """One request. Raises DriverError."""
        answer = self._exchange({"op": op, **arguments})
        if error := answer.get("error"):
            raise DriverError(error)
        return answer

    def _exchange(self, request: dict[str, object]) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(request).encode() + b"\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, f"the driver ended with exit code {self._process.poll()}"
        answer: dict[str, Any] = json.loads(line)
        return answer

    def create_topic(self, topic: str, partitions: int) -> None:
        self.call("create_topic", topic=topic, partitions=partitions)

    def produce(self, topic: str, records: Sequence[tuple[int, Record]], codec: Codec = "none") -> list[int]:
        """Produces each record to its partition and waits; the offsets."""
        encoded = [
            {
                "partition": partition,
                "key": _base64(record.key),
                "value": _base64(record.value),
                "headers": [{"name": name, "value": _base64(value)} for name, value in record.headers],
            }
            for partition, record in records
        ]
        offsets: list[int] = self.call("produce", topic=topic, codec=codec, records=encoded)["offsets"]
        return offsets

    def committed(self, group: str, topic: str) -> dict[int, int]:
        """The group's offsets by partition; none for partitions never committed."""
        return _by_partition(self.call("committed", group=group, topic=topic))

    def join(self, group: str, topic: str, *, assignor: Assignor = "range", instance: str = "") -> Member:
        """A new subscribed member; one with `instance` is static. It begins at the earliest offset."""
        member = Member(self, f"{topic}-{instance}-{os.urandom(4).hex()}")
        self.call("join", member=member.name, group=group, topic=topic, assignor=assignor, instance=instance)
        return member

    def kill(self) -> None:
        """SIGKILL: nobody leaves any group."""
        self._process.kill()
        self.close()

    def close(self) -> None:
        """Ends the process; a second call does nothing."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        try:
            self._process.wait(_END_TIMEOUT_S)
        finally:
            self._process.kill()
            self._process.wait()
            self._process.stdout.close()


class Member:
    """A member of a group in a driver."""

    def __init__(self, driver: Driver, name: str) -> None:
        self._driver = driver
        self.name = name

    def poll(self) -> Polled:
        """Waits a little for records."""
        answer = self._driver.call("poll", member=self.name)
        records = [
            (
                each["partition"],
                ReadRecord(
                    offset=each["offset"],
                    timestamp_ms=None,
                    key=_bytes(each["key"]),
                    value=_bytes(each["value"]),
                    headers=tuple((header["name"], _bytes(header["value"])) for header in each["headers"] or ()),
                ),
            )
            for each in answer.get("records", ())
        ]
        return Polled(records, frozenset(answer.get("assigned", ())))

    def commit(self) -> tuple[dict[int, int], str | None]:
        """Commits the positions after what was polled; what it sent, and why the broker refused if it did."""
        answer = self._driver._exchange({"op": "commit", "member": self.name})
        return _by_partition(answer), answer.get("error")

    def seek(self, partition: int, offset: int) -> None:
        self._driver.call("seek", member=self.name, partition=partition, offset=offset)

    def pause(self, partition: int) -> None:
        self._driver.call("pause", member=self.name, partition=partition)

    def resume(self, partition: int) -> None:
        self._driver.call("resume", member=self.name, partition=partition)

    def leave(self) -> None:
        """Ends it without a commit; a static member stays in the group until its session times out."""
        self._driver.call("leave", member=self.name)


def _by_partition(answer: dict[str, Any]) -> dict[int, int]:
    return {int(partition): offset for partition, offset in answer.get("by_partition", {}).items()}
