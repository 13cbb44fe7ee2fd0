"""Fetch 4-18 against Apache Kafka: limits, order, errors, epochs, incremental sessions."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence

import pytest

from kafka_compat.protocol.api_keys import ApiKey
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.fetch import FetchRequest, FetchResponse
from tests.conformance.both import ANY_ERROR, Both, Expected, Side
from tests.conformance.data_plane import (
    FETCHED,
    T0,
    Wanted,
    WantedTopics,
    batch,
    fetch,
    produce_now,
    records_name,
)
from tests.conformance.normalise import Normal, normalise

VERSIONS = range(4, 19)
NO_EPOCH_CHECK = (4, 7, 9, 12, 13, 16, 18)


def sized(bytes_of_value: int, at: int = 0) -> bytes:
    return batch([(T0 + at, b"k", b"v" * bytes_of_value, ())])


SMALL = sized(50)  # 127 bytes
LARGE = sized(500)


def compare(
    both: Both,
    label: str,
    topics: WantedTopics,
    versions: Sequence[int] | range = VERSIONS,
    *,
    expect: Expected = (),
    **options: int,
) -> None:
    request = fetch(topics, **options)  # type: ignore[arg-type]
    both.compare(label, request, versions, replace=FETCHED, expect=expect)


@pytest.fixture
def filled(both: Both) -> str:
    """Three partitions: four small batches, a large one between small ones, nothing."""
    topic = both.create_topic(both.name("fetch"), 3)
    for side in both.sides:
        produce_now(side, topic, 0, SMALL, SMALL, batch(), SMALL)
        produce_now(side, topic, 1, LARGE, SMALL, LARGE)
    return topic


def test_offsets(both: Both, filled: str) -> None:
    for offset in (0, 1, 2, 3, 4, 5, 6, 7, 100, -1, -2, 1 << 62):
        compare(both, f"offset {offset}", {filled: {0: Wanted(offset)}}, expect=ANY_ERROR)
    for isolation in (0, 1, 2, -1):
        for offset in (0, 6, 7):
            compare(
                both,
                f"isolation {isolation} at {offset}",
                {filled: {0: Wanted(offset)}},
                isolation_level=isolation,
                expect=ANY_ERROR,
            )
    compare(both, "empty", {filled: {2: Wanted(0)}})
    compare(both, "empty, beyond", {filled: {2: Wanted(1)}}, expect={ErrorCode.OFFSET_OUT_OF_RANGE})
    compare(both, "log start offset", {filled: {0: Wanted(0, log_start_offset=3)}})


def test_limits(both: Both, filled: str) -> None:
    size, large = len(SMALL), len(LARGE)
    for limit in (-1, 0, 1, size - 1, size, size + 1, 2 * size, 2 * size + 61, 3 * size, large, 10_000):
        compare(both, f"partition max {limit}", {filled: {0: Wanted(0, limit)}}, NO_EPOCH_CHECK, expect=ANY_ERROR)
        compare(both, f"max bytes {limit}", {filled: {0: Wanted(0)}}, NO_EPOCH_CHECK, max_bytes=limit, expect=ANY_ERROR)
        compare(
            both,
            f"partition max {limit} twice",
            {filled: {0: Wanted(1, limit), 1: Wanted(0, limit)}},
            NO_EPOCH_CHECK,
            expect=ANY_ERROR,
        )
        compare(
            both,
            f"large first, {limit}",
            {filled: {1: Wanted(0, limit), 0: Wanted(0, limit)}},
            NO_EPOCH_CHECK,
            expect=ANY_ERROR,
        )
        compare(
            both,
            f"max bytes {limit} of two",
            {filled: {0: Wanted(0), 1: Wanted(0)}},
            NO_EPOCH_CHECK,
            max_bytes=limit,
            expect=ANY_ERROR,
        )
        compare(
            both,
            f"empty first, {limit}",
            {filled: {2: Wanted(0, limit), 1: Wanted(0, limit)}},
            (4, 13),
            max_bytes=limit,
            expect=ANY_ERROR,
        )
    for limit in (5 * size, 5 * size + 20, 5 * size + 100, 6 * size, 6 * size + 61, 7 * size + 300):
        compare(both, f"rest of {limit}", {filled: {0: Wanted(0), 1: Wanted(1)}}, (4, 13), max_bytes=limit)
        compare(
            both, f"rest of {limit}, partition", {filled: {0: Wanted(0, 2 * size + 70), 1: Wanted(1)}}, (4, 13), max_bytes=limit
        )


def test_topics_and_partitions(both: Both, filled: str) -> None:
    other = both.create_topic(both.name("fetch-other"))
    cases: Mapping[str, WantedTopics] = {
        "unknown topic": {"no-such-topic": {0: Wanted()}},
        "unknown among good": {filled: {0: Wanted()}, "no-such-topic": {0: Wanted(), 1: Wanted()}, other: {0: Wanted()}},
        "unknown partition": {filled: {3: Wanted(), 0: Wanted(), -1: Wanted()}},
        "out of range among good": {filled: {0: Wanted(99), 1: Wanted(0)}},
        "order": {filled: {2: Wanted(), 1: Wanted(), 0: Wanted()}, other: {0: Wanted()}},
        "no topics": {},
        "no partitions": {filled: {}},
        "empty name": {"": {0: Wanted()}},
        "topic twice": [(filled, {0: Wanted()}), (other, {0: Wanted()}), (filled, {1: Wanted()})],
        "partition twice": [(filled, {0: Wanted(0)}), (filled, {0: Wanted(3)})],
    }
    for label, topics in cases.items():
        for session_epoch in (-1, 0):
            request = fetch(topics, session=(0, session_epoch))
            both.compare(f"{label}, session epoch {session_epoch}", request, VERSIONS, replace=FETCHED, expect=ANY_ERROR)
    both.compare(
        "zero id",
        FetchRequest(topics=fetch({"": {0: Wanted()}})(both.ours).topics),
        (13, 18),
        replace=FETCHED,
        expect={ErrorCode.UNKNOWN_TOPIC_ID},
    )


def test_epochs(both: Both, filled: str) -> None:
    for epoch in (-2, 0, 1, 7, 1 << 30):
        compare(both, f"leader epoch {epoch}", {filled: {0: Wanted(0, leader_epoch=epoch)}}, range(8, 19), expect=ANY_ERROR)
        compare(
            both,
            f"leader epoch {epoch}, out of range",
            {filled: {0: Wanted(50, leader_epoch=epoch)}},
            (12, 18),
            expect=ANY_ERROR,
        )
        compare(
            both,
            f"leader epoch {epoch} among good",
            {filled: {0: Wanted(0, leader_epoch=epoch), 1: Wanted(0)}},
            (9, 12, 18),
            expect=ANY_ERROR,
        )
    for last in (-2, 0, 1, 7):
        for offset in (0, 3, 6, 7, 50, -1):
            wanted = {filled: {0: Wanted(offset, last_fetched_epoch=last)}}
            compare(both, f"last fetched epoch {last} at {offset}", wanted, range(12, 19), expect=ANY_ERROR)
        compare(
            both,
            f"last fetched epoch {last}, empty",
            {filled: {2: Wanted(0, last_fetched_epoch=last)}},
            (12, 18),
            expect=ANY_ERROR,
        )
        both_epochs = {filled: {0: Wanted(0, leader_epoch=0, last_fetched_epoch=last)}}
        compare(both, f"both epochs, last {last}", both_epochs, (12, 18), expect=ANY_ERROR)
        compare(
            both,
            f"last fetched epoch {last} among good",
            {filled: {0: Wanted(0, last_fetched_epoch=last), 1: Wanted()}},
            (12, 18),
            expect=ANY_ERROR,
        )


def test_replica_ids(both: Both, filled: str) -> None:
    for replica_id in (-2, -3):
        compare(both, f"replica {replica_id}", {filled: {0: Wanted()}}, range(4, 15), replica_id=replica_id)


class Session:
    """The same steps of a session on both sides."""

    def __init__(self, both: Both, version: int) -> None:
        self.both = both
        self.version = version
        self.ids = {side.kind: 0 for side in both.sides}
        self.epoch = 0

    def step(
        self,
        label: str,
        topics: WantedTopics,
        *,
        epoch: int | None = None,
        forgotten: Mapping[str, Sequence[int]] | None = None,
        max_bytes: int = 0x7FFFFFFF,
        foreign_id: int | None = None,
        expect: Expected = (),
    ) -> None:
        answers: list[Normal] = []
        for side in self.both.sides:
            session = (self.ids[side.kind] if foreign_id is None else foreign_id, self.epoch if epoch is None else epoch)
            request = fetch(topics, session=session, forgotten=forgotten, max_bytes=max_bytes)(side)
            answer = side.call(request, self.version, FetchResponse)
            if self.ids[side.kind] == 0:
                self.ids[side.kind] = answer.session_id
            answers.append(normalise(answer, self.version, side.names, replace=FETCHED))
        self.both.compare_values(f"session {label} v{self.version}", ApiKey.FETCH, *answers, expect=expect)
        if epoch is None:
            self.epoch += 1


@pytest.mark.parametrize("version", [7, 12, 13, 15, 18])
def test_incremental_session(both: Both, version: int) -> None:
    topic = both.create_topic(both.name("session"), 4)
    other = both.create_topic(both.name("session-other"), 1)
    for side in both.sides:
        for partition in range(3):
            produce_now(side, topic, partition, SMALL, SMALL)
    session = Session(both, version)
    session.step(
        "created",
        {topic: {0: Wanted(0), 1: Wanted(1), 2: Wanted(2), 3: Wanted(0)}, "no-such-topic": {0: Wanted()}},
        expect=ANY_ERROR,
    )
    session.step("again", {}, expect=ANY_ERROR)
    session.step("moved on", {topic: {0: Wanted(2), 1: Wanted(2)}}, expect=ANY_ERROR)
    session.step("nothing new", {}, expect=ANY_ERROR)
    for side in both.sides:
        produce_now(side, topic, 2, SMALL)
    session.step("news of one", {}, expect=ANY_ERROR)
    session.step("the same news", {}, expect=ANY_ERROR)
    session.step("moved on there", {topic: {2: Wanted(3)}}, expect=ANY_ERROR)
    session.step("out of range", {topic: {1: Wanted(99)}}, expect=ANY_ERROR)
    session.step("still out of range", {}, expect=ANY_ERROR)
    session.step("in range again", {topic: {1: Wanted(2)}}, expect=ANY_ERROR)
    session.step("quiet again", {}, expect=ANY_ERROR)
    session.step("added", {other: {0: Wanted(0)}}, expect=ANY_ERROR)
    session.step("added unknown partition", {topic: {9: Wanted(0)}}, expect=ANY_ERROR)
    session.step("forgotten", {}, forgotten={topic: [9, 3], "no-such-topic": [0]})
    session.step("forgotten and added at once", {topic: {3: Wanted(0)}}, forgotten={topic: [3]})
    for side in both.sides:
        produce_now(side, topic, 3, SMALL)
        produce_now(side, other, 0, SMALL)
    session.step("is it there", {})
    session.step("rewound", {topic: {0: Wanted(0), 1: Wanted(0), 2: Wanted(0)}, other: {0: Wanted(0)}}, max_bytes=len(SMALL))
    for number in range(8):
        session.step(f"rotation {number}", {}, max_bytes=len(SMALL) + 10)
    for number in range(3):
        session.step(f"rotation of all {number}", {})
    session.step("wrong epoch", {}, epoch=session.epoch + 5, expect={ErrorCode.INVALID_FETCH_SESSION_EPOCH})
    session.step("old epoch", {}, epoch=1, expect={ErrorCode.INVALID_FETCH_SESSION_EPOCH})
    session.step("right epoch after wrong", {})
    session.step("unknown id", {}, epoch=3, foreign_id=12345, expect={ErrorCode.FETCH_SESSION_ID_NOT_FOUND})
    session.step("id 0, epoch 3", {}, epoch=3, foreign_id=0, expect={ErrorCode.FETCH_SESSION_ID_NOT_FOUND})
    session.step("unknown id, epoch 0", {topic: {0: Wanted(0)}}, epoch=0, foreign_id=777)
    session.step("forget all", {}, forgotten={topic: [0, 1, 2, 3], other: [0]})
    session.step("after that", {}, expect={ErrorCode.FETCH_SESSION_ID_NOT_FOUND})
    closing = Session(both, version)
    closing.step("made to be closed", {topic: {0: Wanted(2)}})
    closing.step("closed", {topic: {1: Wanted(0)}}, epoch=-1)
    closing.step("after the close", {}, expect={ErrorCode.FETCH_SESSION_ID_NOT_FOUND})
    renewing = Session(both, version)
    renewing.step("made to be renewed", {topic: {0: Wanted(2)}})
    renewing.step("renewed", {topic: {1: Wanted(0)}}, epoch=0)
    renewing.step("by its old id", {}, epoch=1, expect={ErrorCode.FETCH_SESSION_ID_NOT_FOUND})
    empty = Session(both, version)
    empty.step("of nothing", {})
    empty.step("of nothing, again", {topic: {0: Wanted(0)}})


def test_session_and_topic_ids(both: Both, filled: str) -> None:
    for first, second in ((12, 13), (13, 12)):
        session = Session(both, first)
        session.step("made", {filled: {0: Wanted(7)}}, expect={ErrorCode.OFFSET_OUT_OF_RANGE})
        session.version = second
        session.step(
            "used with the other kind of names", {filled: {0: Wanted(0)}}, expect={ErrorCode.FETCH_SESSION_TOPIC_ID_ERROR}
        )
        session.version = first
        session.step("used with its own again", {filled: {0: Wanted(0)}}, expect={ErrorCode.INVALID_FETCH_SESSION_EPOCH})


def test_deleted_topic_in_session(both: Both) -> None:
    from kafka_compat.protocol.messages.delete_topics import DeleteTopicsRequest, DeleteTopicsResponse

    for version in (12, 13):
        topic = both.create_topic(both.name("deleted"), 1)
        session = Session(both, version)
        session.step("made", {topic: {0: Wanted(0)}})
        for side in both.sides:
            side.call(DeleteTopicsRequest(topic_names=[topic], timeout_ms=30_000), 5, DeleteTopicsResponse)
            error = 0
            while error == 0:  # the reference's broker hears of it a little later
                probe = fetch({topic: {0: Wanted(0)}})(side)
                probe_answer = side.call(probe, 12, FetchResponse)
                error = probe_answer.responses[0].partitions[0].error_code
        session.step("deleted", {}, expect={ErrorCode.UNKNOWN_TOPIC_OR_PARTITION})
        session.step("deleted, again", {}, expect={ErrorCode.UNKNOWN_TOPIC_OR_PARTITION})
        both.create_topic(topic)
        session.step("made again", {}, expect=ANY_ERROR)
        session.step("made again, named again", {topic: {0: Wanted(0)}}, expect=ANY_ERROR)


def _waited(side: Side, request: FetchRequest) -> tuple[Normal, float]:
    began = time.monotonic()
    answer = side.call(request, 12, FetchResponse)
    return normalise(answer, 12, side.names, replace=FETCHED), time.monotonic() - began


@pytest.mark.parametrize(
    ("label", "wanted", "min_bytes", "wait_ms", "waits"),
    [
        ("nothing there", Wanted(6), 1, 300, True),
        ("nothing there, no minimum", Wanted(6), 0, 300, False),
        ("not enough", Wanted(0), 100_000, 300, True),
        ("enough", Wanted(0), 10, 5000, False),
        ("not enough within the partition's limit", Wanted(0, 200), 100_000, 300, True),
        ("out of range", Wanted(99), 100_000, 5000, False),
        ("old epoch", Wanted(0, leader_epoch=7), 100_000, 5000, False),
        ("diverging", Wanted(50, last_fetched_epoch=0), 100_000, 5000, False),
        ("negative wait", Wanted(6), 1, -1, False),
        ("negative minimum", Wanted(6), -5, 5000, False),
    ],
)
def test_waiting(both: Both, filled: str, label: str, wanted: Wanted, min_bytes: int, wait_ms: int, waits: bool) -> None:
    answers = []
    for side in both.sides:
        answer, seconds = _waited(side, fetch({filled: {0: wanted}}, min_bytes=min_bytes, max_wait_ms=wait_ms)(side))
        answers.append(answer)
        assert (seconds > 0.25) == waits or (not waits and seconds < 3), f"{side.kind}: {seconds}"
    both.compare_values(f"waiting, {label}", ApiKey.FETCH, *answers, expect=ANY_ERROR)


def test_an_append_ends_the_wait(both: Both, filled: str) -> None:
    answers = []
    for side in both.sides:
        writer = Side(side.kind, side.bootstrap, names=side.names)
        append = threading.Timer(0.2, produce_now, (writer, filled, 0, SMALL))
        append.start()
        request = fetch({filled: {0: Wanted(6), 2: Wanted(0)}}, min_bytes=1, max_wait_ms=20_000)(side)
        answer, seconds = _waited(side, request)
        append.join()
        writer.close()
        answers.append(answer)
        assert seconds < 10, side.kind
    both.compare_values("woken by an append", ApiKey.FETCH, *answers)


def test_unknown_partitions_do_not_end_the_wait(both: Both, filled: str) -> None:
    for topics, waits in (
        ({filled: {0: Wanted(6), 9: Wanted(0)}, "no-such-topic": {0: Wanted(0)}}, True),
        ({filled: {9: Wanted(0)}, "no-such-topic": {0: Wanted(0)}}, False),
        ({filled: {0: Wanted(6), 1: Wanted(99)}}, False),
    ):
        answers = []
        for side in both.sides:
            answer, seconds = _waited(side, fetch(topics, min_bytes=1, max_wait_ms=300)(side))
            answers.append(answer)
            assert (seconds > 0.25) == waits, f"{side.kind}: {seconds}"
        both.compare_values("unknown partitions and a wait", ApiKey.FETCH, *answers, expect=ANY_ERROR)


@pytest.mark.parametrize("codec", ["zstd", "gzip"])
def test_a_topic_s_own_codec(both: Both, codec: str) -> None:
    topic = both.create_topic(both.name(f"fetch-{codec}"), configs={"compression.type": codec})
    for side in both.sides:
        produce_now(side, topic, 0, SMALL)
    rules = {**FETCHED, "records": lambda value: records_name(value, decoded=True)}
    for offset in (0, 1, 2):
        both.compare(
            f"{codec} topic at {offset}", fetch({topic: {0: Wanted(offset)}}), VERSIONS, replace=rules, expect=ANY_ERROR
        )
