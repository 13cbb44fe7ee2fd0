"""`Kafka.clock`: a day in no time, in order, and with the members of groups if that is wanted."""

from __future__ import annotations

import datetime
import time

import pytest

from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.protocol.messages.end_txn import EndTxnRequest, EndTxnResponse
from kafka_compat.protocol.messages.heartbeat import HeartbeatRequest, HeartbeatResponse
from kafka_compat.testing import Kafka
from tests.support.wire_client import WireClient
from tests.testing.one_topic import produce, values
from tests.testing.plain_steps import begin_transaction, member

HOUR_MS = 3600 * 1000
DAY_MS = 24 * HOUR_MS


def heartbeat(client: WireClient, member_id: str, generation: int) -> int:
    request = HeartbeatRequest(group_id="g", generation_id=generation, member_id=member_id)
    return client.call(request, 2, HeartbeatResponse).error_code


def test_a_day_with_a_group_and_a_producer_takes_a_few_seconds() -> None:
    with Kafka(topics={"t": 3}, clock="manual") as kafka, WireClient(kafka.bootstrap_servers) as client:
        member_id, generation = member(client)
        produce(client, b"x")
        began_s = time.monotonic()
        kafka.clock.advance(DAY_MS, keep_sessions=True)
        assert time.monotonic() - began_s < 10
        assert heartbeat(client, member_id, generation) == ErrorCode.NONE
        assert values(client) == [b"x"]


def test_without_heartbeats_a_session_ends_when_it_is_due() -> None:
    with Kafka(clock="manual") as kafka, WireClient(kafka.bootstrap_servers) as client:
        member_id, generation = member(client)
        kafka.clock.advance(29_999)
        assert heartbeat(client, member_id, generation) == ErrorCode.NONE
        kafka.clock.advance(29_999)
        assert heartbeat(client, member_id, generation) == ErrorCode.NONE
        kafka.clock.advance(30_000)
        assert heartbeat(client, member_id, generation) == ErrorCode.UNKNOWN_MEMBER_ID


def test_a_session_that_was_kept_begins_anew_and_may_end_again() -> None:
    with Kafka(clock="manual") as kafka, WireClient(kafka.bootstrap_servers) as client:
        member_id, generation = member(client)
        kafka.clock.advance(29_000)
        kafka.clock.advance(10 * HOUR_MS + 29_500, keep_sessions=True)
        kafka.clock.advance(29_999)
        assert heartbeat(client, member_id, generation) == ErrorCode.NONE
        kafka.clock.advance(30_000)
        assert heartbeat(client, member_id, generation) == ErrorCode.UNKNOWN_MEMBER_ID


def test_a_transaction_times_out_though_sessions_are_kept() -> None:
    with Kafka(topics={"t": 1}, clock="manual") as kafka, WireClient(kafka.bootstrap_servers) as client:
        producer_id, epoch = begin_transaction(client)
        kafka.clock.advance(2 * 60_000, keep_sessions=True)
        end = EndTxnRequest(
            transactional_id="tx",
            producer_id=producer_id,
            producer_epoch=epoch,
            committed=True,
        )
        assert client.call(end, 3, EndTxnResponse).error_code == ErrorCode.PRODUCER_FENCED


def test_a_group_starts_while_time_stands_still() -> None:
    with Kafka(clock="manual") as kafka, WireClient(kafka.bootstrap_servers) as client:
        before_ms = kafka.clock.wall_ms()
        member(client)
        time.sleep(0.01)
        assert kafka.clock.wall_ms() == before_ms


def test_time_comes_as_milliseconds_as_timedelta_and_as_a_point() -> None:
    with Kafka(clock="manual") as kafka:
        clock = kafka.clock
        assert clock.is_manual
        began_ms = clock.wall_ms()
        clock.advance(1)
        clock.advance(datetime.timedelta(minutes=1, microseconds=1_000))
        assert clock.wall_ms() == began_ms + 60_002
        clock.advance_to(began_ms + 100_000)
        assert clock.wall_ms() == began_ms + 100_000
        noon = datetime.datetime(2024, 1, 3, 12, tzinfo=datetime.UTC)
        clock.advance_to(noon)
        assert clock.wall_ms() == 1_704_283_200_000
        with pytest.raises(ValueError, match=r"time cannot go back: it is 1704283200000, which is 1 ms after 1704283199999"):
            clock.advance_to(1_704_283_199_999)
        with pytest.raises(ValueError, match="by_ms is a whole number from 0, not -1000"):
            clock.advance(datetime.timedelta(seconds=-1))
        for wrong in ("1s", 1.5, None, True):
            with pytest.raises(TypeError, match=f"by_ms is a whole number from 0, not {wrong!r}"):
                clock.advance(wrong)  # type: ignore[arg-type]


def test_real_time_cannot_be_advanced() -> None:
    with Kafka() as kafka:
        assert not kafka.clock.is_manual
        assert abs(kafka.clock.wall_ms() - time.time() * 1000) < 5_000
        with pytest.raises(TypeError, match='this cluster lives in real time: only one with clock="manual" can be advanced'):
            kafka.clock.advance(1)


def test_timers_that_are_called_off_do_not_pile_up() -> None:
    """Heartbeats of a real client begin the same session again and again while time stands still."""
    with Kafka(clock="manual") as kafka, WireClient(kafka.bootstrap_servers) as client:
        member_id, generation = member(client)
        for _ in range(1_000):
            assert heartbeat(client, member_id, generation) == ErrorCode.NONE
        timers = kafka.cluster.clock._timers  # type: ignore[attr-defined]
        assert len(timers) < 400


def test_what_clients_stamp_with_real_time_is_taken() -> None:
    """By the manual clock it is from the future, which a broker refuses (message.timestamp.after.max.ms) unless told so."""
    now_ms = int(time.time() * 1000)
    with Kafka(topics={"t": 1}, clock="manual") as kafka:
        assert kafka.produce("t", "v", timestamp_ms=now_ms).timestamp_ms == now_ms
    with (
        Kafka(topics={"t": 1}, clock="manual", configs={"log.message.timestamp.after.max.ms": 1000}) as kafka,
        pytest.raises(KafkaError, match="timestamp"),
    ):
        kafka.produce("t", "v", timestamp_ms=now_ms)
