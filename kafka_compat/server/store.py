"""The store that a broker keeps its logs in: the one place that names a concrete one.

Everything else knows `LogStore`. Another kind is chosen here, and keeps the contract of `tests/storage/test_contract.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from kafka_compat.clock import Clock, TimerHandle
from kafka_compat.filesystem import FileSystem, MemoryFileSystem, OsFileSystem
from kafka_compat.metadata.metadata_log import LOG_ID as METADATA_LOG_ID
from kafka_compat.storage.interface import LogStore
from kafka_compat.storage.local import LocalLogStore

_IN_MEMORY: Final = Path("/kafka-data")


def open_store(node_id: int, clock: Clock, data_dir: Path | None, filesystem: FileSystem | None = None) -> LogStore:
    """The store of node `node_id` in `data_dir`, or without one in memory; in another `filesystem` where one is given.

    Raises:
        DirectoryInUse: another broker has it open.
        Refused: it is not this node's, or not whole; nothing in it was changed.
        StorageError: it cannot be read.
    """
    if filesystem is None:
        filesystem = MemoryFileSystem() if data_dir is None else OsFileSystem()

    def schedule(delay_ms: int, callback: Callable[[], None]) -> TimerHandle:
        return clock.call_at(clock.monotonic_ms() + delay_ms, callback)

    root = str(data_dir or _IN_MEMORY)
    return LocalLogStore(filesystem, root, schedule, node_id=node_id, required=METADATA_LOG_ID)
