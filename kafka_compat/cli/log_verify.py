"""`kafka-compat log verify`: whether the bytes of a log are what a broker wrote.

A problem is what a broker on its feet never leaves behind. What a crash leaves and the next start mends without losing a
record is a note: an unfinished batch at the end of what was not synced, index entries for it, half-made files. Behind the
recovery point the indexes are rebuilt at that start, so what is wrong in them there is no problem either.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final, TextIO

from kafka_compat.checksum import crc32c
from kafka_compat.cli.log_decode import Undecodable, control_text, internal_text, printable
from kafka_compat.cli.log_dump import MAX_RECORDS_BYTES
from kafka_compat.cli.log_files import LogFiles, ReadOnlyFileSystem, Target
from kafka_compat.cli.log_index import NOWHERE, IndexCheck
from kafka_compat.cli.log_progress import Progress
from kafka_compat.log.leader_epochs import LeaderEpochs
from kafka_compat.log.producer_state import ProducerState
from kafka_compat.log.snapshot import (
    CHANGES_KIND,
    EPOCHS_KIND,
    PRODUCERS_KIND,
    TRANSACTIONS_KIND,
    load_changes,
    read_base,
)
from kafka_compat.log.transaction_index import TransactionIndex
from kafka_compat.records.batch import HEADER_SIZE, BatchHeader, parse_header
from kafka_compat.records.compression import Codec
from kafka_compat.records.errors import DecompressionTooLarge, RecordsError
from kafka_compat.records.reader import iter_batch_records
from kafka_compat.storage.interface import Corrupt
from kafka_compat.storage.local import layout
from kafka_compat.storage.local.segment import SCAN_BYTES, Segment
from kafka_compat.storage.local.window import StoredBatch

_UNFINISHED: Final = (".tmp", ".cleaned", ".deleted", ".swap")


class Report:
    """Prints what is found, and counts it."""

    def __init__(self, out: TextIO, progress: Progress) -> None:
        self._out = out
        self._progress = progress
        self.problems = 0
        self.notes = 0
        self.segments = 0
        self.batches = 0
        self.records = 0
        self.size_in_bytes = 0

    def problem(self, where: str, text: str) -> None:
        """Something is damaged."""
        self.problems += 1
        self._print("DAMAGED", where, text)

    def note(self, where: str, text: str) -> None:
        """Something a person may want to know, and nothing is lost."""
        self.notes += 1
        self._print("note", where, text)

    def _print(self, kind: str, where: str, text: str) -> None:
        self._progress.clear()
        self._out.write(f"{kind}: {printable(where)}: {printable(text)}\n")
        self._out.flush()


class Verification:
    """Checks logs.

    Args:
        filesystem: where they lie.
        report: takes what is found.
        progress: told of what was read.
        records: also read every record.
        in_use: a broker has the logs open, so that files come, grow and go.
    """

    def __init__(
        self, filesystem: ReadOnlyFileSystem, report: Report, progress: Progress, *, records: bool, in_use: bool
    ) -> None:
        self._filesystem = filesystem
        self._report = report
        self._progress = progress
        self._records = records
        self._in_use = in_use

    def data_directory(self, target: Target) -> None:
        """Check what belongs to no single log."""
        if target.root is None:
            return
        root = Path(target.root)
        if target.journal is None:
            self._report.problem(layout.JOURNAL_NAME, "missing")
            return
        if target.journal.is_damaged:
            self._report.problem(layout.JOURNAL_NAME, "lines are missing or fail their checksum")
        if not target.is_whole:
            return
        if not (root / layout.META_NAME).exists():
            self._report.problem(layout.META_NAME, "missing")
        names = [path.name for path in root.iterdir()]
        for log_name in sorted(target.journal.states.keys() - set(names)):
            # The directory is renamed before the journal says so.
            state = target.journal.states[log_name]
            tail = f"-{state.log_id.partition}."
            deleted = any(tail in name and name.endswith(layout.DELETE_SUFFIX) for name in names)
            if deleted or self._in_use:
                self._report.note(log_name, "was just deleted")
            else:
                self._report.problem(log_name, "the journal knows this log, but its directory is missing")
        for name in sorted(names):
            if name.endswith(layout.STRAY_SUFFIX):
                self._report.note(name, "set aside by the broker because it could not tell whose it is; not checked")
            elif name.endswith(layout.DELETE_SUFFIX):
                self._report.note(name, "a deleted log, about to be removed; not checked")

    def log(self, log: LogFiles, *, has_journal: bool) -> None:
        """Check one log directory, or the one segment of it that was asked for."""
        if log.only is None:
            self._check_names(log, has_journal)
        point = log.state.recovery_point.offset if log.state is not None else 0
        chained = log.state is not None and log.only is None and not log.state.gaps_are_possible
        bases = log.base_offsets
        previous_end = min(bases[0], log.state.start_offset) if bases and log.state is not None else None
        for number, base_offset in enumerate(bases):
            where = f"{log.name}/{layout.segment_name(base_offset)}"
            if previous_end is not None and base_offset > max(previous_end, point) and chained:
                add = self._report.note if self._in_use else self._report.problem
                add(where, f"offsets {previous_end} to {base_offset - 1} are missing before it")
            following = bases[number + 1] if number + 1 < len(bases) else None
            try:
                previous_end = _SegmentCheck(self._filesystem, self._report, self._progress, log, base_offset, following).run(
                    records=self._records, in_use=self._in_use
                )
            except FileNotFoundError:
                if not self._in_use:
                    raise
                self._report.note(where, "gone while the broker was running")
                previous_end = None  # what follows is no gap
            except OSError as error:
                self._report.problem(where, error.strerror or str(error))
        if log.only is None and not self._in_use:
            self._check_clean_end(log)

    def _check_names(self, log: LogFiles, has_journal: bool) -> None:
        if has_journal and log.state is None:
            self._report.note(log.name, "not in the journal; the next start takes it in or sets it aside")
        if layout.PARTITION_NAME not in log.names:
            if has_journal:
                self._report.note(log.name, f"{layout.PARTITION_NAME} is missing")
        elif log.identity is None:
            self._report.problem(log.name, f"{layout.PARTITION_NAME} cannot be read")
        elif layout.parse_directory_name(log.name) not in (None, log.identity[:2]):
            self._report.problem(
                log.name, f"{layout.PARTITION_NAME} says topic {log.identity.topic}, partition {log.identity.partition}"
            )
        elif log.state is not None and log.state.log_id != log.identity:
            self._report.problem(log.name, f"{layout.PARTITION_NAME} and the journal name different topic ids")
        unfinished = [name for name in log.names if name.endswith(_UNFINISHED)]
        if unfinished and not self._in_use:
            self._report.note(
                log.name,
                f"{len(unfinished)} unfinished or deleted files that the next start clears up, such as {unfinished[0]}",
            )
        for name in log.names:
            if (aux := layout.parse_aux_name(name)) is not None:
                self._check_aux(log, name, aux[1], aux[0])

    def _check_aux(self, log: LogFiles, name: str, kind: str, offset: int) -> None:
        try:
            content = Path(log.path, name).read_bytes()
        except FileNotFoundError:
            return  # the next one replaced it
        except OSError as error:
            self._report.problem(f"{log.name}/{name}", error.strerror or str(error))
            return
        blob = content[4:]
        if len(content) < 4 or crc32c(blob) != int.from_bytes(content[:4], "big"):
            self._report.problem(f"{log.name}/{name}", "fails its checksum")
            return
        try:
            if kind == EPOCHS_KIND:
                LeaderEpochs.decode(blob)
            elif kind == TRANSACTIONS_KIND:
                TransactionIndex.decode(blob)
            elif kind == PRODUCERS_KIND:
                ProducerState.decode(blob, offset)
            elif kind == CHANGES_KIND:
                read_base(blob)
                for _ in load_changes(blob, TransactionIndex(), ProducerState()):
                    pass
        except ValueError as error:
            self._report.problem(f"{log.name}/{name}", str(error))

    def _check_clean_end(self, log: LogFiles) -> None:
        """After a clean end the next start believes the journal and looks at no file."""
        if log.state is None or log.state.segments is None:
            return
        present = set(log.base_offsets)
        for state in log.state.segments:
            where = f"{log.name}/{layout.segment_name(state.base_offset)}"
            if state.base_offset not in present:
                self._report.problem(where, f"missing; it held offsets {state.base_offset} to {state.next_offset - 1}")
                continue
            size = Path(log.path, layout.segment_name(state.base_offset)).stat().st_size
            if size != state.size_in_bytes:
                self._report.problem(where, f"has {size} bytes, at the clean stop it had {state.size_in_bytes}")
        for base_offset in sorted(present - {state.base_offset for state in log.state.segments}):
            self._report.note(
                f"{log.name}/{layout.segment_name(base_offset)}", "not there at the clean stop; a start ignores it"
            )


class _SegmentCheck:
    """One segment with its indexes."""

    def __init__(
        self,
        filesystem: ReadOnlyFileSystem,
        report: Report,
        progress: Progress,
        log: LogFiles,
        base_offset: int,
        following: int | None,
    ) -> None:
        self._filesystem = filesystem
        self._report = report
        self._progress = progress
        self._log = log
        self._following = following
        self._where = f"{log.name}/{layout.segment_name(base_offset)}"
        self._segment = Segment(filesystem, log.path, base_offset, index_interval_bytes=0)
        self._next_offset = base_offset
        self._leader_epoch = -1
        state = log.state
        self._ended_cleanly = state is not None and state.segments is not None
        self._rebuilt_position, self._rebuilt_offset = NOWHERE, NOWHERE
        if (
            state is not None
            and not self._ended_cleanly
            and (following is None or following > state.recovery_point.base_offset)
        ):
            point = state.recovery_point
            self._rebuilt_position = point.position if point.base_offset == base_offset else 0
            self._rebuilt_offset = point.offset if point.base_offset == base_offset else 0

    def run(self, *, records: bool, in_use: bool) -> int:
        """Check it; the offset behind its last good batch.

        Raises:
            OSError: a file cannot be read.
        """
        segment = self._segment
        # Before the size is asked: an entry is written after its batch, so none may lie behind the end.
        indexes = IndexCheck(self._filesystem, segment.directory, segment.base_offset)
        segment.size = Path(segment.path).stat().st_size
        self._report.segments += 1
        self._report.size_in_bytes += segment.size
        position = 0
        broken = False
        try:
            for batch in segment.headers(0):
                indexes.see(batch)
                self._check_batch(batch, records=records)
                position = batch.end
                self._progress.advance(batch.end - batch.position, self._log.name)
        except Corrupt as error:
            broken = True
            left = segment.size - position
            if self._is_unsynced(position) and self._is_torn(error, position):
                what = "being written" if in_use else "the next start cuts them off"
                self._report.note(self._where, f"{left} bytes from position {position} on are no whole batch; {what}")
            else:
                self._report.problem(self._where, f"{_reason(error)}; the {left} bytes from {position} on were not checked")
        finally:
            segment.close()
        if not broken:
            indexes.finish()  # entries of what could not be read are no second problem
        if not indexes.is_sane:
            rebuilt = self._rebuilt_position != NOWHERE
            add = self._report.note if rebuilt else self._report.problem
            add(self._where, "an index is damaged, the broker rebuilds it: its entries do not rise or are cut short")
        for wrong in indexes.wrong:
            if wrong.position >= self._rebuilt_position or wrong.offset >= self._rebuilt_offset:
                self._report.note(self._where, f"{wrong.text}; it is not synced, and the next start rebuilds it")
            else:
                self._report.problem(self._where, wrong.text)
        return self._next_offset

    def _is_unsynced(self, position: int) -> bool:
        """Whether the position lies behind all that was promised to survive a loss of power."""
        state = self._log.state
        if state is None or self._ended_cleanly or self._following is not None:
            return False
        point = state.recovery_point
        return position >= (point.position if point.base_offset == self._segment.base_offset else 0)

    def _is_torn(self, error: Corrupt, position: int) -> bool:
        """Whether the bytes are the beginning of a batch, or zeros as a file system leaves them for what it did not write."""
        if "incomplete batch" in str(error):
            return True
        segment = self._segment
        while position < segment.size and (piece := segment.file.read(position, SCAN_BYTES)):
            if any(piece):
                return False
            position += len(piece)
        return True

    def _check_batch(self, batch: StoredBatch, *, records: bool) -> None:
        segment = self._segment
        header = parse_header(segment.file.read(batch.position, HEADER_SIZE))
        self._report.batches += 1
        self._report.records += max(header.record_count, 0)
        if batch.base_offset < self._next_offset:
            self._wrong(batch, f"begins at offset {batch.base_offset}, {self._next_offset} or higher was to come")
        elif batch.last_offset - segment.base_offset > layout.MAX_RELATIVE_OFFSET:
            self._wrong(batch, f"ends at offset {batch.last_offset}, too far from the segment's first")
        elif self._following is not None and batch.last_offset >= self._following:
            self._wrong(batch, f"ends at offset {batch.last_offset}, the next segment begins at {self._following}")
        self._next_offset = max(self._next_offset, batch.last_offset + 1)
        try:
            segment.verify(batch)
        except Corrupt:
            self._wrong(batch, "fails its checksum")
            return
        if not 0 <= header.record_count <= header.last_offset_delta + 1:
            self._wrong(batch, f"claims {header.record_count} records")
        if 0 <= header.partition_leader_epoch < self._leader_epoch:
            self._wrong(batch, f"has leader epoch {header.partition_leader_epoch}, {self._leader_epoch} came before")
        self._leader_epoch = max(self._leader_epoch, header.partition_leader_epoch)
        if header.compression > max(Codec):
            self._wrong(batch, f"names codec {header.compression}, which does not exist")
        elif records:
            self._check_records(batch, header)

    def _check_records(self, batch: StoredBatch, header: BatchHeader) -> None:
        content = self._segment.file.read(batch.position, batch.end - batch.position)
        offset = batch.base_offset
        try:
            for record in iter_batch_records(content, max_output_bytes=MAX_RECORDS_BYTES, ignores_lengths=True):
                if not offset <= record.offset <= batch.last_offset:
                    self._wrong(batch, f"holds a record with offset {record.offset}, {offset} or higher was to come")
                    return
                offset = record.offset + 1
                _ = control_text(record) if header.is_control else internal_text(self._log.topic, record)
        except DecompressionTooLarge:
            self._report.note(self._where, f"the records at position {batch.position} are too large to be read")
        except (RecordsError, Undecodable) as error:
            self._wrong(batch, f"has unreadable records: {error}")

    def _wrong(self, batch: StoredBatch, text: str) -> None:
        self._report.problem(
            self._where, f"the batch at position {batch.position} (offsets {batch.base_offset}-{batch.last_offset}) {text}"
        )


def _reason(error: Corrupt) -> str:
    """The text without the path in front of it."""
    return str(error).rpartition(": ")[2]
