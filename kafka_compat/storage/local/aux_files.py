"""Small checksummed blobs beside a log: producer snapshots, leader epochs, transaction indexes."""

from __future__ import annotations

import contextlib
import re
from bisect import bisect_right, insort

from kafka_compat.checksum import crc32c
from kafka_compat.filesystem import FileSystem
from kafka_compat.storage.local.layout import aux_name, parse_aux_name

_KEPT = 2
_KIND = re.compile(r"[a-z][a-z-]*")


class AuxFiles:
    """The blobs of one log directory; the two newest of each kind are kept."""

    def __init__(self, filesystem: FileSystem, directory: str) -> None:
        self._filesystem = filesystem
        self.directory = directory
        self._offsets: dict[str, list[int]] | None = None  # ascending, by kind; listed on first use

    def put(self, kind: str, offset: int, blob: bytes) -> None:
        """Write a blob atomically and durably, but for its name.

        Raises:
            OSError: it was not written; the older ones are there.
        """
        if not _KIND.fullmatch(kind):
            raise ValueError(f"{kind!r} is no kind of aux blob: lower-case letters and dashes")
        offsets = self._by_kind().setdefault(kind, [])
        path = f"{self.directory}/{aux_name(kind, offset)}"
        file = self._filesystem.open(f"{path}.tmp", create=True)
        try:
            file.truncate(0)
            file.write(0, crc32c(blob).to_bytes(4, "big") + blob)
            file.sync()
        finally:
            file.close()
        self._filesystem.rename(f"{path}.tmp", path)
        if offset not in offsets:
            insort(offsets, offset)
        self._drop(kind, offsets[:-_KEPT])

    def get(self, kind: str, at_or_before: int) -> tuple[int, bytes] | None:
        """The newest intact blob at or below the offset."""
        offsets = self._by_kind().get(kind, [])
        for offset in reversed(offsets[: bisect_right(offsets, at_or_before)]):
            try:
                file = self._filesystem.open(f"{self.directory}/{aux_name(kind, offset)}")
            except FileNotFoundError:
                continue
            try:
                content = bytes(file.read(0, file.size()))
            finally:
                file.close()
            if len(content) >= 4 and crc32c(content[4:]) == int.from_bytes(content[:4], "big"):
                return offset, content[4:]
        return None

    def drop_above(self, offset: int) -> None:
        """Remove the blobs that lie above the offset, after a truncation."""
        for kind, offsets in self._by_kind().items():
            self._drop(kind, offsets[bisect_right(offsets, offset) :])

    def _drop(self, kind: str, offsets: list[int]) -> None:
        for offset in offsets:
            with contextlib.suppress(FileNotFoundError):
                self._filesystem.remove(f"{self.directory}/{aux_name(kind, offset)}")
            self._by_kind()[kind].remove(offset)

    def _by_kind(self) -> dict[str, list[int]]:
        if self._offsets is None:
            self._offsets = {}
            for name in self._filesystem.list_directory(self.directory):
                if (aux := parse_aux_name(name)) is not None:
                    insort(self._offsets.setdefault(aux[1], []), aux[0])
        return self._offsets
