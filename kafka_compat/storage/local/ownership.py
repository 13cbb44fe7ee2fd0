"""Whose directory it is: looked at, without changing anything, before the store takes it.

A broker that takes a directory for its own renames and removes what it does not know, so everything that is not certainly its
own is refused. Beside what Kafka refuses (no or another node's meta.properties, a directory in it that is no log, no metadata
log) that is a directory that is not empty and was never one of ours: Kafka has a command to format it, we do it at first use.

    new         missing, empty, or what an interrupted first start leaves
    ours        has meta.json; of this node, and with the log that the others belong to
    refused     all else
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from typing import Final

from kafka_compat.filesystem import FileSystem
from kafka_compat.storage.interface import Corrupt, Refused
from kafka_compat.storage.local import layout

_KAFKA_META: Final = "meta.properties"
_NAMED_AT_MOST: Final = 5
_UNTOUCHED: Final = "nothing in it was changed"

Meta = Mapping[str, object]


def check_root(filesystem: FileSystem, root: str, node_id: int | None, required: str | None) -> Meta | None:
    """The fields of meta.json, None when the directory is new. Changes nothing.

    Args:
        filesystem: where it lies.
        root: the directory.
        node_id: whose it has to be, None when that does not matter.
        required: name of the log directory without which there may be no other.

    Raises:
        Refused: it is not ours, or not whole.
        Corrupt: meta.json was written by a newer version, or cannot be read.
        OSError: the medium failed.
    """
    try:
        names = set(filesystem.list_directory(root))
    except FileNotFoundError:
        return None
    except NotADirectoryError:
        raise Refused(f"{root} is not a directory") from None
    if _KAFKA_META in names:
        raise Refused(_kafka_directory(filesystem, root, has_ours=layout.META_NAME in names))
    content = _read(filesystem, f"{root}/{layout.META_NAME}") if layout.META_NAME in names else b""
    if not content:
        strangers = {name for name in names if not _may_be_in_a_new_one(name)}
        if not strangers:
            return None
        if layout.META_NAME not in names:
            raise Refused(_not_a_data_directory(filesystem, root, strangers))
    meta = _parse(content, root)
    owner = meta.get("node_id")
    if node_id is not None and owner is not None and owner != node_id:
        raise Refused(
            f"{root} belongs to node {owner}, not to node {node_id} ({layout.META_NAME}); {_UNTOUCHED}. If the data was moved, "
            f"start with node.id={owner}; a new node needs a directory of its own"
        )
    logs = {name for name in names if layout.parse_directory_name(name) is not None}
    if required is not None and required not in logs and (logs or meta.get("cluster_id") is not None):
        raise Refused(
            f"{root} lacks {required}, which says what topics there are and which logs belong to them; {_UNTOUCHED}. "
            "Put it back from a copy, or begin anew in another directory"
        )
    for name in sorted(names - logs):
        if not _is_known(name) and _is_directory(filesystem, f"{root}/{name}"):
            raise Refused(f"{root} holds the directory {name}, which is no log; {_UNTOUCHED}. Move {name} elsewhere")
    return meta


def write_meta(filesystem: FileSystem, root: str, meta: Meta) -> None:
    """Write meta.json, atomically and durably.

    Raises:
        OSError: what was there before is there.
    """
    path = f"{root}/{layout.META_NAME}"
    with contextlib.closing(filesystem.open(f"{path}.tmp", create=True)) as file:
        file.truncate(0)
        file.write(0, json.dumps(meta).encode() + b"\n")
        file.sync()
    filesystem.rename(f"{path}.tmp", path)
    filesystem.sync_directory(root)


def _parse(content: bytes, root: str) -> Meta:
    try:
        meta = json.loads(content)
        version = meta["format"]
    except (ValueError, KeyError, TypeError):
        version = None
    if not isinstance(version, int):
        raise Corrupt(f"{root}/{layout.META_NAME} does not tell the format of the directory")
    if version > layout.FORMAT_VERSION:
        raise Corrupt(
            f"{root} has format {version}, this version reads up to {layout.FORMAT_VERSION}: "
            "use the newer version that wrote it"
        )
    fields: Meta = meta
    return fields


def _kafka_directory(filesystem: FileSystem, root: str, *, has_ours: bool) -> str:
    lines = _read(filesystem, f"{root}/{_KAFKA_META}").decode(errors="replace").splitlines()
    told = ", ".join(line for line in lines if line.startswith(("cluster.id=", "node.id=")))
    text = f"{root} is a data directory of Apache Kafka ({_KAFKA_META}{': ' if told else ''}{told}); {_UNTOUCHED}. "
    if has_ours:
        return text + f"If what is in it is kafka-compat's, move {_KAFKA_META} elsewhere"
    return text + "Apache Kafka can serve it, kafka-compat needs a directory of its own"


def _not_a_data_directory(filesystem: FileSystem, root: str, strangers: set[str]) -> str:
    logs = [name for name in strangers if layout.parse_directory_name(name) is not None]
    if layout.JOURNAL_NAME in strangers or any(filesystem.exists(f"{root}/{log}/{layout.PARTITION_NAME}") for log in logs):
        return (
            f"{root} holds logs of kafka-compat but no {layout.META_NAME}, which says whose they are; {_UNTOUCHED}. "
            "Put the file back, or begin in another directory"
        )
    named = ", ".join(sorted(strangers)[:_NAMED_AT_MOST])
    more = f" and {len(strangers) - _NAMED_AT_MOST} more" if len(strangers) > _NAMED_AT_MOST else ""
    return (
        f"{root} is not empty and no data directory of kafka-compat: it holds {named}{more}; {_UNTOUCHED}. "
        "Name an empty directory, or one that does not exist yet"
    )


def _may_be_in_a_new_one(name: str) -> bool:
    # Hidden files (our lock too), what mkfs makes, and what is left when a first start is interrupted.
    return name.startswith(".") or name in ("lost+found", layout.META_NAME, f"{layout.META_NAME}.tmp")


def _is_known(name: str) -> bool:
    return name.startswith(".") or name == "lost+found" or layout.is_retired_name(name)


def _is_directory(filesystem: FileSystem, path: str) -> bool:
    try:
        filesystem.list_directory(path)
    except (NotADirectoryError, FileNotFoundError):
        return False
    return True


def _read(filesystem: FileSystem, path: str) -> bytes:
    with contextlib.closing(filesystem.open(path)) as file:
        return bytes(file.read(0, file.size()))
