"""`kafka-compat log dump`: what is in a log, a line per segment, batch and record."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, TextIO

from kafka_compat.cli.log_decode import Undecodable, control_text, internal_text, printable, record_text, time_text
from kafka_compat.cli.log_files import LogFiles, ReadOnlyFileSystem
from kafka_compat.cli.log_progress import Progress, size_text
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
from kafka_compat.metadata.changes import uuid_text
from kafka_compat.records.batch import HEADER_SIZE, BatchHeader, parse_header
from kafka_compat.records.compression import Codec
from kafka_compat.records.errors import RecordsError
from kafka_compat.records.reader import iter_batch_records
from kafka_compat.storage.interface import Corrupt
from kafka_compat.storage.local.aux_files import AuxFiles
from kafka_compat.storage.local.layout import segment_name
from kafka_compat.storage.local.segment import Segment
from kafka_compat.storage.local.window import StoredBatch

MAX_OFFSET: Final = (1 << 63) - 1
MAX_RECORDS_BYTES: Final = 256 << 20
"""Records of one batch that decompress to more are not read."""


class Dump:
    """Prints logs.

    Args:
        filesystem: where they lie.
        out: normally stdout.
        progress: told of what was read.
        records: print the records too.
        first_offset: leave out batches and records below.
        last_offset: leave out batches and records above.
    """

    def __init__(
        self,
        filesystem: ReadOnlyFileSystem,
        out: TextIO,
        progress: Progress,
        *,
        records: bool,
        first_offset: int = 0,
        last_offset: int = MAX_OFFSET,
    ) -> None:
        self._filesystem = filesystem
        self._out = out
        self._progress = progress
        self._records = records
        self._first_offset = first_offset
        self._last_offset = last_offset
        self.has_failed = False
        """Whether something could not be read."""

    def log(self, log: LogFiles) -> None:
        """Print one log."""
        self._print(f"{printable(log.name)}:{_identity_text(log)}")
        if log.state is not None:
            point = log.state.recovery_point.offset
            self._print(
                f"  log start offset {log.state.start_offset}, synced up to {point}, opened with epoch {log.state.epoch}"
            )
        if log.only is None:
            for line in self._aux_lines(log):
                self._print(f"  {line}")
        bases = log.base_offsets
        for number, base_offset in enumerate(bases):
            following = bases[number + 1] if number + 1 < len(bases) else MAX_OFFSET
            if following > self._first_offset and base_offset <= self._last_offset:
                self._segment(log, base_offset)

    def _aux_lines(self, log: LogFiles) -> Iterator[str]:
        aux = AuxFiles(self._filesystem, log.path)
        try:
            if (found := aux.get(EPOCHS_KIND, MAX_OFFSET)) is not None:
                entries = LeaderEpochs.decode(found[1]).entries
                epochs = ", ".join(f"{epoch} from offset {start}" for epoch, start in entries)
                yield f"leader epochs (written at offset {found[0]}): {epochs or 'none'}"
            transactions, producers, offset = TransactionIndex(), ProducerState(), -1
            if (found := aux.get(TRANSACTIONS_KIND, MAX_OFFSET)) is not None:
                transactions = TransactionIndex.decode(found[1])
            if (found := aux.get(PRODUCERS_KIND, MAX_OFFSET)) is not None:
                offset = found[0]
                producers = ProducerState.decode(found[1], offset)
            if (changes := aux.get(CHANGES_KIND, MAX_OFFSET)) is not None and read_base(changes[1]) == offset:
                transactions.truncate_from_end(offset)
                offset = changes[0]
                for _ in load_changes(changes[1], transactions, producers):
                    pass
            for producer_id, first_offset in transactions.aborted_transactions(0, MAX_OFFSET):
                yield f"aborted transaction: producer {producer_id} from offset {first_offset}"
            for producer in producers.active_producers():
                start = producer.current_txn_start_offset
                yield (
                    f"producer {producer.producer_id} (written at offset {offset}): epoch {producer.producer_epoch}, "
                    f"last sequence {producer.last_sequence}, {time_text(producer.last_timestamp_ms)}"
                    + (f", transaction open from offset {start}" if start >= 0 else "")
                )
        except (OSError, ValueError) as error:
            self.has_failed = True
            yield f"! {error}"

    def _segment(self, log: LogFiles, base_offset: int) -> None:
        name = segment_name(base_offset)
        position = 0
        try:
            segment = log.segment(self._filesystem, base_offset)
            self._print(f"  {name}: {size_text(segment.size)}")
            try:
                for batch in segment.headers(0):
                    position = batch.end
                    self._progress.advance(batch.end - batch.position, log.name)
                    if batch.base_offset > self._last_offset:
                        return
                    if batch.last_offset >= self._first_offset:
                        self._batch(log, segment, batch)
            except Corrupt as error:
                self._fail(f"{error}; {segment.size - position} bytes are left out")
            finally:
                segment.close()
        except FileNotFoundError:
            self._print(f"  {name}: gone meanwhile")
        except OSError as error:
            self._fail(f"{name}: {error.strerror or error}")

    def _batch(self, log: LogFiles, segment: Segment, batch: StoredBatch) -> None:
        header = parse_header(segment.file.read(batch.position, HEADER_SIZE))
        self._print(f"    {batch_text(header, batch.position)}")
        try:
            segment.verify(batch)
        except Corrupt as error:
            self._fail(str(error))
            return
        if self._records or header.is_control:
            self._print_records(log, segment, batch, header)

    def _print_records(self, log: LogFiles, segment: Segment, batch: StoredBatch, header: BatchHeader) -> None:
        content = segment.file.read(batch.position, batch.end - batch.position)
        try:
            for record in iter_batch_records(content, max_output_bytes=MAX_RECORDS_BYTES, ignores_lengths=True):
                if not self._first_offset <= record.offset <= self._last_offset:
                    continue
                try:
                    text = control_text(record) if header.is_control else internal_text(log.topic, record)
                    text = record_text(record) if text is None else text
                except Undecodable as error:
                    text = f"{record_text(record)}  ! not decoded: {printable(str(error))}"
                    self.has_failed = True
                self._print(f"      {record.offset}  {time_text(record.timestamp_ms)}  {text}")
        except RecordsError as error:
            self._fail(f"the records of the batch at position {batch.position}: {error}")

    def _print(self, line: str) -> None:
        self._progress.clear()
        self._out.write(line + "\n")

    def _fail(self, text: str) -> None:
        self.has_failed = True
        self._print(f"    ! {printable(text)}")


def batch_text(header: BatchHeader, position: int) -> str:
    """One batch in a line: its offsets, where it lies, and what its header tells."""
    codec = header.compression
    parts = [
        f"offsets {header.base_offset}-{header.last_offset}",
        f"position {position}",
        f"{header.size_in_bytes} bytes",
        f"{header.record_count} records",
        Codec(codec).name.lower() if codec <= max(Codec) else f"codec {codec}",
        f"leader epoch {header.partition_leader_epoch}",
        f"{'log append time' if header.is_log_append_time else 'newest'} {time_text(header.max_timestamp_ms)}",
    ]
    if header.has_producer_id:
        parts.append(f"producer {header.producer_id} epoch {header.producer_epoch}")
        if header.base_sequence >= 0:
            parts.append(f"sequences {header.base_sequence}-{header.last_sequence}")
    if header.is_transactional:
        parts.append("transactional")
    if header.is_control:
        parts.append("control")
    if header.has_delete_horizon:
        parts.append(f"delete horizon {time_text(header.base_timestamp_ms)}")
    return ", ".join(parts)


def _identity_text(log: LogFiles) -> str:
    if log.identity is None:
        return " no topic id"
    topic, partition, topic_id = log.identity
    return f" topic {printable(topic)}, partition {partition}, topic id {uuid_text(topic_id)}"
