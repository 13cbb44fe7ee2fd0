"""A large batch that waits in a file of its own, to become the log's next segment.

Finding memory for tens of megabytes of a file takes a fraction of a second, which everybody would wait for on the event loop.
A thread writes the batch into a `.tmp` file of the log's directory; the append then writes the header alone, whose offset is
known by then, and renames the file. What no append takes is removed, by a start after a crash at the latest.
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable
from typing import Final

from kafka_compat.filesystem import File, FileSystem
from kafka_compat.storage.local.layout import BATCH_OVERHEAD

_SUFFIX: Final = ".staged.tmp"
_numbers = itertools.count()


class StagedFile:
    """As `Staged`.

    Args:
        owner: the log that may take it; another of the same directory has removed the file when it was opened.
        file: holds the batch.
        size_in_bytes: of the batch.
        remove: removes a file, some time.
    """

    __slots__ = ("_file", "_remove", "owner", "size_in_bytes")

    def __init__(self, owner: object, file: File, size_in_bytes: int, remove: Callable[[str], None]) -> None:
        self._file: File | None = file
        self._remove = remove
        self.owner = owner
        self.size_in_bytes = size_in_bytes

    def take(self, batch: bytes | bytearray | memoryview, path: str) -> File:
        """The file, at `path`, with the header that `batch` has now.

        Raises:
            OSError: it is still to be closed.
        """
        file = self._file
        assert file is not None
        assert len(batch) == self.size_in_bytes
        file.write(0, memoryview(batch)[:BATCH_OVERHEAD])
        file.rename(path)
        self._file = None
        return file

    def close(self) -> None:
        """As `Staged.close`."""
        file, self._file = self._file, None
        if file is not None:
            file.close()
            self._remove(file.path)


def write_staged(filesystem: FileSystem, directory: str, batch: bytes | bytearray | memoryview) -> File:
    """Write the batch into a new file in `directory`, in this thread.

    Raises:
        OSError: it could not be written; nothing of it is left.
    """
    path = f"{directory}/{next(_numbers)}{_SUFFIX}"
    file = filesystem.open(path, create=True)
    try:
        # A file of this name may be left from a process that died, and be longer.
        file.truncate(0)
        file.write(0, batch)
    except BaseException:
        file.close()
        with contextlib.suppress(OSError):
            filesystem.remove(path)
        raise
    return file
