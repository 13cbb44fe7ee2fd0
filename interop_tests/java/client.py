"""Kafka's own Java clients, driven over pipes by `InteropClient.java`."""

from __future__ import annotations

import base64
import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from interop_tests.clients import (
    CLIENT_MAX_REQUEST_SIZE,
    Acks,
    Codec,
    FromTimestamp,
    LongPoll,
    ReadRecord,
    Record,
    RefusedError,
    Start,
)
from scripts.reference_broker import java_command
from tests.support.java_classes import compiled

_SOURCE = Path(__file__).parent / "InteropClient.java"


def command_of_class(source: Path) -> list[str]:
    """The command line that runs the class of `source`, without its arguments."""
    command = java_command(source.stem)
    command[command.index("-cp") + 1] += f":{compiled(source)}"
    return command


def _base64(data: bytes | None) -> str | None:
    return None if data is None else base64.b64encode(data).decode()


def _bytes(text: str | None) -> bytes | None:
    return None if text is None else base64.b64decode(text)


def _read(record: dict[str, Any]) -> ReadRecord:
    return ReadRecord(
        offset=record["offset"],
        timestamp_ms=record["timestamp_ms"],
        key=_bytes(record["key"]),
        value=_bytes(record["value"]),
        headers=tuple((name, _bytes(value)) for name, value in record["headers"]),
    )


class _LongPoll:
    def __init__(self, client: JavaClient, poll: int) -> None:
        self._client = client
        self._poll = poll

    def next(self, timeout_s: float) -> ReadRecord:
        answer = self._client.call("next", poll=self._poll, timeout_ms=int(timeout_s * 1000))
        if "record" not in answer:
            raise TimeoutError
        return _read(answer["record"])

    def close(self) -> None:
        self._client.call("close_poll", poll=self._poll)


class JavaClient:
    """One JVM; `close` ends it."""

    cannot: ClassVar[Mapping[str, str]] = {}

    def __init__(self, bootstrap: str) -> None:
        self._process = subprocess.Popen([*command_of_class(_SOURCE), bootstrap], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def call(self, op: str, **arguments: object) -> dict[str, Any]:
        """One request to the driver. Raises RefusedError with the code of the exception the client threw."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"op": op, **arguments}).encode() + b"\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, f"the driver ended with exit code {self._process.poll()}"
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise RefusedError(answer["error"], answer["text"])
        return answer

    def create_topic(self, topic: str, *, partitions: int = 1, configs: Mapping[str, str] | None = None) -> None:
        self.call("create_topic", topic=topic, partitions=partitions, configs=dict(configs or {}))

    def delete_topic(self, topic: str) -> None:
        self.call("delete_topic", topic=topic)

    def topics(self) -> dict[str, int]:
        topics: dict[str, int] = self.call("topics")["topics"]
        return topics

    def produce(
        self,
        topic: str,
        records: Sequence[Record],
        *,
        partition: int = 0,
        codec: Codec = "none",
        acks: Acks = -1,
        idempotent: bool = False,
    ) -> list[int]:
        encoded = [
            {
                "key": _base64(record.key),
                "value": _base64(record.value),
                "headers": [[name, _base64(value)] for name, value in record.headers],
                "timestamp_ms": record.timestamp_ms,
            }
            for record in records
        ]
        answer = self.call(
            "produce",
            topic=topic,
            partition=partition,
            codec=codec,
            acks=str(acks),
            idempotent=idempotent,
            max_request_size=CLIENT_MAX_REQUEST_SIZE,
            records=encoded,
        )
        offsets: list[int] = answer["offsets"]
        return offsets

    def consume(self, topic: str, start: Start, count: int, *, partition: int = 0) -> list[ReadRecord]:
        start_at = {"timestamp_ms": start.timestamp_ms} if isinstance(start, FromTimestamp) else start
        answer = self.call("consume", topic=topic, partition=partition, start=start_at, count=count)
        read = [_read(record) for record in answer["records"]]
        if len(read) < count:
            raise TimeoutError(f"{len(read)} of {count} records")
        return read

    def offsets(self, topic: str, *, partition: int = 0) -> tuple[int, int]:
        answer = self.call("offsets", topic=topic, partition=partition)
        return answer["beginning"], answer["end"]

    def offset_for_time(self, topic: str, timestamp_ms: int, *, partition: int = 0) -> int | None:
        offset: int | None = self.call("offset_for_time", topic=topic, partition=partition, timestamp_ms=timestamp_ms)["offset"]
        return offset

    def long_poll(self, topic: str) -> LongPoll:
        return _LongPoll(self, self.call("long_poll", topic=topic)["poll"])

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        try:
            self._process.wait(10)
        finally:
            self._process.kill()
            self._process.wait()
            self._process.stdout.close()
