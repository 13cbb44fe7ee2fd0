"""What a durable store needs of a file system, on the machine's disk or in memory.

`OsFileSystem` keeps a bounded number of file descriptors open whatever the number of files. `MemoryFileSystem` behaves like a
disk with a page cache: it knows what was synced, can lose the rest, and can fail on request. `FaultyFileSystem` lets another
one fail so.

Deliberately not here: buffering, asynchronous calls (callers that must not block ask `FileSystem.blocking` and use a thread),
and any knowledge of what the files mean.
"""

from kafka_compat.filesystem.faults import Effect, Fault, FaultInjector, Operation
from kafka_compat.filesystem.faulty import FaultyFileSystem
from kafka_compat.filesystem.interface import DirectoryInUse, DirectoryLock, File, FileSystem
from kafka_compat.filesystem.memory import MemoryFileSystem
from kafka_compat.filesystem.operating_system import OsFileSystem
from kafka_compat.filesystem.region import FileRegion

__all__ = [
    "DirectoryInUse",
    "DirectoryLock",
    "Effect",
    "Fault",
    "FaultInjector",
    "FaultyFileSystem",
    "File",
    "FileRegion",
    "FileSystem",
    "MemoryFileSystem",
    "Operation",
    "OsFileSystem",
]
