"""The local disk format, version 1: names, headers, and the rule how it evolves.

    <root>/meta.json                 {"format": 1, "node_id": 1, "cluster_id": "..."}: whose the directory is, see ownership.py;
                                     written at the first start, the cluster's id when it is known
    <root>/.lock                     held while a broker uses the directory
    <root>/checkpoint.journal        what is durable but in no segment, see journal.py
    <root>/<topic>-<partition>/      one log
        partition.json               topic, partition, topic id (hex): who the directory belongs to; written once
        <base offset>.log            whole record batches, one behind the other, as they go over the wire
        <base offset>.index          (u32 last offset of a batch - base offset, u32 its position) every index.interval.bytes
        <base offset>.timeindex      (i64 largest timestamp so far, u32 offset - base offset), timestamps rise
        <offset>.<kind>.aux          u32 CRC32C of the rest, blob
    <root>/<topic>-<partition>.<hex>-delete/   deleted log on its way out (topic cut so that the name fits into 255 bytes)
    <root>/<topic>-<partition>.<hex>-stray/    a directory nobody can attribute or owns; kept for the operator

Offsets in names have 20 digits; integers are big-endian. Further suffixes of a file in a log directory: `.tmp` and `.cleaned`
are unfinished and removed at start, `.<n>.deleted` is removed after file.delete.delay.ms or at start, and
`<base>-<next>.log.swap` is a finished compaction that replaces the segments in [base, next): start completes it. Segment,
index and time index are Kafka's own formats; a missing or damaged index is rebuilt from the segment.

Evolution: a reader refuses a format number above its own. A change that an older reader would misread raises the number, and
the reader keeps opening all lower ones, upgrading them when it opens the store. New fields in JSON and new journal operations
that an older reader may skip do not raise it.
"""

from __future__ import annotations

import os
import re
import struct
from typing import Final

FORMAT_VERSION: Final = 1
META_NAME: Final = "meta.json"
JOURNAL_NAME: Final = "checkpoint.journal"
PARTITION_NAME: Final = "partition.json"
DELETE_SUFFIX: Final = "-delete"
STRAY_SUFFIX: Final = "-stray"

# RecordBatch v2 (KIP-98), the first 43 of 61 bytes: base offset, batch length (of what follows it), partition leader epoch,
# magic, CRC32C (of everything from the attributes on), attributes, last offset delta, base timestamp, max timestamp.
BATCH_HEADER: Final = struct.Struct(">qi4xbI2xi8xq")
BATCH_OVERHEAD: Final = 61
LENGTH_OVERHEAD: Final = 12  # base offset and batch length themselves
CRC_START: Final = 21
MAGIC: Final = 2

MAX_RELATIVE_OFFSET: Final = (1 << 31) - 1
_SEGMENT_FILE = re.compile(r"(\d{20})\.log")
_SWAP_FILE = re.compile(r"(\d{20})-(\d{20})\.log\.swap")
_AUX_FILE = re.compile(r"(\d{20})\.([a-z][a-z-]*)\.aux")
_LOG_DIRECTORY = re.compile(r"(.+)-(\d+)", re.DOTALL)
_RETIRED_DIRECTORY = re.compile(rf".+-\d+\.[0-9a-f]{{32}}({DELETE_SUFFIX}|{STRAY_SUFFIX})", re.DOTALL)


def directory_name(topic: str, partition: int) -> str:
    """Directory of a log below the root.

    Raises:
        ValueError: the topic's name would lead elsewhere; Kafka's own rules are stricter.
    """
    if not topic or "/" in topic or "\\" in topic or "\0" in topic:
        raise ValueError(f"{topic!r} cannot name a directory")
    return f"{topic}-{partition}"


def parse_directory_name(name: str) -> tuple[str, int] | None:
    """Topic and partition of a log directory, None for any other name."""
    match = _LOG_DIRECTORY.fullmatch(name)
    return (match[1], int(match[2])) if match is not None else None


def retired_name(topic: str, partition: int, suffix: str) -> str:
    """A fresh name for a log directory taken out of use; the topic is cut as in LocalLog.logDirNameWithSuffixCappedLength."""
    tail = f"-{partition}.{os.urandom(16).hex()}{suffix}"
    return topic[: 255 - len(tail)] + tail


def is_retired_name(name: str) -> bool:
    """Whether `name` is one that `retired_name` makes."""
    return _RETIRED_DIRECTORY.fullmatch(name) is not None


def segment_name(base_offset: int, suffix: str = ".log") -> str:
    """File of a segment or, with another suffix, of its indexes."""
    return f"{base_offset:020d}{suffix}"


def parse_segment_name(name: str) -> int | None:
    """Base offset when `name` is a segment file."""
    match = _SEGMENT_FILE.fullmatch(name)
    return int(match[1]) if match is not None else None


def swap_name(base_offset: int, next_offset: int) -> str:
    """File of a finished compaction that replaces the segments in [base_offset, next_offset)."""
    return f"{base_offset:020d}-{next_offset:020d}.log.swap"


def parse_swap_name(name: str) -> tuple[int, int] | None:
    """Base and next offset when `name` is a finished compaction."""
    match = _SWAP_FILE.fullmatch(name)
    return (int(match[1]), int(match[2])) if match is not None else None


def aux_name(kind: str, offset: int) -> str:
    """File of an aux blob."""
    return f"{offset:020d}.{kind}.aux"


def parse_aux_name(name: str) -> tuple[int, str] | None:
    """Offset and kind when `name` is an aux blob."""
    match = _AUX_FILE.fullmatch(name)
    return (int(match[1]), match[2]) if match is not None else None
