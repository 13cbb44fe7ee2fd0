"""The four-byte size in front of each request and response; no I/O.

A frame is `size: int32` followed by `size` bytes. Kafka closes the connection when the size is negative or above
`socket.request.max.bytes` (`NetworkReceive.readFrom`, InvalidReceiveException); the check comes before any buffer of that
size is made.
"""

from __future__ import annotations

from typing import Final

from kafka_compat.wire.errors import WireError

SIZE_LENGTH: Final = 4


def check_frame_size(size: int, max_size: int) -> int:
    """`size`, when a frame may have it.

    Raises:
        WireError: the size is negative or above `max_size` bytes.
    """
    if size < 0:
        raise WireError(f"negative frame size {size}", 0)
    if size > max_size:
        raise WireError(f"frame size {size} is above the limit of {max_size}", 0)
    return size


def read_frame_size(buffer: bytes | bytearray | memoryview, position: int, max_size: int) -> int:
    """The checked size of the frame whose size field begins at `position`; four bytes must be there.

    Raises:
        WireError: the size is negative or above `max_size` bytes.
    """
    return check_frame_size(int.from_bytes(buffer[position : position + SIZE_LENGTH], "big", signed=True), max_size)


class FrameSplitter:
    """Cuts a stream into frames, whatever the pieces it arrives in.

    It copies what it is fed: made for clients, tools and tests. The server's connection parses frames where the socket put
    them and uses only `read_frame_size`.
    """

    __slots__ = ("_buffer", "_max_size")

    def __init__(self, max_size: int) -> None:
        self._buffer = bytearray()
        self._max_size = max_size

    def feed(self, received: bytes | bytearray | memoryview) -> list[bytes]:
        """The frames completed by `received`, in order and without their size; may be empty.

        Raises:
            WireError: a size is negative or above the limit. The stream is lost then: close the connection.
        """
        self._buffer += received
        frames: list[bytes] = []
        start = 0
        while len(self._buffer) - start >= SIZE_LENGTH:
            size = read_frame_size(self._buffer, start, self._max_size)
            end = start + SIZE_LENGTH + size
            if end > len(self._buffer):
                break
            frames.append(bytes(self._buffer[start + SIZE_LENGTH : end]))
            start = end
        del self._buffer[:start]
        return frames

    @property
    def pending(self) -> int:
        """Bytes of a frame that is not complete yet."""
        return len(self._buffer)
