"""`kafka-compat log`: what it prints of a store's files, which damage it finds, and that it changes nothing."""

from __future__ import annotations

import asyncio
import io
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path

import pytest

from kafka_compat.cli.log_decode import bytes_text, printable, time_text
from kafka_compat.cli.log_progress import Progress, size_text
from kafka_compat.cli.main import main
from kafka_compat.coordinator.records import encode_record
from kafka_compat.filesystem import OsFileSystem
from kafka_compat.ids import TopicId
from kafka_compat.log.leader_epochs import LeaderEpochs
from kafka_compat.log.producer_state import ProducerState
from kafka_compat.log.snapshot import EPOCHS_KIND, PRODUCERS_KIND
from kafka_compat.metadata.changes import Change, ConfigsChanged, FeatureChanged, ScramCredentialSet, encode_change
from kafka_compat.protocol.records.offset_commit import OffsetCommitKey, OffsetCommitValue
from kafka_compat.records.builder import PlainRecord, build_batch
from kafka_compat.records.control import build_end_transaction_marker
from kafka_compat.storage.interface import LogId, LogPolicy, OpenLog
from kafka_compat.storage.local import LocalLogStore
from kafka_compat.storage.local.policy import LocalPolicy

TIME_MS = 1_700_000_000_123
ORDERS = LogId("orders", 0, TopicId(b"0123456789abcdef"))
SEGMENT = "00000000000000000000.log"
BATCHES = 40


def append(log: OpenLog, records: list[PlainRecord], *, codec: int = 0, epoch: int = 0, producer_id: int = -1) -> None:
    base = log.end_offset
    idempotent = producer_id >= 0
    batch = build_batch(
        records,
        base_offset=base,
        codec=codec,
        partition_leader_epoch=epoch,
        producer_id=producer_id,
        producer_epoch=0 if idempotent else -1,
        base_sequence=0 if idempotent else -1,
        transactional=idempotent,
    )
    newest = max(record[0] for record in records)
    log.append(batch, base, base + len(records) - 1, newest, newest)


def append_marker(log: OpenLog) -> None:
    base = log.end_offset
    marker = build_end_transaction_marker(
        is_commit=False,
        coordinator_epoch=7,
        producer_id=9,
        producer_epoch=0,
        timestamp_ms=TIME_MS,
        base_offset=base,
        partition_leader_epoch=1,
    )
    log.append(marker, base, base, TIME_MS, TIME_MS)


async def fill_orders(log: OpenLog) -> None:
    """Two segments: many small batches, then one of two records with everything a batch may have, and a marker."""
    for number in range(BATCHES):
        append(log, [(TIME_MS + number, b"k%d" % number, b"x" * 100, ())])
    await log.roll(TIME_MS)
    append(log, [(TIME_MS, None, b"\xff\x00", (("h", b"1"),)), (TIME_MS, b"k", None, ())], codec=1, epoch=1, producer_id=9)
    append_marker(log)
    await log.sync(log.end_offset)
    epochs = LeaderEpochs()
    epochs.assign(0, 0)
    epochs.assign(1, BATCHES)
    await log.put_aux(EPOCHS_KIND, log.end_offset, epochs.encode())
    producers = ProducerState()
    producers.apply_batch(9, 0, 1, BATCHES, BATCHES + 1, TIME_MS, True)
    await log.put_aux(PRODUCERS_KIND, log.end_offset, producers.encode())


def make_store(root: Path, log_id: LogId, fill: Callable[[OpenLog], object], *, clean: bool = True) -> Path:
    """A data directory with one log, closed or left as by a crash; returns the log's directory."""

    async def make() -> None:
        store = LocalLogStore(OsFileSystem(), str(root))
        await store.create(log_id, 0)
        log = await store.open(log_id, 3, LocalPolicy(index_interval_bytes=500))
        result = fill(log)
        if result is not None:
            await result  # type: ignore[misc]
        if clean:
            await store.close()
        else:
            store.journal.close()
            store.worker.close()
            store._lock.release()

    asyncio.run(make())
    return root / f"{log_id.topic}-{log_id.partition}"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    make_store(tmp_path / "data", ORDERS, fill_orders)
    return tmp_path / "data"


Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """`log` with arguments: exit code and what was printed."""

    def run(*arguments: object) -> tuple[int, str]:
        code = main(["log", *map(str, arguments)])
        printed = capsys.readouterr()
        return code, printed.out + printed.err

    return run


def contents(root: Path) -> dict[str, tuple[int, bytes]]:
    return {str(path): (path.stat().st_mtime_ns, path.read_bytes()) for path in root.rglob("*") if path.is_file()}


def overwrite(path: Path, position: int, content: bytes) -> None:
    with open(path, "r+b") as file:
        file.seek(position)
        file.write(content)


def test_a_sound_data_directory_verifies_and_stays_as_it_is(data: Path, run: Run) -> None:
    before = contents(data)
    code, text = run("verify", data, "--records")
    assert code == 0, text
    assert text.startswith(f"1 log, 2 segments, {BATCHES + 2} batches, {BATCHES + 3} records, ")
    assert text.endswith("no damage\n")
    assert run("dump", data, "--records")[0] == 0
    assert contents(data) == before


@pytest.mark.parametrize("below", ["", "orders-0", f"orders-0/{SEGMENT}"])
def test_takes_a_data_directory_a_log_and_a_segment(data: Path, run: Run, below: str) -> None:
    code, text = run("verify", data / below)
    assert (code, text.count("no damage")) == (0, 1)
    assert ("1 segment," in text) is below.endswith(".log")


def test_read_only_files_are_enough(data: Path, run: Run) -> None:
    for path in data.rglob("*"):
        path.chmod(0o500 if path.is_dir() else 0o400)
    try:
        assert run("verify", data)[0] == 0
    finally:
        for path in data.rglob("*"):
            path.chmod(0o700 if path.is_dir() else 0o600)


def test_dump_tells_batches_records_markers_producers_and_epochs(data: Path, run: Run) -> None:
    code, text = run("dump", data / "orders-0", "--records", "--from", BATCHES)
    assert code == 0
    lines = text.splitlines()
    assert lines[0] == "orders-0: topic orders, partition 0, topic id MDEyMzQ1Njc4OWFiY2RlZg"
    assert "opened with epoch 3" in lines[1]
    assert "  leader epochs (written at offset 43): 0 from offset 0, 1 from offset 40" in lines
    assert any(line.startswith("  producer 9 ") and "transaction open from offset 40" in line for line in lines)
    assert f"  {SEGMENT}" not in text
    batch = next(line for line in lines if "offsets 40-41" in line)
    for part in ("position 0", "2 records", "gzip", "leader epoch 1", "producer 9 epoch 0", "sequences 0-1", "transactional"):
        assert part in batch
    assert '      40  2023-11-14T22:13:20.123Z  key null value 0xff00 headers h="1"' in lines
    assert '      41  2023-11-14T22:13:20.123Z  key "k" value null' in lines
    assert "      42  2023-11-14T22:13:20.123Z  marker ABORT coordinator epoch 7" in lines


def test_dump_prints_records_only_on_request_and_within_the_offsets(data: Path, run: Run) -> None:
    _, text = run("dump", data, "--from", 5, "--to", 6)
    assert text.count("offsets ") == 2
    assert "key" not in text
    _, text = run("dump", data, "--from", 5, "--to", 6, "--records")
    assert [line.split()[3] for line in text.splitlines() if " key " in line] == ['"k5"', '"k6"']


def test_group_records_are_decoded(tmp_path: Path, run: Run) -> None:
    key = OffsetCommitKey(group="g", topic="orders", partition=3)
    value = OffsetCommitValue(offset=17, metadata="", commit_timestamp=5)
    record, tombstone = encode_record(key, value, 3), encode_record(key, None, 3)
    log_id = LogId("__consumer_offsets", 1, TopicId(bytes(15) + b"\x02"))
    make_store(
        tmp_path,
        log_id,
        lambda log: append(
            log, [(TIME_MS, *record, ()), (TIME_MS, *tombstone, ()), (TIME_MS, b"\x03\xe7", b"?", ()), (1, b"\0", None, ())]
        ),
    )
    code, text = run("dump", tmp_path, "--records")
    assert code == 1
    assert 'OffsetCommit {"group": "g", "topic": "orders", "partition": 3} {"offset": 17, ' in text
    assert 'OffsetCommit {"group": "g", "topic": "orders", "partition": 3} deleted' in text
    assert 'key 0x03e7 value "?"' in text  # a type this version does not know
    assert "! not decoded: " in text
    code, text = run("verify", tmp_path, "--records")
    assert code == 1
    assert "has unreadable records" in text


def test_metadata_changes_are_decoded(tmp_path: Path, run: Run) -> None:
    change = encode_change(FeatureChanged("metadata.version", 25))
    make_store(tmp_path, LogId("__cluster_metadata", 0, TopicId(bytes(16))), lambda log: append(log, [(1, *change, ())]))
    code, text = run("dump", tmp_path, "--records")
    assert code == 0
    assert '0  1970-01-01T00:00:00.001Z  FeatureChanged {"name":"metadata.version","level":25}' in text


def test_metadata_changes_are_decoded_without_secrets(tmp_path: Path, run: Run) -> None:
    configs = {"listener.name.a.plain.sasl.jaas.config": "hidden", "log.retention.ms": "77777"}
    changes: tuple[Change, ...] = (
        ScramCredentialSet("alice", 1, b"hidden", b"hidden", b"hidden", 4096),
        ConfigsChanged(4, "1", configs),
    )

    def fill(log: OpenLog) -> None:
        append(log, [(number, *encode_change(change), ()) for number, change in enumerate(changes)])

    make_store(tmp_path, LogId("__cluster_metadata", 0, TopicId(bytes(16))), fill)
    code, text = run("dump", tmp_path, "--records")
    assert code == 0
    assert '"user":"alice","mechanism":1' in text
    assert '"log.retention.ms":"77777"' in text
    assert "hidden" not in text
    assert b64encode(b"hidden").decode() not in text


def test_a_flipped_byte_fails_the_checksum_and_the_rest_is_still_checked(data: Path, run: Run) -> None:
    overwrite(data / "orders-0" / SEGMENT, 100, b"??")
    code, text = run("verify", data)
    assert code == 1
    assert f"DAMAGED: orders-0/{SEGMENT}: the batch at position 0 (offsets 0-0) fails its checksum\n" in text
    assert text.endswith(": 1 problem\n")
    code, text = run("dump", data)
    assert code == 1
    assert text.count("fails its checksum") == 1
    assert "offsets 40-41" in text


def test_broken_framing_ends_the_segment_and_not_the_run(data: Path, run: Run) -> None:
    overwrite(data / "orders-0" / SEGMENT, 16, b"\x07")
    code, text = run("verify", data)
    assert code == 1
    assert "no record batch at position 0" in text
    assert "2 segments, 2 batches" in text
    assert run("dump", data)[0] == 1


def test_offsets_that_do_not_rise(data: Path, run: Run) -> None:
    # The base offset lies outside the CRC.
    content = (data / "orders-0" / SEGMENT).read_bytes()
    second = 12 + int.from_bytes(content[8:12], "big")
    overwrite(data / "orders-0" / SEGMENT, second, bytes(8))
    code, text = run("verify", data)
    assert code == 1
    assert f"the batch at position {second} (offsets 0-0) begins at offset 0, 1 or higher was to come" in text


@pytest.mark.parametrize(
    ("suffix", "position", "words"), [(".index", 7, "the offset index"), (".timeindex", 11, "the time index")]
)
def test_an_index_entry_that_fits_no_batch(data: Path, run: Run, suffix: str, position: int, words: str) -> None:
    path = (data / "orders-0" / SEGMENT).with_suffix(suffix)
    assert path.stat().st_size > 12
    overwrite(path, position, bytes([path.read_bytes()[position] ^ 1]))
    code, text = run("verify", data)
    assert code == 1
    assert words in text
    assert text.endswith(": 1 problem\n")


def test_an_index_cut_short(data: Path, run: Run) -> None:
    path = (data / "orders-0" / SEGMENT).with_suffix(".index")
    path.write_bytes(path.read_bytes()[:-1])
    assert "an index is damaged" in run("verify", data)[1]


def test_a_missing_segment_a_missing_log_and_a_bad_snapshot(data: Path, run: Run) -> None:
    (data / "orders-0" / SEGMENT).unlink()
    overwrite(next((data / "orders-0").glob("*.epochs.aux")), 6, b"?")
    code, text = run("verify", data)
    assert code == 1
    assert f"orders-0/{SEGMENT}: missing; it held offsets 0 to 39" in text
    assert "epochs.aux: fails its checksum" in text
    (data / "orders-0").rename(data / "elsewhere")
    assert "its directory is missing" in run("verify", data)[1]


def test_a_file_shorter_than_at_the_clean_stop(data: Path, run: Run) -> None:
    path = sorted((data / "orders-0").glob("*.log"))[-1]
    path.write_bytes(path.read_bytes()[:-3])
    code, text = run("verify", data)
    assert code == 1
    assert "incomplete batch" in text
    assert "at the clean stop it had" in text


@pytest.mark.parametrize("tail", [b"\0" * 100, bytes(7) + b"\x28\0\0\x40\0" + b"\0\0\0\0\x02" + b"?" * 80])
def test_what_a_crash_leaves_behind_the_synced_part_is_no_damage(tmp_path: Path, run: Run, tail: bytes) -> None:
    directory = make_store(tmp_path, ORDERS, lambda log: append(log, [(TIME_MS, b"k", b"v", ())]), clean=False)
    with open(directory / SEGMENT, "ab") as file:
        file.write(tail)
    code, text = run("verify", tmp_path)
    assert code == 0
    assert "are no whole batch; the next start cuts them off" in text


def test_bytes_a_crash_does_not_leave_are_damage(tmp_path: Path, run: Run) -> None:
    directory = make_store(tmp_path, ORDERS, lambda log: append(log, [(TIME_MS, b"k", b"v", ())]), clean=False)
    with open(directory / SEGMENT, "ab") as file:
        file.write(bytes(100) + b"?")
    code, text = run("verify", tmp_path)
    assert code == 1
    assert "no record batch at position " in text


def test_a_running_broker_is_told_and_not_disturbed(data: Path, run: Run) -> None:
    async def look() -> tuple[int, str]:
        store = LocalLogStore(OsFileSystem(), str(data))
        try:
            log = await store.open(ORDERS, 4, LogPolicy())
            append(log, [(TIME_MS, b"new", None, ())], epoch=4)
            return run("verify", data)
        finally:
            await store.close()

    code, text = asyncio.run(look())
    assert code == 0, text
    assert "is in use by process " in text
    assert "in use" not in run("verify", data)[1]


@pytest.mark.parametrize("name", ["missing", "empty", "file.txt"])
def test_what_is_no_log_is_refused_in_one_line(tmp_path: Path, run: Run, name: str) -> None:
    (tmp_path / "empty" / "rules-1").mkdir(parents=True)
    (tmp_path / "file.txt").touch()
    code, text = run("verify", tmp_path / name)
    assert code == 2
    assert text.startswith("kafka-compat: ")
    assert text.count("\n") == 1


def test_a_newer_format_and_an_unknown_topic_are_refused(data: Path, run: Run) -> None:
    assert run("verify", data, "--topic", "orders")[0] == 0
    assert run("dump", data, "--topic", "nobody")[0] == 2
    (data / "meta.json").write_text('{"format": 99}')
    assert run("verify", data)[0] == 2


def test_bad_options_and_help(run: Run) -> None:
    assert run("dump", ".", "--from", "-1")[0] == 2
    assert run("verify")[0] == 2
    code, text = run("verify", "--help")
    assert code == 0
    assert "DAMAGED" in text


def test_nothing_printed_steers_a_terminal() -> None:
    assert printable("a\x1b[0mé\x9b") == "a\\u001b[0mé\\u009b"
    assert bytes_text(b"\x1b[2J") == '"\\u001b[2J"'
    assert bytes_text(b"\x7f") == '"\\u007f"'
    assert time_text(1 << 62) == str(1 << 62)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_shows_on_a_terminal_after_a_second() -> None:
    now = 0.0
    terminal = Terminal()
    progress = Progress(2048, terminal, clock=lambda: now)
    progress.advance(512, "orders-0")
    assert terminal.getvalue() == ""
    now = 1.5
    progress.advance(512, "orders-0")
    assert " 50% of 2.0 KiB  orders-0" in terminal.getvalue()
    progress.clear()
    assert terminal.getvalue().endswith("\r\x1b[K")
    pipe = io.StringIO()
    Progress(10, pipe, clock=lambda: now).advance(10, "orders-0")
    assert pipe.getvalue() == ""
    assert size_text(3 << 40) == "3.0 TiB"
