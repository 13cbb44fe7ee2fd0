"""kcat: one process for each step; as people use it in scripts."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from typing import ClassVar, NoReturn

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

_TIMEOUT_S = 60

# Lengths (-1: null) before the bytes, so that any bytes can be read back; headers come as text.
_FORMAT = "%o %T %K %S %h\x1e%k%s\n"

_CODES = {"Message size too large": 10, "Offset out of range": 1}


def _refuse(errors: str) -> NoReturn:
    for text, code in _CODES.items():
        if text in errors:
            raise RefusedError(code, errors)
    raise AssertionError(errors)


def _parse(output: bytes) -> list[ReadRecord]:
    read = []
    at = 0
    while at < len(output):
        head_end = output.index(b"\x1e", at)
        offset, timestamp, key_length, value_length, headers = output[at:head_end].split(b" ", 4)
        key_end = head_end + 1 + max(0, int(key_length))
        value_end = key_end + max(0, int(value_length))
        pairs = [pair.split(b"=", 1) for pair in headers.split(b",")] if headers else []
        read.append(
            ReadRecord(
                offset=int(offset),
                timestamp_ms=int(timestamp),
                key=None if int(key_length) < 0 else output[head_end + 1 : key_end],
                value=None if int(value_length) < 0 else output[key_end:value_end],
                headers=tuple((name.decode(), value) for name, value in pairs),
            )
        )
        at = value_end + 1  # the newline
    return read


class _LongPoll:
    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process

    def next(self, timeout_s: float) -> ReadRecord:
        # kcat was told to end after two records: the one it began with, and the one waited for.
        output, _ = self._process.communicate(timeout=timeout_s)
        return _parse(output)[-1]

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()


class KcatClient:
    cannot: ClassVar[Mapping[str, str]] = {
        "admin": "kcat only lists topics",
        "timestamps": "kcat -P takes its clock",
        "NUL in keys": "keys are arguments of a command line",
        "null header values": "-H takes name=value",
        "offsets of produced records": "kcat -P does not print them",
        "many records": "one process for each record here; the other clients do it",
        "offset out of range": "kcat retries",
    }

    def __init__(self, bootstrap: str) -> None:
        self._command = ["kcat", "-b", bootstrap, "-X", f"message.max.bytes={CLIENT_MAX_REQUEST_SIZE}"]
        self._command += ["-X", "reconnect.backoff.max.ms=500", "-m", str(_TIMEOUT_S)]

    def _run(self, *args: str, stdin: bytes = b"") -> bytes:
        done = subprocess.run([*self._command, *args], input=stdin, capture_output=True, timeout=_TIMEOUT_S, check=False)
        if done.returncode != 0:
            _refuse(done.stderr.decode())
        return done.stdout

    def create_topic(self, topic: str, *, partitions: int = 1, configs: Mapping[str, str] | None = None) -> None:
        raise NotImplementedError(self.cannot["admin"])

    def delete_topic(self, topic: str) -> None:
        raise NotImplementedError(self.cannot["admin"])

    def topics(self) -> dict[str, int]:
        lines = [line.split('"') for line in self._run("-L").decode().splitlines() if line.startswith('  topic "')]
        return {name: int(rest.split()[1]) for _, name, rest in lines}

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
        settings = ["-X", f"acks={acks}", "-X", f"enable.idempotence={str(idempotent).lower()}", "-z", codec]
        for record in records:
            described = []
            for name, value in record.headers:
                assert value is not None
                described += ["-H", f"{name}={value.decode()}"]
            where = ["-P", "-t", topic, "-p", str(partition), *settings, *described]
            if record.value:
                key = [] if record.key is None else ["-k", os.fsdecode(record.key)]
                # The whole file is one record; an empty file would be none.
                with tempfile.NamedTemporaryFile() as value_file:
                    value_file.write(record.value)
                    value_file.flush()
                    self._run(*where, *key, value_file.name)
            else:
                # A line with key, colon and nothing; -Z makes what is empty null, the key as well.
                assert record.value is not None or record.key != b""
                assert record.value is None or record.key is not None
                self._run(*where, "-K", ":", *(["-Z"] if record.value is None else []), stdin=(record.key or b"") + b":\n")
        return [-1] * len(records)

    def consume(self, topic: str, start: Start, count: int, *, partition: int = 0) -> list[ReadRecord]:
        match start:
            case FromTimestamp(timestamp_ms):
                offset = f"s@{timestamp_ms}"
            case "earliest":
                offset = "beginning"
            case "latest":
                offset = "end"
            case int():
                offset = str(start)
        place = ["-C", "-q", "-t", topic, "-p", str(partition), "-o", offset]
        return _parse(self._run(*place, "-c", str(count), "-f", _FORMAT))

    def _query(self, topic: str, partition: int, timestamp: int) -> int:
        answer = self._run("-Q", "-t", f"{topic}:{partition}:{timestamp}").decode()
        return int(answer.rsplit(" ", 1)[1])

    def offsets(self, topic: str, *, partition: int = 0) -> tuple[int, int]:
        return self._query(topic, partition, -2), self._query(topic, partition, -1)

    def offset_for_time(self, topic: str, timestamp_ms: int, *, partition: int = 0) -> int | None:
        offset = self._query(topic, partition, timestamp_ms)
        return None if offset == -1 else offset

    def long_poll(self, topic: str) -> LongPoll:
        place = ["-C", "-q", "-E", "-u", "-t", topic, "-p", "0", "-o", "-1", "-c", "2", "-X", "fetch.wait.max.ms=30000"]
        process = subprocess.Popen(
            [*self._command, *place, "-f", _FORMAT], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        assert process.stdout is not None
        # -E: it goes on when its only broker is gone.
        # It prints the topic's last record, and sends the fetch that waits at the broker.
        process.stdout.readline()
        return _LongPoll(process)

    def close(self) -> None:
        pass
