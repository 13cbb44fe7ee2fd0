"""Plays producers of transactional ids on all sides and compares what they are told and what the coordinators write.

Producer ids are named by the order in which they came up on each side; a request names a producer by what the side itself was
told. Markers are written behind the answer to an end, so that each step waits until they are: `settled`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import Final, TypeVar

from kafka_compat.coordinator.led_shards import partition_for
from kafka_compat.coordinator.records import decode_record
from kafka_compat.coordinator.transaction.values import ProducerIdAndEpoch
from kafka_compat.protocol.api_keys import ApiKey
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.message import Message
from kafka_compat.protocol.messages.add_offsets_to_txn import AddOffsetsToTxnRequest
from kafka_compat.protocol.messages.add_partitions_to_txn import (
    AddPartitionsToTxnRequest,
    AddPartitionsToTxnTopic,
    AddPartitionsToTxnTransaction,
)
from kafka_compat.protocol.messages.describe_transactions import DescribeTransactionsRequest, DescribeTransactionsResponse
from kafka_compat.protocol.messages.end_txn import EndTxnRequest, EndTxnResponse
from kafka_compat.protocol.messages.fetch import FetchPartition, FetchRequest, FetchResponse, FetchTopic
from kafka_compat.protocol.messages.find_coordinator import FindCoordinatorRequest, FindCoordinatorResponse
from kafka_compat.protocol.messages.init_producer_id import InitProducerIdRequest, InitProducerIdResponse
from kafka_compat.protocol.messages.metadata import MetadataRequest, MetadataRequestTopic, MetadataResponse
from kafka_compat.protocol.messages.update_features import FeatureUpdateKey, UpdateFeaturesRequest, UpdateFeaturesResponse
from kafka_compat.protocol.records.transaction_log import TransactionLogKey
from kafka_compat.protocol.registry import response_class
from kafka_compat.records.reader import iter_records
from tests.conformance.both import Both, Expected, Side
from tests.conformance.data_plane import time_name
from tests.conformance.normalise import Normal, normalise
from tests.support.wire_client import api_key_of

T = TypeVar("T", bound=Message)

TOPIC: Final = "__transaction_state"
NOBODY: Final = ProducerIdAndEpoch(-1, -1)
NOTHING_OFF: Final = ProducerIdAndEpoch(0, 0)
TIMEOUT_MS: Final = 60_000
_SCHEMAS: Final = {0: ("TransactionLogKey", "TransactionLogValue")}
_UNORDERED: Final = (
    "topics", "partitions", "topic_results", "results_by_partition", "results_by_transaction", "results_by_topic_v3_and_below",
    "transaction_states", "unknown_state_filters", "transaction_partitions", "partition_ids",
)  # fmt: skip
_TIMES: Final = ("transaction_start_time_ms", "transaction_start_timestamp_ms", "transaction_last_update_timestamp_ms")
_NOT_YET: Final = (
    ErrorCode.COORDINATOR_LOAD_IN_PROGRESS,
    ErrorCode.COORDINATOR_NOT_AVAILABLE,
    ErrorCode.NOT_COORDINATOR,
)


class ProducerNames:
    """What the producer ids of each side are called, by the order in which they came up there."""

    def __init__(self, both: Both) -> None:
        self._names: dict[str, dict[int, str]] = {side.kind: {} for side in both.sides}

    def name(self, side: Side, producer_id: object) -> Normal:
        """The name of an id; of none, and of 0, the number itself."""
        assert isinstance(producer_id, int)
        names = self._names[side.kind]
        return producer_id if producer_id <= 0 else names.setdefault(producer_id, f"<producer {len(names) + 1}>")


class TransactionScript:
    """One transactional id, or none; `told` is what each side has last told its producer.

    `names` are those of several scripts whose producers show up in the same answers.
    """

    def __init__(self, both: Both, stem: str = "id", names: ProducerNames | None = None) -> None:
        self.both = both
        self.transactional_id = both.name(stem)
        self.told: dict[str, ProducerIdAndEpoch] = {side.kind: NOBODY for side in both.sides}
        self._names = ProducerNames(both) if names is None else names
        for side in both.sides:
            find_coordinator(side, self.transactional_id)

    # --- requests

    def ask(
        self, label: str, make: Callable[[ProducerIdAndEpoch], Message], version: int, expect: Expected = ()
    ) -> list[Message]:
        """Send what is made for the producer of each side, compare, and return the answers."""
        answers, normal, key = [], [], ApiKey.METADATA
        for side in self.both.sides:
            request = make(self.told[side.kind])
            key = ApiKey(api_key_of(request))
            answer = side.call(request, version, response_class(key))
            answers.append(answer)
            normal.append(self.normal(side, answer, version))
        self.both.compare_values(f"{label} v{version}", key, *normal, expect=expect)
        return answers

    def normal(self, side: Side, answer: Message, version: int) -> Normal:
        """The comparable form of an answer."""
        rules = dict.fromkeys(("producer_id", "previous_producer_id", "next_producer_id"), partial(self._names.name, side))
        times = dict.fromkeys(_TIMES, time_name)
        return _with_errors(normalise(answer, version, side.names, replace={**rules, **times}, unordered=_UNORDERED))

    def init(
        self,
        version: int = 4,
        *,
        expected: Callable[[ProducerIdAndEpoch], ProducerIdAndEpoch] | None = None,
        timeout_ms: int = TIMEOUT_MS,
        expect: Expected = (),
        transactional_id: str | None = None,
        label: str = "init",
    ) -> None:
        """InitProducerId, as a producer that takes itself for `expected` of what it was told."""

        def make(told: ProducerIdAndEpoch) -> Message:
            producer = NOBODY if expected is None else expected(told)
            return InitProducerIdRequest(
                transactional_id=self.transactional_id if transactional_id is None else transactional_id,
                transaction_timeout_ms=timeout_ms,
                producer_id=producer.producer_id,
                producer_epoch=producer.producer_epoch,
            )

        for side, answer in zip(self.both.sides, self.ask(label, make, version, expect), strict=True):
            assert isinstance(answer, InitProducerIdResponse)
            if answer.error_code == 0:
                self.told[side.kind] = ProducerIdAndEpoch(answer.producer_id, answer.producer_epoch)

    def add(
        self,
        partitions: Mapping[str, Collection[int]],
        version: int = 3,
        *,
        off: ProducerIdAndEpoch = NOTHING_OFF,
        verify: bool = False,
        transactional_id: str | None = None,
        expect: Expected = (),
        label: str = "add",
    ) -> None:
        """AddPartitionsToTxn; `off` is added to what the producer was told."""
        named = self.transactional_id if transactional_id is None else transactional_id

        def make(told: ProducerIdAndEpoch) -> Message:
            topics = [AddPartitionsToTxnTopic(name=name, partitions=list(ids)) for name, ids in partitions.items()]
            producer_id, epoch = told.producer_id + off.producer_id, told.producer_epoch + off.producer_epoch
            if version < 4:
                return AddPartitionsToTxnRequest(
                    v3_and_below_transactional_id=named,
                    v3_and_below_producer_id=producer_id,
                    v3_and_below_producer_epoch=epoch,
                    v3_and_below_topics=topics,
                )
            transaction = AddPartitionsToTxnTransaction(
                transactional_id=named, producer_id=producer_id, producer_epoch=epoch, verify_only=verify, topics=topics
            )
            return AddPartitionsToTxnRequest(transactions=[transaction])

        self.ask(label, make, version, expect)

    def add_offsets(
        self,
        group: str,
        version: int = 3,
        *,
        off: ProducerIdAndEpoch = NOTHING_OFF,
        transactional_id: str | None = None,
        expect: Expected = (),
        label: str = "add offsets",
    ) -> None:
        """AddOffsetsToTxn."""

        def make(told: ProducerIdAndEpoch) -> Message:
            return AddOffsetsToTxnRequest(
                transactional_id=self.transactional_id if transactional_id is None else transactional_id,
                producer_id=told.producer_id + off.producer_id,
                producer_epoch=told.producer_epoch + off.producer_epoch,
                group_id=group,
            )

        self.ask(label, make, version, expect)

    def end(
        self,
        commit: bool,
        version: int = 3,
        *,
        off: ProducerIdAndEpoch = NOTHING_OFF,
        transactional_id: str | None = None,
        expect: Expected = (),
        label: str = "end",
    ) -> None:
        """EndTxn, and wait for its markers. From version 5 on the producer goes on as the answer says."""

        def make(told: ProducerIdAndEpoch) -> Message:
            return EndTxnRequest(
                transactional_id=self.transactional_id if transactional_id is None else transactional_id,
                producer_id=told.producer_id + off.producer_id,
                producer_epoch=told.producer_epoch + off.producer_epoch,
                committed=commit,
            )

        for side, answer in zip(self.both.sides, self.ask(label, make, version, expect), strict=True):
            assert isinstance(answer, EndTxnResponse)
            if answer.error_code == 0 and answer.producer_id != -1 and off == (0, 0):
                self.told[side.kind] = ProducerIdAndEpoch(answer.producer_id, answer.producer_epoch)
        self.settled()

    def describe(self, label: str = "describe", expect: Expected = ()) -> None:
        """DescribeTransactions of the id."""
        self.ask(label, lambda _: DescribeTransactionsRequest(transactional_ids=[self.transactional_id]), 0, expect)

    def settled(self) -> None:
        """Wait until no markers are being written."""
        for side in self.both.sides:
            while state_of(side, self.transactional_id).startswith("Prepare"):
                pass

    # --- records

    def compare_records(self) -> None:
        """The coordinators of all sides must have written the same records of the id."""
        logs: list[Normal] = []
        for side in self.both.sides:
            found: list[Normal] = []
            for key, value in records_of(side, self.transactional_id):
                decoded = decode_record(_SCHEMAS, key, value)
                assert decoded is not None
                version = -1 if value is None else int.from_bytes(value[:2], "big")
                written = None if decoded[1] is None else self.normal(side, decoded[1], version)
                found.append({"version": version, "value": written})
            logs.append(found)
        self.both.compare_values("records", ApiKey.FETCH, *logs)


def _with_errors(normal: Normal) -> Normal:
    """The code of a partition is an error code as well."""
    match normal:
        case dict():
            return {
                "error_code" if name == "partition_error_code" else name: _with_errors(value) for name, value in normal.items()
            }
        case list():
            return [_with_errors(item) for item in normal]
    return normal


def find_coordinator(side: Side, transactional_id: str) -> None:
    """Return when the id has a coordinator that serves it, and producer ids are at hand: the reference takes its time."""
    found = FindCoordinatorRequest(key_type=1, coordinator_keys=[transactional_id])
    while side.call(found, 4, FindCoordinatorResponse).coordinators[0].error_code in _NOT_YET:
        pass
    described = DescribeTransactionsRequest(transactional_ids=[transactional_id])
    while side.call(described, 0, DescribeTransactionsResponse).transaction_states[0].error_code in _NOT_YET:
        pass
    # None of the ids that are compared is 0, which stands in answers without a producer id as well.
    while side.call(InitProducerIdRequest(transactional_id=None), 4, InitProducerIdResponse).error_code in _NOT_YET:
        pass


def state_of(side: Side, transactional_id: str) -> str:
    """The state of the id; empty when there is none."""
    request = DescribeTransactionsRequest(transactional_ids=[transactional_id])
    return side.call(request, 0, DescribeTransactionsResponse).transaction_states[0].transaction_state


def set_level(both: Both, level: int) -> None:
    """Bring the feature transaction.version to a level on all sides; returns when it is in force."""
    for side in both.sides:
        for kind in (1, 2):
            update = FeatureUpdateKey(feature="transaction.version", max_version_level=level, upgrade_type=kind)
            answer = side.call(UpdateFeaturesRequest(feature_updates=[update]), 1, UpdateFeaturesResponse)
            if answer.error_code == 0:
                break
        assert answer.error_code == 0, answer


def records_of(side: Side, transactional_id: str) -> list[tuple[bytes, bytes | None]]:
    """Key and value of each record of the id, in order."""
    described = side.call(MetadataRequest(topics=[MetadataRequestTopic(name=TOPIC)]), 12, MetadataResponse)
    partition = partition_for(transactional_id, len(described.topics[0].partitions))
    found: list[tuple[bytes, bytes | None]] = []
    offset = 0
    while True:
        wanted = FetchPartition(partition=partition, fetch_offset=offset, partition_max_bytes=50 << 20)
        request = FetchRequest(max_wait_ms=0, min_bytes=0, topics=[FetchTopic(topic=TOPIC, partitions=[wanted])])
        answer = side.call(request, 12, FetchResponse).responses[0].partitions[0]
        assert answer.error_code == 0, answer
        assert isinstance(answer.records, bytes | memoryview)
        records = list(iter_records(answer.records))
        for record in records:
            assert record.key is not None
            key = decode_record(_SCHEMAS, bytes(record.key), None)
            assert key is not None
            assert isinstance(key[0], TransactionLogKey)
            if key[0].transactional_id == transactional_id:
                found.append((bytes(record.key), None if record.value is None else bytes(record.value)))
        if not records:
            return found
        offset = records[-1].offset + 1
