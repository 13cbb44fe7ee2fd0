"""What a broker's process is given: a log that nobody need read, the signals that stop it, its share of the interpreter."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import select
import signal
import stat
import sys
from types import FrameType
from typing import Final

logger = logging.getLogger(__name__)

# A pipe that is ready takes so much without making the writer wait (POSIX: PIPE_BUF, at least 512).
_PIECE_BYTES: Final = getattr(select, "PIPE_BUF", 512)
# Python's own is five times as long, and who waits for one client may wait twice.
_SWITCH_S: Final = 0.001
# Elsewhere poll is wrong about some devices.
_POLLS_EVERYTHING: Final = sys.platform == "linux"


def share_the_interpreter() -> None:
    """Let the event loop have the interpreter soon while threads compute, and do not stop it to look through all of memory.

    Call it when the broker serves. A full collection takes a quarter of a second where ten thousand partitions are, and while a
    wide answer is built it would come again and again; what the start made stays, and nearly all else goes by itself.
    """
    sys.setswitchinterval(_SWITCH_S)
    gc.collect()
    gc.freeze()
    gc.set_threshold(5_000, 3, 300)


class LineFormatter(logging.Formatter):
    """One line for a message whatever the names in it: clients choose those of groups, members and themselves."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 (logging's name)
        """The line without a traceback; what could steer a terminal or look like a line of its own becomes an escape."""
        text = super().formatMessage(record)
        if text.isprintable():
            return text
        return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text)


class LogHandler(logging.Handler):
    """Writes log lines to a descriptor and holds nobody up: what cannot be written now is counted, and the next line says so.

    A pipe that nobody reads, or a terminal that is stopped, would otherwise stop the broker, and a full disk would cost a
    traceback for each line.

    Args:
        descriptor: normally that of stderr; it stays open.
        encoding: what it lacks is written as an escape.
    """

    def __init__(self, descriptor: int = 2, encoding: str = "utf-8") -> None:
        super().__init__()
        self._descriptor = descriptor
        self._encoding = encoding
        self._lost = 0
        self._poll: select.poll | None = None
        if hasattr(select, "poll") and (_POLLS_EVERYTHING or stat.S_ISFIFO(os.fstat(descriptor).st_mode)):
            self._poll = select.poll()
            self._poll.register(descriptor, select.POLLOUT)

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line, or count it."""
        try:
            text = f"{self.format(record)}\n"
        except Exception:
            self.handleError(record)
            return
        if self._lost:
            text = f"\n({self._lost} lines of the log could not be written)\n{text}"
        try:
            is_written = self._write(text.encode(self._encoding, "backslashreplace"))
        except OSError:
            is_written = False
        self._lost = 0 if is_written else self._lost + 1

    def _write(self, data: bytes) -> bool:
        while data:
            if self._poll is not None and not self._poll.poll(0):
                return False
            data = data[os.write(self._descriptor, data[:_PIECE_BYTES]) :]
        return True


class StopSignals:
    """SIGTERM, SIGINT and SIGHUP (a terminal that is closed) ask for a stop, also before there is an event loop to tell.

    A second SIGTERM or SIGINT ends the process at once. SIGHUP does not: a shell and its terminal may both send it. A signal
    that was ignored from the start stays ignored, as with the JVM: that is what nohup is for.
    """

    def __init__(self) -> None:
        self._stopping: asyncio.Event | None = None
        self._is_wanted = False
        self._was_told = self._was_told_early = False
        numbers = [signal.SIGINT, signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else [])]
        self._before = {number: signal.getsignal(number) for number in numbers}
        self._handled = [number for number in numbers if self._before[number] != signal.SIG_IGN]

    def __enter__(self) -> StopSignals:
        """Take over the signals."""
        for number in self._handled:
            signal.signal(number, self._on_frame)
        return self

    def __exit__(self, *_: object) -> None:
        """Give the signals back."""
        for number in self._handled:
            signal.signal(number, self._before[number])

    def attach(self, loop: asyncio.AbstractEventLoop) -> asyncio.Event:
        """The event that is set when a stop is asked for; from now on the loop is woken for it."""
        stopping = self._stopping = asyncio.Event()
        for number in self._handled:
            try:
                loop.add_signal_handler(number, self._on, number)
            except NotImplementedError:  # Windows
                signal.signal(number, lambda number, frame: loop.call_soon_threadsafe(self._on, number) and None)
        if self._is_wanted:
            stopping.set()
        return stopping

    def _on_frame(self, number: int, frame: FrameType | None) -> None:
        # A loop that has begun to run may deliver this signal once more as soon as it handles it, so the first of the loop's
        # does not end the process.
        self._was_told_early = self._tell(number, was_told=self._was_told_early)

    def _on(self, number: int) -> None:
        self._was_told = self._tell(number, was_told=self._was_told)

    def _tell(self, number: int, *, was_told: bool) -> bool:
        self._is_wanted = True
        if self._stopping is not None:
            self._stopping.set()
        if number not in (signal.SIGINT, signal.SIGTERM):
            return was_told
        if was_told:
            os._exit(128 + number)
        return True
