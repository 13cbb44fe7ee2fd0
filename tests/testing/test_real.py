"""`Kafka` over a broker that is there anyway."""

from __future__ import annotations

from kafka_compat.testing import Kafka
from kafka_compat.testing.real.kafka import RealKafka


def test_what_was_produced_is_what_is_read_after_leaders_moved() -> None:
    with Kafka(brokers=2, topics={"t": 2}) as kafka:
        for _ in range(2):
            [follower] = {1, 2} - {kafka.topics["t"].partitions[1].leader}
            kafka.topology.move_leader("t", 1, to=follower)
        with RealKafka(kafka.bootstrap_servers) as real:
            produced = [real.produce("t", b"x", partition=number) for number in range(2)]
            assert real.records("t") == produced
            assert produced == kafka.records("t")
            assert produced[0].leader_epoch != produced[1].leader_epoch
