"""The transaction coordinator against Apache Kafka's: producers of both generations, good and bad, at each level."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import pytest

from kafka_compat.coordinator.transaction.values import ProducerIdAndEpoch
from kafka_compat.protocol.api_keys import ApiKey
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.add_partitions_to_txn import (
    AddPartitionsToTxnRequest,
    AddPartitionsToTxnTopic,
    AddPartitionsToTxnTransaction,
)
from kafka_compat.protocol.messages.find_coordinator import FindCoordinatorRequest
from kafka_compat.protocol.messages.init_producer_id import InitProducerIdRequest
from kafka_compat.protocol.messages.list_transactions import ListTransactionsRequest, ListTransactionsResponse
from kafka_compat.protocol.messages.update_features import FeatureUpdateKey, UpdateFeaturesRequest
from tests.conformance.both import ANY_ERROR, Both
from tests.conformance.transaction_script import TransactionScript, find_coordinator, set_level

# Brokers of its own: levels of features are the cluster's.
BROKER_CONFIGS = {"transaction.state.log.num.partitions": "3", "offsets.topic.num.partitions": "2"}

LEVELS = (0, 1, 2)
# Level and version of EndTxn. At level 0 Kafka 4.3.1 cannot write what a client of EndTxn 5 does, and its transaction hangs.
GENERATIONS = [(level, version) for level in LEVELS for version in range(6) if level or version < 5]
FENCED, OLD_EPOCH = ErrorCode.PRODUCER_FENCED, ErrorCode.INVALID_PRODUCER_EPOCH
MAPPING, CONCURRENT = ErrorCode.INVALID_PRODUCER_ID_MAPPING, ErrorCode.CONCURRENT_TRANSACTIONS
BAD_STATE, INVALID = ErrorCode.INVALID_TXN_STATE, ErrorCode.INVALID_REQUEST

# What a producer says wrongly about itself.
WRONG = {
    "producer id": ProducerIdAndEpoch(5_000, 0),
    "newer epoch": ProducerIdAndEpoch(0, 1),
    "older epoch": ProducerIdAndEpoch(0, -1),
    "much newer epoch": ProducerIdAndEpoch(0, 100),
}


@pytest.fixture(params=LEVELS, ids=lambda level: f"level {level}")
def level(request: pytest.FixtureRequest, both: Both) -> Iterator[int]:
    set_level(both, request.param)
    yield request.param
    set_level(both, 2)


@pytest.mark.parametrize(("level", "version"), GENERATIONS, indirect=["level"])
def test_life_of_an_id(both: Both, level: int, version: int) -> None:
    """Client versions of all APIs together, as one client speaks them; records and all."""
    topic = both.create_topic(both.name("life"), 3)
    script = TransactionScript(both)
    adds = min(version, 3)
    script.init(version)
    script.describe("begun")
    script.add({topic: [0, 2]}, adds)
    script.describe("with partitions")
    script.add({topic: [0]}, adds)
    script.add({topic: [1]}, adds)
    script.add_offsets(both.name("group"), min(version, 4))
    script.describe("with offsets")
    script.end(True, version)
    script.describe("committed")
    script.add({topic: [1]}, adds)
    script.end(False, version)
    script.describe("aborted")
    script.init(version)
    script.add({topic: [2]}, adds)
    script.end(True, version)
    script.init(version)
    script.describe("begun again")
    script.compare_records()


@pytest.mark.parametrize(("level", "version"), GENERATIONS, indirect=["level"])
def test_repeated_ends(both: Both, level: int, version: int) -> None:
    topic = both.create_topic(both.name("ends"), 1)
    for first in (True, False):
        for second in (True, False):
            script = TransactionScript(both)
            script.init(4)
            script.add({topic: [0]}, 3)
            script.end(first, version, label=f"end {first}")
            off = ProducerIdAndEpoch(0, -1 if version == 5 else 0)
            script.end(
                second, version, off=off, expect=() if first == second else {BAD_STATE}, label=f"{first}, {second} repeated"
            )
            script.describe(f"{first}, {second}")
            script.end(
                second,
                version,
                expect={BAD_STATE} if (second if version == 5 else first != second) else (),
                label=f"{first}, {second} anew",
            )
            script.describe(f"{first}, {second} anew")
            script.compare_records()


@pytest.mark.parametrize(("level", "version"), GENERATIONS, indirect=["level"])
def test_ends_of_what_never_began(both: Both, level: int, version: int) -> None:
    script = TransactionScript(both)
    script.init(4)
    script.end(True, version, expect={BAD_STATE}, label="commit")
    script.end(False, version, expect=() if version == 5 else {BAD_STATE}, label="abort")
    script.describe()
    script.end(False, version, expect=() if version == 5 else {BAD_STATE}, label="abort again")
    script.compare_records()


def _instead(other: ProducerIdAndEpoch, told: ProducerIdAndEpoch) -> ProducerIdAndEpoch:
    return other


def _off_by(off: ProducerIdAndEpoch, told: ProducerIdAndEpoch) -> ProducerIdAndEpoch:
    return ProducerIdAndEpoch(told.producer_id + off.producer_id, told.producer_epoch + off.producer_epoch)


def _ended(script: TransactionScript, topic: str, *, is_commit: bool) -> None:
    script.add({topic: [0]}, 3)
    script.end(is_commit, 3)


STATES: dict[str, Callable[[TransactionScript, str], None]] = {
    "empty": lambda script, topic: None,
    "ongoing": lambda script, topic: script.add({topic: [0]}, 3),
    "committed": partial(_ended, is_commit=True),
    "aborted": partial(_ended, is_commit=False),
}


@pytest.mark.parametrize("state", STATES)
def test_wrong_producers(both: Both, level: int, state: str) -> None:
    topic = both.create_topic(both.name("wrong"), 2)
    script = TransactionScript(both)
    script.init(4)
    script.init(4)
    STATES[state](script, topic)
    for label, off in WRONG.items():
        for version in range(6):
            refused = {MAPPING} if off.producer_id else {FENCED if version >= 2 else OLD_EPOCH}
            script.add({topic: [0, 1]}, version, off=off, expect=refused, label=f"add, {label}")
            if version >= 4:
                script.add({topic: [0, 1]}, version, off=off, verify=True, expect=refused, label=f"verify, {label}")
            if version <= 4:
                script.add_offsets("group", version, off=off, expect=refused, label=f"add offsets, {label}")
            # Of a client whose epoch rises the one before may be repeated; at level 0 see above.
            if version < 5 or level:
                script.end(True, version, off=off, expect=ANY_ERROR, label=f"commit, {label}")
                script.end(False, version, off=off, expect=ANY_ERROR, label=f"abort, {label}")
    script.describe()


def test_ids_that_nobody_uses(both: Both) -> None:
    topic = both.create_topic(both.name("unused"), 1)
    script = TransactionScript(both)
    for named, refused in (("", INVALID), ("nobody", MAPPING), ("größer 😀", MAPPING)):
        for side in both.sides:
            find_coordinator(side, named or "empty")
        for version in range(6):
            script.add({topic: [0]}, version, transactional_id=named, expect={refused}, label=f"add to {named!r}")
            if version >= 4:
                script.add(
                    {topic: [0]}, version, transactional_id=named, verify=True, expect={refused}, label=f"verify {named!r}"
                )
            if version <= 4:
                script.add_offsets("group", version, transactional_id=named, expect={refused}, label=f"offsets of {named!r}")
            for commit in (True, False):
                script.end(commit, version, transactional_id=named, expect={refused}, label=f"end {commit} {named!r}")


@pytest.mark.parametrize("version", range(6))
def test_init_producer_id(both: Both, level: int, version: int) -> None:
    script = TransactionScript(both)
    limit_ms = 900_000
    for timeout_ms in (0, -1, limit_ms + 1, 2**31 - 1, -(2**31)):
        script.init(version, timeout_ms=timeout_ms, expect={ErrorCode.INVALID_TRANSACTION_TIMEOUT}, label=f"{timeout_ms} ms")
    script.init(version, transactional_id="", expect={INVALID}, label="empty id")
    script.init(version, transactional_id="", timeout_ms=0, expect={INVALID}, label="empty id, bad timeout")
    script.describe("none", {ErrorCode.TRANSACTIONAL_ID_NOT_FOUND})
    script.init(version, timeout_ms=1)
    script.describe("short")
    script.init(version, timeout_ms=limit_ms)
    script.describe("long")
    script.init(4)
    if version >= 3:
        fenced = {FENCED if version >= 4 else OLD_EPOCH}
        for half in (ProducerIdAndEpoch(-1, 3), ProducerIdAndEpoch(3, -1)):
            script.init(version, expected=partial(_instead, half), expect={INVALID}, label=f"half {half}")
        script.init(version, expected=lambda told: told, label="bumps itself")
        script.init(
            version,
            expected=lambda told: told._replace(producer_epoch=told.producer_epoch - 1),
            label="bumps itself, repeated",
        )
        for label, off in WRONG.items():
            if label != "older epoch":
                script.init(
                    version,
                    expected=partial(_off_by, off),
                    expect=fenced,
                    label=f"bumps {label}",
                )
        script.init(version)
        script.init(
            version,
            expected=lambda told: told._replace(producer_epoch=told.producer_epoch - 1),
            expect=fenced,
            label="bumps what another has fenced",
        )
    script.compare_records()


@pytest.mark.parametrize("version", [0, 3, 4, 5])
def test_init_aborts_what_runs(both: Both, level: int, version: int) -> None:
    topic = both.create_topic(both.name("fence"), 2)
    script = TransactionScript(both)
    script.init(version)
    script.add({topic: [0, 1]}, 3)
    script.init(version, expect={CONCURRENT}, label="init while it runs")
    script.settled()
    script.describe("aborted")
    script.add({topic: [0]}, 3, expect={FENCED}, label="add, fenced")
    script.end(True, 3, expect={FENCED}, label="end, fenced")
    script.init(version, label="init again")
    script.describe("fenced")
    if version >= 3:
        script.add({topic: [0]}, 3)
        script.init(version, expected=lambda told: told, expect={CONCURRENT}, label="bumps while it runs")
        script.settled()
        fenced = {FENCED if version >= 4 else OLD_EPOCH}
        # With level 2 the epoch of the abort is what comes behind the producer's own, which may be repeated.
        script.init(version, expected=lambda told: told, expect=ANY_ERROR, label="bumps again")
        script.init(version, expected=lambda told: told._replace(producer_epoch=90), expect=fenced, label="bumps from ahead")
    script.compare_records()


def test_which_partitions(both: Both) -> None:
    topic = both.create_topic(both.name("which"), 2)
    other = both.create_topic(both.name("which"), 1)
    script = TransactionScript(both)
    script.init(4)
    unknown = {ErrorCode.UNKNOWN_TOPIC_OR_PARTITION}
    partly = {*unknown, ErrorCode.OPERATION_NOT_ATTEMPTED}
    for version in range(6):
        script.add({topic: [0, 2], other: [0]}, version, expect=partly, label="partition that does not exist")
        script.add({topic: [-1]}, version, expect=unknown, label="negative partition")
        script.add({"nope": [0]}, version, expect=unknown, label="topic that does not exist")
        script.add({"": [0], "a/b": [0]}, version, expect=unknown, label="no topics at all")
        script.add(
            {"__transaction_state": [0], topic: [0]},
            version,
            expect={ErrorCode.TOPIC_AUTHORIZATION_FAILED, ErrorCode.OPERATION_NOT_ATTEMPTED} if version < 4 else (),
            label="internal topic",
        )
        script.add({topic: [0, 0, 1, 0]}, version, label="twice")
        script.add({topic: []}, version, label="no partitions")
        script.add({}, version, label="no topics")
    script.describe()
    for version in (4, 5):
        script.add({topic: [0, 1], other: [0]}, version, verify=True, expect={ErrorCode.TRANSACTION_ABORTABLE})
        script.add({topic: [1, 7]}, version, verify=True, expect=partly, label="verify what does not exist")
    script.end(False, 3)
    for version in (4, 5):
        script.add({topic: [0]}, version, verify=True, expect={ErrorCode.TRANSACTION_ABORTABLE}, label="verify when over")


def test_several_transactions_at_once(both: Both) -> None:
    topic = both.create_topic(both.name("several"), 2)
    one, two = TransactionScript(both), TransactionScript(both)
    one.init(4)
    two.init(4)
    topics = [AddPartitionsToTxnTopic(name=topic, partitions=[0, 1])]

    for version in (4, 5):
        for verify in (False, True):

            def make(told: ProducerIdAndEpoch, verify: bool = verify) -> AddPartitionsToTxnRequest:
                side = next(kind for kind, known in one.told.items() if known == told)
                return AddPartitionsToTxnRequest(
                    transactions=[
                        AddPartitionsToTxnTransaction(
                            transactional_id=script.transactional_id,
                            producer_id=script.told[side].producer_id + wrong,
                            producer_epoch=script.told[side].producer_epoch,
                            verify_only=verify,
                            topics=topics,
                        )
                        for script, wrong in ((one, 0), (two, 5_000))
                    ]
                )

            one.ask(f"two, verify {verify}", make, version, {MAPPING})
    one.describe()
    two.describe()


def test_lists(both: Both) -> None:
    topic = both.create_topic(both.name("lists"), 1)
    scripts = {state: TransactionScript(both, f"list-{state}") for state in STATES}
    for state, script in scripts.items():
        script.init(4)
        STATES[state](script, topic)
    script = scripts["empty"]
    mine = {script.transactional_id for script in scripts.values()}

    def ask(label: str, request: ListTransactionsRequest, version: int) -> None:
        normal = []
        for side in both.sides:
            answer = side.call(request, version, ListTransactionsResponse)
            answer.transaction_states = sorted(
                (found for found in answer.transaction_states if found.transactional_id in mine),
                key=lambda found: found.transactional_id,
            )
            normal.append(script.normal(side, answer, version))
        both.compare_values(f"{label} v{version}", ApiKey.LIST_TRANSACTIONS, *normal)

    for version in range(3):
        ask("all", ListTransactionsRequest(), version)
        for states in (["Empty"], ["Ongoing", "nope"], ["CompleteCommit", "CompleteAbort"], ["nope"], ["Dead"]):
            ask(f"states {states}", ListTransactionsRequest(state_filters=states), version)
        ask("nobody's producer id", ListTransactionsRequest(producer_id_filters=[2**40]), version)
    for duration_ms in (-1, 3_600_000):
        ask(f"{duration_ms} ms", ListTransactionsRequest(duration_filter=duration_ms), 1)
    for pattern in (
        "list-.*",
        "list",
        ".*list.*",
        "list-(empty|ongoing)-.*",
        "(?i)LIST-E[a-z]+-[0-9a-f]+",
        "",
        "x*",
        r"\Qlist-\E.+",
    ):
        ask(f"pattern {pattern!r}", ListTransactionsRequest(transactional_id_pattern=pattern), 2)


def test_find_coordinator(both: Both) -> None:
    script = TransactionScript(both)
    keys = [script.transactional_id, "", "größer", script.transactional_id]
    for version in range(1, 7):
        if version < 4:
            both.compare("one", FindCoordinatorRequest(key_type=1, key=keys[0]), [version])
        else:
            both.compare("several", FindCoordinatorRequest(key_type=1, coordinator_keys=keys), [version])


def test_levels(both: Both) -> None:
    """UpdateFeatures lowers and raises transaction.version."""

    def update(level: int, kind: int, *, expect: tuple[ErrorCode, ...] = (), validate_only: bool = False) -> None:
        request = UpdateFeaturesRequest(
            feature_updates=[FeatureUpdateKey(feature="transaction.version", max_version_level=level, upgrade_type=kind)],
            validate_only=validate_only,
        )
        both.compare(f"to {level} by {kind}, {validate_only}", request, [1], expect=expect)

    refused = (ErrorCode.INVALID_UPDATE_VERSION,)
    update(3, 1, expect=refused)
    update(-1, 1, expect=refused)
    update(1, 1, expect=refused)
    update(1, 2, validate_only=True)
    update(2, 1)
    update(1, 2)
    update(0, 3)
    update(1, 2, expect=refused)
    update(0, 1)
    update(2, 1)


def test_ids_without_transactions(both: Both) -> None:
    both.compare(
        "no id",
        InitProducerIdRequest(transactional_id=None, transaction_timeout_ms=0),
        range(6),
        replace={"producer_id": "<id>"},
    )
