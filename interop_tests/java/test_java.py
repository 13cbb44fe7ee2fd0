from __future__ import annotations

from interop_tests.contract import ClientContract


class TestJava(ClientContract):
    """The clients that come with Kafka 4.3.1: the newest version of every API."""
