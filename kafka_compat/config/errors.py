"""What the config layer refuses; `api/` turns it into an error code and an error message."""

from __future__ import annotations


class InvalidConfig(ValueError):
    """A config was refused; `str(error)` is Kafka's message. Becomes INVALID_CONFIG (40)."""


class InvalidConfigRequest(InvalidConfig):
    """Refused where Kafka answers INVALID_REQUEST (42): dynamic broker configs and client metrics (KAFKA-13609)."""


class BadSettings(Exception):
    """The command line, the environment or a properties file cannot be used; the text is one line for a person."""
