"""What a coordinator has written of one group to __consumer_offsets, in a form in which two brokers' logs can be compared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from kafka_compat.coordinator.led_shards import partition_for
from kafka_compat.coordinator.records import decode_record
from kafka_compat.protocol.api_keys import ApiKey
from kafka_compat.protocol.messages.fetch import FetchPartition, FetchRequest, FetchResponse, FetchTopic
from kafka_compat.protocol.messages.metadata import MetadataRequest, MetadataRequestTopic, MetadataResponse
from kafka_compat.protocol.records.group_metadata import GroupMetadataKey
from kafka_compat.protocol.records.offset_commit import OffsetCommitKey, OffsetCommitValue
from kafka_compat.records.reader import iter_records
from tests.conformance.both import Side
from tests.conformance.data_plane import bytes_of, time_name
from tests.conformance.group_script import GroupScript
from tests.conformance.normalise import Normal, Replacement, normalise

TOPIC: Final = "__consumer_offsets"
_SCHEMAS: Final = {1: ("OffsetCommitKey", "OffsetCommitValue"), 2: ("GroupMetadataKey", "GroupMetadataValue")}


def group_log(side: Side, group: str, replace: Mapping[str, Replacement] | None = None) -> list[Normal]:
    """The group's records in order: key, version of the value, value; None for a tombstone.

    Times near now are `<now>`, a time of expiry is told from the commit on. Tombstones in a row have no order: the reference
    walks hash maps.
    """
    rules = {"commit_timestamp": time_name, "current_state_timestamp": time_name, **(replace or {})}
    found: list[Normal] = []
    tombstones: list[Normal] = []
    for key, value in _records(side, group):
        decoded = decode_record(_SCHEMAS, key, value)
        if decoded is None:
            continue
        key_message, value_message = decoded
        assert isinstance(key_message, OffsetCommitKey | GroupMetadataKey)
        if key_message.group != group:
            continue
        key_name = normalise(key_message, 0, side.names)
        if value is None or value_message is None:
            tombstones.append({"key": key_name, "version": None, "value": None})
            continue
        found += sorted(tombstones, key=repr)
        tombstones.clear()
        if isinstance(value_message, OffsetCommitValue) and value_message.expire_timestamp != -1:
            value_message.expire_timestamp -= value_message.commit_timestamp
        version = int.from_bytes(value[:2], "big")
        normal = normalise(value_message, version, side.names, replace=rules, unordered=["members"])
        found.append({"key": key_name, "version": version, "value": normal})
    return found + sorted(tombstones, key=repr)


def compare_group_logs(script: GroupScript, replace: Mapping[str, Replacement] | None = None) -> None:
    """All sides must have written the same records of the script's group; to be called after `finish`."""
    logs: list[Normal] = [
        [*group_log(cast.side, script.group, {"member_id": cast.name_of, "leader": cast.name_of, **(replace or {})})]
        for cast in script.casts
    ]
    script.both.compare_values(f"{script.group}: records", ApiKey.FETCH, *logs)


def _records(side: Side, group: str) -> Iterator[tuple[bytes, bytes | None]]:
    described = side.call(MetadataRequest(topics=[MetadataRequestTopic(name=TOPIC)]), 12, MetadataResponse)
    partition = partition_for(group, len(described.topics[0].partitions))
    offset = 0
    while True:
        wanted = FetchPartition(partition=partition, fetch_offset=offset, partition_max_bytes=50 << 20)
        request = FetchRequest(max_wait_ms=0, min_bytes=0, topics=[FetchTopic(topic=TOPIC, partitions=[wanted])])
        answer = side.call(request, 12, FetchResponse).responses[0].partitions[0]
        assert answer.error_code == 0, answer
        records = list(iter_records(bytes_of(answer.records)))
        for record in records:
            assert record.key is not None
            yield bytes(record.key), None if record.value is None else bytes(record.value)
        if not records:
            return
        offset = records[-1].offset + 1
