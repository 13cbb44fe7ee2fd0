"""A snapshot as a folder, small and readable enough to be committed as a fixture of tests.

    snapshot.json       see below; written last, so that a folder without it is not whole
    <name>.records      the batches of one partition as they go over the wire, one behind the other; none for an empty one
    .gitattributes      so that git does not take the batches for text

snapshot.json, indented and with one line for each change and log:

    "format"   1
    "changes"  [type, fields]: topics with their ids, configs, features, producer ids that were given out; the records of our
               metadata log (`metadata/changes.py`) without what belongs to a run of the cluster
    "logs"     topic, partition, topic id, start and end offset, and the name of its file ("" when it has no batches)

The same contents give the same bytes. Brokers, ports, the cluster's id and the time are not in it.

Evolution: a reader refuses a format above its own, and reads all below. What an older reader would misread raises the number.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

from kafka_compat.ids import TopicId
from kafka_compat.metadata.changes import (
    Change,
    UnknownChange,
    decode_change,
    encode_change,
    uuid_bytes,
    uuid_text,
)
from kafka_compat.records.batch import is_crc_valid, iter_batches, parse_header
from kafka_compat.records.errors import CorruptBatch
from kafka_compat.storage.interface import LogId
from kafka_compat.testing.contents import Contents, StoredLog

FORMAT: Final = 1
INDEX_NAME: Final = "snapshot.json"
SUFFIX: Final = ".records"
_ATTRIBUTES_NAME: Final = ".gitattributes"
_ATTRIBUTES: Final = f"*{SUFFIX} binary\n{INDEX_NAME} text eol=lf\n"
# Names of topics may be as long as names of files.
_MAX_STEM: Final = 200


def write_folder(folder: Path, contents: Contents) -> None:
    """Write a snapshot, over one that is there.

    Raises:
        ValueError: the folder holds something else.
        OSError: it cannot be written; what is there then is not whole.
    """
    for stale in _files_of(folder):
        stale.unlink()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _ATTRIBUTES_NAME).write_bytes(_ATTRIBUTES.encode())
    rows = []
    for log, name in zip(contents.logs, _names(contents.logs), strict=True):
        if name:
            (folder / name).write_bytes(log.batches)
        topic, partition, topic_id = log.log_id
        rows.append([topic, partition, uuid_text(topic_id), log.start_offset, log.end_offset, name])
    changes = [_change_row(change) for change in contents.changes]
    text = f'{{\n  "format": {FORMAT},\n  "changes": {_lines(changes)},\n  "logs": {_lines(rows)}\n}}\n'
    (folder / INDEX_NAME).write_bytes(text.encode())


def read_folder(folder: Path) -> Contents:
    """The snapshot in a folder, checked whole.

    Raises:
        ValueError: there is none, it was written by a newer version, or it is damaged; the message says which.
    """
    try:
        text = (folder / INDEX_NAME).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ValueError(f"{folder} is no snapshot: it has no {INDEX_NAME}") from None
    try:
        index = json.loads(text)
        version = index["format"]
    except (ValueError, TypeError, KeyError):
        raise ValueError(f"{folder / INDEX_NAME} does not tell the format of the snapshot") from None
    if not isinstance(version, int) or version > FORMAT:
        raise ValueError(
            f"{folder} is a snapshot of format {version}, and this version reads up to {FORMAT}: it was written by a newer one"
        )
    try:
        changes = [decode_change(kind.encode(), json.dumps(fields).encode()) for kind, fields in index["changes"]]
        rows = [
            (LogId(topic, partition, TopicId(uuid_bytes(topic_id))), start, end, name)
            for topic, partition, topic_id, start, end, name in index["logs"]
        ]
    except UnknownChange as error:
        raise ValueError(f"{folder / INDEX_NAME}: {error}") from None
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"{folder / INDEX_NAME} is damaged: {error!r}") from None
    return Contents(changes, [_read_log(folder, log_id, start, end, name) for log_id, start, end, name in rows])


def _read_log(folder: Path, log_id: LogId, start: int, end: int, name: str) -> StoredLog:
    path = folder / name
    if name and path.parent != folder:
        raise ValueError(f"{folder / INDEX_NAME} is damaged: {name!r} leads out of the folder")
    try:
        batches = path.read_bytes() if name else b""
    except FileNotFoundError:
        raise ValueError(f"{path} is missing: {folder / INDEX_NAME} names it") from None
    position = reached = 0
    try:
        for position, size in iter_batches(batches):
            header = parse_header(batches, position)
            if not is_crc_valid(batches, position, size) or header.base_offset < reached:
                raise ValueError(f"{path} is damaged at byte {position}: was it changed as text?")
            reached = header.base_offset + header.last_offset_delta + 1
            position += size
    except CorruptBatch as error:
        raise ValueError(f"{path} is damaged behind byte {position}: {error}") from None
    if position != len(batches) or (name and reached != end):
        raise ValueError(
            f"{path} is damaged: it ends at offset {reached} and not at {end}, {len(batches) - position} bytes left"
        )
    return StoredLog(log_id, start, end, batches)


def _files_of(folder: Path) -> Iterable[Path]:
    """The files of the snapshot that is there, its index first; none where nothing is.

    Raises:
        ValueError: something else is there.
    """
    if not folder.exists():
        return ()
    if not folder.is_dir():
        raise ValueError(f"{folder} is no folder, where a snapshot could be written")
    files = sorted(folder.iterdir(), key=lambda path: path.name != INDEX_NAME)
    strangers = [path.name for path in files if path.name not in (INDEX_NAME, _ATTRIBUTES_NAME) and path.suffix != SUFFIX]
    if strangers:
        raise ValueError(
            f"{folder} holds {', '.join(sorted(strangers)[:5])}, which is no part of a snapshot: name another folder"
        )
    return files


def _names(logs: Sequence[StoredLog]) -> Iterable[str]:
    """Names of files, which differ where upper and lower case do not count, too."""
    taken: set[str] = set()
    for log in logs:
        if not log.batches:
            yield ""
            continue
        stem = base = f"{log.log_id.topic[:_MAX_STEM]}-{log.log_id.partition}"
        number = 1
        while stem.lower() in taken:
            number += 1
            stem = f"{base}~{number}"
        taken.add(stem.lower())
        yield stem + SUFFIX


def _change_row(change: Change) -> list[Any]:
    kind, fields = encode_change(change)
    return [kind.decode(), json.loads(fields)]


def _lines(rows: Sequence[object]) -> str:
    """A JSON array with a line for each of its elements."""
    if not rows:
        return "[]"
    return "[\n" + ",\n".join(f"    {json.dumps(row, sort_keys=True)}" for row in rows) + "\n  ]"
