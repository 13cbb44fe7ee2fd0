"""The record batches Kafka's Java client wrote (tests/golden/record-batches.jsonl.gz), decoded."""

from __future__ import annotations

import base64
import gzip
import json
from dataclasses import dataclass
from pathlib import Path

from kafka_compat.records.record import Record

GOLDEN = Path(__file__).parent.parent / "golden" / "record-batches.jsonl.gz"
CODECS = ["none", "gzip", "snappy", "lz4", "zstd"]


@dataclass(frozen=True)
class GoldenBatch:
    name: str
    codec: int
    is_log_append_time: bool
    base_offset: int
    producer_id: int
    producer_epoch: int
    base_sequence: int
    transactional: bool
    partition_leader_epoch: int
    records: list[Record]
    encoded: bytes


@dataclass(frozen=True)
class GoldenMarker:
    name: str
    base_offset: int
    timestamp_ms: int
    partition_leader_epoch: int
    producer_id: int
    producer_epoch: int
    coordinator_epoch: int
    encoded: bytes


def _bytes(text: str | None) -> bytes | None:
    return None if text is None else base64.b64decode(text)


def _load() -> tuple[list[GoldenBatch], list[GoldenMarker]]:
    batches, markers = [], []
    for number, line in enumerate(gzip.decompress(GOLDEN.read_bytes()).splitlines()):
        d = json.loads(line)
        encoded = bytes.fromhex(d["hex"])
        if "control" in d:
            markers.append(
                GoldenMarker(
                    d["control"],
                    d["base_offset"],
                    d["timestamp"],
                    d["partition_leader_epoch"],
                    d["producer_id"],
                    d["producer_epoch"],
                    d["coordinator_epoch"],
                    encoded,
                )
            )
            continue
        records = [
            Record(
                r["offset"],
                r["timestamp"],
                _bytes(r["key"]),
                _bytes(r["value"]),
                tuple((k, _bytes(v)) for k, v in r["headers"]),
            )
            for r in d["records"]
        ]
        batches.append(
            GoldenBatch(
                f"{number}-{d['compression']}-{d['timestamp_type']}",
                CODECS.index(d["compression"]),
                d["timestamp_type"] == "LogAppendTime",
                d["base_offset"],
                d["producer_id"],
                d["producer_epoch"],
                d["base_sequence"],
                d["transactional"],
                d["partition_leader_epoch"],
                records,
                encoded,
            )
        )
    return batches, markers


BATCHES, MARKERS = _load()
