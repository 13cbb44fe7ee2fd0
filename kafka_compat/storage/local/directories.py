"""The directories of a store, at its start: made, and brought in line with what the journal knows."""

from __future__ import annotations

import logging
from collections.abc import Callable

from kafka_compat.filesystem import FileSystem
from kafka_compat.storage.local import layout
from kafka_compat.storage.local.identity import read_identity
from kafka_compat.storage.local.journal import Journal

_log = logging.getLogger(__name__)


def make_root(filesystem: FileSystem, root: str) -> None:
    """Make the directory of a store and what is missing above it, to be found after a loss of power.

    Raises:
        OSError: it cannot be made.
    """
    missing: list[str] = []
    path = root
    while path and not filesystem.exists(path):
        missing.append(path)
        path = path.rpartition("/")[0]
    filesystem.make_directories(root)
    for path in missing:
        filesystem.sync_directory(path.rpartition("/")[0] or ("/" if path.startswith("/") else "."))


def match_directories(filesystem: FileSystem, root: str, journal: Journal, remove: Callable[[str], None]) -> None:
    """Make the journal and the directories agree: finish deletions, adopt logs the journal lost, set strangers aside.

    Raises:
        OSError: a directory cannot be read or renamed.
    """
    names = set(filesystem.list_directory(root))
    for name in list(journal.states):
        if name not in names:
            journal.write(["gone", name])
    for name in names - journal.states.keys():
        if layout.is_retired_name(name):
            if name.endswith(layout.DELETE_SUFFIX):
                remove(f"{root}/{name}")
        elif (parsed := layout.parse_directory_name(name)) is not None:
            _adopt(filesystem, root, journal, name, *parsed, remove)


def holds_segments(filesystem: FileSystem, directory: str) -> bool:
    """Whether there are records of a log in `directory`, or were."""
    return any(layout.parse_segment_name(file) is not None for file in filesystem.list_directory(directory))


def _adopt(
    filesystem: FileSystem, root: str, journal: Journal, name: str, topic: str, partition: int, remove: Callable[[str], None]
) -> None:
    directory = f"{root}/{name}"
    try:
        log = read_identity(filesystem, directory)
    except FileNotFoundError:
        log = None
    if log is not None and log[:2] == (topic, partition):
        journal.write(["log", name, {"topic": topic, "partition": partition, "id": log.topic_id.hex()}])
        journal.states[name].gaps_are_possible = journal.is_damaged
    elif set(filesystem.list_directory(directory)) - {layout.PARTITION_NAME}:
        _log.warning("%s does not tell its topic id: set aside", directory)
        filesystem.rename(directory, f"{root}/{layout.retired_name(topic, partition, layout.STRAY_SUFFIX)}")
        filesystem.sync_directory(root)  # or a loss of power may bring it back over a new log of the name
    else:
        remove(directory)  # creation was interrupted
