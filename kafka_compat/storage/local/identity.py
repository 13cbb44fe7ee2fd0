"""`partition.json`: to which incarnation of a topic a log directory belongs."""

from __future__ import annotations

import contextlib
import json

from kafka_compat.filesystem import FileSystem
from kafka_compat.ids import TopicId
from kafka_compat.storage.interface import LogId
from kafka_compat.storage.local.layout import PARTITION_NAME


def read_identity(filesystem: FileSystem, directory: str) -> LogId | None:
    """The log a directory belongs to, None when the file is damaged.

    Raises:
        FileNotFoundError: there is no such file.
    """
    with contextlib.closing(filesystem.open(f"{directory}/{PARTITION_NAME}")) as file:
        content = bytes(file.read(0, file.size()))
    try:
        fields = json.loads(content)
        log = LogId(str(fields["topic"]), int(fields["partition"]), TopicId(bytes.fromhex(fields["id"])))
    except (ValueError, KeyError, TypeError):
        return None
    return log if len(log.topic_id) == 16 else None


def write_identity(filesystem: FileSystem, directory: str, log: LogId) -> None:
    """Say that a directory belongs to `log`."""
    with contextlib.closing(filesystem.open(f"{directory}/{PARTITION_NAME}", create=True)) as file:
        file.truncate(0)
        file.write(0, json.dumps({"topic": log.topic, "partition": log.partition, "id": log.topic_id.hex()}).encode() + b"\n")


def sync_identity(filesystem: FileSystem, directory: str, log: LogId) -> None:
    """Make the file survive a power loss; written again when an earlier one took it and the journal still knew the log."""
    try:
        intact = read_identity(filesystem, directory) == log
    except FileNotFoundError:
        intact = False
    if not intact:
        write_identity(filesystem, directory, log)
    with contextlib.closing(filesystem.open(f"{directory}/{PARTITION_NAME}")) as file:
        file.sync()
