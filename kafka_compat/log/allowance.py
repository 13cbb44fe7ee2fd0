"""What one Produce request may cost before its batches go to a thread, or are refused.

In all, the records of a request may decompress to 64 MiB and 64 times its size.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from kafka_compat.log.errors import AppendError, TooMuchAtOnce
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.records import walk
from kafka_compat.records.compression import decompress
from kafka_compat.records.errors import DecompressionTooLarge
from kafka_compat.wire.types import Buffer

# On the event loop, for one request: a millisecond or two.
_COMPRESSED_AT_ONCE: Final = 64 << 10
_DECOMPRESSED_AT_ONCE: Final = 1 << 20
_REBUILT_AT_ONCE: Final = 32 << 10
_RECORDS_AT_ONCE: Final = 1_000 if walk.__file__.endswith(".py") else 50_000

_REQUEST_DECOMPRESSED: Final = 64 << 20
_REQUEST_DECOMPRESSED_FACTOR: Final = 64


class Allowance:
    """What a request's batches may cost: all in all, and until somebody else has a turn.

    Attributes:
        pause: what long work calls now and then: in a thread, compiled code has to let go of the interpreter.
        records: that may still be walked in this turn.
    """

    # Of a turn on the event loop. Most requests spend none of it, so that making an allowance sets nothing but its size.
    pause: Callable[[], None] | None = None
    records: int = _RECORDS_AT_ONCE
    _compressed_bytes: int = _COMPRESSED_AT_ONCE
    _decompressed_bytes: int = _DECOMPRESSED_AT_ONCE
    _rebuilt_bytes: int = _REBUILT_AT_ONCE

    def __init__(self, request_bytes: int, *, in_thread: bool = False) -> None:
        """Take up a request of so many bytes, on the event loop or in a thread."""
        self._left_of_request = _REQUEST_DECOMPRESSED + _REQUEST_DECOMPRESSED_FACTOR * request_bytes
        if in_thread:
            self.pause = _let_others_run

    def begin_turn(self, *, in_thread: bool = False) -> None:
        """Begin another turn of the event loop, or go on in a thread, where a batch may take its time."""
        self.pause = _let_others_run if in_thread else None
        self._compressed_bytes = _COMPRESSED_AT_ONCE
        self._decompressed_bytes = _DECOMPRESSED_AT_ONCE
        self._rebuilt_bytes = _REBUILT_AT_ONCE
        self.records = _RECORDS_AT_ONCE

    def decompress(self, codec: int, body: Buffer, limit: int) -> Buffer:
        """`body`, which may become `limit` bytes.

        Raises:
            AppendError: MESSAGE_TOO_LARGE: it becomes more, or more than is left of the request's.
            TooMuchAtOnce: it is too much for this turn.
            UnparsableRecords, UnknownCompression: as in `decompress`.
        """
        limit = min(limit, self._left_of_request)
        if self.pause is None and len(body) > self._compressed_bytes:
            raise TooMuchAtOnce
        try:
            plain = decompress(codec, body, limit if self.pause is not None else min(limit, self._decompressed_bytes))
        except DecompressionTooLarge as error:
            if self.pause is None and self._decompressed_bytes < limit:
                raise TooMuchAtOnce from None
            raise AppendError(ErrorCode.MESSAGE_TOO_LARGE, None) from error
        self._compressed_bytes -= len(body)
        self._decompressed_bytes -= len(plain)
        self._left_of_request -= len(plain)
        return plain

    def rebuild(self, size_in_bytes: int) -> None:
        """Compress so much anew.

        Raises:
            TooMuchAtOnce: it is too much for this turn.
        """
        self._rebuilt_bytes -= size_in_bytes
        if self._rebuilt_bytes < 0 and self.pause is None:
            raise TooMuchAtOnce


def _let_others_run() -> None:
    time.sleep(0)
