"""The log store over a file system: segment files, sparse indexes, recovery."""

from kafka_compat.storage.local.store import LocalLogStore

__all__ = ["LocalLogStore"]
