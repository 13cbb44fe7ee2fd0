from __future__ import annotations

import pytest

from kafka_compat.protocol.errors import KafkaError
from kafka_compat.records.compression import Codec
from kafka_compat.telemetry import instances
from kafka_compat.telemetry.instances import Instance, Instances
from kafka_compat.telemetry.receiver import Client
from kafka_compat.telemetry.subscriptions import Wanted

CLIENT = Client("id", "c", "software", "1", "127.0.0.1", 1, "User:ANONYMOUS")
MAX_BYTES = 100


class Connection:
    def __init__(self) -> None:
        self.is_gone = False


def instance(interval_ms: int = 1000, owner: Connection | None = None) -> Instance:
    return Instance(b"i" * 16, CLIENT, Wanted(("*",), interval_ms), 0, owner or Connection())


def push(pushing: Instance, now_ms: int, *, off_by: int = 0, is_last: bool = False) -> None:
    pushing.push(pushing.subscription_id + off_by, Codec.ZSTD, 10, MAX_BYTES, now_ms, is_last=is_last)


def test_first_push_behind_a_question_comes_when_it_likes() -> None:
    pushing = instance()
    pushing.ask(5000)
    push(pushing, 5001)
    with pytest.raises(KafkaError, match="THROTTLING_QUOTA_EXCEEDED"):
        push(pushing, 6000)
    push(pushing, 6001)


def test_questions_before_the_interval_has_passed_are_refused() -> None:
    asking = instance()
    asking.ask(0)
    with pytest.raises(KafkaError, match="THROTTLING_QUOTA_EXCEEDED"):
        asking.ask(999)
    asking.ask(1000)
    push(asking, 1001)
    with pytest.raises(KafkaError, match="THROTTLING_QUOTA_EXCEEDED"):
        asking.ask(2000)  # a second behind the question, but not behind the push


def test_who_was_told_to_ask_again_may() -> None:
    asking = instance()
    asking.ask(0)
    with pytest.raises(KafkaError, match="UNKNOWN_SUBSCRIPTION_ID"):
        push(asking, 1, off_by=1)
    asking.ask(2)
    with pytest.raises(KafkaError, match="THROTTLING_QUOTA_EXCEEDED"):
        asking.ask(3)


def test_nothing_comes_behind_the_last_push_but_what_comes_all_the_same() -> None:
    pushing = instance()
    push(pushing, 0)
    push(pushing, 1, is_last=True)  # never too early
    with pytest.raises(KafkaError, match="INVALID_REQUEST"):
        push(pushing, 5000)
    push(pushing, 5001)


def test_too_much() -> None:
    pushing = instance()
    with pytest.raises(KafkaError, match="TELEMETRY_TOO_LARGE"):
        pushing.push(pushing.subscription_id, 0, MAX_BYTES + 1, MAX_BYTES, 0, is_last=False)


def test_silent_instances_expire() -> None:
    known = Instances()
    known.put(b"a", instance(1000), 0)
    known.put(b"b", instance(100_000), 0)
    assert known.get(b"a", 59_999) is not None  # it counts as seen
    assert known.get(b"a", 119_998) is not None
    assert known.get(b"a", 179_998) is None
    assert known.get(b"b", 299_999) is not None
    assert len(known) == 1


def test_instance_ends_with_its_connection() -> None:
    known, connection = Instances(), Connection()
    known.put(b"a", instance(owner=connection), 0)
    connection.is_gone = True
    assert known.get(b"a", 1) is None


def test_those_not_seen_for_longest_make_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(instances, "MAX_INSTANCES", 3)
    known = Instances()
    for number in range(3):
        known.put(bytes([number]), instance(), 0)
    assert known.get(b"\0", 1) is not None
    known.put(b"\3", instance(), 2)
    assert [known.get(bytes([number]), 3) is not None for number in range(4)] == [True, False, True, True]
