"""CRC-32C (Castagnoli, RFC 3720): the checksum of record batches, and of what the local store keeps beside them.

`crc32c(buffer, initial)` takes any contiguous buffer without a copy, goes on from the checksum `initial` of what comes before,
and lets go of the interpreter while it computes 16 KiB or more.
"""

from fastcrc.crc32 import iscsi as crc32c

__all__ = ["crc32c"]
