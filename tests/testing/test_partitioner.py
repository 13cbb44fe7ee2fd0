"""Where records go, as Kafka's producers decide it."""

from __future__ import annotations

import pytest

from kafka_compat.ids import TopicId
from kafka_compat.testing.partitioner import Partitioner, murmur2

TOPIC = TopicId(bytes(15) + b"\x09")


@pytest.mark.parametrize(
    ("key", "signed"),
    # The expectations of Kafka's UtilsTest.testMurmur2.
    [
        (b"21", -973932308),
        (b"foobar", -790332482),
        (b"a-little-bit-long-string", -985981536),
        (b"a-little-bit-longer-string", -1486304829),
        (b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971),
        (b"abc", 479470107),
    ],
)
def test_keys_are_hashed_as_kafka_does(key: bytes, signed: int) -> None:
    assert murmur2(key) == signed & 0xFFFFFFFF


def test_a_key_stays_with_its_partition_and_others_go_round() -> None:
    partitioner = Partitioner()
    assert [partitioner.choose(TOPIC, b"abc", 7) for _ in range(2)] == [479470107 % 7] * 2
    assert partitioner.choose(TOPIC, b"21", 7) == (-973932308 & 0x7FFFFFFF) % 7
    assert [partitioner.choose(TOPIC, None, 2) for _ in range(3)] == [0, 1, 0]
    assert 0 <= partitioner.choose(TOPIC, b"", 7) < 7
