"""The answers of one connection on their way to its client: in order, in parts, at the client's pace.

A large answer goes out in parts, one in a turn of the loop: the system copies a megabyte in the time of ten small requests,
which others wait for. File regions go from the file to the socket, at moments when the transport's own buffer is empty, so
that the order holds.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Final

from kafka_compat.api.memory import Holder, MemoryBudget
from kafka_compat.filesystem import FileRegion
from kafka_compat.server.socket_state import socket_state
from kafka_compat.wire.primitives import Buffer, Part
from kafka_compat.wire.types import close_parts

# Answers are held back while a turn lasts, up to so many bytes: enough for small ones, too few to undo the back-pressure.
UNSENT_BYTES: Final = 16 * 1024
# Of one answer in one turn.
_PART_BYTES: Final = 128 * 1024
# The same of a file region, which costs less.
_REGION_BYTES: Final = 256 * 1024
# Of a file region, when the transport has to find out when the socket takes more.
_REGION_PROBE_BYTES: Final = 16 * 1024

Parts = list[Part]
_BUFFERS: Final = (memoryview, bytearray, bytes)


def split_at(chunks: Parts, size: int) -> tuple[list[Buffer], Parts]:
    """The first `size` bytes of `chunks`, fewer when a file region comes before, and the rest, without a copy."""
    left = size
    head: list[Buffer] = []
    for number, chunk in enumerate(chunks):
        if not isinstance(chunk, _BUFFERS):
            return head, chunks[number:]
        if len(chunk) > left:
            view = memoryview(chunk)
            return [*head, *([view[:left]] if left else [])], [view[left:], *chunks[number + 1 :]]
        head.append(chunk)
        left -= len(chunk)
    return head, []


def _read(part: Part) -> bytes:
    """The bytes of a region, which is empty then.

    Raises:
        OSError: its file cannot be read.
    """
    assert isinstance(part, FileRegion), "a store's parts are buffers or file regions"
    return part.take_all()


class Sender:
    """What is not sent yet.

    An answer whose client does not take it at once counts in the budget of memory, as long as any of it is here: its parts are
    views of whole batches. File regions cost nothing.

    Args:
        memory: the broker's budget.
        holder: who holds it.
        sent: called when the last part has been written and the client keeps up.
        failed: called when a part cannot be sent or read; the connection is to be aborted.
    """

    __slots__ = (
        "_failed",
        "_handed_over",
        "_held",
        "_holder",
        "_joins_chunks",
        "_memory",
        "_next_part",
        "_sent",
        "_takes_regions",
        "_transport",
        "_unsent",
        "is_paused",
        "is_writing",
        "last_active",
        "size",
    )

    def __init__(
        self, memory: MemoryBudget, holder: Holder, sent: Callable[[], None], failed: Callable[[OSError], None]
    ) -> None:
        self._memory = memory
        self._holder = holder
        self._held = 0
        self._handed_over = 0  # to the transport
        self._sent = sent
        self._failed = failed
        self._transport: asyncio.Transport | None = None
        self._unsent: Parts = []
        self._next_part: asyncio.Handle | None = None
        self._joins_chunks = False
        self._takes_regions = False
        self.size = 0  # of what is not handed to the transport
        self.is_paused = False  # the transport's buffer is not empty
        self.is_writing = False  # parts of an answer have to follow
        # When it was last seen that the client takes a large answer, on the monotonic clock.
        self.last_active = 0.0

    def connect(self, transport: asyncio.Transport) -> None:
        """Send through `transport` from now on."""
        self._transport = transport
        self._takes_regions = socket_state(transport).takes_regions
        # In some releases of Python 3.12 to 3.14 writelines of asyncio's own transports registers a socket that is about to be
        # closed, after which no connection with that descriptor works any more, and never calls pause_writing (CPython
        # gh-136234, gh-127655).
        self._joins_chunks = isinstance(transport, asyncio.Transport)
        # A part is sent when the system has all of the one before: what a client that does not read costs is known exactly.
        if self._takes_regions:
            transport.set_write_buffer_limits(high=0)
        else:
            # With 0 the loops' TLS transports say that an empty buffer is too full, every other time.
            transport.set_write_buffer_limits(high=1, low=0)

    @property
    def is_busy(self) -> bool:
        """Whether the client has to take something before its next request begins."""
        return self.is_paused or self.is_writing

    @property
    def moved_bytes(self) -> int:
        """How much the system has taken so far."""
        return self._handed_over - (0 if self._transport is None else self._transport.get_write_buffer_size())

    def add(self, parts: Sequence[Part]) -> None:
        """Take an answer; it may wait for `flush`."""
        self._unsent += parts
        self.size += sum(map(len, parts))
        if self.size > UNSENT_BYTES:
            self.flush()

    def flush(self) -> None:
        """Hand the answers so far to the transport, a large one in parts."""
        if not self._unsent or self._transport is None or self.is_writing:
            return
        if self.size <= _PART_BYTES:
            parts, self._unsent = self._unsent, []
            self._handed_over += self.size
            self.size = 0
            self._write(parts)
            if self.is_paused:
                self._hold(parts)
        else:
            self.is_writing = True
            self._hold(self._unsent)
            self._write_part()

    def pause(self) -> None:
        """The transport has bytes that the system did not take."""
        self.is_paused = True

    def resume(self) -> None:
        """The system has all that the transport was given."""
        self.is_paused = False
        self.last_active = time.monotonic()
        if self._joins_chunks:
            # asyncio's own transports that are closed in here end the connection twice.
            asyncio.get_running_loop().call_soon(self._go_on)
        else:
            self._go_on()

    def _go_on(self) -> None:
        if self.is_paused or self._transport is None:
            return
        if self.is_writing:
            self._write_part()
        else:
            self._release()
            self._sent()

    def drop(self) -> None:
        """Forget what is not sent: nobody is there to take it, or to be waited for."""
        unsent, self._unsent = self._unsent, []
        self._transport = None
        self.size = 0
        self.is_writing = self.is_paused = False
        self._release()
        close_parts(unsent)

    def _hold(self, parts: Sequence[Part]) -> None:
        size = sum(len(part) for part in parts if isinstance(part, _BUFFERS))
        if size:
            self._held += size
            self._memory.hold(self._holder, size)

    def _release(self) -> None:
        if self._held:
            held, self._held = self._held, 0
            self._memory.release(self._holder, held)

    def _write_part(self) -> None:
        """Write one part and see that the next one follows when the loop has been round and the client keeps up."""
        if self._next_part is not None:
            self._next_part.cancel()
            self._next_part = None
        if self._transport is None or not self.is_writing or self.is_paused:
            return
        self.last_active = time.monotonic()
        first = self._unsent[0]
        if isinstance(first, FileRegion):
            sent = self._send(first)
            self.size -= sent
            self._handed_over += sent
            if not first:
                first.close()
                self._unsent = self._unsent[1:]  # a region that fails has dropped the whole
        else:
            part, self._unsent = split_at(self._unsent, _PART_BYTES)
            size = sum(map(len, part))
            self.size -= size
            self._handed_over += size
            self._write(part)
        self.is_writing = bool(self._unsent)
        if not self.is_busy:
            self._release()
            self._sent()
        else:
            self._schedule_part()

    def _schedule_part(self) -> None:
        if not self.is_paused:
            self._next_part = asyncio.get_running_loop().call_soon(self._write_part)

    def _send(self, region: FileRegion) -> int:
        """Send what the socket takes of a region; how much that was."""
        assert self._transport is not None
        before = len(region)
        try:
            if not self._takes_regions:
                self._transport.write(region.take(_PART_BYTES))
                return before - len(region)
            is_full = bool(self._transport.get_write_buffer_size())
            if not is_full:
                try:
                    region.send(self._transport.get_extra_info("socket").fileno(), _REGION_BYTES)
                except BlockingIOError:
                    is_full = True
            if is_full:
                # The transport is who learns that the socket takes more.
                self._transport.write(region.take(_REGION_PROBE_BYTES))
        except OSError as error:
            self._failed(error)
            return 0
        return before - len(region)

    def _write(self, parts: Sequence[Part]) -> None:
        assert self._transport is not None
        if len(parts) == 1 and isinstance(parts[0], _BUFFERS):
            self._transport.write(parts[0])
            return
        try:
            buffers = [part if isinstance(part, _BUFFERS) else _read(part) for part in parts]
        except OSError as error:
            self._failed(error)
            return
        if len(buffers) == 1 or self._joins_chunks:
            self._transport.write(buffers[0] if len(buffers) == 1 else b"".join(buffers))
        else:
            self._transport.writelines(buffers)
