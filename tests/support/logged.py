"""What the code logs while a test looks."""

from __future__ import annotations

import logging


class LoggedLines(logging.Handler):
    """Keeps what is logged from a level on; of errors with their tracebacks."""

    def __init__(self, level: int = logging.ERROR) -> None:
        super().__init__(level)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))

    def taken(self) -> list[str]:
        """What was logged since the last look."""
        lines, self.lines = self.lines, []
        return lines


# What a broker logs, and what asyncio says of tasks that nobody looked after.
LOGGERS = tuple(logging.getLogger(name) for name in ("asyncio", "kafka_compat"))
