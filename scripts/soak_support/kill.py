"""Kills a broker under load again and again, and checks that nothing acknowledged was lost, doubled or moved.

One idempotent producer per compression writes 0, 1, 2, ... to a topic of its own with acks=all and never gives up. After each
kill and start every partition must hold exactly 0..n-1 in order, each acknowledged record at the offset it was acknowledged
with; the high watermark must not be below what was acknowledged before the kill, and the leader epoch must have risen. Two of
the topics wait for the disk (flush.messages), so that kills meet group commits as well as plain writes. Groups commit offsets
all the while (`commits.py`).
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import confluent_kafka

from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.create_topics import (
    CreatableTopic,
    CreatableTopicConfig,
    CreateTopicsRequest,
    CreateTopicsResponse,
)
from kafka_compat.protocol.messages.fetch import FetchPartition, FetchRequest, FetchResponse, FetchTopic
from kafka_compat.protocol.messages.metadata import MetadataRequest, MetadataRequestTopic, MetadataResponse
from kafka_compat.records.batch import iter_batches
from kafka_compat.records.reader import iter_records
from scripts.soak_support.commits import Committer
from tests.support.processes import ServeProcess
from tests.support.wire_client import WireClient

CODECS = ("none", "gzip", "snappy", "lz4", "zstd")
_FLUSHED = ("gzip", "zstd")
_IN_FLIGHT = 2_000
_FLUSH_TIMEOUT_S = 60


@dataclass
class KillReport:
    """What a run did and found.

    Attributes:
        rounds: kills survived.
        acknowledged: records over all topics.
        commits: offset commits acknowledged, over all groups.
        start_s: of each start after a kill, in seconds.
        failures: what was wrong, in words; empty when all is well.
    """

    rounds: int = 0
    acknowledged: int = 0
    commits: int = 0
    start_s: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


class Writer:
    """Produces a sequence to one topic in a thread, through kills."""

    def __init__(self, bootstrap: str, codec: str) -> None:
        self.topic = f"soak-{codec}"
        self.acknowledged: dict[int, int] = {}  # value -> offset
        self.failures: list[str] = []
        self._next = 0
        self._running = threading.Event()
        self._turn = threading.Lock()  # a flush must not come between the records of a turn, nor between their reports
        self._ended = False
        self._producer = confluent_kafka.Producer(
            {
                "bootstrap.servers": bootstrap,
                "enable.idempotence": True,
                "acks": "all",
                "compression.type": codec,
                "linger.ms": 2,
                "reconnect.backoff.ms": 20,
                "reconnect.backoff.max.ms": 100,
                "retry.backoff.ms": 20,
                "message.timeout.ms": 120_000,
                "log_level": 0,
            }
        )
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @property
    def produced(self) -> int:
        """How many records were handed to the producer."""
        return self._next

    def resume(self) -> None:
        """Go on producing."""
        self._running.set()

    def flush(self) -> None:
        """Stop producing and wait until all is acknowledged."""
        self._running.clear()
        with self._turn:
            left = self._producer.flush(_FLUSH_TIMEOUT_S)
        if left:
            self.failures.append(f"{self.topic}: {left} records were not acknowledged in {_FLUSH_TIMEOUT_S} s")

    def close(self) -> None:
        """End the thread."""
        self._ended = True
        self._running.set()
        self._thread.join()

    def _run(self) -> None:
        def delivered(error: confluent_kafka.KafkaError | None, message: confluent_kafka.Message) -> None:
            value = int((message.value() or b"").split(b":")[0])
            if error is not None:
                self.failures.append(f"{self.topic}: record {value} failed: {error}")
            else:
                offset = message.offset()
                assert offset is not None
                self.acknowledged[value] = offset

        filling = b":" + b"abcdefgh" * 10
        while not self._ended:
            self._running.wait()
            with self._turn:
                if not self._running.is_set() or self._ended:
                    continue
                if len(self._producer) < _IN_FLIGHT:
                    for _ in range(50):
                        value = str(self._next).encode() + filling
                        self._producer.produce(self.topic, value, partition=0, on_delivery=delivered)
                        self._next += 1
                self._producer.poll(0 if len(self._producer) < _IN_FLIGHT else 0.01)


@dataclass
class _Seen:
    """What was checked of a topic so far."""

    next_offset: int = 0
    next_value: int = 0
    acknowledged_end: int = 0
    leader_epoch: int = -1


def run(directory: Path, command: Sequence[str], rounds: int, seed: int, arguments: Sequence[str] = ()) -> KillReport:
    """Run `rounds` kills; `command` runs `kafka-compat`, `arguments` go to `serve`."""
    chance = random.Random(seed)
    report = KillReport()
    # The smallest segments: kills meet rolls too. Few partitions of commits: the groups share some.
    small = ("--set", "log.segment.bytes=1048576", "--set", "offsets.topic.segment.bytes=1048576")
    broker = ServeProcess(directory, command, [*small, "--set", "offsets.topic.num.partitions=2", *arguments])
    broker.start()
    for codec in CODECS:
        _create(broker.bootstrap, f"soak-{codec}", {"flush.messages": "500"} if codec in _FLUSHED else {})
    writers = [Writer(broker.bootstrap, codec) for codec in CODECS]
    seen = {writer.topic: _Seen() for writer in writers}
    committer = Committer(broker.bootstrap, list(seen))
    workers: list[Writer | Committer] = [*writers, committer]
    try:
        for _ in range(rounds):
            for worker in workers:
                worker.resume()
            time.sleep(chance.uniform(0.05, 0.6))
            broker.kill()
            for writer in writers:
                seen[writer.topic].acknowledged_end = max(list(writer.acknowledged.values()), default=-1) + 1
            report.start_s.append(broker.start())
            committer.pause()
            committer.check()
            _check_epochs(broker.bootstrap, seen, report)
            for writer in writers:
                _check_end(broker.bootstrap, writer.topic, seen[writer.topic], report)
                writer.flush()
            for writer in writers:
                _check_content(broker.bootstrap, writer, seen[writer.topic], report)
            report.rounds += 1
            if report.failures or committer.failures:
                break
        for writer in writers:  # once more from the beginning: nothing old has changed
            _check_content(broker.bootstrap, writer, _Seen(), report)
    finally:
        for worker in workers:
            worker.close()
            report.failures += worker.failures
        report.acknowledged = sum(len(writer.acknowledged) for writer in writers)
        report.commits = committer.commits
        broker.kill()
    errors = [line for line in broker.log_text().splitlines() if " ERROR " in line or "Traceback" in line]
    report.failures += errors
    return report


def _create(bootstrap: str, name: str, configs: Mapping[str, str]) -> None:
    topic = CreatableTopic(
        name=name,
        num_partitions=1,
        replication_factor=1,
        configs=[CreatableTopicConfig(name=key, value=value) for key, value in configs.items()],
    )
    with WireClient(bootstrap) as client:
        response = client.call(CreateTopicsRequest(topics=[topic], timeout_ms=30_000), 5, CreateTopicsResponse)
    assert response.topics[0].error_code == 0, response.topics[0]


def _fetch(client: WireClient, topic: str, offset: int) -> tuple[int, memoryview]:
    """High watermark and records from `offset` on."""
    wanted = FetchPartition(partition=0, fetch_offset=offset, partition_max_bytes=1 << 20)
    request = FetchRequest(max_wait_ms=0, min_bytes=1, max_bytes=1 << 24, topics=[FetchTopic(topic=topic, partitions=[wanted])])
    answer = client.call(request, 11, FetchResponse).responses[0].partitions[0]
    assert answer.error_code == 0, ErrorCode(answer.error_code).name
    return answer.high_watermark, memoryview(bytes(answer.records or b""))  # type: ignore[arg-type]


def _check_epochs(bootstrap: str, seen: dict[str, _Seen], report: KillReport) -> None:
    request = MetadataRequest(topics=[MetadataRequestTopic(name=topic) for topic in seen])
    with WireClient(bootstrap) as client:
        response = client.call(request, 9, MetadataResponse)
    for topic in response.topics:
        assert topic.name is not None
        epoch = topic.partitions[0].leader_epoch
        before = seen[topic.name].leader_epoch
        if epoch <= before:
            report.failures.append(f"{topic.name}: leader epoch {epoch} after {before}")
        seen[topic.name].leader_epoch = epoch


def _check_end(bootstrap: str, topic: str, seen: _Seen, report: KillReport) -> None:
    with WireClient(bootstrap) as client:
        high_watermark, _ = _fetch(client, topic, 0)
    if high_watermark < seen.acknowledged_end:
        report.failures.append(f"{topic}: high watermark {high_watermark}, acknowledged up to {seen.acknowledged_end}")


def _check_content(bootstrap: str, writer: Writer, seen: _Seen, report: KillReport) -> None:
    with WireClient(bootstrap) as client:
        while True:
            high_watermark, records = _fetch(client, writer.topic, seen.next_offset)
            if not len(records):
                break
            for position, size in iter_batches(records):
                for record in iter_records(bytes(records[position : position + size])):
                    value = int((record.value or b"").split(b":")[0])
                    offset = record.offset
                    if offset < seen.next_offset:
                        continue  # the batch begins before the offset asked for
                    if offset != seen.next_offset or value != seen.next_value:
                        report.failures.append(
                            f"{writer.topic}: record {value} at offset {offset} instead of record {seen.next_value} at "
                            f"offset {seen.next_offset}"
                        )
                        return
                    if writer.acknowledged.get(value) != offset:
                        was = writer.acknowledged.get(value)
                        report.failures.append(f"{writer.topic}: record {value} at {offset}, acknowledged at {was}")
                        return
                    seen.next_offset, seen.next_value = offset + 1, value + 1
    if seen.next_offset != high_watermark or seen.next_value != writer.produced:
        report.failures.append(
            f"{writer.topic}: {seen.next_value} of {writer.produced} records, high watermark {high_watermark}"
        )
