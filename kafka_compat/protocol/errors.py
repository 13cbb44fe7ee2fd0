"""Exceptions that carry one of Kafka's error codes."""

from __future__ import annotations

from typing import Final

from kafka_compat.protocol.error_codes import ErrorCode

UNEXPECTED_TEXT: Final = "The server experienced an unexpected error when processing the request."
"""What some APIs say beside UNKNOWN_SERVER_ERROR; most leave the message null."""


class KafkaError(Exception):
    """A refusal with Kafka's error code: raised where the rule lives, turned into a response at the API's boundary.

    Attributes:
        error_code: what the client is told.
        message: text for a response's error message field, or None for Kafka's default of null.
    """

    def __init__(self, error_code: ErrorCode, message: str | None = None) -> None:
        super().__init__(error_code, message)
        self.error_code = error_code
        self.message = message

    def __str__(self) -> str:
        return self.error_code.name if self.message is None else f"{self.error_code.name}: {self.message}"


class UnsupportedVersion(KafkaError):
    """A message has no such version, or a value was given that the version cannot carry (UnsupportedVersionException)."""

    def __init__(self, message: str) -> None:
        super().__init__(ErrorCode.UNSUPPORTED_VERSION, message)
