"""What large logs cost a broker process: starts after a kill, latencies over small and large logs, reads from a cold disk."""

from __future__ import annotations

import multiprocessing
import os
import statistics
import struct
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from kafka_compat.protocol.api_keys import ApiKey
from kafka_compat.protocol.envelope import decode_response
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.fetch import FetchResponse
from kafka_compat.protocol.messages.list_offsets import (
    ListOffsetsPartition,
    ListOffsetsRequest,
    ListOffsetsResponse,
    ListOffsetsTopic,
)
from kafka_compat.protocol.messages.produce import PartitionProduceData, ProduceRequest, ProduceResponse, TopicProduceData
from kafka_compat.records.builder import build_batch
from tests.support.load import fetch_frame, produce_frame
from tests.support.processes import ServeProcess, usage_of
from tests.support.wire_client import WireClient, create_topic

_MEGA = 1_000_000
_BATCH_RECORDS = 900
_RECORD_BYTES = 1000
_FLUSHED_AFTER_S = 8  # a log is flushed 5 s after it became dirty
_FETCH_VERSION = 12
_TIMEOUT_S = 120


def large_batch() -> bytes:
    """A batch of about 0.9 MB."""
    now_ms = int(time.time() * 1000)
    return bytes(build_batch([(now_ms, None, os.urandom(_RECORD_BYTES), ())] * _BATCH_RECORDS))


def fill(bootstrap: str, topic: str, partitions: int, megabytes: int) -> float:
    """Write so much to a topic, batches of 0.9 MB to its partitions in turn; seconds it took."""
    batch = large_batch()
    per_request = min(partitions, 20)
    written = turn = 0
    began = time.perf_counter()
    with WireClient(bootstrap, timeout_s=_TIMEOUT_S) as client:
        while written < megabytes * _MEGA:
            data = [PartitionProduceData(index=(turn + number) % partitions, records=batch) for number in range(per_request)]
            request = ProduceRequest(acks=-1, timeout_ms=30_000, topic_data=[TopicProduceData(name=topic, partition_data=data)])
            response = client.call(request, 9, ProduceResponse)
            codes = {ErrorCode(answer.error_code) for answer in response.responses[0].partition_responses}
            assert codes == {ErrorCode.NONE}, codes
            turn = (turn + per_request) % partitions
            written += per_request * len(batch)
    return time.perf_counter() - began


def end_offset(bootstrap: str, topic: str, partition: int = 0) -> int:
    """The offset of the next record."""
    wanted = ListOffsetsPartition(partition_index=partition, timestamp=-1)
    request = ListOffsetsRequest(topics=[ListOffsetsTopic(name=topic, partitions=[wanted])])
    with WireClient(bootstrap, timeout_s=_TIMEOUT_S) as client:
        return client.call(request, 6, ListOffsetsResponse).topics[0].partitions[0].offset


def drop_cache(directory: Path) -> None:
    """Write out the files below a directory and drop them from the page cache."""
    for path in sorted(directory.rglob("*")):
        if path.is_file():
            descriptor = os.open(path, os.O_RDONLY)
            try:
                os.fsync(descriptor)
                os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
            finally:
                os.close(descriptor)


@dataclass
class StartReport:
    """Seconds of starts after kills."""

    filled_s: float = 0.0
    busy_s: list[float] = field(default_factory=list)
    idle_s: list[float] = field(default_factory=list)
    cold_s: list[float] = field(default_factory=list)


def starts(directory: Path, command: Sequence[str], partitions: int, megabytes: int, rounds: int) -> StartReport:
    """Fill a broker and kill it: under full load, when it had been idle, and idle with nothing in the page cache."""
    report = StartReport()
    broker = ServeProcess(directory, command, ["--topic", f"large:{partitions}"])
    broker.start()
    try:
        report.filled_s = fill(broker.bootstrap, "large", partitions, megabytes)
        for _ in range(rounds):
            fill(broker.bootstrap, "large", partitions, 2 * partitions)
            report.busy_s.append(_kill_and_start(broker, partitions))
            fill(broker.bootstrap, "large", partitions, partitions)
            time.sleep(_FLUSHED_AFTER_S)
            report.idle_s.append(_kill_and_start(broker, partitions))
            broker.kill()
            drop_cache(broker.data_dir)
            report.cold_s.append(broker.start())
    finally:
        broker.kill()
    return report


def _kill_and_start(broker: ServeProcess, partitions: int) -> float:
    before = [end_offset(broker.bootstrap, "large", partition) for partition in range(partitions)]
    broker.kill()
    took_s = broker.start()
    after = [end_offset(broker.bootstrap, "large", partition) for partition in range(partitions)]
    assert after == before, "acknowledged records are gone"
    return took_s


@dataclass
class Latencies:
    """Of single requests, in milliseconds."""

    append_ms: list[float] = field(default_factory=list)
    fetch_ms: list[float] = field(default_factory=list)
    rss_mb: float = 0.0


class Probe:
    """One connection that appends a record and fetches it again, and notes how long each took."""

    def __init__(self, bootstrap: str, topic: str) -> None:
        self._client = WireClient(bootstrap, timeout_s=_TIMEOUT_S)
        self._topic = topic
        self._offset = end_offset(bootstrap, topic)
        batch = build_batch([(int(time.time() * 1000), None, b"x" * 100, ())])
        self._produce = produce_frame(topic, 0, batch, acks=-1)

    def run(self, count: int, into: Latencies) -> None:
        """Append and fetch `count` times."""
        client = self._client
        for _ in range(count):
            began = time.perf_counter()
            client.send_bytes(self._produce)
            answer = client.receive_frame()
            appended = time.perf_counter()
            client.send_bytes(fetch_frame(self._topic, 0, self._offset, 1 << 20))
            fetched = client.receive_frame()
            done = time.perf_counter()
            into.append_ms.append((appended - began) * 1000)
            into.fetch_ms.append((done - appended) * 1000)
            assert struct.pack(">q", self._offset) in answer, "the record is not where it was expected"
            assert len(fetched) > 150, "nothing was fetched"
            self._offset += 1

    def close(self) -> None:
        """End the connection."""
        self._client.close()


def sizes(directory: Path, command: Sequence[str], small_mb: int, large_mb: int, count: int) -> tuple[Latencies, Latencies]:
    """The same requests over a small and a large log, in turns; each log has a broker of its own, started anew when filled."""
    brokers = [ServeProcess(directory / name, command, ["--topic", "t:1"]) for name in ("small", "large")]
    found = Latencies(), Latencies()
    try:
        for broker, megabytes in zip(brokers, (small_mb, large_mb), strict=True):
            broker.start()
            fill(broker.bootstrap, "t", 1, megabytes)
            broker.stop(timeout_s=300)
            broker.start()
        probes = [Probe(broker.bootstrap, "t") for broker in brokers]
        for probe in probes:
            probe.run(200, Latencies())
        for _ in range(20):
            for probe, into in zip(probes, found, strict=True):
                probe.run(count // 20, into)
        for probe, broker, into in zip(probes, brokers, found, strict=True):
            probe.close()
            into.rss_mb = usage_of(broker.pid).rss_bytes / _MEGA
            broker.stop()
    finally:
        for broker in brokers:
            broker.kill()
    return found


@dataclass
class ColdReport:
    """What a producer of one topic sees while nobody, a reader of cached data, or a reader of cold data takes another."""

    alone: Latencies = field(default_factory=Latencies)
    warm: Latencies = field(default_factory=Latencies)
    cold: Latencies = field(default_factory=Latencies)
    warm_mb_s: list[float] = field(default_factory=list)
    cold_mb_s: list[float] = field(default_factory=list)


def cold_reads(bootstrap: str, data_dir: Path, megabytes: int, rounds: int, rate_mb_s: int) -> ColdReport:
    """Measure a producer alone, beside a reader of a large cached log, and beside one that has to wait for the disk.

    The reader takes `rate_mb_s` at most (0: what it gets): at full speed it takes a core itself, and the broker another.
    `data_dir` is where the running broker has its logs.
    """
    report = ColdReport()
    for topic in ("large", "t"):
        create_topic(bootstrap, topic)
    fill(bootstrap, "large", 1, megabytes)
    time.sleep(_FLUSHED_AFTER_S)
    probe = Probe(bootstrap, "t")
    probe.run(2000, Latencies())
    for _ in range(rounds):
        probe.run(1000, report.alone)
        report.warm_mb_s.append(_beside_a_reader(bootstrap, probe, report.warm, rate_mb_s))
        drop_cache(data_dir / "large-0")
        report.cold_mb_s.append(_beside_a_reader(bootstrap, probe, report.cold, rate_mb_s))
    probe.close()
    return report


def _beside_a_reader(bootstrap: str, probe: Probe, into: Latencies, rate_mb_s: int) -> float:
    """Run the probe while another connection reads all of `large`; its rate in MB/s."""
    # A process of its own: in a thread it would hold up the probe, not the broker.
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        pool.submit(end_offset, bootstrap, "large").result()  # what is imported now is not waited for later
        reading = pool.submit(read_all, bootstrap, "large", rate_mb_s)
        while not reading.done():
            probe.run(20, into)
        return reading.result()


def read_all(bootstrap: str, topic: str, rate_mb_s: int) -> float:
    """Read a partition from its beginning, 1 MiB at a time, not faster than `rate_mb_s` (0: no limit); MB/s."""
    total = offset = 0
    end = end_offset(bootstrap, topic)
    with WireClient(bootstrap, timeout_s=_TIMEOUT_S) as client:
        began = time.perf_counter()
        while offset < end:
            client.send_bytes(fetch_frame(topic, 0, offset, 1 << 20))
            response = decode_response(ApiKey.FETCH, _FETCH_VERSION, client.receive_frame())[1]
            assert isinstance(response, FetchResponse)
            records = response.responses[0].partitions[0].records
            assert isinstance(records, memoryview), f"nothing at offset {offset}"
            total += len(records)
            if rate_mb_s:
                time.sleep(max(began + total / (rate_mb_s * _MEGA) - time.perf_counter(), 0))
            offset = struct.unpack_from(">q", records)[0] + struct.unpack_from(">i", records, 23)[0] + 1
        return total / (time.perf_counter() - began) / _MEGA


def quantile(values: Sequence[float], share: float) -> float:
    """The value that so large a share lies below."""
    return sorted(values)[min(int(len(values) * share), len(values) - 1)]


def figures(values: Sequence[float]) -> str:
    """Median, p99 and maximum of latencies."""
    return f"p50 {statistics.median(values):.3f} ms, p99 {quantile(values, 0.99):.3f} ms, max {max(values):.1f} ms"
