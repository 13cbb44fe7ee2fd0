"""Files and directories in memory, now and as of the last sync.

Theory of operation. A file is a list of chunks that are never resized: readers get memoryviews of them, and a bytearray with
exported views cannot grow. Bytes below the length are never changed in place either; overwriting or cutting replaces the chunks
concerned, so that views handed out stay as they were and the synced state can be kept as a list of the same chunks.

A file's synced state is "the first n bytes" until something below n changes; then the old chunks are kept beside the new
ones. A directory keeps the names that were synced and the changes since, in order; each rename is one change. `crash` with
power loss keeps the synced state and, as real disks do, some of the rest: a prefix of each directory's changes, any subset of
a file's pages.
"""

from __future__ import annotations

import random
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import TypeAlias

from kafka_compat.filesystem.interface import ReadBuffer

PAGE_SIZE = 4096
_FIRST_CHUNK = 512
_LARGEST_CHUNK = 1 << 20


class Content:
    """The bytes of one file, now and as of the last sync."""

    __slots__ = ("chunks", "durable_chunks", "durable_size", "size", "starts", "views")

    def __init__(self) -> None:
        self.chunks: list[memoryview] = []
        self.views: list[memoryview] = []  # the same, read-only
        self.starts: list[int] = []
        self.size = 0
        self.durable_size = 0
        self.durable_chunks: list[memoryview] | None = None  # None: the first durable_size bytes of `chunks`

    def read_buffers(self, offset: int, size: int) -> list[ReadBuffer]:
        """Views of at most `size` bytes from `offset`."""
        end = min(offset + size, self.size)
        if offset >= end:
            return []
        index = bisect_right(self.starts, offset) - 1
        start = self.starts[index]
        view = self.views[index]
        if end <= start + len(view):
            return [view[offset - start : end - start]]
        pieces: list[ReadBuffer] = []
        while offset < end:
            start = self.starts[index]
            piece = self.views[index][offset - start : end - start]
            pieces.append(piece)
            offset += len(piece)
            index += 1
        return pieces

    def write(self, offset: int, data: bytes | bytearray | memoryview) -> None:
        """Have `data` at `offset`; a gap before it is zeros."""
        if offset > self.size:
            self._append(memoryview(bytes(offset - self.size)))
        elif offset < self.size:
            tail = b"".join(self.read_buffers(offset + len(data), self.size))
            self.truncate(offset)
            self._append(memoryview(data))
            if tail:
                self._append(memoryview(tail))
            return
        self._append(memoryview(data))

    def truncate(self, size: int) -> None:
        """Cut or extend (with zeros) to `size` bytes."""
        if size > self.size:
            self._append(memoryview(bytes(size - self.size)))
            return
        if size < self.durable_size and self.durable_chunks is None:
            self.durable_chunks = list(self.chunks)
        keep = bisect_right(self.starts, size - 1) if size else 0
        del self.chunks[keep:], self.views[keep:], self.starts[keep:]
        self.size = size
        if keep and (used := size - self.starts[-1]) < len(self.chunks[-1]):
            fresh = memoryview(bytearray(len(self.chunks[-1])))
            fresh[:used] = self.chunks[-1][:used]
            self.chunks[-1] = fresh
            self.views[-1] = fresh.toreadonly()

    def sync(self) -> None:
        """All of it survives a loss of power from now on."""
        self.durable_size = self.size
        self.durable_chunks = None

    def after_power_loss(self, chance: random.Random | None) -> Content:
        """What the disk holds when the power fails now; without `chance` just what was synced."""
        durable = self.durable_chunks if self.durable_chunks is not None else self.chunks
        synced = b"".join(durable)[: self.durable_size]
        survivor = Content()
        survivor.write(0, self._with_some_pages(synced, chance) if chance is not None else synced)
        survivor.sync()
        return survivor

    def _with_some_pages(self, synced: bytes, chance: random.Random) -> bytes:
        current = b"".join(self.read_buffers(0, self.size))
        fate = chance.randrange(4)
        if fate == 0 or current == synced:
            return synced
        if fate == 1:
            return current
        size = chance.randint(min(len(synced), len(current)), max(len(synced), len(current)))
        image = bytearray(synced[:size].ljust(size, b"\0"))
        for start in range(0, size, PAGE_SIZE):
            if chance.random() < 0.5:
                page = current[start : start + PAGE_SIZE][: size - start]
                image[start : start + len(page)] = page
        return bytes(image)

    def _append(self, data: memoryview) -> None:
        while len(data):
            start = self.starts[-1] if self.starts else 0
            room = start + len(self.chunks[-1]) - self.size if self.chunks else 0
            if room == 0:
                last = len(self.chunks[-1]) if self.chunks else _FIRST_CHUNK // 2
                room = min(_LARGEST_CHUNK, max(last * 2, len(data)))
                self.chunks.append(memoryview(bytearray(room)))
                self.views.append(self.chunks[-1].toreadonly())
                self.starts.append(self.size)
                start = self.size
            piece = data[:room]
            self.chunks[-1][self.size - start : self.size - start + len(piece)] = piece
            self.size += len(piece)
            data = data[len(piece) :]


class Directory:
    """Names now, names as of the last sync, and the changes between the two in order; at the beginning all are `synced`."""

    __slots__ = ("changes", "durable", "entries")

    def __init__(self, synced: Mapping[str, Node] = MappingProxyType({})) -> None:
        self.entries = dict(synced)
        self.durable = dict(synced)
        self.changes: list[dict[str, Node | None]] = []

    def change(self, names: dict[str, Node | None]) -> None:
        """Have these names stand for these, or for nothing (None): one change."""
        self.changes.append(names)
        _apply(self.entries, [names])

    def sync(self) -> None:
        """All names survive a loss of power from now on."""
        _apply(self.durable, self.changes)
        self.changes.clear()

    def after_power_loss(self, chance: random.Random | None) -> Directory:
        """What the disk holds when the power fails now; without `chance` just what was synced."""
        names = dict(self.durable)
        if chance is not None:
            _apply(names, self.changes[: chance.randint(0, len(self.changes))])
        entries = {name: node.after_power_loss(chance) for name, node in names.items()}
        return Directory(entries)


Node: TypeAlias = Content | Directory


def _apply(names: dict[str, Node], changes: Iterable[dict[str, Node | None]]) -> None:
    for change in changes:
        for name, node in change.items():
            if node is None:
                names.pop(name, None)
            else:
                names[name] = node
